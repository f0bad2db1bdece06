"""``wait``: a time, or until another act that only reads meets its conditions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from artisan_tui.domain.json_value import as_json
from artisan_tui.domain.runbooks.definition import Action
from artisan_tui.domain.span import parse_span, span_text
from artisan_tui.steps.runbooks.protocol import (
    OK,
    Finding,
    QuietKind,
    Resolved,
    StepChannel,
    StepContext,
    StepOutcome,
    StepRefused,
    Until,
    plain,
    read_resolved,
    resolved_act,
)
from artisan_tui.steps.runbooks.simulated import kind_of, resolve

#: Seconds.
_LONGEST: Final = 7 * 86400.0
_SAID_EVERY: Final = 10.0


class WaitStep(QuietKind):
    def plan(self, action: Action, context: StepContext) -> Resolved:
        told = action.body.get("until")
        if told is None:
            seconds = _seconds(action.body["for"])
            made = resolved_act(action, context, f"wait {span_text(seconds)}", {"for": seconds})
            return replace(made, timeout=seconds + 10.0, mutates=False)
        inner = told["action"]
        read = Action(
            str(inner["kind"]), inner["body"], tuple(inner.get("expect", ())), float(inner.get("timeout", 20.0))
        )
        until = Until(float(told["within"]), float(told["every"]), float(told.get("stable_for", 0.0)))
        found = resolve(read, replace(context, part="verify", mutates=False, capture={}))
        found = replace(found, until=until)
        met = ", ".join(read.expect) or "it is met"
        shown = f"wait until {met}, for at most {span_text(until.within)}: {found.shown}"
        made = resolved_act(action, context, shown, {"until": as_json(found)})
        return replace(made, timeout=until.within + 10.0, mutates=False)

    def act(self, resolved: Resolved, before: Mapping[str, Any], channel: StepChannel) -> StepOutcome:
        if "until" in resolved.request:
            found = read_resolved(resolved.request["until"])
            from artisan_tui.steps.runbooks.verifying import verified

            outcome = verified(kind_of(found), found, channel)
            return replace(outcome, captures={})
        ends = channel.clock() + float(resolved.request["for"])
        while (left := ends - channel.clock()) > 0:
            channel.say(f"{span_text(max(1.0, round(left)))} left")
            channel.sleep(min(left, _SAID_EVERY))
        return StepOutcome(OK)

    def preflight(self, resolved: Resolved, channel: StepChannel) -> tuple[Finding, ...]:
        if "until" not in resolved.request:
            return ()
        found = read_resolved(resolved.request["until"])
        return kind_of(found).preflight(found, channel)


def _seconds(value: Any) -> float:
    try:
        found = float(value) if isinstance(value, int | float) else parse_span(plain(value).strip())
    except ValueError:
        raise StepRefused(f"{plain(value)[:60]!r} is no duration", "write one like 30s or 5m") from None
    if not 0 <= float(found) <= _LONGEST:
        raise StepRefused("a wait lasts at most 7 days", "write less, or wait until something is met")
    return float(found)


KIND = WaitStep()
