"""What came of a try to send, and when it is tried again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

#: Seconds after the first, second, ... try. The last one repeats.
DELAYS = (5.0, 15.0, 30.0, 60.0, 120.0, 300.0)
#: Seconds. A message that is older than this is not news any more.
GIVE_UP = 3600.0
#: Seconds that a channel is left alone when it says "too many requests" and not for how long, and at most.
HELD, HELD_AT_MOST = 60.0, 3600.0


class Came(Enum):
    """``HELD``: it takes nothing for a while. ``FAILED``: surely not accepted. ``UNSURE``: perhaps it was accepted."""

    SENT = "sent"
    HELD = "held"
    FAILED = "failed"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class SendOutcome:
    """``said`` is a printable sentence without any secret, "" for a plain success.

    ``retry``: the same may succeed later. ``after`` in seconds, as the channel asked. ``broken``: the channel itself.
    """

    came: Came
    said: str = ""
    retry: bool = False
    after: float | None = None
    broken: bool = False


SENT = SendOutcome(Came.SENT)


def held_until(outcome: SendOutcome, now: datetime) -> datetime:
    """Until when nothing is sent through a channel that answered `Came.HELD`."""
    seconds = HELD if outcome.after is None else outcome.after
    return now + timedelta(seconds=min(max(seconds, 1.0), HELD_AT_MOST))


def too_late(queued_at: datetime, at: datetime) -> bool:
    """Whether a message that was queued then is no news any more ``at`` that moment."""
    return at - queued_at > timedelta(seconds=GIVE_UP)


def next_try(
    outcome: SendOutcome, tries: int, queued_at: datetime, now: datetime, *, repeatable: bool, delays: tuple[float, ...]
) -> datetime | None:
    """When it is tried again by itself, None for never. ``tries`` counts the one that came to ``outcome``.

    What was perhaps accepted is repeated only where a repetition does no harm: the receiver knows it by its id.
    """
    if outcome.came is Came.UNSURE and not repeatable:
        return None
    if not outcome.retry and outcome.came is not Came.UNSURE:
        return None
    wait = delays[min(tries, len(delays)) - 1] if outcome.after is None else min(outcome.after, HELD_AT_MOST)
    again = now + timedelta(seconds=wait)
    return None if too_late(queued_at, again) else again
