"""Tests of a group run in one process, so that what they share is started once."""

from __future__ import annotations

import pytest


@pytest.mark.xdist_group("side-by-side")
def test_a_group_is_in_the_name_by_which_tests_are_spread(request: pytest.FixtureRequest) -> None:
    grouped = getattr(request.config.option, "loadgroup", False)
    assert request.node.nodeid.endswith("@side-by-side") is grouped
