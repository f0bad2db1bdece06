"""What began before the weeks that a hand-over review compares, and what only overrides and swaps know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from artisan_tui.domain.event import Entry
from artisan_tui.domain.incidents import closing
from artisan_tui.domain.oncall.changes import OnCallChanges
from artisan_tui.domain.oncall.events import OnCallOverridden, SwapAccepted, SwapAsked
from artisan_tui.engine.command import CommandRefused
from artisan_tui.engine.commands import COMMANDS, decide
from artisan_tui.engine.decision import Decision, Present
from artisan_tui.engine.doctor import examine
from artisan_tui.engine.incidents.rules import IncidentRules
from artisan_tui.engine.launch import GlobalOptions
from artisan_tui.engine.oncall.checklist_runs import begun, listed, verified
from artisan_tui.engine.oncall.handoff_offline import NoMoment, handoff_review
from artisan_tui.engine.oncall.handoff_query import review_once
from artisan_tui.engine.oncall.reviews import retro_review
from artisan_tui.engine.settings import read
from support.handoff_week import PEOPLE, PlayedWeeks, alert_seen, moment, silence_entry
from support.services import config_text, http_check

WEEK = 168.0


class Team:
    """An empty store and its configuration. Hours are counted from the hand-over from Alice to Bob."""

    def __init__(self, folder: Path, more: str = "") -> None:
        self.folder = folder
        text = config_text(http_check("web", "http://127.0.0.1:1/")) + PEOPLE + more
        (folder / "artisan.toml").write_text(text)
        self.config = read(folder / "artisan.toml")
        self.week = PlayedWeeks.in_folder(folder / "state")

    @property
    def options(self) -> GlobalOptions:
        return GlobalOptions(self.folder / "artisan.toml", self.folder / "state")

    def does(self, actor: str, hours: float, command: str, **given: str) -> Decision:
        changes, rules = OnCallChanges(), IncidentRules()
        changes.configure(self.config.schedule())
        rules.configure(self.config)
        states: Mapping[type, object] = {OnCallChanges: changes, IncidentRules: rules}
        decision = decide(COMMANDS[command], Present(moment(hours), actor, {}, states), given)
        assert decision.change is not None
        return decision.change(self.week.store)


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Team]:
    made = Team(tmp_path)
    yield made
    made.week.store.close()


def test_customers_who_were_told_in_an_earlier_shift_were_told(team: Team) -> None:
    # The review says that nothing lacks; signing it has to say the same.
    old = team.week.incident(-2 * WEEK, "Qwen down", 2)
    team.week.act(-2 * WEEK + 1, old, lambda found, by: closing.inform(found, by, "update", "Slower answers"))
    team.does("alice", -0.5, "handoff.next", incident=old, text="Restart node 3")
    review = review_once(team.week.store, team.config, team.folder / "state", moment(-0.4))
    assert review.lacks == ()
    assert team.does("alice", -0.3, "handoff.sign", despite="").written[0].body["lacks"] == []


@pytest.mark.parametrize("weeks", [2, 8])
def test_what_fires_for_longer_than_the_weeks_that_are_compared_still_fires(team: Team, weeks: int) -> None:
    long_ago = -10 * WEEK
    team.week.write(long_ago, alert_seen("f1", "DiskFull", long_ago))
    team.week.write(
        long_ago + 1, silence_entry("s1", long_ago + 1, 200.0, 'alertname="DiskFull"', "until the new disk")
    )
    team.week.write(-1, alert_seen("f2", "QueueLong", -1))
    found = review_once(team.week.store, team.config, team.folder / "state", moment(-0.4), weeks=weeks)
    assert {each.name for each in found.firing} == {"DiskFull", "QueueLong"}
    assert [each.id for each in found.silences] == ["s1"]
    assert found.this.alerts.n == 1  # what began in the shift is another number
    assert found.this.silences.n == 0


def test_a_message_to_customers_of_another_version_ends_no_review(team: Team) -> None:
    old = team.week.incident(-5, "Qwen down", 2)
    team.week.act(-4, old, lambda found, by: closing.inform(found, by, "update", "Slower answers"))
    foreign = Entry(moment(-3), "alice", "incident.informed", old, {"v": 99, "text": 7})
    team.week.write(-3, foreign)
    review = review_once(team.week.store, team.config, team.folder / "state", moment(-0.4))
    (opened,) = review.open
    assert opened.informed is not None
    assert opened.informed.text == "Slower answers"


def test_who_signed_does_not_accept_with_another_login_of_theirs(tmp_path: Path) -> None:
    more = '[[person]]\nid = "dana"\nlogins = ["dana", "dana-admin"]\ncontacts = { email = "d@example.com" }\n'
    team = Team(tmp_path, more)
    try:
        team.does("dana", -0.3, "handoff.sign", despite="")
        with pytest.raises(CommandRefused, match="dana signed"):
            team.does("dana-admin", 0.1, "handoff.accept")
        assert team.does("bob", 0.2, "handoff.accept").subject
    finally:
        team.week.store.close()


# -- who was on call --------------------------------------------------------------------------


def swapped(team: Team) -> None:
    """Carol takes Alice's week before the hand-over."""
    terms = {"rotation": "primary", "giver": "alice", "taker": "carol", "start": moment(-WEEK), "end": moment(0)}
    team.week.write(-WEEK - 9, SwapAsked(**terms).entry(moment(-WEEK - 9), "alice", "swp-1"))
    team.week.write(-WEEK - 8, SwapAccepted(**terms).entry(moment(-WEEK - 8), "carol", "swp-1"))


