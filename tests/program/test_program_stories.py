"""Five faults from end to end: alert, suggestion, run, effect on board and budget, incident, rollback, postmortem."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from artisan_tui.reports.markdown import escaped
from support.drill_stories import Story, Told, begun, left_alone, scenario_of, told

#: All are played once for the whole file: in one process.
pytestmark = pytest.mark.xdist_group("stories")

#: Simulated seconds a second.
SPEED = 10.0
STORIES = (
    Story(
        "qwen", "qwen_down", "first-page", "qwen_failure_downshift", "llm.qwen", "QwenModelUnhealthy",
        "api-availability", cured=False,
    ),
    Story(
        "reward", "reward_runaway", "strange-reward", "rl_reward_runaway_rollback", "rl.runaway", "RewardRunaway",
        "rl-runaway", budget_first=True,
    ),
    Story(
        "latency", "latency_high", "slow-afternoon", "api_high_latency_scaleup", "api.p95", "HighResponseTime",
        "llm-fast-latency", cured=False,
    ),
    Story(
        "database", "database_refusing", "closed-door", "database_connection_failure", "database.up",
        "DatabaseConnectionPoolExhausted", "api-availability", answers={"decide": "restart the database"},
        undone=False,
    ),
    Story(
        "cache", "redis_down", "empty-shelves", "cache_service_failure", "redis.up", "CacheHitRateLow",
        "api-availability",
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
def stories(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Told | BaseException]:
    """All at once: each waits for the minute in which its budget is counted."""

    folder = tmp_path_factory.mktemp("stories")
    places = [begun(folder / each.name, scenario_of(each), SPEED) for each in STORIES]

    async def all_of_them() -> list[Told | BaseException]:
        return await asyncio.gather(*map(told, STORIES, places), return_exceptions=True)

    try:
        return dict(zip((each.name for each in STORIES), asyncio.run(all_of_them()), strict=True))
    finally:
        for place in places:
            left_alone(place)


#: What the run changes in the stack: the same path before, after it, and after its rollback.
CHANGES: Mapping[str, tuple[str, Any, Any, Any]] = {
    "qwen": ("modes.creative.served_as", "creative", "balanced", "creative"),
    "reward": ("rl.learning_rate", 0.0003, 0.00015, 0.0003),
    "latency": ("replicas.app.wanted", 3, 8, 3),
    "cache": ("cache.bypass", False, False, False),
}


def at(state: Mapping[str, Any], path: str) -> Any:
    found: Any = state
    for step in path.split("."):
        found = found[step]
    return found


@pytest.mark.parametrize("story", STORIES, ids=lambda each: each.name)
def test_a_fault_is_seen_mended_and_written_up(stories: Mapping[str, Told | BaseException], story: Story) -> None:
    found = stories[story.name]
    if isinstance(found, BaseException):
        raise found
    assert found.alert_fired
    assert found.check_failed in ("DOWN", "DEGRADED")
    assert found.suggested
    assert found.run is not None
    assert found.run.state == "succeeded", found.run.why
    assert found.bad > 0  # the budget says what it cost
    assert found.check_well is story.cured
    assert found.incident_runs == (found.run.id,)
    assert story.alert in found.incident_alerts
    assert found.named == {story.runbook}
    assert "response.acknowledge" in found.ticks
    if story.undone:
        assert found.undone is not None
        assert found.undone.rollback_state in ("done", "accepted")
        path, before, after, restored = CHANGES[story.name]
        assert (at(found.before, path), at(found.after, path), at(found.restored, path)) == (before, after, restored)
    for words in (
        "DRILL Postmortem",
        escaped(found.page),
        f"alert attached: {story.alert}",
        f"{found.run.id}): run of {story.runbook} started at drill",
        "run succeeded",
        *(("rollback started",) if story.undone else ()),
        "mended by the runbook",
    ):
        assert words in found.draft, words
