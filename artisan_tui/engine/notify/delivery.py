"""One request: from messages to a dispatch, through the channel, to the entries that say what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from artisan_tui.domain.event import Entry
from artisan_tui.domain.notify.events import NotifyFailed, NotifyHeld, NotifyQueued, NotifySending, NotifySent
from artisan_tui.domain.notify.line import LINES
from artisan_tui.domain.notify.message import Message
from artisan_tui.domain.notify.notice import Notice
from artisan_tui.domain.notify.outcome import Came, SendOutcome, held_until, next_try, too_late
from artisan_tui.engine.identity import OBSERVER
from artisan_tui.engine.notify.people import reached
from artisan_tui.steps.notify import open_channel
from artisan_tui.steps.notify.channel import Dispatch, Reveal, Sending

if TYPE_CHECKING:
    from artisan_tui.config.models import Config
    from artisan_tui.config.notify import AnyChannel

#: Seconds. Every channel has a limit of its own below this; a claim lasts longer.
LONGEST = 50.0


async def send(
    config: Config,
    channel: AnyChannel,
    messages: Sequence[Message],
    texts: Mapping[str, NotifyQueued],
    at: datetime,
    reveal: Reveal,
) -> SendOutcome:
    """Never raises but for a cancellation."""
    sendings = [
        Sending(each.id, notice_of(each, texts[each.id]), each.queued_at) for each in messages if each.id in texts
    ]
    if not sendings:
        return SendOutcome(Came.FAILED, "its text cannot be read from the journal")
    people = tuple(dict.fromkeys(person for each in messages for person in each.to))
    addresses: tuple[str, ...] = ()
    if channel.kind == "email":
        addresses = channel.to if not messages[0].person else reached(config, (messages[0].person,), "email")
    dispatch = Dispatch(
        sendings,
        at,
        config.artisan.name,
        config.artisan.environment,
        reached(config, people, channel.kind),
        addresses,
        any(each.maybe for each in messages),
    )
    try:
        async with asyncio.timeout(LONGEST):
            return await open_channel(channel, reveal).send(dispatch)
    except TimeoutError:
        return SendOutcome(Came.UNSURE, f"no answer within {LONGEST:g} s")
    except Exception as error:  # noqa: BLE001 - a defect of ours must not stop the others; its text may hold a secret
        return SendOutcome(Came.UNSURE, f"internal error {type(error).__name__}")


def notice_of(message: Message, text: NotifyQueued) -> Notice:
    return Notice(
        text.purpose, message.incident, text.severity, text.title, text.text, text.to, text.rung, links=text.links,
        drill=bool(text.drill),
    )  # fmt: skip


def by_incident(messages: Sequence[Message]) -> Mapping[str, list[Message]]:
    """Each incident has its own entries, so that they are in its timeline."""
    found: dict[str, list[Message]] = {}
    for each in messages:
        found.setdefault(each.incident, []).append(each)
    return found


def ids(messages: Sequence[Message]) -> tuple[str, ...]:
    return tuple(each.id for each in messages)


def sending_entries(messages: Sequence[Message], at: datetime, session: str, key: str) -> list[Entry]:
    """That these are about to leave, in one request."""
    return [
        NotifySending(
            messages=ids(own),
            channel=own[0].channel,
            tries=max(each.tries for each in own) + 1,
            session=session,
            purpose=own[0].purpose,
            key=key or None,
        ).entry(at, OBSERVER, incident)
        for incident, own in by_incident(messages).items()
    ]


def outcome_entries(messages: Sequence[Message], outcome: SendOutcome, at: datetime) -> list[Entry]:
    """What came of them. ``messages`` are as they were before the claim."""
    return [
        entry
        for incident, own in by_incident(messages).items()
        for some in _apart(own, outcome, at)
        for entry in [_outcome_entry(incident, some, outcome, len(messages), at)]
    ]


def _apart(own: Sequence[Message], outcome: SendOutcome, at: datetime) -> Iterator[Sequence[Message]]:
    """What a channel holds back for too long is apart from what goes on waiting for it."""
    late = [each for each in own if outcome.came is Came.HELD and too_late(each.queued_at, held_until(outcome, at))]
    gone = {each.id for each in late}
    rest = [each for each in own if each.id not in gone]
    yield from (some for some in (late, rest) if some)


def _outcome_entry(incident: str, own: Sequence[Message], outcome: SendOutcome, together: int, at: datetime) -> Entry:
    names, channel, purpose = ids(own), own[0].channel, own[0].purpose
    if outcome.came is Came.SENT:
        sent = NotifySent(
            messages=names, channel=channel, said=outcome.said or None, together=together, purpose=purpose
        )
        return sent.entry(at, OBSERVER, incident)
    until = held_until(outcome, at)
    if outcome.came is Came.HELD and not too_late(own[0].queued_at, until):
        held = NotifyHeld(messages=names, channel=channel, until=until, why=outcome.said, purpose=purpose)
        return held.entry(at, OBSERVER, incident)
    line = LINES[own[0].by]
    tries, oldest = max(each.tries for each in own) + 1, min(each.queued_at for each in own)
    if outcome.came is Came.HELD:
        again = None  # it would be no news any more
    else:
        again = next_try(outcome, tries, oldest, at, repeatable=line.repeatable, delays=line.delays)
    failed = NotifyFailed(
        messages=names,
        channel=channel,
        why=outcome.said or "it failed",
        possibly=int(outcome.came is Came.UNSURE),
        again=again,
        broken=int(outcome.broken),
        purpose=purpose,
    )
    return failed.entry(at, OBSERVER, incident)