def test_the_retro_is_of_who_served_and_not_of_who_would_have(team: Team) -> None:
    swapped(team)
    assert retro_review(team.options, moment(1)).facts.people == ("carol",)


def test_the_retro_of_the_shift_under_way_names_who_took_it(team: Team) -> None:
    swapped(team)
    assert retro_review(team.options, moment(-5), current=True).facts.people == ("carol",)


def test_a_swap_moves_the_checklist_of_the_shift(team: Team) -> None:
    (team.folder / "checklists").mkdir()
    (team.folder / "checklists" / "own.toml").write_text(
        '[[checklist]]\nid = "begin"\ntitle = "Begin"\non = "shift"\n[[checklist.item]]\nid = "a"\ntitle = "A"\n'
    )
    swapped(team)
    found = [each for each in listed(team.options, moment(-WEEK + 1)).states if each.id == "begin"]
    assert [each.about for each in found] == ["carol"]


def test_what_the_program_sees_of_on_call_is_who_is(team: Team) -> None:
    """An item that says who is on call is evidence in the journal: an override counts in it."""
    now = datetime.now(UTC)
    body = OnCallOverridden(
        level="L1", person="carol", start=now - timedelta(hours=1), end=now + timedelta(days=3), reason="ill"
    )
    team.week.store.append([body.entry(now - timedelta(hours=1), "alice", "ovr-1")], at=now - timedelta(hours=1))
    (team.folder / "checklists").mkdir()
    (team.folder / "checklists" / "own.toml").write_text(
        '[[checklist]]\nid = "daily"\ntitle = "Daily"\nevery = "day"\n'
        '[[checklist.item]]\nid = "a"\ntitle = "A"\nverify = { kind = "oncall" }\n'
    )
    subject = begun(team.options, "daily").subject
    assert verified(team.options, subject).items[0].said.startswith("carol on call for L1")


async def test_doctor_knows_that_an_override_fills_a_level(team: Team) -> None:
    now = datetime.now(UTC)

    async def empty() -> str:
        found = await examine(team.options, {})
        return next(each.said for each in found if each.what == "on call")

    assert "L2" in await empty()
    body = OnCallOverridden(level="L2", person="carol", start=now - timedelta(hours=1), end=now + timedelta(days=3))
    team.week.store.append([body.entry(now, "alice", "ovr-2")], at=now)
    assert "L2" not in await empty()


@pytest.mark.parametrize(
    ("text", "said"), [("2026-11-01T01:30", "occurs twice"), ("2026-03-08T02:30", "clocks skip it")]
)
def test_a_wall_time_that_is_not_one_moment_is_not_guessed(tmp_path: Path, text: str, said: str) -> None:
    team = Team(tmp_path)
    team.week.store.close()
    path = tmp_path / "artisan.toml"
    path.write_text(path.read_text().replace('timezone = "Asia/Seoul"', 'timezone = "America/New_York"'))
    with pytest.raises(NoMoment, match=said):
        handoff_review(team.options, text)
    assert handoff_review(team.options, f"{text}-05:00").zone.key == "America/New_York"
