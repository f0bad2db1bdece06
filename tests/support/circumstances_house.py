"""A house of checks in simulated time, and what their probes say."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from artisan_tui.config.checks import CheckSpec
from artisan_tui.domain.probe_result import Failure, ProbeResult
from artisan_tui.domain.reason import Reason
from artisan_tui.engine.checks.evaluator import CheckDefinition, Evaluation, Evaluator
from artisan_tui.engine.checks.slice import CheckView, Mute
from support.clock import Hands

GOOD = ProbeResult(latency=Decimal("0.1"), answers={"status": 200}, excerpt="fine")
BAD = ProbeResult(Failure(Reason.REFUSED, "connection refused"))
WRONG = ProbeResult(latency=Decimal("0.1"), answers={"status": 500})


class House:
    """An API that needs a database that needs a disk, and a page that needs nothing."""

    def __init__(self) -> None:
        self.clock = Hands()
        self.evaluator = configured(self.clock)

    def hear(self, name: str, *probe_results: ProbeResult) -> list[Evaluation]:
        evaluations = []
        for probe_result in probe_results:
            self.clock.turn(10)
            evaluations.append(self.evaluator.hear(name, probe_result))
        return evaluations

    def view(self, name: str) -> CheckView:
        return next(view for view in self.evaluator.views() if view.id == name)


class Scratch(CheckSpec):
    """A kind nobody has heard of, that says itself what has to be reached."""

    at: str = ""

    @property
    def endpoint(self) -> str:
        return self.at


def spec(name: str, **keys: object) -> CheckSpec:
    return Scratch.model_validate(
        {"id": name, "kind": "http", "every": "30s", "expect": ["status == 200"], "fall": 2, "rise": 2, **keys}
    )


def configured(clock: Hands) -> Evaluator:
    evaluator = Evaluator(clock)
    evaluator.configure(
        [
            CheckDefinition("api.http", "API", spec("http", at="a:80", needs=["db.ping"])),
            CheckDefinition("db.ping", "DB", spec("ping", at="b:5432", needs=["db.disk"], fall=1)),
            CheckDefinition("db.disk", "DB", spec("disk")),
            CheckDefinition("web.page", "Web", spec("page", at="c:443")),
        ],
        lambda path, document: document,
    )
    return evaluator


def kinds(evaluations: Iterable[Evaluation]) -> list[str]:
    return [entry.kind for evaluation in evaluations for entry in evaluation.entries]


def never(check_id: str) -> Mute | None:
    return None
