"""What the screens of drills read: scenarios, plays, coverage, and one drill in full."""

from __future__ import annotations

import asyncio
import json
import os
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from artisan_tui.domain.drills import files
from artisan_tui.domain.drills.coverage import DrillDue, PlayedDrill, practised
from artisan_tui.domain.drills.record import PlayRecord
from artisan_tui.domain.drills.scenario import Scenario
from artisan_tui.domain.drills.score import score
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.drills.folders import DrillPlace, NoDrill, drills_in
from artisan_tui.i18n import _

if TYPE_CHECKING:
    from artisan_tui.config.models import Config
    from artisan_tui.engine.wing import Core


@dataclass(frozen=True, slots=True)
class ScenarioRow:
    """A scenario as a list shows it: nothing of its truth. ``levels`` and ``saved`` are of its last play."""

    id: str
    title: str
    title_ko: str
    briefing: str
    briefing_ko: str
    severity: str
    seconds: int
    runbooks: tuple[str, ...]
    due: DrillDue
    levels: str = ""
    saved: float | None = None


@dataclass(frozen=True, slots=True)
class PlayRow:
    """A drill of the past, or one that is not over: then ``levels`` is empty."""

    folder: Path
    scenario: str
    title: str
    title_ko: str
    day: str
    levels: str = ""
    saved: float | None = None
    began: datetime | None = None


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """A runbook, the scenarios that practise it, and when it is due."""

    runbook: str
    scenarios: tuple[str, ...]
    due: DrillDue


@dataclass(frozen=True, slots=True)
class KnownDrills:
    """What screen 7 shows. ``today`` is in the team's zone."""

    today: date
    scenarios: tuple[ScenarioRow, ...]
    plays: tuple[PlayRow, ...]
    coverage: tuple[CoverageRow, ...]


@dataclass(frozen=True, slots=True)
class DrillsKnown:
    """The query for `KnownDrills`. LookupError while the scenarios cannot be read."""

    async def run(self, core: Core) -> KnownDrills:
        from artisan_tui.engine.runbooks.rules import RunRules
        from artisan_tui.engine.settings import ConfigError

        if core.config is None:
            raise LookupError(_("the configuration cannot be read"))
        rules = core.state(RunRules)
        try:
            found = await asyncio.to_thread(lambda: rules.library.runbooks)
        except ConfigError as error:
            raise LookupError(printable(str(error.problems[0]), 500)) from None
        every = {name: each.drill_every for name, each in found.items()}
        today = core.clock.now().astimezone(core.config.zone).date()
        return await asyncio.to_thread(known_drills, core.config, core.options.place.state_dir, every, today)


def known_drills(
    config: Config, state: Path, every: dict[str, float], today: date, at: datetime | None = None
) -> KnownDrills:
    """``every`` has the seconds between two drills of each runbook, 0 for one without a rule.

    ``at``: as it was then, without what began later.
    """
    from artisan_tui.engine.drills.library import scenarios as scenarios_of
    from artisan_tui.engine.settings import ConfigError

    try:
        scenarios = list(scenarios_of(config))
    except ConfigError as error:
        raise LookupError(printable(str(error.problems[0]), 500)) from None
    definitions = {each.id: each.digest for each in scenarios}
    plays: list[PlayRow] = []
    played: list[PlayedDrill] = []
    for place in drills_in(state):
        if at is not None and place.began is not None and place.began > at:
            continue
        try:
            row, counted = _play(place)
        except (NoDrill, KeyError, TypeError, ValueError):
            continue  # a folder that somebody took to pieces is no play
        plays.append(row)
        if counted is not None:
            played.append(counted)

    def due_of(seconds: float, ids: tuple[str, ...] = (), runbook: str = "") -> DrillDue:
        known = {name: definitions[name] for name in ids or definitions if name in definitions}
        counted = [each for each in played if not runbook or runbook in each.runbooks]
        return practised(counted, known, max(1, int((seconds or 30 * 86400) // 86400)))

    rows = []
    for each in scenarios:
        last = next((play for play in plays if play.scenario == each.id and play.levels), None)
        rows.append(
            ScenarioRow(
                each.id,
                each.title,
                each.title_ko,
                each.briefing,
                each.briefing_ko,
                each.severity,
                each.ends,
                each.runbooks,
                due_of(each.due, (each.id,)),
                last.levels if last else "",
                last.saved if last else None,
            )
        )
    by_runbook = {name: tuple(each.id for each in scenarios if name in each.runbooks) for name in every}
    coverage = tuple(CoverageRow(name, ids, due_of(every[name], runbook=name)) for name, ids in by_runbook.items())
    return KnownDrills(today, tuple(rows), tuple(plays), coverage)


def _play(place: DrillPlace) -> tuple[PlayRow, PlayedDrill | None]:
    about = place.about
    texts = (str(about["scenario"]), str(about.get("title", "")), str(about.get("title_ko", "")))
    play = place.play
    if play is None:
        return PlayRow(place.path, *texts, place.played_on, began=place.began), None
    result = score(place.scenario, play)
    levels = " ".join(each.level for each in result.objectives)
    day = date.fromisoformat(place.played_on) if place.played_on else None
    return (
        PlayRow(place.path, *texts, place.played_on, levels, result.saved, place.began),
        PlayedDrill(play.scenario, play.digest, day, play.live, play.runbooks),
    )


@dataclass(frozen=True, slots=True)
class PlayedInFull:
    """A drill that is over. ``trace`` are (tick, what was on screen) every few seconds."""

    folder: Path
    scenario: Scenario
    play: PlayRecord
    trace: tuple[tuple[int, dict[str, Any]], ...]


@dataclass(frozen=True, slots=True)
class OneDrill:
    """The query for a drill that is over; ``folder`` None is the one that this session is in. LookupError otherwise."""

    folder: Path | None = None

    async def run(self, core: Core) -> PlayedInFull:
        return await asyncio.to_thread(played_in_full, self.folder or core.options.place.state_dir)


def played_in_full(folder: Path) -> PlayedInFull:
    """Raises LookupError while it is not over."""
    place = DrillPlace(folder)
    play = place.play
    if play is None:
        raise LookupError(_("the drill in {path} is not over").format(path=folder))
    try:
        scenario = place.scenario
    except NoDrill as error:
        raise LookupError(str(error)) from None
    try:
        raw = json.loads((folder / files.TRACE).read_text(encoding="utf-8"))
        trace = tuple((int(tick), dict(seen)) for tick, seen in raw)
    except (OSError, ValueError, TypeError):
        trace = ()
    return PlayedInFull(folder, scenario, play, trace)


def keep_debrief(folder: Path, text: str) -> Path:
    """Write the debrief into the folder of its drill; its path. Raises OSError."""
    path = folder / files.DEBRIEF
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    return path
