"""``artisan-tui watch``: the engine without a screen."""

from __future__ import annotations

import asyncio
import os
import shlex
import signal
import threading
import time
from itertools import takewhile
from types import FrameType
from typing import Annotated

import typer

from artisan_tui.cli.events import event_document
from artisan_tui.cli.out import say, say_json
from artisan_tui.domain.event import Event
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine import user_unit
from artisan_tui.engine.identity import actor
from artisan_tui.engine.launch import options_of
from artisan_tui.engine.snapshot import JournalSlice, SessionStatus, Snapshot
from artisan_tui.engine.threads import run
from artisan_tui.i18n import N_, _
from artisan_tui.reports.event_words import event_text
from artisan_tui.reports.read_back import read_back

#: Seconds that saving may take after a signal; supervisors kill after ten or more. Seconds until it is said.
PATIENCE, SAY_AFTER = 8.0, 1.5


def watch(
    context: typer.Context,
    as_lines: Annotated[
        bool, typer.Option("--json", help=N_("Print every event as one JSON object per line."))
    ] = False,
    install: Annotated[
        bool, typer.Option("--install", help=N_("Write a systemd user unit that runs this, and end."))
    ] = False,
) -> None:
    if install:
        _install(context)
        return
    run(_watch(context, as_lines))


def _install(context: typer.Context) -> None:
    """Write the unit, and say what is left to do. Exit 1 when it cannot be written."""
    try:
        done = user_unit.install(context.obj)
    except user_unit.UnitRefused as error:
        say(f"artisan-tui: {read_back(str(error))}", err=True)
        raise typer.Exit(1) from None
    written = _("{path} is written") if done.changed else _("{path} is up to date")
    say(written.format(path=printable(str(done.path), 500)))
    if done.variables:
        missing = _("The configuration names {names}: write them, a line NAME=value each, into {path} (chmod 600).")
        say(missing.format(names=", ".join(done.variables), path=printable(str(done.environment), 500)))
    say(_("Start it:"))
    say(f"  systemctl --user daemon-reload && systemctl --user enable --now {user_unit.NAME}")
    say(_("Without the next line it ends when your last login ends, and nobody is paged at night:"))
    say(f"  sudo loginctl enable-linger {shlex.quote(actor())}")


async def _watch(context: typer.Context, as_lines: bool) -> None:
    from artisan_tui.engine.core import Engine  # all wings, with what they import

    told = _Teller(as_lines)
    engine = Engine(options_of(context.obj), told.hear)
    loop = asyncio.get_running_loop()
    ending = _Ending()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # The first wakes the loop, also when another thread receives the signal; the second counts, also while the
        # loop is held up.
        loop.add_signal_handler(number, engine.stop)
        signal.signal(number, ending.told)
    await engine.run()


class _Ending:
    """Ends the process in time. On its way out the engine writes several times, and each may wait for a locked store."""

    def __init__(self) -> None:
        self._times = 0

    def told(self, number: int, frame: FrameType | None) -> None:
        self._times += 1
        if self._times == 1:
            threading.Thread(target=self._force, name="ending", daemon=True).start()

    def _force(self) -> None:
        began, told = time.monotonic(), False
        while (waited := time.monotonic() - began) < PATIENCE and self._times == 1:
            if waited > SAY_AFTER and not told:
                told = True
                say("artisan-tui: " + _("saving what waits; a second signal ends at once"), err=True)
            time.sleep(0.05)
        # Whoever reads our output may have stopped too: then these words cannot be said.
        threading.Timer(0.5, os._exit, (1,)).start()
        said = _("ended early: the store did not respond, and the newest entries may be lost")
        say(f"artisan-tui: {said}", err=True)
        os._exit(1)


class _Teller:
    """Prints each event once, and each trouble of our own when it begins."""

    def __init__(self, as_lines: bool) -> None:
        self._as_lines = as_lines
        #: The hash of the event told last. Not its number: a store begun anew counts from 1 again.
        self._told: str | None = None
        self._trouble = self._notice = self._shared = self._heartbeats = ""

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
        if session.shared_store_notice != self._shared:
            self._shared = session.shared_store_notice
            if session.shared_store_notice:
                say(f"artisan-tui: {read_back(session.shared_store_notice)}", err=True)
        if session.heartbeat_notice != self._heartbeats:
            self._heartbeats = session.heartbeat_notice
            said = read_back(session.heartbeat_notice) or _("heartbeats are heard")
            say(f"artisan-tui: {said}", err=True)

    def _say(self, event: Event) -> None:
        if self._as_lines:
            say_json(event_document(event), indent=None)
        else:
            say(f"{event.occurred_at:%Y-%m-%dT%H:%M:%SZ}  {printable(event.actor, 40):<10} {event_text(event)}")
