"""A check speaks for a runbook when it fails by itself: not because of another check, our network, or maintenance."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from artisan_tui.domain.checks.health import Health, Policy
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.runbooks.suggestions import Cause
from artisan_tui.domain.state import State
from artisan_tui.engine.checks.slice import CheckView
from artisan_tui.engine.runbooks.check_causes import causes_of_checks

AT = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
NEEDS = {"llm.qwen": ["api.http"], "api.http": ["api.port"]}


def view(name: str, state: State, reason: Reason = Reason.STATUS, *, after: float = 0.0, **more: Any) -> CheckView:
    downs = 3 if state is State.DOWN else -1
    seen = AT + timedelta(seconds=after)
    health = Health(state, reason, "HTTP 503", AT, seen, downs=more.pop("downs", downs), stale=more.pop("stale", False))
    failed = AT if state is State.DOWN else None
    return CheckView(name, "S", name, "http", "", health, Policy(), 30, 5, failed_at=failed)._replace(**more)


def said(*views: CheckView, suspected: bool = False) -> dict[str, bool]:
    """What is suggested begins (True) or ends (False), by check."""
    known = {each.id: each for each in views}
    found: list[Cause] = list(causes_of_checks(sorted(known), known, NEEDS, suspected=suspected))
    return {each.name.removeprefix("check:"): each.bad for each in found}


def test_a_check_that_fails_by_itself_speaks_with_its_evidence() -> None:
    known = {"llm.qwen": view("llm.qwen", State.DOWN)}
    (cause,) = causes_of_checks(["llm.qwen", "no.such"], known, {}, suspected=False)
    assert cause == Cause("check:llm.qwen", True, "llm.qwen is down: HTTP 503 (3 in a row)")
    assert said(view("llm.qwen", State.DEGRADED)) == {"llm.qwen": True}


def test_what_has_a_cause_is_left_out_and_its_cause_speaks() -> None:
    qwen = view("llm.qwen", State.DOWN, root_cause="api.port")
    assert said(qwen, view("api.port", State.DOWN)) == {"llm.qwen": False, "api.port": True}
    assert said(view("llm.qwen", State.DOWN, past_cause="api.port")) == {"llm.qwen": False}


@pytest.mark.parametrize(
    "need",
    [
        view("api.port", State.UP, after=5, downs=1),
        view("api.port", State.UP, after=-5),
        view("api.port", State.UP, after=5, downs=2, restored=True),
    ],
    ids=["missed-a-probe", "not-probed-since", "restored"],
)
def test_a_symptom_waits_for_what_may_be_its_cause_through_others_too(need: CheckView) -> None:
    chain = (view("llm.qwen", State.DOWN), view("api.http", State.UP, after=5))
    assert said(*chain, need) == {"api.http": False} | ({} if need.restored else {"api.port": False})
    assert said(*chain, view("api.port", State.UP, after=5))["llm.qwen"] is True


@pytest.mark.parametrize("state", [State.UNKNOWN, State.MAINTENANCE])
def test_nobody_waits_for_a_need_of_which_nothing_is_known(state: State) -> None:
    assert said(view("llm.qwen", State.DOWN), view("api.http", state))["llm.qwen"] is True


@pytest.mark.parametrize("reason", [Reason.TIMEOUT, Reason.REFUSED, Reason.DNS, Reason.UNREACHABLE, Reason.RESET])
def test_what_is_unreached_while_our_own_network_is_suspect_is_left_out(reason: Reason) -> None:
    unreached, answered = view("a.unreached", State.DOWN, reason), view("a.answered", State.DOWN, Reason.STATUS)
    assert said(unreached, answered, suspected=True) == {"a.unreached": False, "a.answered": True}
    assert said(unreached) == {"a.unreached": True}


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        (view("a.b", State.MAINTENANCE), False),
        (view("a.b", State.UP), False),
        (view("a.b", State.UNKNOWN), None),
        (view("a.b", State.DOWN, restored=True), None),
        (view("a.b", State.DOWN, stale=True), None),
        (view("a.b", State.DOWN, flapping=True), None),
    ],
    ids=["maintenance", "up", "unknown", "restored", "stale", "flapping"],
)
def test_maintenance_ends_it_and_what_is_not_known_changes_nothing(found: CheckView, wanted: bool | None) -> None:
    assert said(found).get("a.b") is wanted
