"""Checks under maintenance, mutes and causes."""

from __future__ import annotations

from artisan_tui.domain.state import State
from artisan_tui.engine.checks.slice import CheckView
from support.snapshots import check


def down(name: str, **changes: object) -> CheckView:
    return check(name, State.DOWN)._replace(**changes)  # type: ignore[arg-type]
