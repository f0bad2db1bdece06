"""Creating, extending, ending and restoring silences: refused before any request, written to one member, journaled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from artisan_tui.domain.alerts.events import SilenceIntended
from artisan_tui.domain.alerts.intents import CREATE, END, EXTEND, REPLACE, UNKNOWN_THERE
from artisan_tui.domain.alerts.listed import AlertState, ListedAlert
from artisan_tui.domain.alerts.matchers import Matchers, exactly, matchers_text, parse_matchers
from artisan_tui.domain.alerts.silence import OurSilence, Preview, Silence, preview, receivers_missing, refusal
from artisan_tui.domain.event import Entry
from artisan_tui.domain.span import span_text
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.command import CommandMisused, CommandRefused
from artisan_tui.i18n import N_, _

if TYPE_CHECKING:
    from artisan_tui.engine.alerts.writing import SilenceDesk

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


def to_silence(alert: ListedAlert | None) -> ListedAlert:
    """The alert, when it can be silenced now. Raises CommandRefused, which does not say that it is over unless it is."""
    if alert is None or alert.state is AlertState.RESOLVED:
        raise CommandRefused(_("this alert is no longer there"))
    if not alert.there:
        said = _("nobody can say now whether this alert is still there: {why}")
        raise CommandRefused(said.format(why=printable("; ".join(alert.reasons), 300)))
    if not alert.silenceable:
        raise CommandRefused(_("Alertmanager does not have this alert: there is nothing to silence"))
    return alert


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


async def create(desk: SilenceDesk, asked: SilenceRequest, alerts: Sequence[ListedAlert], now: datetime) -> Silenced:
    """Raises CommandRefused."""
    found = examined(asked, alerts, now)
    until = now + timedelta(seconds=asked.seconds)
    intended = desk.intend(now, asked.actor, _asked_for(CREATE, asked, found, until, desk.owner))
    id = await desk.carry_out(
        intended,
        lambda member: member.put_silence(asked.matchers, now, until, asked.actor, asked.comment, mark=intended.mark),
    )
    said = _("silenced for {span}: {n} of {of} alerts").format(
        span=span_text(asked.seconds), n=len(found.hits), of=found.of
    )
    if asked.acknowledges is not None:
        said = _("acknowledged and silenced for {span}; {receivers} will not hear that it is resolved").format(
            span=span_text(asked.seconds), receivers=", ".join(receivers_missing(found.hits)) or "-"
        )
    return Silenced(intended.came_to(id), said, id)


async def extend(
    desk: SilenceDesk, silence: Silence, seconds: float, comment: str, actor: str, now: datetime
) -> Silenced:
    """End it ``seconds`` from now instead. The id stays. Raises CommandRefused."""
    if not silence.in_force(now):
        raise CommandRefused(_("this silence is over: create a new one"))
    until, words = now + timedelta(seconds=seconds), comment or silence.comment
    starts_at = min(silence.starts_at, now)
    refused = refusal(silence.matchers, words, now, until)
    if refused:
        raise CommandMisused(_(refused))
    body = SilenceIntended(
        verb=EXTEND,
        silence=silence.id,
        matchers=matchers_text(silence.matchers),
        comment=words,
        until=until,
        owner=desk.owner,
    )
    intended = desk.intend(now, actor, body)
    id = await desk.carry_out(
        intended,
        # Its mark stays: whoever created it may not have written that down yet.
        lambda member: member.put_silence(
            silence.matchers, starts_at, until, silence.created_by, words, silence.id, mark=silence.mark
        ),
    )
    return Silenced(intended.came_to(id), _("silenced for {span} more").format(span=span_text(seconds)), id)


async def replace_matchers(
    desk: SilenceDesk, silence: Silence, asked: SilenceRequest, alerts: Sequence[ListedAlert], now: datetime
) -> Silenced:
    """Other matchers: the server ends the silence and creates another one. Raises CommandRefused."""
    if not silence.in_force(now):
        raise CommandRefused(_("this silence is over: create a new one"))
    matchers = asked.matchers
    found = examined(asked, alerts, now)
    until = now + timedelta(seconds=asked.seconds)
    body = _asked_for(REPLACE, asked, found, until, desk.owner, silence)
    intended = desk.intend(now, asked.actor, body)
    id = await desk.carry_out(
        intended,
        lambda member: member.put_silence(
            matchers, silence.starts_at, until, asked.actor, asked.comment, silence.id, mark=intended.mark
        ),
    )
    return Silenced(intended.came_to(id), _("the silence has other matchers now: {id}").format(id=id), id)


async def expire(desk: SilenceDesk, id: str, matchers: str, actor: str, now: datetime, reason: str = "") -> Silenced:
    """End it now. Raises CommandRefused."""
    body = SilenceIntended(verb=END, silence=id, matchers=matchers, reason=reason, owner=desk.owner)
    intended = desk.intend(now, actor, body)
    known = await desk.carry_out(intended, lambda member: member.expire_silence(id))
    said = _("the silence ended") if known else _("Alertmanager does not know this silence: nothing to end")
    return Silenced(intended.came_to(id, reason="" if known else UNKNOWN_THERE), said, id)


async def restore(desk: SilenceDesk, ours: OurSilence, actor: str, now: datetime) -> Silenced:
    """Create a lost silence again, with what is left of its time. Raises CommandRefused."""
    if ours.ends_at <= now:
        raise CommandRefused(_("this silence is over: create a new one"))
    matchers = read_matchers(ours.matchers)
    body = SilenceIntended(
        verb=CREATE,
        silence=ours.id,
        matchers=ours.matchers,
        comment=ours.comment,
        until=ours.ends_at,
        alerts=ours.alerts,
        hits=len(ours.alerts),
        until_quiet="yes" if ours.until_quiet else "",
        owner=desk.owner,
    )
    intended = desk.intend(now, actor, body)
    id = await desk.carry_out(
        intended,
        lambda member: member.put_silence(matchers, now, ours.ends_at, actor, ours.comment, mark=intended.mark),
    )
    left = span_text((ours.ends_at - now).total_seconds())
    return Silenced(intended.came_to(id), _("the silence is in force again for {span}").format(span=left), id)


def _asked_for(
    verb: str, asked: SilenceRequest, found: Preview, until: datetime, owner: str, replaced: Silence | None = None
) -> SilenceIntended:
    alert = asked.acknowledges
    return SilenceIntended(
        verb=verb,
        silence="" if replaced is None else replaced.id,
        before="" if replaced is None else matchers_text(replaced.matchers),
        matchers=matchers_text(asked.matchers),
        comment=asked.comment,
        until=until,
        hits=len(found.hits),
        alerts=tuple(each.fingerprint for each in found.hits[:100]),
        receivers=receivers_missing(found.hits)[:50],
        until_quiet="yes" if asked.until_quiet else "",
        alert="" if alert is None else alert.fingerprint,
        name="" if alert is None else alert.name,
        labels={} if alert is None else alert.labels,
        owner=owner,
    )
