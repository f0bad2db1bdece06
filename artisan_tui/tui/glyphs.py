"""Signs for states and levels. Every sign is one cell wide everywhere; a word is always beside it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from artisan_tui.domain.checks.deadband import FLOOR
from artisan_tui.domain.state import State
from artisan_tui.engine.checks.slice import Tick


class Glyphs(NamedTuple):
    states: dict[State, str]
    levels: str
    failed: str
    blind: str
    cursor: str
    rule: str
    #: A limit in a plot: no level, so that it is told apart from a bar.
    limit: str
    #: Days: all well, nearly all, less, nothing known. Told apart without colours.
    days: str


UNICODE = Glyphs(
    {State.UP: "✔", State.DEGRADED: "!", State.DOWN: "✖", State.UNKNOWN: "?", State.MAINTENANCE: "~"},
    "▁▂▃▄▅▆▇█",
    "✖",
    "?",
    "▌",
    "─",
    "╌",
    "█▅✖·",
)
ASCII = Glyphs(
    {State.UP: "+", State.DEGRADED: "!", State.DOWN: "x", State.UNKNOWN: "?", State.MAINTENANCE: "~"},
    ".:-=+*%#",
    "x",
    "?",
    ">",
    "-",
    "_",
    "#+x.",
)
#: Latencies from fifty milliseconds to ten seconds, on a logarithmic scale that never moves:
#: a target with a constant latency draws the same strip, and the same strip costs no bytes.
_LOW, _HIGH = math.log(FLOOR), math.log(10.0)


def level(latency: float | None, glyphs: Glyphs) -> str:
    if latency is None:
        return glyphs.levels[0]
    share = (math.log(max(latency, FLOOR)) - _LOW) / (_HIGH - _LOW)
    return glyphs.levels[min(len(glyphs.levels) - 1, max(0, int(share * len(glyphs.levels))))]


def strip_text(ticks: tuple[Tick, ...], width: int, glyphs: Glyphs) -> str:
    """The last probes, newest at the right: height is latency, a cross is a failure, a question mark is unknown."""
    signs = []
    for tick in ticks[-width:]:
        if tick.verdict is State.DOWN:
            signs.append(glyphs.failed)
        elif tick.verdict is State.UNKNOWN:
            signs.append(glyphs.blind)
        else:
            signs.append(level(tick.latency, glyphs))
    return "".join(signs).rjust(width)


def value_strip_text(ticks: tuple[Tick, ...], limit: float | None, width: int, glyphs: Glyphs) -> str:
    """The last values as `strip_text` shows latencies, from zero to a round number beyond the limit."""
    shown = ticks[-width:]
    numbers = [tick.value for tick in shown if tick.value is not None]
    low, high = scale_of([*numbers, *([limit] if limit is not None else [])])
    signs = []
    for tick in shown:
        if tick.verdict is State.DOWN:
            signs.append(glyphs.failed)
        elif tick.verdict is State.UNKNOWN:
            signs.append(glyphs.blind)
        else:
            share = ((tick.value if tick.value is not None else low) - low) / (high - low)
            signs.append(glyphs.levels[min(len(glyphs.levels) - 1, max(0, int(share * len(glyphs.levels))))])
    return "".join(signs).rjust(width)


def scale_of(numbers: Sequence[float]) -> tuple[float, float]:
    """From zero, or a round number below, to one above: a scale that seldom moves costs no bytes."""
    low, high = min((0.0, *numbers)), max((0.0, *numbers))
    if low == high:
        return 0.0, 1.0
    return -_round_up(-low), _round_up(high)


def _round_up(number: float) -> float:
    """The next of 1, 2, 5, 10 times a power of ten."""
    if number <= 0:
        return 0.0
    # Of numbers at either end of what a float holds there is nothing rounder.
    power = 10.0 ** min(300, max(-300, math.floor(math.log10(number))))
    return next((step * power for step in (1, 2, 5, 10) if step * power >= number), number)


def latency_text(seconds: float | None) -> str:
    """Two significant digits: more would change, and be sent, with every probe."""
    if seconds is None:
        return ""
    ms = seconds * 1000
    if seconds <= FLOOR:
        return f"<{FLOOR * 1000:.0f} ms"
    if ms < 1000:
        digits = 10 ** max(0, int(math.log10(ms)) - 1)
        return f"{int(ms / digits) * digits} ms"
    return f"{seconds:.1f} s"


def value_text(value: str | None) -> str:
    """A measured value in at most eight cells; the exact one is on the check's own screen."""
    if value is None:
        return ""
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        return value if len(value) <= 8 else value[:7] + "…"
    if number == int(number) and abs(number) < 1e7:
        return str(int(number))
    spellings = (f"{number:.3g}" if abs(number) < 1e5 else f"{number:.2e}", f"{number:.1e}", f"{number:.0e}")
    return next(text for text in spellings if len(text) <= 8)
