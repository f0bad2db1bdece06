"""The root of a chain of failures."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artisan_tui.domain.checks.root_cause import Cycle, find_root_cause, order

NEEDS = {
    "api.health": ("database.connection", "redis.connection"),
    "web.page": ("api.health",),
    "database.connection": ("host.disk",),
    "redis.connection": (),
    "host.disk": (),
}


@pytest.mark.parametrize(
    ("check", "failing", "root"),
    [
        ("web.page", "", None),
        ("web.page", "web.page", None),
        ("web.page", "web.page api.health", "api.health"),
        ("web.page", "web.page api.health redis.connection", "redis.connection"),
        ("web.page", "web.page api.health redis.connection host.disk", "host.disk"),
        # What stands between may have kept its state: a slow check, or a fall count not yet reached.
        ("web.page", "web.page host.disk", "host.disk"),
        ("api.health", "database.connection redis.connection", "database.connection"),
        ("host.disk", "host.disk api.health", None),
        ("nobody.knows", "host.disk", None),
    ],
)
def test_the_root_cause(check: str, failing: str, root: str | None) -> None:
    assert find_root_cause(check, NEEDS, set(failing.split()).__contains__) == root


def test_equals_are_told_apart_by_the_file() -> None:
    needs = {"a": ("c", "b"), "b": (), "c": ()}
    assert find_root_cause("a", needs, lambda _: True) == "b"
    assert find_root_cause("a", {"a": ("c", "b")}, lambda _: True) == "c"


def test_what_is_needed_comes_first() -> None:
    assert order(NEEDS) == ("host.disk", "database.connection", "redis.connection", "api.health", "web.page")
    assert order({"a": ("z",)}) == ("z", "a")
    assert order({}) == ()


@pytest.mark.parametrize(
    ("needs", "path"),
    [
        ({"a": ("a",)}, ("a",)),
        ({"a": ("b",), "b": ("a",)}, ("a", "b")),
        ({"x": ("a",), "a": ("b",), "b": ("c",), "c": ("a",)}, ("a", "b", "c")),
    ],
)
def test_a_cycle_is_named(needs: dict[str, tuple[str, ...]], path: tuple[str, ...]) -> None:
    with pytest.raises(Cycle) as caught:
        order(needs)
    assert caught.value.path == path
    assert str(caught.value).startswith(f"{path[0]} needs ")
    assert str(caught.value).endswith(f"needs {path[0]}")


def test_a_chain_may_be_long() -> None:
    names = [f"s.c{n}" for n in range(5000)]
    needs = {name: (need,) for name, need in pairwise(names)}
    assert find_root_cause(names[0], needs, lambda _: True) == names[-1]
    assert order(needs)[0] == names[-1]
    with pytest.raises(Cycle):
        order({**needs, names[-1]: (names[0],)})


_IDS = [f"s.c{n}" for n in range(7)]


@st.composite
def _graphs(draw: st.DrawFn) -> dict[str, tuple[str, ...]]:
    """Without a cycle: each needs only what comes after it in a drawn order, written down in another."""
    ranked = draw(st.permutations(_IDS))
    needs = {
        each: tuple(draw(st.lists(st.sampled_from(ranked[rank + 1 :]), unique=True, max_size=4)))
        for rank, each in enumerate(ranked[:-1])
    }
    return {each: needs[each] for each in draw(st.permutations(_IDS)) if each in needs}


def _below(check_id: str, needs: dict[str, tuple[str, ...]]) -> set[str]:
    found: set[str] = set()
    for need in needs.get(check_id, ()):
        found |= {need} | _below(need, needs)
    return found


@given(_graphs(), st.sampled_from(_IDS), st.sets(st.sampled_from(_IDS)))
def test_the_root_cause_fails_and_nothing_that_it_needs_does(
    needs: dict[str, tuple[str, ...]], check_id: str, failing: set[str]
) -> None:
    root = find_root_cause(check_id, needs, failing.__contains__)
    below = _below(check_id, needs)
    if root is None:
        assert not below & failing
        return
    assert root != check_id
    assert root in below & failing
    assert not _below(root, needs) & failing


@given(_graphs())
def test_an_order_keeps_every_need_before_who_needs_it(needs: dict[str, tuple[str, ...]]) -> None:
    places = {each: place for place, each in enumerate(order(needs))}
    assert set(places) >= set(needs)
    assert all(places[need] < places[each] for each, listed in needs.items() for need in listed)


@given(st.dictionaries(st.sampled_from(_IDS), st.lists(st.sampled_from(_IDS), max_size=3).map(tuple)))
def test_an_order_exists_exactly_when_there_is_no_cycle(needs: dict[str, tuple[str, ...]]) -> None:
    try:
        order(needs)
    except Cycle as cycle:
        path = cycle.path
        assert all(need in needs[each] for each, need in zip(path, (*path[1:], path[0]), strict=True))
    else:
        assert all(each not in _reach(each, needs) for each in needs)


def _reach(check_id: str, needs: dict[str, tuple[str, ...]]) -> set[str]:
    found: set[str] = set()
    todo = list(needs.get(check_id, ()))
    while todo:
        each = todo.pop()
        if each not in found:
            found.add(each)
            todo.extend(needs.get(each, ()))
    return found
