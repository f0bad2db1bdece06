"""Silences: what Alertmanager holds, what a person asks for, and what it would hit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from artisan_tui.domain.alerts.listed import ListedAlert, SeenAlert
from artisan_tui.domain.alerts.matchers import Matchers, all_match, all_match_empty, by_absence

#: Seconds. A silence that was forgotten must end one day.
LONGEST = 7 * 86400.0
#: Seconds without a match after which a silence of "acknowledge and silence" ends.
QUIET_FOR = 300.0


@dataclass(frozen=True, slots=True)
class Silence:
    """A silence as Alertmanager holds it. ``state`` is "active", "pending" or "expired".

    ``mark`` is that of the intent it came of, as its comment there ends with, "" for none.
    """

    id: str
    matchers: Matchers
    starts_at: datetime
    ends_at: datetime
    created_by: str = ""
    comment: str = ""
    state: str = "active"
    updated_at: datetime | None = None
    mark: str = ""

    def in_force(self, now: datetime) -> bool:
        return self.state != "expired" and now < self.ends_at


@dataclass(frozen=True, slots=True)
class OurSilence:
    """A silence that was created here, as the journal says. ``until_quiet``: it ends when nothing matches any more."""

    id: str
    matchers: str
    ends_at: datetime
    comment: str
    created_by: str
    created_at: datetime
    until_quiet: bool = False
    alerts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    """What matchers hit among the alerts that are there now.

    ``absent`` are the hits that only a missing label makes; ``of`` is how many alerts there are.
    """

    hits: tuple[ListedAlert, ...]
    absent: tuple[ListedAlert, ...]
    of: int


def preview(matchers: Matchers, alerts: Iterable[ListedAlert]) -> Preview:
    """Computed as the server will. A silence acts on Alertmanager's alerts only, by the labels that it has."""
    there = [alert for alert in alerts if alert.silenceable]
    hits = [alert for alert in there if all_match(matchers, alert.labels)]
    return Preview(tuple(hits), tuple(each for each in hits if by_absence(matchers, each.labels)), len(there))


def refusal(matchers: Matchers, comment: str, starts_at: datetime, ends_at: datetime) -> str:
    """Why these are no silence, "" when they are. Nothing is sent for what is refused here."""
    if not matchers:
        return "a silence without a matcher would hit everything"
    if all_match_empty(matchers):
        return "every matcher matches a missing label: name one label that must be there"
    if not comment.strip():
        return "a silence needs a comment: say why"
    if ends_at <= starts_at:
        return "a silence must end after it begins"
    if ends_at - starts_at > timedelta(seconds=LONGEST):
        return "a silence lasts at most 7 days: silence it for less, and mend the rule"
    return ""


def receivers_missing(hits: Iterable[ListedAlert]) -> tuple[str, ...]:
    """The receivers that will not hear that these alerts are resolved, while a silence hits them."""
    return tuple(sorted({name for alert in hits for name in alert.receivers}))


def lost(ours: Iterable[OurSilence], there: Sequence[Silence], now: datetime) -> tuple[OurSilence, ...]:
    """Those of ours that should be in force and that no member knows: a crash loses the last minutes' silences."""
    known = {silence.id for silence in there}
    return tuple(each for each in ours if each.ends_at > now and each.id not in known)


def went_quiet(
    ours: Iterable[OurSilence], alerts: Sequence[SeenAlert], last_match: dict[str, datetime], now: datetime
) -> tuple[OurSilence, ...]:
    """Those that end when nothing matches any more, and nothing did for `QUIET_FOR`. Updates ``last_match``."""
    from artisan_tui.domain.alerts.matchers import parse_matchers

    over = []
    for each in ours:
        if not each.until_quiet or each.ends_at <= now:
            continue
        matchers = parse_matchers(each.matchers)
        if any(all_match(matchers, alert.labels) for alert in alerts):
            last_match[each.id] = now
        elif (now - last_match.setdefault(each.id, now)).total_seconds() >= QUIET_FOR:
            over.append(each)
    return tuple(over)
