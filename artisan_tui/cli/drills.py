"""``artisan-tui demo``: the dashboard on the simulated stack."""

from __future__ import annotations

import signal
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

from artisan_tui.cli.out import say
from artisan_tui.engine.drills.stack import DemoError, Stack, demo_options, start_stack
from artisan_tui.engine.launch import GlobalOptions, Options


def demo(options: GlobalOptions, open_board: Callable[[Options], int], *, headless: bool, port: int) -> int:
    """Start the stack, open the board on it, end the stack. What the demo remembers goes with it."""
    try:
        stack = start_stack(port)
    except DemoError as error:
        say(f"artisan-tui: the simulated stack failed to start: {error}", err=True)
        return 1
    try:
        if headless:
            return _serve(stack)
        if options.state is not None:
            return open_board(demo_options(options, stack, options.state))
        with tempfile.TemporaryDirectory(prefix="artisan-demo-", ignore_cleanup_errors=True) as folder:
            return open_board(demo_options(options, stack, Path(folder)))
    finally:
        stack.close()


def _serve(stack: Stack) -> int:
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: ended.set())
    say(stack.url)
    say("the simulated stack is running; press Ctrl-C to stop it", err=True)
    while not ended.wait(0.5):
        if stack.process.poll() is not None:
            say("artisan-tui: the simulated stack exited unexpectedly", err=True)
            return 1
    return 0
