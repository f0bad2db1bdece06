"""Creating, extending, ending and restoring silences: refused before any request, written to one member, journaled."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from artisan_tui.domain.alerts.events import (
    AlertAcknowledged,
    SilenceCreated,
    SilenceExpired,
    SilenceExtended,
)
from artisan_tui.domain.alerts.listed import ListedAlert
from artisan_tui.domain.alerts.matchers import Matchers, exactly, matchers_text, parse_matchers
from artisan_tui.domain.alerts.silence import OurSilence, Preview, Silence, preview, receivers_missing, refusal
from artisan_tui.domain.event import Entry
from artisan_tui.domain.span import span_text
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.command import CommandMisused, CommandRefused
from artisan_tui.i18n import N_, _

if TYPE_CHECKING:
    from artisan_tui.sources.alerts.alertmanager import Alertmanager

T = TypeVar("T")
#: What `domain.alerts.silence.refusal` says, for the catalogue.
REFUSALS = (
    N_("a silence without a matcher would hit everything"),
    N_("every matcher matches a missing label: name one label that must be there"),
    N_("a silence needs a comment: say why"),
    N_("a silence must end after it begins"),
    N_("a silence lasts at most 7 days: silence it for less, and mend the rule"),
)


@dataclass(frozen=True, slots=True)
class SilenceRequest:
    """What a person asks for. ``count`` is what they typed, where the number of hits has to be typed."""

    matchers: Matchers
    seconds: float
    comment: str
    actor: str
    count: str = ""
    until_quiet: bool = False
    acknowledges: ListedAlert | None = None


@dataclass(frozen=True, slots=True)
class Silenced:
    """What to write down, and what to tell the person."""

    entries: tuple[Entry, ...]
    said: str
    id: str = ""


def read_matchers(text: str) -> Matchers:
    """Raises CommandRefused."""
    try:
        return parse_matchers(text)
    except ValueError as error:
        raise CommandMisused(printable(str(error), 300)) from None


def matchers_of(alert: ListedAlert) -> Matchers:
    return exactly(alert.labels)


def examined(asked: SilenceRequest, alerts: Sequence[ListedAlert], now: datetime) -> Preview:
    """What it would hit. Raises CommandRefused before anything is sent."""
    until = now + timedelta(seconds=asked.seconds)
    refused = refusal(asked.matchers, asked.comment, now, until)
    if refused:
        raise CommandMisused(_(refused))
    found = preview(asked.matchers, alerts)
    if found.absent and asked.count.strip() != str(len(found.hits)):
        said = _("this hits {n} of {of} alerts, {absent} of them by a missing label: type {n} as the count to confirm")
        raise CommandRefused(said.format(n=len(found.hits), of=found.of, absent=len(found.absent)))
    return found


async def create(
    members: Sequence[Alertmanager], asked: SilenceRequest, alerts: Sequence[ListedAlert], now: datetime
) -> Silenced:
    """Raises CommandRefused."""
    found = examined(asked, alerts, now)
    until = now + timedelta(seconds=asked.seconds)
    id = await _written(
        members, lambda member: member.put_silence(asked.matchers, now, until, asked.actor, asked.comment)
    )
    receivers = receivers_missing(found.hits)
    body = SilenceCreated(
        matchers=matchers_text(asked.matchers),
        comment=asked.comment,
        until=until,
        hits=len(found.hits),
        alerts=tuple(each.fingerprint for each in found.hits[:100]),
        receivers=receivers[:50],
        until_quiet="yes" if asked.until_quiet else "",
    )
    entries = [body.entry(now, asked.actor, id)]
    said = _("silenced for {span}: {n} of {of} alerts").format(
        span=span_text(asked.seconds), n=len(found.hits), of=found.of
    )
    alert = asked.acknowledges
    if alert is not None:
        acknowledged = AlertAcknowledged(labels=alert.labels, name=alert.name, silence=id)
        entries.append(acknowledged.entry(now, asked.actor, alert.fingerprint))
        said = _("acknowledged and silenced for {span}; {receivers} will not hear that it is resolved").format(
            span=span_text(asked.seconds), receivers=", ".join(receivers) or "-"
        )
    return Silenced(tuple(entries), said, id)


async def extend(
    members: Sequence[Alertmanager], silence: Silence, seconds: float, comment: str, actor: str, now: datetime
) -> Silenced:
    """End it ``seconds`` from now instead. The id stays. Raises CommandRefused."""
    if not silence.in_force(now):
        raise CommandRefused(_("this silence is over: create a new one"))
    until, words = now + timedelta(seconds=seconds), comment or silence.comment
    starts_at = min(silence.starts_at, now)
    refused = refusal(silence.matchers, words, now, until)
    if refused:
        raise CommandMisused(_(refused))
    id = await _written(
        members,
        lambda member: member.put_silence(silence.matchers, starts_at, until, silence.created_by, words, silence.id),
    )
    text = matchers_text(silence.matchers)
    if id == silence.id:
        body: SilenceExtended | SilenceCreated = SilenceExtended(matchers=text, comment=words, until=until)
    else:  # the server made another one of it, and ended the old one
        body = SilenceCreated(matchers=text, comment=words, until=until, replaces=silence.id)
    return Silenced((body.entry(now, actor, id),), _("silenced for {span} more").format(span=span_text(seconds)), id)


async def replace_matchers(
    members: Sequence[Alertmanager],
    silence: Silence,
    asked: SilenceRequest,
    alerts: Sequence[ListedAlert],
    now: datetime,
) -> Silenced:
    """Other matchers: the server ends the silence and creates another one. Raises CommandRefused."""
    if not silence.in_force(now):
        raise CommandRefused(_("this silence is over: create a new one"))
    matchers = asked.matchers
    found = examined(asked, alerts, now)
    until = now + timedelta(seconds=asked.seconds)
    id = await _written(
        members,
        lambda member: member.put_silence(matchers, silence.starts_at, until, asked.actor, asked.comment, silence.id),
    )
    body = SilenceCreated(
        matchers=matchers_text(matchers),
        comment=asked.comment,
        until=until,
        hits=len(found.hits),
        alerts=tuple(each.fingerprint for each in found.hits[:100]),
        receivers=receivers_missing(found.hits)[:50],
        replaces=silence.id if id != silence.id else "",
    )
    entries = [body.entry(now, asked.actor, id)]
    if id != silence.id:
        ended = SilenceExpired(matchers=matchers_text(silence.matchers), reason=f"replaced by {id}")
        entries.insert(0, ended.entry(now, asked.actor, silence.id))
    return Silenced(tuple(entries), _("the silence has other matchers now: {id}").format(id=id), id)


async def expire(
    members: Sequence[Alertmanager], id: str, matchers: str, actor: str, now: datetime, reason: str = ""
) -> Silenced:
    """End it now. Raises CommandRefused."""
    known = await _written(members, lambda member: member.expire_silence(id))
    said = _("the silence ended") if known else _("Alertmanager does not know this silence: nothing to end")
    body = SilenceExpired(matchers=matchers, reason=reason if known else "unknown to Alertmanager")
    return Silenced((body.entry(now, actor, id),), said, id)


async def restore(members: Sequence[Alertmanager], ours: OurSilence, actor: str, now: datetime) -> Silenced:
    """Create a lost silence again, with what is left of its time. Raises CommandRefused."""
    if ours.ends_at <= now:
        raise CommandRefused(_("this silence is over: create a new one"))
    matchers = read_matchers(ours.matchers)
    id = await _written(members, lambda member: member.put_silence(matchers, now, ours.ends_at, actor, ours.comment))
    body = SilenceCreated(
        matchers=ours.matchers,
        comment=ours.comment,
        until=ours.ends_at,
        alerts=ours.alerts,
        hits=len(ours.alerts),
        until_quiet="yes" if ours.until_quiet else "",
        replaces=ours.id,
    )
    left = span_text((ours.ends_at - now).total_seconds())
    return Silenced((body.entry(now, actor, id),), _("the silence is in force again for {span}").format(span=left), id)


async def _written(members: Sequence[Alertmanager], write: Callable[[Alertmanager], Awaitable[T]]) -> T:
    """Write to one member, the first that can be reached: it tells the others. Raises CommandRefused."""
    from artisan_tui.sources.alerts.call import SourceError

    if not members:
        raise CommandRefused(_("no Alertmanager is configured: name it in [alerts]"))
    problems = []
    for member in members:
        try:
            return await write(member)
        except SourceError as error:
            problems.append(f"{member.url}: {error}")
            if error.sent and not error.status:
                said = _("{problem}; it may have been done: see the silences before you try again")
                raise CommandRefused(said.format(problem=problems[-1])) from None
            if 400 <= error.status < 500:
                break  # every member would refuse it
    raise CommandRefused("; ".join(problems))
