"""Who started a container: its restart policy, which the daemon counts, or a person."""

from __future__ import annotations

import pytest

from artisan_tui.sources.restarts import Restarts, Starts


@pytest.mark.parametrize(
    ("before", "after", "by_hand"),
    [
        (Starts(0, 100.0, 50.0), Starts(0, 100.0, 50.0), False),  # nothing happened
        (Starts(0, 100.0, 50.0), Starts(0, 160.0, 50.0), True),  # docker restart
        (Starts(3, 100.0, 50.0), Starts(0, 160.0, 50.0), True),  # docker start: it counts anew
        (Starts(3, 100.0, 50.0), Starts(4, 160.0, 50.0), False),  # its policy
        (Starts(3, 100.0, 50.0), Starts(3, None, 50.0), False),  # it exited
    ],
)
def test_d10_a_start_that_the_daemon_does_not_count_is_a_person_s(before: Starts, after: Starts, by_hand: bool) -> None:
    restarts = Restarts(600)
    restarts.count({"c": before, "other": Starts(0, 1.0, 1.0)}, 150.0)
    assert not restarts.by_hand, "nothing is known before the first probe"
    restarts.count({"c": after, "other": Starts(0, 1.0, 1.0)}, 170.0)
    assert restarts.by_hand is by_hand
    restarts.count({"c": after, "other": Starts(0, 1.0, 1.0)}, 180.0)
    assert not restarts.by_hand, "once"
