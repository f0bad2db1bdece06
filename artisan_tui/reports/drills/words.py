"""Words of drills: moments of a play, levels, and texts of scenarios in the person's language."""

from __future__ import annotations

from typing import Final

from artisan_tui.domain.drills.scenario import DrillObjective, PlannedAct, Scenario
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import N_, _, language

#: What every text that leaves a drill begins with.
DRILL: Final = "DRILL"
LEVELS: Final = {
    "P": N_("performed"),
    "S": N_("performed late"),
    "M": N_("performed with harm or help"),
    "U": N_("not reached"),
}
REASONS: Final = {
    "in-time": "",
    "late": N_("after its time, within its limit"),
    "hint": N_("a hint was taken"),
    "harm": N_("own acts made {n} requests fail"),
    "too-late": N_("after its limit"),
    "lost": N_("reached, and lost again"),
    "premature": N_("declared while something was not well"),
    "never": N_("never reached"),
}


def spoken(english: str, korean: str, limit: int = 4000) -> str:
    """The text of a scenario in the language in use, printable."""
    return printable(korean if korean and language() == "ko" else english, limit)


def scenario_title(scenario: Scenario) -> str:
    return spoken(scenario.title, scenario.title_ko, 200)


def objective_title(objective: DrillObjective) -> str:
    return spoken(objective.title, objective.title_ko, 200)


def moment(tick: int | None) -> str:
    """A tick as minutes and seconds of the drill; a dash without one."""
    return "—" if tick is None else f"{tick // 60}:{tick % 60:02d}"


def act_text(act: PlannedAct) -> str:
    """An act as it could be typed, printable, and without the sign that ends code in Markdown."""
    return printable(act.text, 300).replace("`", "'")


def reason(why: str, bad: int) -> str:
    """Why an objective has its level; empty where there is nothing to say."""
    text = REASONS.get(why, "")
    return _(text).format(n=bad) if text else ""


def percent(share: float | None) -> str:
    return "—" if share is None else f"{100 * share:.0f} %"
