"""How a check's states and reasons are said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from artisan_tui.i18n import N_, _
from artisan_tui.reports.read_back import read_back, read_back_found

if TYPE_CHECKING:
    from artisan_tui.domain.checks.health import Health, Policy
    from artisan_tui.domain.condition import ConditionResult

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


def state_word(state: State) -> str:
    return _(_STATES[state])


def counted(number: int, state: str) -> str:
    """``3 down``, in Korean ``장애 3``; ``state`` is said already."""
    return _("{n} {state}").format(n=number, state=state)


def reason_word(reason: Reason) -> str:
    return _(_REASONS[reason])


def check_status(health: Health, policy: Policy) -> str:
    """The row's sentence: why it is so, and what argues against it."""
    if health.reason is Reason.PENDING and not health.downs:
        return _("not probed yet")
    if health.state is State.UP and not health.shaky:
        return ""
    said = why(health.reason, health.detail)
    # Of a check that is up, the verdicts that argue against it are counted, and the reason is still that of "up".
    return said if health.state is State.UP else said or _("no reason given")


#: Reasons whose detail begins with the very thing: "status 503, expected == 200".
_SAID_BY_DETAIL = {
    Reason.OK, Reason.STATUS, Reason.BODY, Reason.MISSING, Reason.HEADER, Reason.LATENCY, Reason.VALUE, Reason.EXIT,
}  # fmt: skip


#: Reasons with which a condition found a value: then "missing" is what the target wrote.
_FOUND = {Reason.BODY, Reason.HEADER, Reason.VALUE}


def found_text(finding: ConditionResult) -> str:
    """What a condition found, as the target wrote it; only what we say in its place is in the reader's language."""
    if finding.reason is Reason.TOO_LARGE:
        return read_back(finding.actual)
    return read_back_found(finding.actual, missing=finding.reason is Reason.MISSING)


def why(reason: Reason, detail: str) -> str:
    """A reason and its detail as one phrase, nothing said twice."""
    detail = read_back(detail, found=reason in _FOUND)
    if detail and reason in _SAID_BY_DETAIL:
        return detail
    said = reason_word(reason) if reason is not Reason.OK else ""
    return f"{said}: {detail}" if said and detail else said or detail


def underneath_text(health: Health, policy: Policy) -> str:
    """What the check would be without maintenance: ``would be DOWN: timeout: no answer in 5s``."""
    if health.reason is Reason.PENDING and not health.downs:
        return _("not probed yet")
    word = state_word(health.state)
    if health.state is not State.UP:
        word = word.upper()
    said = _("would be {state}").format(state=word)
    because = check_status(health, policy)
    return f"{said}: {because}" if because else said


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
