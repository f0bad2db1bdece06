"""A place in which checklists are worked through."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from artisan_tui.domain.journal_body import Body
from artisan_tui.domain.oncall.checklists import ChecklistState
from artisan_tui.engine.launch import GlobalOptions
from artisan_tui.engine.oncall.checklist_runs import listed
from artisan_tui.store.place import StorePlace
from artisan_tui.store.store import Store
from support.services import config_text

DISK = 'id = "disk"\nkind = "disk"\npath = "/"\n'


def items(*given: str) -> str:
    return "".join(f"[[checklist.item]]\n{each}\n" for each in given)


def item(name: str, *keys: str) -> str:
    return "\n".join((f'id = "{name}"\ntitle = "{name.capitalize()}"', *keys))


@dataclass
class Place:
    """A configuration with checklists, and its store."""

    folder: Path

    def write(self, text: str, config: str = "") -> None:
        (self.folder / "checklists").mkdir(exist_ok=True)
        (self.folder / "checklists" / "own.toml").write_text(text, "utf-8")
        (self.folder / "artisan.toml").write_text(config or config_text(DISK), "utf-8")

    @property
    def options(self) -> GlobalOptions:
        return GlobalOptions(self.folder / "artisan.toml", self.folder / "state")

    def append(self, body: Body, subject: str, at: datetime) -> None:
        with Store.open(StorePlace(self.folder / "state"), read_only=False) as store:
            store.append([body.entry(at, "alice", subject)], at=at)

    def state(self, name: str) -> ChecklistState:
        return next(each for each in listed(self.options).states if each.id == name)
