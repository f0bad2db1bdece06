"""How states, reasons and journal events are said."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from artisan_tui.domain.probe_result import Reason
from artisan_tui.domain.span import span_text
from artisan_tui.domain.state import State
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import N_, _, language

if TYPE_CHECKING:
    from artisan_tui.domain.checks.health import Health, Policy
    from artisan_tui.domain.event import Event

_STATES = {
    State.UP: N_("up"),
    State.DEGRADED: N_("degraded"),
    State.DOWN: N_("down"),
    State.UNKNOWN: N_("unknown"),
    State.MAINTENANCE: N_("maintenance"),
}
_REASONS = {
    Reason.OK: N_("ok"),
    Reason.PENDING: N_("pending"),
    Reason.TIMEOUT: N_("timeout"),
    Reason.REFUSED: N_("refused"),
    Reason.RESET: N_("reset"),
    Reason.UNREACHABLE: N_("unreachable"),
    Reason.DNS: N_("dns"),
    Reason.TLS: N_("tls"),
    Reason.PROTOCOL: N_("protocol"),
    Reason.STATUS: N_("status"),
    Reason.REDIRECT: N_("redirect"),
    Reason.TOO_LARGE: N_("too large"),
    Reason.ENCODING: N_("encoding"),
    Reason.BODY: N_("body"),
    Reason.MISSING: N_("missing"),
    Reason.HEADER: N_("header"),
    Reason.LATENCY: N_("latency"),
    Reason.VALUE: N_("value"),
    Reason.NAN: N_("not a number"),
    Reason.EXIT: N_("exit"),
    Reason.STALE: N_("stale"),
    Reason.NO_DATA: N_("no data"),
    Reason.PARTIAL: N_("partial"),
    Reason.DENIED: N_("denied"),
    Reason.AUTH: N_("auth"),
    Reason.LOADING: N_("loading"),
    Reason.MISCONF: N_("misconf"),
    Reason.REJECTED: N_("rejected"),
    Reason.QUERY: N_("query"),
    Reason.HEALTH: N_("health"),
    Reason.EXITED: N_("exited"),
    Reason.RESTARTING: N_("restarting"),
    Reason.NOT_READY: N_("not ready"),
    Reason.ABSENT: N_("absent"),
    Reason.BLOCKED: N_("blocked"),
    Reason.NOT_INSTALLED: N_("not installed"),
    Reason.INTERNAL: N_("internal"),
}
#: By what a budget's status and an alert's severity are called in the journal and in JSON.
_BUDGETS = {
    "healthy": N_("healthy"),
    "warning": N_("warning"),
    "exhausted": N_("exhausted"),
    "unknown": N_("unknown"),
}
_SEVERITIES = {"page": N_("page"), "ticket": N_("ticket")}


def budget_word(status: str) -> str:
    return _(_BUDGETS[status]) if status in _BUDGETS else printable(status, 20)


def severity_word(severity: str) -> str:
    return _(_SEVERITIES[severity]) if severity in _SEVERITIES else printable(severity, 20)


def state_word(state: State) -> str:
    return _(_STATES[state])


def reason_word(reason: Reason) -> str:
    return _(_REASONS[reason])


def check_status(health: Health, policy: Policy) -> str:
    """The row's sentence: why it is so, and what argues against it."""
    if health.reason is Reason.PENDING and not health.downs:
        return _("not probed yet")
    if health.state is State.UP and not health.shaky:
        return ""
    return why(health.reason, health.detail)


#: Reasons whose detail begins with the very thing: "status 503, expected == 200".
_SAID_BY_DETAIL = {
    Reason.OK, Reason.STATUS, Reason.BODY, Reason.MISSING, Reason.HEADER, Reason.LATENCY, Reason.VALUE, Reason.EXIT,
}  # fmt: skip


def why(reason: Reason, detail: str) -> str:
    """A reason and its detail as one phrase, nothing said twice."""
    if detail and reason in _SAID_BY_DETAIL:
        return detail
    said = reason_word(reason) if reason is not Reason.OK else ""
    return f"{said}: {detail}" if said and detail else said or detail


def leaning(health: Health, policy: Policy) -> str:
    """``2/3 failing`` while verdicts argue against the state, "" otherwise."""
    if health.blind and health.state is not State.UNKNOWN:
        return _("{n}/{of} unknown").format(n=health.blind, of=policy.fall)
    if health.state is not State.DOWN and health.downs > 0:
        return _("{n}/{of} failing").format(n=min(health.downs, policy.fall), of=policy.fall)
    if health.state is State.UP and health.lows > 0:
        return _("{n}/{of} degraded").format(n=min(health.lows, policy.fall), of=policy.fall)
    if health.state is State.DOWN and health.downs < 0:
        return _("{n}/{of} recovering").format(n=min(-health.downs, policy.rise), of=policy.rise)
    if health.state is State.DEGRADED and health.lows < 0:
        return _("{n}/{of} recovering").format(n=min(-health.lows, policy.rise), of=policy.rise)
    return ""


def _state_change(event: Event) -> str:
    body = event.body
    to = _said_state(body.get("to"))
    if body.get("to") == State.UP.value:
        return _("{check} {to} again, was {before}").format(
            check=_subject(event), to=to, before=_said_state(body.get("from"))
        )
    detail = printable(str(body.get("detail") or ""), 300)
    try:
        said = why(Reason(str(body.get("reason"))), detail)
    except ValueError:  # a reason of a newer version
        said = f"{printable(str(body.get('reason')), 40)}: {detail}"
    if body.get("blamed"):
        said = f"{_('caused by {cause}').format(cause=printable(str(body['blamed']), 80))}  {said}"
    return _("{check} {to}: {why}").format(check=_subject(event), to=to.upper(), why=said)


