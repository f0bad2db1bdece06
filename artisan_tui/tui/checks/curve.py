"""A check's number over time: its value or its latency, with the limits as lines across."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo
from typing import NamedTuple

from rich.cells import cell_len

from artisan_tui.domain.checks.sample import CheckSample, RollUp, number_of
from artisan_tui.domain.span import span_text
from artisan_tui.engine.checks.slice import CheckView
from artisan_tui.i18n import _
from artisan_tui.reports.moments import date_time_text, time_text
from artisan_tui.tui.cells import Run, fit
from artisan_tui.tui.checks.figures import has_value, limit_of, with_unit
from artisan_tui.tui.glyphs import Glyphs, latency_text, scale_of
from artisan_tui.tui.kit.plot import Column, Quantity, bucket, draw, draw_between, line_at, outage_row

Row = list[Run]
#: Lines of the plot, and cells of what is written before it.
HEIGHT, MARGIN = 5, 10


class History(NamedTuple):
    """What the store has of the ``span`` seconds up to ``now``."""

    span: float
    now: datetime
    samples: Sequence[CheckSample]
    roll_ups: Sequence[RollUp]

    @property
    def empty(self) -> bool:
        since = self.now.timestamp() - self.span
        return not self.roll_ups and not any(sample.at.timestamp() >= since for sample in self.samples)


def curve_rows(view: CheckView, history: History, width: int, glyphs: Glyphs, zone: tzinfo | None) -> list[Row]:
    quantity = Quantity.LATENCY
    if has_value(view):
        quantity = Quantity.LEAST if is_least(view) else Quantity.GREATEST
    cells = max(10, width - MARGIN - 4)
    columns = bucket(history.samples, history.roll_ups, history.span, history.now, cells, quantity)
    span, step = span_text(history.span), span_text(history.span / cells)
    title = _("Latency") if quantity is Quantity.LATENCY else _("Value")
    told = {
        Quantity.LATENCY: _("last {span}, slowest probe per {step}"),
        Quantity.GREATEST: _("last {span}, greatest per {step}"),
        Quantity.LEAST: _("last {span}, least per {step}"),
    }[quantity].format(span=span, step=step)
    head: Row = [(f" {title}  ", "-strong"), (told, "-dim")]
    if not any(column.probes for column in columns):
        return [head, [("   " + _("no data stored for this period"), "-dim")]]
    limits, measured = _limits(view, quantity), any(column.peak is not None for column in columns)
    if measured and (limits or quantity is not Quantity.LATENCY):
        rows = _lined(limits, columns, glyphs, _scale_text(view, quantity))
        if limits:
            said = _("limit {limit}").format(limit=", ".join(limit.text for limit in limits))
            head += [("   " + glyphs.limit + " " + said, "-warn")]
    elif quantity is Quantity.LATENCY:
        rows = _latency(columns, glyphs)
    else:
        rows = [[("   " + _("no value was stored in this period"), "-dim")]]
    signs = outage_row(columns, glyphs.failed, glyphs.blind, glyphs.days[-1])
    return [head, *rows, [(" " * MARGIN, ""), *_coloured(signs, glyphs)], _times(history, cells, zone)]


class Limit(NamedTuple):
    """A number that the value is held against: ``least`` that it may be, else the most."""

    number: float
    text: str
    least: bool
    itself: bool

    def broken(self, value: float) -> bool:
        if value == self.number:
            return not self.itself
        return (value < self.number) is self.least


def limits_of(view: CheckView) -> list[Limit]:
    """Those of its conditions, that which is shown beside the value first."""
    found: dict[str, Limit] = {}
    shown = limit_of(view)
    for finding in view.findings:
        words = finding.condition.split()
        if len(words) == 3 and words[0] == "value" and words[1] in ("<", "<=", ">", ">="):
            number = number_of(words[2])
            if number is not None:
                found.setdefault(words[2], Limit(number, words[2], words[1][0] == ">", words[1][-1] == "="))
    number = number_of(shown or None)
    if number is not None:
        found.setdefault(shown, Limit(number, shown, view.limit_is_least, True))
    return sorted(found.values(), key=lambda limit: limit.text != shown)


def latency_limits_of(view: CheckView) -> list[Limit]:
    """Those of its latency, in the order of the file."""
    return [Limit(seconds, latency_text(seconds), op[0] == ">", op[-1] == "=") for op, seconds in view.latency_limits]


def _limits(view: CheckView, quantity: Quantity) -> list[Limit]:
    """The limits of what is plotted, with their texts as they are shown."""
    if quantity is Quantity.LATENCY:
        return latency_limits_of(view)
    return [limit._replace(text=with_unit(limit.text, view.unit)) for limit in limits_of(view)]


def _scale_text(view: CheckView, quantity: Quantity) -> Callable[[float], str]:
    """How a number at the edge of the plot is written."""
    if quantity is Quantity.LATENCY:
        return lambda number: latency_text(number) if number else "0 ms"
    return lambda number: with_unit(f"{number:.6g}", view.unit)


def is_least(view: CheckView) -> bool:
    """Whether the limit that is shown is the least that the value may be."""
    for finding in view.findings:
        subject, _, rest = finding.condition.partition(" ")
        if subject == "value" and not finding.ok:
            return rest.startswith(">")
    return view.limit_is_least


def _latency(columns: Sequence[Column], glyphs: Glyphs) -> list[Row]:
    drawn, top = draw(columns, HEIGHT, glyphs.levels)
    return [
        [
            (
                fit(latency_text(top) if at == 0 else "0 ms" if at == HEIGHT - 1 else "", MARGIN - 1, "right") + " ",
                "-dim",
            ),
            (row, "-accent"),
        ]
        for at, row in enumerate(drawn)
    ]


def _lined(
    limits: Sequence[Limit], columns: Sequence[Column], glyphs: Glyphs, written: Callable[[float], str]
) -> list[Row]:
    """The plot with a line for each limit; what is beyond one is marked."""
    numbers = [column.peak for column in columns if column.peak is not None]
    low, high = scale_of([*numbers, *(limit.number for limit in limits)])
    drawn = draw_between(columns, HEIGHT, glyphs.levels, low, high)
    lines = {line_at(limit.number, low, high, HEIGHT): limit for limit in reversed(limits)}
    beyond = [column.peak is not None and any(limit.broken(column.peak) for limit in limits) for column in columns]
    labels = {0: written(high), HEIGHT - 1: written(low)}
    rows: list[Row] = []
    for at, text in enumerate(drawn):
        label, role = labels.get(at, ""), "-dim"
        signs = list(text)
        roles = ["-bad" if bad else "-accent" for bad in beyond]
        if at in lines:
            label, role = lines[at].text, "-warn"
            for x, sign in enumerate(signs):
                # The tops of bars stay between: they say on which side of the line they are.
                above = at > 0 and drawn[at - 1][x] != " "
                if sign == " " or above or sign == glyphs.levels[-1] or x % 2:
                    signs[x], roles[x] = glyphs.limit, "-warn"
        rows.append([(fit(label, MARGIN - 1, "right") + " ", role), *joined(signs, roles)])
    return rows


def _times(history: History, cells: int, zone: tzinfo | None) -> Row:
    start = datetime.fromtimestamp(history.now.timestamp() - history.span, history.now.tzinfo)
    left = date_time_text(start, zone) if history.span > 3600 else time_text(start, zone)
    right = time_text(history.now, zone)
    return [(" " * MARGIN + left + fit(right, max(0, cells - cell_len(left)), "right"), "-dim")]


def _coloured(row: str, glyphs: Glyphs) -> list[Run]:
    roles = {glyphs.failed: "-bad", glyphs.blind: "-unknown"}
    return joined(row, [roles.get(sign, "-dim") for sign in row])


def joined(signs: Sequence[str], roles: Sequence[str]) -> list[Run]:
    """Signs with a role each as runs."""
    runs: list[Run] = []
    for sign, role in zip(signs, roles, strict=True):
        if runs and runs[-1][1] == role:
            runs[-1] = (runs[-1][0] + sign, role)
        else:
            runs.append((sign, role))
    return runs
