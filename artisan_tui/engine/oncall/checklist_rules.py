"""What the configuration says about checklists, and what they depend on besides the journal."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

from artisan_tui.domain.event import Entry

if TYPE_CHECKING:
    from artisan_tui.config.models import Config
    from artisan_tui.domain.oncall.checklist_states import ChecklistFacts
    from artisan_tui.domain.oncall.checklists import Checklist
    from artisan_tui.domain.oncall.schedule import Schedule
    from artisan_tui.engine.settings import Overlay

#: How far ahead windows and shifts are known to a checklist that opens before them.
_AHEAD: Final = timedelta(days=32)
_BACK: Final = timedelta(days=15)
_NO_NAMES: Final = frozenset[str]()


class ChecklistRules:
    """A state that follows from the configuration alone. Several threads ask."""

    KINDS: ClassVar[tuple[str, ...]] = ()

    def __init__(self) -> None:
        self._config: Config | None = None
        self._overlay: Overlay | None = None
        self._reading = threading.Lock()
        self._known: tuple[object, tuple[Checklist, ...]] | None = None

    def configure(self, config: Config, overlay: Overlay | None = None) -> None:
        self._config, self._known = config, None
        self._overlay = overlay or self._overlay

    @property
    def config(self) -> Config:
        assert self._config is not None
        return self._config

    @property
    def checklists(self) -> tuple[Checklist, ...]:
        """The checklists as they are on disk now. Raises ConfigError with every problem of every file."""
        from artisan_tui.engine.settings import fingerprint

        with self._reading:
            files = self.files()
            stamp = (id(self._config), tuple((path, fingerprint(path)) for path in files))
            if self._known is None or self._known[0] != stamp:
                self._known = (stamp, self._read(files))
            return self._known[1]

    def check(self) -> None:
        """Raises ConfigError with every problem of every file."""
        _read = self.checklists

    def files(self) -> list[Path]:
        """Those that ``checklists`` names; else checklists/*.toml beside the configuration. Raises ConfigError."""
        config = self.config
        if config.checklists is not None:
            from artisan_tui.config.patterns import files_named

            return files_named(config.checklists, "checklists", config.path)
        return sorted((config.path.parent / "checklists").glob("*.toml"))

    def _read(self, files: list[Path]) -> tuple[Checklist, ...]:
        if not files:
            return ()
        from artisan_tui.config.checklists.load import ChecklistNames, load_checklists

        config = self.config
        names = ChecklistNames(
            checks=config.everywhere | {each.id for each in config.services},
            channels=frozenset(each.id for each in config.channels),
            slos=frozenset(each.id for each in config.slos),
            runbooks=self._runbooks(),
            targets=frozenset(each.id for each in config.targets),
        )
        addresses = {} if self._overlay is None else self._overlay.addresses
        return load_checklists(files, names, addresses=addresses)

    def _runbooks(self) -> frozenset[str] | None:
        """The ids of the runbooks; None while they cannot be read, which is said elsewhere."""
        from artisan_tui.config.problems import ConfigError
        from artisan_tui.engine.runbooks.library import library

        try:
            return frozenset(library(self.config).runbooks)
        except ConfigError:
            return None

    def facts(self, at: datetime, since: datetime | None, schedule: Schedule) -> ChecklistFacts:
        """``since`` is when the store began. ``schedule`` has the overrides and swaps: a shift is whose it is then."""
        from artisan_tui.domain.maintenance.windows import exclusions
        from artisan_tui.domain.oncall.checklist_states import ChecklistFacts
        from artisan_tui.domain.oncall.handover import last_handover, next_handover
        from artisan_tui.domain.oncall.shift import Shift

        config = self.config
        once, again = config.windows()
        windows = exclusions(again, once, at - _BACK, at + _AHEAD)
        level = config.escalation.ladder[0] if config.escalation.ladder else "L1"
        found = (last_handover(schedule, at, level), next_handover(schedule, at, level))
        shifts = (
            Shift(next(iter(each.incoming), ""), each.at, each.until, level) for each in found if each is not None
        )
        return ChecklistFacts(config.zone, since, windows, tuple(shifts))

    def forget(self) -> None:
        """The journal says nothing of it."""

    def apply(self, entries: Iterable[Entry]) -> bool:
        return False
