"""Working through checklists: who ticked what, and how it stood at a past moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from artisan_tui.domain.oncall.events import ChecklistTicked
from artisan_tui.engine.clock import SystemClock
from artisan_tui.engine.command import CommandRefused
from artisan_tui.engine.offline import give, with_journal
from artisan_tui.engine.oncall.checklist_rules import ChecklistRules
from artisan_tui.engine.oncall.checklist_runs import begun, listed, ticked, verified
from artisan_tui.engine.oncall.checklists import checklists_at, checklists_between, recorded_by
from artisan_tui.store.place import StorePlace
from artisan_tui.store.store import Store
from support.checklist_place import DISK, Place, item, items
from support.servers import free_port
from support.services import Service, config_text

DAILY = 'id = "daily"\ntitle = "Daily"\ntitle_ko = "매일"\nevery = "day"\n'


def test_what_a_person_ticked_is_not_looked_at_again_unless_it_is_named(place: Place, served: Service) -> None:
    look = f'verify = {{ kind = "http", request = {{ url = "{served.url}/" }} }}'
    place.write(f"[[checklist]]\n{DAILY}{items(item('a', look))}")
    state = ticked(place.options, begun(place.options, "daily").subject, {"a": "seen by hand"})
    served.status = 500
    assert verified(place.options, state.subject).complete
    assert served.requests == 0
    assert verified(place.options, state.subject, ["a"]).failed


def test_evidence_is_asked_for_and_a_tick_against_what_was_seen_has_to_say_why(place: Place) -> None:
    gone = f'verify = {{ kind = "tcp", address = "127.0.0.1:{free_port()}" }}'
    place.write(f"[[checklist]]\n{DAILY}{items(item('a', 'evidence = true'), item('b', gone))}")
    subject = begun(place.options, "daily").subject
    with pytest.raises(CommandRefused, match="a needs evidence"):
        ticked(place.options, subject, {"a": " "})
    verified(place.options, subject)
    with pytest.raises(CommandRefused, match="the program saw"):
        ticked(place.options, subject, {"b": ""})
    with pytest.raises(CommandRefused, match="no item c; its items are a, b"):
        ticked(place.options, subject, {"a": "41", "c": ""})
    assert place.state("daily").done == 0  # the whole was refused
    state = ticked(place.options, subject, {"a": "41 USD", "b": "it is being moved"})
    assert state.complete
    assert [(each.evidence, bool(each.said)) for each in state.items] == [
        ("41 USD", False),
        ("it is being moved", True),
    ]


def test_the_verbs_write_what_the_screen_would(place: Place) -> None:
    place.write(f"[[checklist]]\n{DAILY}{items(item('a'), item('b'))}")
    give(place.options, "checklist.tick", {"checklist": "daily", "item": "a", "evidence": "ok"})
    give(place.options, "checklist.fail", {"checklist": "daily", "item": "b", "found": "3 dead letters"})
    assert place.state("daily").failed
    give(place.options, "checklist.skip", {"checklist": "daily", "item": "b", "reason": "not here"})
    assert place.state("daily").complete
    give(place.options, "checklist.untick", {"checklist": "daily", "item": "b"})
    assert place.state("daily").items[1].state == "open"
    with pytest.raises(CommandRefused, match="nobody has ticked b"):
        give(place.options, "checklist.untick", {"checklist": "daily", "item": "b"})
    with pytest.raises(CommandRefused, match="there is no checklist nope; known: daily"):
        give(place.options, "checklist.tick", {"checklist": "nope", "item": "b"})
    with pytest.raises(CommandRefused, match="opens by the calendar"):
        give(place.options, "checklist.open", {"checklist": "daily"})
    give(place.options, "checklist.drop", {"checklist": "daily", "reason": "holiday"})
    assert listed(place.options).states == ()


def test_a_list_that_was_begun_before_midnight_takes_its_marks_after_it(place: Place) -> None:
    place.write(f"[[checklist]]\n{DAILY}{items(item('a'), item('b'))}")
    today = SystemClock().now().date()
    left, older = (f"daily/{today - timedelta(days=days)}" for days in (1, 2))
    assert ticked(place.options, left, {"a": "41"}).done == 1  # nothing of it was ticked yesterday
    give(place.options, "checklist.tick", {"checklist": left, "item": "b"})
    assert ticked(place.options, left, {"b": "again"}).complete
    with pytest.raises(CommandRefused, match="there is no daily/"):
        ticked(place.options, older, {"a": "41"})
    # By its id alone, today's is meant.
    give(place.options, "checklist.untick", {"checklist": left, "item": "b"})
    give(place.options, "checklist.tick", {"checklist": "daily", "item": "b"})
    assert [(each.key, each.done) for each in listed(place.options).states] == [
        (left.partition("/")[2], 1),
        (str(today), 1),
    ]


def test_the_first_tick_opens_one_that_only_people_open(place: Place) -> None:
    place.write('[[checklist]]\nid = "deploy"\ntitle = "Deploy"\n' + items(item("a"), item("b")))
    give(place.options, "checklist.tick", {"checklist": "deploy", "item": "a"})
    states = [each for each in listed(place.options).states if each.opened]
    assert [(each.done, each.total) for each in states] == [(1, 2)]
    give(place.options, "checklist.tick", {"checklist": "deploy", "item": "b"})  # goes on with that one
    assert [each.complete for each in listed(place.options).states if each.opened] == [True]
    again = begun(place.options, "deploy")  # that one is done: another one
    assert (again.opened, again.done) == (True, 0)


def test_a_broken_file_is_a_refusal_with_file_and_line(place: Place) -> None:
    place.write('[[checklist]]\nid = "daily"\n')
    with pytest.raises(CommandRefused, match=r"own\.toml:1"):
        give(place.options, "checklist.tick", {"checklist": "daily", "item": "a"})


def test_at_a_past_moment_only_what_was_recorded_by_then_counts(place: Place) -> None:
    place.write(f"[[checklist]]\n{DAILY}{items(item('a'), item('b'))}")
    day = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
    subject = "daily/2026-11-25"
    place.append(ChecklistTicked(item="a"), subject, day)
    place.append(ChecklistTicked(item="b"), subject, day + timedelta(hours=1))

    def asked(at: datetime) -> tuple[str, int, bool]:
        def work(present: object, config: object, store: Store) -> tuple[str, int, bool]:
            rules = present.state(ChecklistRules)  # type: ignore[attr-defined]  # what with_journal gives
            (found,) = checklists_at(rules, store, at, past=True)
            return found.key, found.done, found.complete

        return with_journal(place.options, work, read_only=True)

    assert asked(day - timedelta(seconds=1)) == ("2026-11-25", 0, False)
    assert asked(day) == ("2026-11-25", 1, False)
    assert asked(day + timedelta(hours=1)) == ("2026-11-25", 2, True)
    assert asked(day + timedelta(days=1)) == ("2026-11-26", 0, False)
    with Store.open(StorePlace(place.folder / "state"), read_only=True) as store:
        assert [recorded_by(store, day + timedelta(hours=each)) for each in (-1, 0, 1, 9)] == [0, 1, 2, 2]


def test_what_was_due_in_a_span_is_there_done_or_not(place: Place) -> None:
    place.write(f"[[checklist]]\n{DAILY}{items(item('a'))}")
    day = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
    place.append(ChecklistTicked(item="a"), "daily/2026-11-25", day)

    def work(present: object, config: object, store: Store) -> list[tuple[str, bool]]:
        rules = present.state(ChecklistRules)  # type: ignore[attr-defined]  # what with_journal gives
        found = checklists_between(rules, store, day - timedelta(days=3), day + timedelta(days=2))
        return [(each.key, each.complete) for each in found]

    found = with_journal(place.options, work, read_only=True)
    assert found == [("2026-11-25", True), ("2026-11-26", False)]  # before it the store was not there


def test_one_that_a_shift_or_a_window_opens_is_ticked_by_its_id(place: Place) -> None:
    now = datetime.now(UTC)
    text = "".join(
        f'[[checklist]]\nid = "{name}"\ntitle = "X"\non = "{occasion}"\nahead = "30d"\n{items(item("a"), item("b"))}'
        for name, occasion in (("ready", "shift"), ("before", "maintenance.planned"))
    )
    start = f"{now + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"
    config = f"""
[[maintenance]]
id = "disks"
reason = "new disks"
start = "{start}"
for = "2h"
[[person]]
id = "alice"
contacts = {{ email = "alice@example.com" }}
[[rotation]]
id = "primary"
people = ["alice"]
from = 2026-11-20
"""
    place.write(text, config_text(DISK) + config)
    assert listed(place.options).states != ()  # the store began a moment ago, and both are due after that
    for name in ("ready", "before"):
        give(place.options, "checklist.tick", {"checklist": name, "item": "a"})
        assert (place.state(name).done, place.state(name).total) == (1, 2)
    assert place.state("before").about == "new disks"


def test_a_period_that_ends_while_it_is_written_down_ends_nothing(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Midnight between the entry and the look at what came of it."""
    place.write(f"[[checklist]]\n{DAILY}{items(item('a'))}")
    place.state("daily")
    before = datetime(2026, 11, 30, 14, 59, 59, tzinfo=UTC)  # in Seoul
    moments = iter([before])
    monkeypatch.setattr(SystemClock, "now", lambda self: next(moments, before + timedelta(seconds=2)))
    assert begun(place.options, "daily").key == "2026-11-30"
