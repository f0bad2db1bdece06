"""``artisan-tui watch``: the engine without a screen."""

from __future__ import annotations

import asyncio
import signal
from itertools import takewhile
from typing import Annotated

import typer

from artisan_tui.cli.events import event_document
from artisan_tui.cli.out import say, say_json
from artisan_tui.domain.event import Event
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.core import Engine
from artisan_tui.engine.launch import options_of
from artisan_tui.engine.snapshot import JournalSlice, SessionStatus, Snapshot
from artisan_tui.engine.threads import run
from artisan_tui.i18n import N_, _
from artisan_tui.reports.event_words import event_text
from artisan_tui.reports.read_back import read_back


def watch(
    context: typer.Context,
    as_lines: Annotated[
        bool, typer.Option("--json", help=N_("Print every event as one JSON object per line."))
    ] = False,
) -> None:
    run(_watch(context, as_lines))


async def _watch(context: typer.Context, as_lines: bool) -> None:
    told = _Teller(as_lines)
    engine = Engine(options_of(context.obj), told.hear)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, engine.stop)
    await engine.run()


class _Teller:
    """Prints each event once, and each trouble of our own when it begins."""

    def __init__(self, as_lines: bool) -> None:
        self._as_lines = as_lines
        #: The hash of the event told last. Not its number: a store begun anew counts from 1 again.
        self._told: str | None = None
        self._trouble = self._notice = ""

    def hear(self, snapshot: Snapshot) -> None:
        written = [event for event in snapshot[JournalSlice].events if event.seq]
        if self._told is not None:
            for event in reversed(list(takewhile(lambda event: event.hash != self._told, written))):
                self._say(event)
        # What an earlier session wrote is not news.
        self._told = written[0].hash if written else self._told or ""
        session = snapshot[SessionStatus]
        if session.store_problem != self._trouble:
            self._trouble = session.store_problem
            problem = read_back(session.store_problem)
            said = _("NOT SAVED: {problem}").format(problem=problem) if problem else _("saving again")
            say(f"artisan-tui: {said}", err=True)
        if session.store_notice != self._notice:
            self._notice = session.store_notice
            if session.store_notice:
                say(f"artisan-tui: {read_back(session.store_notice)}", err=True)

    def _say(self, event: Event) -> None:
        if self._as_lines:
            say_json(event_document(event), indent=None)
        else:
            say(f"{event.occurred_at:%Y-%m-%dT%H:%M:%SZ}  {printable(event.actor, 40):<10} {event_text(event)}")
