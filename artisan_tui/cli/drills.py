"""``artisan-tui demo``: the dashboard on the simulated stack. ``drill`` is in `drill_plays`."""

from __future__ import annotations

import signal
import tempfile
import threading
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from artisan_tui.cli import drill_plays
from artisan_tui.cli.board import open_
from artisan_tui.cli.out import say
from artisan_tui.engine.drills.stack import DemoError, Stack, demo_options, start_stack
from artisan_tui.engine.launch import GlobalOptions
from artisan_tui.i18n import N_, _


class StackShape(StrEnum):
    """Whose answers the simulated stack gives."""

    APP = "app"
    SMALL = "small"
    KRA = "kra"
    SEEDS = "seeds"


def register(parent: typer.Typer) -> None:
    drill_plays.register(parent)
    parent.command("demo", help=N_("Open the dashboard on a simulated stack; no setup is needed."))(demo)


def demo(
    context: typer.Context,
    headless: Annotated[bool, typer.Option("--headless", help=N_("Only the stack, without the dashboard."))] = False,
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help=N_("Where the stack listens; 0 finds a free port."))
    ] = 0,
    shape: Annotated[
        StackShape,
        typer.Option(
            "--shape",
            help=N_(
                "Whose answers the stack gives: app is the real service, small a server with /health only, kra one "
                "with a flat /health/detailed, seeds the one that the operations guide describes."
            ),
        ),
    ] = StackShape.APP,
) -> None:
    raise typer.Exit(run_demo(context.obj, headless=headless, port=port, shape=shape.value))


def run_demo(options: GlobalOptions, *, headless: bool, port: int, shape: str = "app") -> int:
    """Start the stack, open the board on it, end the stack. What the demo remembers goes with it."""
    try:
        stack = start_stack(port, shape)
    except DemoError as error:
        said = _("the simulated stack failed to start: {why}").format(why=error)
        say(f"artisan-tui: {said}", err=True)
        return 1
    try:
        if headless:
            return _serve(stack)
        if options.state is not None:
            return open_(demo_options(options, stack, options.state))
        with tempfile.TemporaryDirectory(prefix="artisan-demo-", ignore_cleanup_errors=True) as folder:
            return open_(demo_options(options, stack, Path(folder)))
    finally:
        stack.close()


def _serve(stack: Stack) -> int:
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: ended.set())
    say(stack.url)
    say(_("the simulated stack is running; press Ctrl-C to stop it"), err=True)
    while not ended.wait(0.5):
        if stack.process.poll() is not None:
            said = _("the simulated stack exited unexpectedly")
            say(f"artisan-tui: {said}", err=True)
            return 1
    return 0
