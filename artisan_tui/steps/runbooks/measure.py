"""``measure``: a number from ``[metrics]``, of either backend."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

from artisan_tui.config.measure import measure_table, parse_measure
from artisan_tui.domain.json_value import as_json
from artisan_tui.domain.measure import Promql, to_promql
from artisan_tui.domain.runbooks.definition import Action
from artisan_tui.domain.text.printable import printable
from artisan_tui.steps.runbooks.lent import MEASURE, MeasureReader, NoValue, lent
from artisan_tui.steps.runbooks.protocol import (
    FAILED,
    OK,
    Finding,
    QuietKind,
    Resolved,
    StepChannel,
    StepContext,
    StepOutcome,
    StepRefused,
    resolved_act,
)


class MeasureStep(QuietKind):
    def plan(self, action: Action, context: StepContext) -> Resolved:
        try:
            # Tuples of a frozen body are lists in a file.
            measure = parse_measure(json.loads(json.dumps(action.body["measure"])))
        except (ValueError, TypeError) as error:
            raise StepRefused(f"this is no measure: {printable(str(error), 200)}", "correct measure") from None
        if context.metrics is None:
            raise StepRefused("there is no [metrics] to read from", "add it to artisan.toml")
        if isinstance(measure, Promql) and not context.metrics.get("prometheus"):
            raise StepRefused("promql needs a Prometheus", "set prometheus under [metrics], or write another measure")
        request = {"measure": as_json(measure_table(measure)), "metrics": as_json(context.metrics)}
        return resolved_act(action, context, printable(to_promql(measure), 1000), request)

    def act(self, resolved: Resolved, before: Mapping[str, Any], channel: StepChannel) -> StepOutcome:
        reader: MeasureReader = lent(channel, MEASURE)
        began = time.monotonic()
        measure = parse_measure(resolved.request["measure"])
        try:
            found = reader.read(resolved.request["metrics"], measure, channel.left)
        except NoValue as error:
            return StepOutcome(FAILED, f"there is no number: {error}")
        channel.say(f"{resolved.shown} = {found.value}")
        for note in found.notes:
            channel.say(note)
        if found.value.is_nan():
            return StepOutcome(FAILED, "there is no number: the value is NaN")
        answers = {"value": found.value}
        return StepOutcome(OK, answers=answers, latency=time.monotonic() - began)

    def dry(self, resolved: Resolved, channel: StepChannel) -> StepOutcome:
        return self.act(resolved, {}, channel)

    def preflight(self, resolved: Resolved, channel: StepChannel) -> tuple[Finding, ...]:
        try:
            found = self.act(resolved, {}, channel)
        except StepRefused as refused:
            return (Finding(False, refused.what, refused.mend),)
        except TimeoutError:
            return (Finding(False, "the metrics do not answer in time", "see artisan-tui doctor"),)
        mend = "correct the measure, see artisan-tui doctor"
        if found.state != OK:
            return (Finding(False, found.why, mend),)
        return (Finding(True, f"it has a value: {found.answers['value']}"),)


KIND = MeasureStep()