def _said_state(value: object) -> str:
    try:
        return state_word(State(str(value)))
    except ValueError:
        return printable(str(value), 20)


def _subject(event: Event) -> str:
    return printable(event.subject, 120)


def _title(event: Event) -> str:
    own = event.body.get("title_ko") if language() == "ko" else None
    return printable(str(own or event.body.get("title") or event.subject), 80)


_EVENTS: Mapping[str, Callable[[Event], str]] = {
    "check.state": _state_change,
    "note": lambda e: printable(str(e.body.get("text", "")), 2000),
    "session.start": lambda e: _("opened the board"),
    "session.stop": lambda e: _("closed the board"),
    "session.stood-still": lambda e: _("suspended for {span}: no probes ran during that time").format(
        span=span_text(_number(e.body.get("seconds")))
    ),
    "store.replaced": lambda e: _(
        "a new store was created because the old one was {why}; the last known event is {n}"
    ).format(why=printable(str(e.body.get("why", "")), 40), n=_count(e.body.get("last_seq"))),
    "notice.acknowledged": lambda e: _("acknowledged: {notice}").format(
        notice=printable(str(e.body.get("notice", "")), 300)
    ),
    "watch.taken": lambda e: _("took over as leader from {who}").format(who=printable(str(e.body.get("from", "")), 60)),
    "clock.jumped": lambda e: _("the clock jumped by {span}").format(span=_signed(e.body.get("seconds"))),
    "check.flapping": lambda e: _("{check} is flapping: {n} state changes, paging suspended").format(
        check=_subject(e), n=_count(e.body.get("changes"))
    ),
    "check.steady": lambda e: _("{check} stopped flapping").format(check=_subject(e)),
    "check.muted": lambda e: _("{check} muted until {until}: {why}").format(
        check=_subject(e), until=_moment(e.body.get("until")), why=_reason_given(e)
    ),
    "check.unmuted": lambda e: _("paging resumed for {check}").format(check=_subject(e)),
    "maintenance.declared": lambda e: _("maintenance of {what} until {until}: {why}").format(
        what=_covered(e), until=_moment(e.body.get("until")), why=_reason_given(e)
    ),
    "maintenance.ended": lambda e: _("ended maintenance {id}").format(id=printable(e.subject, 60)),
    "maintenance.began": lambda e: _("maintenance of {what} began: {why}").format(
        what=_covered(e), why=_reason_given(e)
    ),
    "maintenance.over": lambda e: _("maintenance {id} is over").format(id=printable(e.subject, 60)),
    "observer.suspect": lambda e: _(
        "{n} of {of} targets became unreachable at the same time: check this machine's network first"
    ).format(n=_count(e.body.get("unreached")), of=_count(e.body.get("of"))),
    "observer.cleared": lambda e: _("targets are reachable again"),
    "config.loaded": lambda e: _("reloaded {file}").format(file=_subject(e)),
    "config.refused": lambda e: _("{file} is invalid; the previous configuration stays in use").format(
        file=_subject(e)
    ),
    "alert.raised": lambda e: _("{severity}: {name} burns its error budget").format(
        severity=_severity(e), name=_alert(e)
    ),
    "alert.reopened": lambda e: _("{severity} again: {name} burns its error budget").format(
        severity=_severity(e), name=_alert(e)
    ),
    "alert.changed": lambda e: _("now a {severity}: {name} burns its error budget").format(
        severity=_severity(e), name=_alert(e)
    ),
    "alert.resolved": lambda e: _("resolved after {span}: {name}").format(
        span=span_text(_number(e.body.get("lasted"))), name=_alert(e)
    ),
    "slo.status": lambda e: _("error budget of {name}: {to}, was {before}").format(
        name=_alert(e),
        to=budget_word(str(e.body.get("to") or "unknown")),
        before=budget_word(str(e.body.get("from") or "unknown")),
    ),
    "slo.override": lambda e: _("deployments allowed by override until {until}: {why}").format(
        until=_moment(e.body.get("until")), why=_reason_given(e)
    ),
    "slo.override-ended": lambda e: _("deployment override ended"),
    "drill.break": lambda e: _("fault injected: {part}").format(part=_title(e)),
    "drill.mend": lambda e: _("fault cleared: {part}").format(part=_title(e)),
    "drill.mend-all": lambda e: _("all faults cleared"),
}


def _alert(event: Event) -> str:
    return printable(str(event.body.get("name") or event.subject), 80)


def _severity(event: Event) -> str:
    return severity_word(str(event.body.get("severity", "")))


def _count(value: object) -> int:
    return round(_number(value))


def _signed(value: object) -> str:
    seconds = _number(value)
    return ("-" if seconds < 0 else "+") + span_text(abs(seconds))


def _moment(value: object) -> str:
    """A moment as the journal writes it, to the minute."""
    text = printable(str(value), 40)
    return f"{text[:10]} {text[11:16]} UTC" if len(text) >= 16 and text[10] == "T" else text


def _reason_given(event: Event) -> str:
    return printable(str(event.body.get("reason", "")), 300)


def _covered(event: Event) -> str:
    covers = event.body.get("covers")
    named = [str(name) for name in covers] if isinstance(covers, list | tuple) else []
    return printable(", ".join(named), 200) if named else _("everything")


def _number(value: object) -> float:
    """0 for what is no number: another program may have written the event."""
    try:
        number = float(value) if isinstance(value, int | float) else 0.0
    except OverflowError:
        return 0.0
    return number if abs(number) < 1e15 else 0.0


def event_text(event: Event) -> str:
    """An event in one line. A kind this version does not know is shown as it is."""
    say = _EVENTS.get(event.kind)
    if say is not None:
        return say(event)
    return printable(f"{event.kind} {event.subject}".strip(), 300)
