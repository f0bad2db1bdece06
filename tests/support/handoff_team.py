"""A played week, its configuration, and people who act on it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from artisan_tui.config.models import Config
from artisan_tui.domain.event import Event
from artisan_tui.domain.incidents import closing
from artisan_tui.domain.oncall.changes import OnCallChanges
from artisan_tui.domain.oncall.handoff_review import HandoffReview
from artisan_tui.engine.commands import COMMANDS, decide
from artisan_tui.engine.decision import Decision, Present
from artisan_tui.engine.incidents.rules import IncidentRules
from artisan_tui.engine.oncall.handoff_query import record_at, review_once
from artisan_tui.engine.oncall.handoff_state import handoff_slice, remind_within
from artisan_tui.engine.settings import read
from support.handoff_week import PEOPLE, PlayedWeeks, moment, played_week
from support.services import config_text, http_check

CHANNELS = """
[[notify]]
id = "team"
kind = "file"
path = "told.log"

[[notify]]
id = "post"
kind = "email"
server = "127.0.0.1:25"
from = "artisan@example.com"
"""


class Team:
    """A played week, its configuration, and people who act on it. Hours are counted from the hand-over."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "artisan.toml").write_text(config_text(http_check("web", "http://127.0.0.1:1/")) + PEOPLE + CHANNELS)
        self.config: Config = read(folder / "artisan.toml")
        self.week: PlayedWeeks = played_week(folder / "state")
        self.store = self.week.store

    def states(self) -> Mapping[type, object]:
        changes, rules = OnCallChanges(), IncidentRules()
        changes.configure(self.config.schedule())
        rules.configure(self.config)
        return {OnCallChanges: changes, IncidentRules: rules}

    def does(self, actor: str, hours: float, command: str, **given: str) -> Decision:
        """``actor`` gives a command; raises CommandRefused."""
        present = Present(moment(hours), actor, {}, self.states())
        decision = decide(COMMANDS[command], present, given)
        assert decision.change is not None
        return decision.change(self.store)

    def completed(self) -> None:
        """What the open Sev2 lacks is said."""
        qwen = self.week.ids[-1]
        self.does("alice", -0.4, "handoff.next", incident=qwen, text="Restart node 3, then upshift")
        self.week.act(-0.3, qwen, lambda found, by: closing.inform(found, by, "update", "Slower answers until tonight"))

    def review(self, hours: float, back: int = 0) -> HandoffReview:
        return review_once(self.store, self.config, self.folder / "state", moment(hours), back)

    def remind(self, hours: float) -> tuple[Event, ...]:
        """What the leader does on a tick."""
        states = self.states()
        changes, rules = states[OnCallChanges], states[IncidentRules]
        assert isinstance(changes, OnCallChanges)
        assert isinstance(rules, IncidentRules)
        return remind_within(self.store, changes.schedule, rules, moment(hours), "L1", None)

    def pending(self, hours: float) -> tuple[bool, str, bool]:
        found = handoff_slice(self.config.schedule(), record_at(self.store, moment(hours)), moment(hours), "L1")
        return found.pending, found.signed_by, found.overdue
