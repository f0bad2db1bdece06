"""Numbers of checks as the board writes them: uptime, percentiles, a value beside its limit."""

from __future__ import annotations

import math

from artisan_tui.domain.checks.sample import number_of
from artisan_tui.engine.checks.slice import CheckView, Uptime
from artisan_tui.tui.glyphs import Glyphs, latency_text, strip_text, value_strip_text, value_text


def uptime_text(share: float | None, *, brief: bool = False) -> str:
    """``99.95 %``, rounded down: only all of it is 100 %. "" where nothing is known. ``brief`` has no blank."""
    if share is None:
        return ""
    said = "100" if share >= 1.0 else f"{math.floor(share * 10_000) / 100:.2f}"
    return f"{said}%" if brief else f"{said} %"


def measured(view: CheckView) -> str:
    """The value with its unit, ``41 %``."""
    return "" if view.value is None else with_unit(view.value, view.unit)


def with_unit(value: str, unit: str) -> str:
    """``ratio`` is a share of one, ``s`` seconds, ``B`` bytes; another unit is written behind the number."""
    number = _number(value)
    if number is None:
        return value_text(value)
    if unit == "ratio":
        return f"{number * 100:.3g} %"
    if unit == "s":
        return latency_text(number) if number >= 0 else f"{number:.3g} s"
    if unit == "B":
        return _size(number)
    return f"{value_text(value)} {unit}".rstrip()


def limit_of(view: CheckView) -> str:
    """The number that the value is held against: that of the condition which does not hold, else the first one."""
    op, wanted = _unmet(view)
    return view.limit if not op else wanted if op in ("<", "<=", ">", ">=") else ""


def equal_of(view: CheckView) -> str:
    """What the value does not equal and must, "" where it is held against a limit or against nothing."""
    op, wanted = _unmet(view)
    return wanted if op == "==" else ""


def operator_of(view: CheckView) -> str:
    """The operator of the first condition on the value that does not hold, "" for none."""
    return _unmet(view)[0]


def _unmet(view: CheckView) -> tuple[str, str]:
    """(operator, literal) of the first condition on the value that does not hold; two empty texts for none."""
    for finding in view.findings:
        subject, _, rest = finding.condition.partition(" ")
        if subject == "value" and not finding.ok:
            op, _, literal = rest.partition(" ")
            return op, literal.strip()
    return "", ""


def now_text(view: CheckView, uptime: Uptime | None, *, brief: bool = False) -> str:
    """``41 / 60 %`` for a value with a limit, else the median and the slow end of the latency, ``brief`` this alone."""
    if view.value is not None:
        said, limit = measured(view), limit_of(view)
        return _beside(said, with_unit(limit, view.unit)) if limit else said
    if brief and uptime is not None and uptime.p95 is not None:
        return f"p95 {_short(uptime.p95)}"
    return percentiles_text(uptime) or latency_text(view.shown_latency)


def _beside(value: str, limit: str) -> str:
    """A unit that both have is said once."""
    number, _blank, unit = value.partition(" ")
    return f"{number if unit and unit == limit.partition(' ')[2] else value} / {limit}"


def has_value(view: CheckView) -> bool:
    """Whether the number of this check is a measured value, and not its latency."""
    return view.value is not None or bool(view.limit) or any(tick.value is not None for tick in view.strip)


def strip_of(view: CheckView, width: int, glyphs: Glyphs) -> str:
    """The last probes in the quantity of the number beside it."""
    if has_value(view):
        return value_strip_text(view.strip, number_of(limit_of(view)), width, glyphs)
    return strip_text(view.strip, width, glyphs)


def percentiles_text(uptime: Uptime | None) -> str:
    """``p50 120ms p95 340ms``, "" where nothing is known."""
    if uptime is None or uptime.p50 is None or uptime.p95 is None:
        return ""
    return f"p50 {_short(uptime.p50)} p95 {_short(uptime.p95)}"


def _number(value: str) -> float | None:
    try:
        number = float(value)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _size(number: float) -> str:
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if abs(number) < 1000 or unit == "TB":
            return f"{number:.3g} {unit}"
        number /= 1000
    return ""


def _short(seconds: float) -> str:
    return latency_text(seconds).replace(" ", "")
