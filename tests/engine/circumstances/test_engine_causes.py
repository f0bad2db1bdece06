"""Causes and maintenance, as the evaluator applies them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from artisan_tui.domain.maintenance.windows import Window
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from support.circumstances_house import BAD, GOOD, WRONG, House, configured, kinds, never


def test_a_symptom_asks_for_its_cause_and_it_is_its_root_cause(house: House) -> None:
    for name in ("api.http", "db.ping"):
        house.hear(name, GOOD)
    house.clock.turn(30)
    (first,) = house.hear("api.http", WRONG)
    assert first.ask == ("db.ping",)
    house.hear("db.ping", BAD)
    house.hear("api.http", WRONG)
    assert house.view("api.http").health.state is State.DOWN
    assert house.view("api.http").root_cause == "db.ping"
    assert house.view("db.ping").root_cause == ""


def test_the_deepest_cause_is_the_cause(house: House) -> None:
    house.hear("db.disk", WRONG)  # one of two: failing, not yet down
    house.hear("db.ping", BAD)
    house.hear("api.http", WRONG, WRONG)
    assert house.view("api.http").root_cause == "db.ping"
    house.hear("db.disk", WRONG)
    assert house.view("api.http").root_cause == "db.disk"
    assert house.view("db.ping").root_cause == "db.disk"


def test_a_cause_that_recovers_excuses_for_as_long_as_recovery_takes(house: House) -> None:
    house.hear("db.ping", BAD)
    house.hear("api.http", WRONG, WRONG)
    house.hear("db.ping", GOOD, GOOD)
    assert (house.view("api.http").root_cause, house.view("api.http").past_cause) == ("", "db.ping")
    house.clock.turn(3 * 30 + 5)
    house.evaluator.hear("api.http", WRONG)
    assert house.view("api.http").past_cause == "", "it fails by itself now"


def test_a_failure_without_a_failing_need_stands_for_itself(house: House) -> None:
    house.hear("db.ping", GOOD)
    house.hear("api.http", WRONG, WRONG)
    assert house.view("api.http").root_cause == ""


def window(house: House, *covers: str) -> Window:
    return Window("w", covers, "new disks", house.clock.now(), house.clock.now() + timedelta(hours=1))


def test_under_maintenance_nothing_is_counted_and_nothing_is_green(house: House) -> None:
    house.hear("db.ping", GOOD)
    house.evaluator.arrange([window(house, "db")], never)
    assert house.view("db.ping").health.state is State.MAINTENANCE
    assert house.view("db.ping").health.detail == "new disks"
    assert house.view("api.http").health.state is not State.MAINTENANCE
    evaluations = house.hear("db.ping", BAD, BAD, BAD)
    assert kinds(evaluations) == []
    assert house.view("db.ping").health.state is State.MAINTENANCE
    assert [evaluation.sample.verdict for evaluation in evaluations] == [State.DOWN] * 3, "what was seen is kept"


def test_after_maintenance_counting_begins_anew(house: House) -> None:
    house.hear("web.page", WRONG)  # one of two
    house.evaluator.arrange([window(house)], never)
    over, changed = house.evaluator.arrange([], never)
    assert changed
    assert set(over) == {"api.http", "db.ping", "db.disk", "web.page"}
    assert house.view("web.page").health.state is State.UNKNOWN
    house.hear("web.page", WRONG)
    assert house.view("web.page").health.state is State.UNKNOWN, "the failure before the window does not count"
    house.hear("web.page", WRONG)
    assert house.view("web.page").health.state is State.DOWN


def test_d11_under_maintenance_the_probe_goes_on_and_its_state_is_kept_underneath(house: House) -> None:
    def said() -> tuple[State, Reason] | None:
        below = house.view("db.ping").underneath
        return None if below is None else (below.state, below.reason)

    house.hear("db.ping", GOOD)
    assert said() is None
    held = window(house, "db")
    house.evaluator.arrange([held], never)
    assert said() == (State.UP, Reason.OK)
    assert house.view("db.ping").until == held.end
    assert not house.hear("db.ping", BAD)[0].quiet, "the board shows it"
    assert said() == (State.DOWN, Reason.REFUSED)
    # A window that is made longer goes on.
    longer = replace(held, end=held.end + timedelta(hours=1))
    house.evaluator.arrange([longer], never)
    assert said() == (State.DOWN, Reason.REFUSED)
    assert house.view("db.ping").until == longer.end
    # A follower shows it too.
    other = configured(house.clock)
    other.arrange([longer], never)
    other.follow(house.evaluator.check_statuses(["db.ping"]))
    shown = next(view for view in other.views() if view.id == "db.ping")
    assert shown.until == longer.end
    assert shown.underneath is not None
    assert (shown.underneath.state, shown.underneath.reason) == (State.DOWN, Reason.REFUSED)
    house.evaluator.arrange([], never)
    assert said() is None
    assert house.view("db.ping").until is None


def test_a_window_that_goes_on_changes_nothing(house: House) -> None:
    held = window(house)
    house.evaluator.arrange([held], never)
    since = house.view("web.page").health.since
    house.clock.turn(60)
    assert house.evaluator.arrange([held], never) == ([], False)
    house.hear("web.page", BAD)
    assert house.view("web.page").health.since == since
