"""A probe as it changes what is shown, and when the board would draw the same line again."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from artisan_tui.domain.checks.health import Health, Policy
from artisan_tui.domain.checks.outcome import Outcome
from artisan_tui.domain.condition import ConditionResult
from artisan_tui.domain.probe_result import ProbeResult
from artisan_tui.domain.reason import UNREACHED, Reason
from artisan_tui.domain.state import State
from artisan_tui.engine.checks.evidence import pack, unpack
from artisan_tui.engine.checks.slice import STRIP, CheckView, Mute, Tick
from artisan_tui.engine.checks.views import internal_failure, reached, says_same, seen, shows_same_figures
from support.clock import Hands

NOW = Hands().now()
UP = Health(State.UP, Reason.OK, "", NOW, NOW, State.UP, -3, -3)
VIEW = CheckView("s.one", "S", "one", "http", "http://x", UP, Policy(), 30.0, 5.0, latency=0.2, value="4")
GOOD = Outcome(State.UP, Reason.OK, "")


def after(health: Health, value: object = None, latency: str | None = "0.1", view: CheckView = VIEW) -> CheckView:
    probe_result = ProbeResult(latency=None if latency is None else Decimal(latency))
    return seen(view, health, GOOD, probe_result, value)


def test_a_blind_probe_keeps_the_last_value_and_latency_and_a_lost_state_keeps_none() -> None:
    stale, lost = replace(UP, stale=True), replace(UP, state=State.UNKNOWN)
    assert (after(stale).value, after(stale).latency) == ("4", 0.2)
    assert after(lost).value is None
    assert (after(UP, Decimal("5.10")).value, after(UP).latency) == ("5.10", 0.1)
    assert after(UP, "x\x1b[31m" * 41).value == "x" * 39 + "…"


def test_the_strip_holds_the_latest_probes_only() -> None:
    view = VIEW
    for _ in range(STRIP + 3):
        view = after(UP, view=view)
    assert len(view.strip) == STRIP
    assert after(UP, view=VIEW._replace(restored=True)).restored is False


@pytest.mark.parametrize("reason", list(Reason))
def test_what_was_not_reached_is_known_and_what_is_unknown_is_not(reason: Reason) -> None:
    expected = reason not in UNREACHED
    assert reached(Outcome(State.DOWN, reason, "")) is expected
    assert reached(Outcome(State.UNKNOWN, reason, "")) is (False if reason in UNREACHED else None)


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({}, True),
        ({"excerpt": "other", "query": "q", "findings": (ConditionResult("a == 1", True, "1", Reason.OK),)}, True),
        ({"latency": 9.0}, True),
        ({"health": replace(UP, seen_at=NOW + timedelta(seconds=30), downs=-4, lows=-4)}, True),
        ({"health": replace(UP, downs=1)}, False),
        ({"health": replace(UP, lows=1)}, False),
        ({"health": replace(UP, blind=1)}, False),
        ({"health": replace(UP, stale=True)}, False),
        ({"health": replace(UP, reason=Reason.TIMEOUT)}, False),
        ({"health": replace(UP, detail="x")}, False),
        ({"health": replace(UP, since=NOW + timedelta(seconds=1))}, False),
        ({"health": replace(UP, state=State.DOWN)}, False),
        ({"remarks": ("x",)}, False),
        ({"restored": True}, False),
        ({"flapping": True}, False),
        ({"root_cause": "s.two"}, False),
        ({"muted": Mute(NOW, "why", "who")}, False),
    ],
)
def test_what_the_board_draws_differently(changes: dict[str, Any], same: bool) -> None:
    assert says_same(VIEW, VIEW._replace(**changes)) is same
    assert shows_same_figures(VIEW, VIEW._replace(**changes))


@pytest.mark.parametrize("changes", [{"shown_latency": 0.3}, {"value": "5"}, {"strip": (Tick(State.UP),)}])
def test_figures_are_drawn_differently_and_are_no_news(changes: dict[str, Any]) -> None:
    assert says_same(VIEW, VIEW._replace(**changes))
    assert not shows_same_figures(VIEW, VIEW._replace(**changes))


@pytest.mark.parametrize("count", ["downs", "lows"])
def test_one_more_bad_probe_is_drawn_and_one_more_good_one_is_not(count: str) -> None:
    views = {number: VIEW._replace(health=replace(UP, **{count: number})) for number in (-2, -1, 1, 2)}
    assert not says_same(views[1], views[2])
    assert says_same(views[-2], views[-1])


def test_a_probe_that_raised_is_our_fault_and_printable() -> None:
    failure = internal_failure(ValueError("a\x1b[31mb")).failure
    assert failure is not None
    assert (failure.reason, failure.blind, failure.detail) == (Reason.INTERNAL, True, "ValueError: ab")


# -- what other sessions are shown of it --------------------------------------

WHOLE = VIEW._replace(
    strip=(Tick(State.UP, 0.1, 0.41), Tick(State.DOWN), Tick(State.DEGRADED, 2.0), Tick(State.UNKNOWN)),
    shown_latency=0.3,
    findings=(ConditionResult("status == 200", False, "503", Reason.STATUS),),
    excerpt="두 줄",
    query="GET /",
    remarks=("slow",),
    flapping=True,
    root_cause="s.db",
)


@pytest.mark.parametrize("reached_", [True, False, None])
def test_what_is_packed_is_unpacked(reached_: bool | None) -> None:
    assert unpack(VIEW, pack(WHOLE, reached_)) == (WHOLE, reached_)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "{}", '{"reached": true}', '{"reached": 1, "strip": 3}'])
def test_what_another_version_wrote_changes_nothing(text: str) -> None:
    assert unpack(WHOLE, text) == (WHOLE, None)


def test_d5_a_strip_of_an_earlier_version_has_no_values() -> None:
    text = json.loads(pack(WHOLE, True))
    del text["values"]
    found, _ = unpack(VIEW, json.dumps(text))
    assert [tick.latency for tick in found.strip] == [0.1, None, 2.0, None]
    assert {tick.value for tick in found.strip} == {None}


def test_words_that_this_version_does_not_know_are_read_as_unknown() -> None:
    text = pack(WHOLE, True).replace('["u",0.1]', '["?",0.1]').replace('"status"', '"from the future"')
    found, _ = unpack(VIEW, text)
    assert found.strip[0].verdict is State.UNKNOWN
    assert found.findings[0].reason is Reason.NO_DATA
