"""Services are ranked again only where a check changed; what is remembered comes to the same."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from artisan_tui.domain.state import State
from artisan_tui.engine.checks.slice import CheckView
from artisan_tui.tui.checks import grouping
from artisan_tui.tui.checks.grouping import Known, grouped
from support.snapshots import check

IDS = ["api.a", "api.b", "db.one", "db.two", "llm.qwen", "web.page"]
ONE = st.builds(
    lambda name, state, cause: check(
        name, state, root_cause=cause if state is not State.UP and name != "db.one" else ""
    ),
    st.sampled_from(IDS),
    st.sampled_from([State.UP, State.DOWN, State.DEGRADED, State.UNKNOWN]),
    st.sampled_from(["", "db.one"]),  # a cause has none itself
)


@given(st.lists(st.lists(ONE, max_size=6, unique_by=lambda view: view.id), min_size=1, max_size=6))
def test_what_is_remembered_comes_to_what_is_ranked_anew(rounds: list[list[CheckView]]) -> None:
    known: Known = {}
    shown: dict[str, CheckView] = {}
    for changed in rounds:
        shown = {each.id: shown.get(each.id, each) for each in changed} | {each.id: each for each in changed[::2]}
        views = list(shown.values())
        assert grouped(views, known) == grouped(views)
        assert known.keys() == {view.id.partition(".")[0] for view in views}, "what is gone is forgotten"


def test_a_service_whose_checks_are_the_same_objects_is_the_same_group() -> None:
    known: Known = {}
    views = [check("api.a"), check("db.one"), check("db.two")]
    before = {group.id: group for group in grouped(views, known)}
    views[0] = check("api.a", State.DOWN)
    after = {group.id: group for group in grouping.grouped(views, known)}
    assert after["db"] is before["db"]
    assert after["api"] is not before["api"]
    assert after["api"].failing
