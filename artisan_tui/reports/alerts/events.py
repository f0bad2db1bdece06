"""How entries about alerts are said."""

from __future__ import annotations

from artisan_tui.domain.alerts.events import (
    AlertAcknowledged,
    AlertBody,
    AlertingBlind,
    AlertingSees,
    AlertNamed,
    AlertOver,
    AlertRaised,
    AlertReopened,
    AlertResolved,
    AlertSeen,
    AlertSeverityChanged,
    OutsideAlert,
    SilenceCreated,
    SilenceDone,
    SilenceExpired,
    SilenceExtended,
    SilenceIntended,
    SilenceLost,
    SilenceUnwritten,
)
from artisan_tui.domain.event import Event
from artisan_tui.domain.span import span_text
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import _, ngettext
from artisan_tui.reports.alerts.words import severity_word
from artisan_tui.reports.read_back import read_back
from artisan_tui.reports.wording import EventWords, Tone, reason_given, until_text

WORDS = EventWords()


@WORDS.says(AlertRaised)
def _raised(event: Event, body: AlertRaised) -> str:
    said = _("{severity}: {name} burns its error budget")
    return said.format(severity=severity_word(body.severity), name=_name(event, body))


@WORDS.says(AlertReopened)
def _reopened(event: Event, body: AlertReopened) -> str:
    said = _("{severity} again: {name} burns its error budget")
    return said.format(severity=severity_word(body.severity), name=_name(event, body))


@WORDS.says(AlertSeverityChanged)
def _severity_changed(event: Event, body: AlertSeverityChanged) -> str:
    said = _("now a {severity}: {name} burns its error budget")
    return said.format(severity=severity_word(body.severity), name=_name(event, body))


@WORDS.says(AlertResolved)
def _resolved(event: Event, body: AlertResolved) -> str:
    return _("resolved after {span}: {name}").format(span=span_text(body.lasted), name=_name(event, body))


def _name(event: Event, body: AlertBody) -> str:
    return printable(body.name or event.subject, 80)


# -- alerts of others --------------------------------------------------------------


@WORDS.says(AlertSeen, lambda body: Tone.BAD if body.labels.get("severity") in ("critical", "page") else Tone.WARN)
def _seen(event: Event, body: AlertSeen) -> str:
    return _("alert fires: {alert}").format(alert=_outside(event, body))


@WORDS.says(AlertNamed)
def _named(event: Event, body: AlertNamed) -> str:
    also = ", ".join(printable(each, 40) for each in body.also)
    return _("the same alert in other sources: {alert} is also {also}").format(alert=_outside(event, body), also=also)


@WORDS.says(AlertOver, lambda body: Tone.GOOD)
def _over(event: Event, body: AlertOver) -> str:
    said = _("alert resolved after {span}: {alert}")
    return said.format(span=span_text(body.lasted), alert=_outside(event, body))


@WORDS.says(AlertAcknowledged)
def _acknowledged(event: Event, body: AlertAcknowledged) -> str:
    said = _("acknowledged and silenced: {alert}") if body.silence else _("acknowledged: {alert}")
    return said.format(alert=_outside(event, body))


@WORDS.says(AlertingBlind, lambda body: Tone.BAD)
def _blind(event: Event, body: AlertingBlind) -> str:
    return _("alerting is blind: {why}").format(why=printable(read_back(body.reason), 300))


@WORDS.says(AlertingSees, lambda body: Tone.GOOD)
def _sees(event: Event, body: AlertingSees) -> str:
    return _("alerting sees again, after {span}").format(span=span_text(body.lasted))


@WORDS.says(SilenceCreated)
def _silenced(event: Event, body: SilenceCreated) -> str:
    said = ngettext(
        "silenced {matchers} until {until} ({n} alert): {why}",
        "silenced {matchers} until {until} ({n} alerts): {why}",
        body.hits,
    )
    if body.replaces:
        said = ngettext(
            "silenced again {matchers} until {until} ({n} alert): {why}",
            "silenced again {matchers} until {until} ({n} alerts): {why}",
            body.hits,
        )
    told = said.format(
        matchers=printable(body.matchers, 200),
        until=until_text(body.until),
        n=body.hits,
        why=reason_given(body.comment),
    )
    return _found_out(body, told)


@WORDS.says(SilenceExtended)
def _extended(event: Event, body: SilenceExtended) -> str:
    said = _("extended the silence of {matchers} until {until}")
    return _found_out(body, said.format(matchers=printable(body.matchers, 200), until=until_text(body.until)))


@WORDS.says(SilenceExpired)
def _expired(event: Event, body: SilenceExpired) -> str:
    matchers = printable(body.matchers or event.subject, 200)
    if not body.reason:
        return _found_out(body, _("ended the silence of {matchers}").format(matchers=matchers))
    said = _("ended the silence of {matchers}: {why}")
    return _found_out(body, said.format(matchers=matchers, why=printable(read_back(body.reason), 200)))


def _found_out(body: SilenceDone, said: str) -> str:
    return _("{said} (found out at Alertmanager afterwards)").format(said=said) if body.found else said


@WORDS.says(SilenceIntended)
def _intended(event: Event, body: SilenceIntended) -> str:
    matchers = printable(body.matchers or body.silence, 200)
    if body.until is None:
        return _("about to end the silence of {matchers}").format(matchers=matchers)
    said = _("about to silence {matchers} until {until}: {why}")
    return said.format(matchers=matchers, until=until_text(body.until), why=reason_given(body.comment))


@WORDS.says(SilenceUnwritten, lambda body: Tone.WARN)
def _unwritten(event: Event, body: SilenceUnwritten) -> str:
    matchers, why = printable(body.matchers or event.subject, 200), printable(read_back(body.reason), 300)
    said = _("not silenced: {matchers}: {why}")
    if body.verb == "end":
        said = _("the silence of {matchers} was not ended: {why}")
    return said.format(matchers=matchers, why=why)


@WORDS.says(SilenceLost, lambda body: Tone.WARN)
def _lost(event: Event, body: SilenceLost) -> str:
    said = _("silence lost: Alertmanager no longer knows that of {matchers} until {until}")
    return said.format(matchers=printable(body.matchers, 200), until=until_text(body.until))


def _outside(event: Event, body: OutsideAlert) -> str:
    """``HighErrorRate severity=critical svc=api``: what tells it from others, not all of it."""
    told = [f"{name}={value}" for name, value in sorted(body.labels.items()) if name != "alertname"]
    return printable(" ".join([body.name or event.subject, *told]), 200)
