"""Numbers of checks as the board writes them: uptime, percentiles, a value beside its limit."""

from __future__ import annotations

import math

from artisan_tui.engine.checks.slice import CheckView, Uptime
from artisan_tui.tui.glyphs import latency_text, value_text


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


def _unmet(view: CheckView) -> tuple[str, str]:
    """(operator, literal) of the first condition on the value that does not hold; two empty texts for none."""
    for finding in view.findings:
        subject, _, rest = finding.condition.partition(" ")
        if subject == "value" and not finding.ok:
            op, _, literal = rest.partition(" ")
            return op, literal.strip()
    return "", ""


def now_text(view: CheckView, uptime: Uptime | None, *, brief: bool = False) -> str:
    """``41 % / 60 %`` for a value with a limit, else the median and the slow end of the latency, ``brief`` this alone."""
    if view.value is not None:
        said, limit = measured(view), limit_of(view)
        return f"{said} / {with_unit(limit, view.unit)}" if limit else said
    if uptime is not None and uptime.p50 is not None and uptime.p95 is not None:
        if brief:
            return f"p95 {_short(uptime.p95)}"
        return f"p50 {_short(uptime.p50)} p95 {_short(uptime.p95)}"
    return latency_text(view.shown_latency)


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
