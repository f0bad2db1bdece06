"""Lines of the services pane, from checks to text."""

from __future__ import annotations

from typing import Any

from artisan_tui.domain.state import State
from artisan_tui.engine.checks.slice import CheckView, Uptime
from artisan_tui.tui.checks.grouping import Row, arrange, grouped
from artisan_tui.tui.checks.rows import Columns, packed, row_runs
from artisan_tui.tui.glyphs import UNICODE
from support.snapshots import NOW, check


def down(check_id: str, **more: Any) -> CheckView:
    return check(check_id, State.DOWN, **more)


def rows_of(views: list[CheckView], room: int = 20, width: int = 80, opened: tuple[str, ...] = ()) -> list[Row]:
    return arrange(grouped(views), opened, (), room, lambda groups, lines: packed(groups, lines, width))


def texts(rows: list[Row], width: int = 80, uptimes: dict[str, Uptime] | None = None) -> list[str]:
    columns = Columns(rows, width, UNICODE)
    return ["".join(text for text, _role in row_runs(row, columns, NOW, uptimes or {})).rstrip() for row in rows]
