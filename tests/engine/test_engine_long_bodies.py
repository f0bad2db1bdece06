"""What a check's conditions read may be long: evaluating them does not keep the loop from its other work."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from artisan_tui.domain.checks.effort import is_heavy
from artisan_tui.domain.checks.outcome import Outcome
from artisan_tui.domain.condition import parse_condition
from artisan_tui.domain.probe_result import ProbeResult
from artisan_tui.domain.state import State
from artisan_tui.engine.checks.evaluator import CheckDefinition, Evaluator
from artisan_tui.engine.checks.prober import Prober
from artisan_tui.engine.settings import read
from artisan_tui.sources.body import Body
from artisan_tui.sources.lookup import search
from artisan_tui.sources.probe_context import ProbeContext
from support.clock import Hands
from support.flooding import LoopWatch
from support.servers import http_answer, saying, talking

#: Seconds. Evaluated on the loop, each of these takes 0.4 s or more.
_HELD = 0.2
_LIST = json.dumps({"items": list(range(140_000))})
_PAGE = "a" * 1_000_000


@pytest.mark.parametrize(
    ("body", "condition", "verdict"),
    [
        (_LIST, "body.items[?@ > `100`] | length(@) > 1", State.UP),
        (_LIST, "body.items | map(&to_string(@), @) | [0] == x", State.DOWN),
        (_LIST, "body.items[?@ < `0`] | [0] == 7", State.UNKNOWN),
        (_PAGE, "body ~ ^(a?b?c?){9}d", State.DOWN),
    ],
)
async def test_a1_a_long_body_is_searched_in_a_thread(
    tmp_path: Path, body: str, condition: str, verdict: State
) -> None:
    async with talking(saying(http_answer(body))) as port:
        (tmp_path / "artisan.toml").write_text(
            '[artisan]\nname = "Shop"\n[[service]]\nid = "s"\n[[service.check]]\nid = "m"\nkind = "http"\nfall = 1\n'
            f'url = "http://127.0.0.1:{port}/"\nexpect = [\'{condition}\']\ntimeout = "20s"\n'
        )
        config = read(tmp_path / "artisan.toml")
        clock, context = Hands(), ProbeContext.open(config.metrics, {})
        evaluator = Evaluator(clock)
        evaluator.configure([CheckDefinition(name, "S", spec) for name, _, spec in config.checks()], search)

        def heard(check_id: str, probe_result: ProbeResult, outcome: Outcome | None) -> None:
            evaluator.hear(check_id, probe_result, outcome)

        prober = Prober(clock, heard)
        prober.prepare(list(config.checks()), context)
        prober.begin()
        try:
            await asyncio.gather(*prober.hurry(["s.m"]))  # imports what it needs
            async with LoopWatch() as watch:
                await asyncio.gather(*prober.hurry(["s.m"]))
        finally:
            await prober.stop()
            await context.aclose()
    (view,) = evaluator.views()
    assert view.strip[-1].verdict is verdict
    assert watch.longest < _HELD


@pytest.mark.parametrize(
    ("condition", "answers", "heavy"),
    [
        ("status == 200", {"status": 200, "body": "x" * 1_000_000}, False),
        ("body ~ ok", {"body": "x" * 2000}, False),
        ("body ~ ok", {"body": "x" * 1_000_000}, True),
        ("body ~ ^(a?b?c?d?e?f?){99}$", {"body": "x" * 9000}, True),
        ("body.a == 1", {"body": Body("x" * 9000, {"a": 1})}, False),
        ("body.a[?b] | [0] == 1", {"body": Body("x" * 9000, {"a": 1})}, True),
        ("body.a[?b] | [0] == 1", {"body": Body("x" * 900, {"a": 1})}, False),
        ("body[?b] | [0] == 1", {"body": [{"b": n} for n in range(3000)]}, True),
        ("value ~ x", {"value": "y" * 100_000}, True),
        ("stdout ~ x", {}, False),
    ],
)
def test_a1_what_takes_long_is_known_before(condition: str, answers: dict[str, object], heavy: bool) -> None:
    assert is_heavy([parse_condition(condition)], ProbeResult(answers=answers)) is heavy
