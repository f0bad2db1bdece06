"""What the keys of the time machine do."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from artisan_tui.tui.kit.shell import Shell


def earlier(shell: Shell) -> Awaitable[None]:
    return shell.travel.step(forward=False)


def later(shell: Shell) -> Awaitable[None]:
    return shell.travel.step(forward=True)


def ask_moment(shell: Shell) -> Awaitable[object]:
    from artisan_tui.tui.past.dialog import MomentDialog  # every dialog opens long after the first frame

    return shell.show_dialog(MomentDialog())


def faster(shell: Shell) -> None:
    shell.travel.faster()


def slower(shell: Shell) -> None:
    shell.travel.slower()


def now(shell: Shell) -> None:
    shell.travel.to_now()
