"""Words of drills: ticks, levels and why, lines of a play."""

from __future__ import annotations

from artisan_tui.domain.drills import record as kinds
from artisan_tui.domain.drills.record import PlayLine
from artisan_tui.domain.drills.scenario import Scenario
from artisan_tui.domain.drills.score import ObjectiveScore
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import N_, _, language

_LEVELS = {
    "P": N_("reached in time"),
    "S": N_("reached late"),
    "M": N_("reached, but"),
    "U": N_("not reached"),
}
_WHY = {
    "in-time": "",
    "late": "",
    "hint": N_("a hint was taken"),
    "harm": N_("own acts made requests fail"),
    "too-late": N_("it came after the limit"),
    "lost": N_("it was reached and lost again"),
    "premature": N_("it was said before it was so"),
    "never": "",
}


def tick_text(tick: int) -> str:
    """A tick as minutes and seconds of the drill, such as ``+04:30``."""
    return f"+{tick // 60:02d}:{tick % 60:02d}"


def either(english: str, korean: str) -> str:
    """The text in the person's language, as far as there is one."""
    return printable(korean if language() == "ko" and korean else english, 2000)


def level_text(score: ObjectiveScore) -> str:
    """A level in words, with what capped it."""
    why = _WHY.get(score.why, "")
    words = _(_LEVELS[score.level])
    return f"{words}: {_(why)}" if why else words


_STANDS = {
    "paused": N_("a person paused it"),
    "begins": N_("it has not begun"),
    "reopened": N_("it was reopened"),
    "real-incident": N_("a real incident is open"),
    "nobody": N_("nobody was there"),
}


def why_text(why: str) -> str:
    """Why a drill stands still."""
    return _(_STANDS[why]) if why in _STANDS else printable(why, 60)


def line_text(line: PlayLine, scenario: Scenario) -> str:
    """A line of a play as a sentence. It may tell the truth: it is for facilitator and debrief."""
    objective = scenario.objective(line.name)
    title = either(objective.title, objective.title_ko) if objective is not None else line.name
    if line.kind == kinds.ACT:
        said = act_text(line.name, line.data.get("arguments", {}))
        return said if line.data.get("ok", True) else _("{act}, refused").format(act=said)
    if line.kind == kinds.INJECT:
        inject = next((each for each in scenario.injects if each.id == line.name), None)
        if inject is not None:
            return _("{sender}: {text}").format(sender=inject.sender, text=either(inject.text, inject.text_ko))
    if line.kind == kinds.HERRING:
        herring = next((each for each in scenario.red_herrings if each.id == line.name), None)
        if herring is not None:
            return _("red herring: {text}").format(text=either(herring.text, herring.text_ko))
    words = {
        kinds.FAULT: N_("fault {name}"),
        kinds.ALERT: N_("alert {name} fires"),
        kinds.ALERT_OVER: N_("alert {name} is over"),
        kinds.MET: N_("reached: {name}"),
        kinds.LOST: N_("lost again: {name}"),
        kinds.ENDED: N_("the drill ends"),
    }
    return _(words.get(line.kind, "{name}")).format(name=title)


def act_text(do: str, arguments: object) -> str:
    """An act as a line."""
    pairs = arguments.items() if isinstance(arguments, dict) else ()
    return printable(" ".join([do, *(f"{name}={value}" for name, value in pairs)]), 300)
