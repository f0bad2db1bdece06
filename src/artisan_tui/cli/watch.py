"""``artisan-tui watch``: the engine without a screen."""

from __future__ import annotations

import asyncio
import json
import signal
from typing import Annotated

import typer

from artisan_tui.domain.event import Event, stamp
from artisan_tui.engine.core import Engine
from artisan_tui.engine.launch import options_of
from artisan_tui.engine.snapshot import Snapshot
from artisan_tui.engine.threads import run
from artisan_tui.reports.words import event_text


def watch(
    context: typer.Context,
    as_lines: Annotated[bool, typer.Option("--json", help="One JSON object a line for every event.")] = False,
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
        self._told: int | None = None
        self._trouble = ""

    def hear(self, snapshot: Snapshot) -> None:
        written = [event for event in snapshot.journal if event.seq]
        newest = max((event.seq for event in written), default=0)
        if self._told is None:
            # What an earlier session wrote is not news.
            self._told = newest
        for event in reversed(written):
            if event.seq > self._told:
                self._say(event)
        self._told = max(self._told, newest)
        trouble = snapshot.site.store_problem
        if trouble != self._trouble:
            self._trouble = trouble
            typer.echo(f"artisan-tui: {'NOT WRITTEN DOWN: ' + trouble if trouble else 'writing again'}", err=True)

    def _say(self, event: Event) -> None:
        if self._as_lines:
            document = {
                "seq": event.seq,
                "at": stamp(event.occurred_at),
                "recorded_at": stamp(event.recorded_at),
                "actor": event.actor,
                "kind": event.kind,
                "subject": event.subject,
                "body": dict(event.body),
                "text": event_text(event),
            }
            typer.echo(json.dumps(document, ensure_ascii=False))
        else:
            typer.echo(f"{event.occurred_at:%Y-%m-%dT%H:%M:%SZ}  {event.actor:<10} {event_text(event)}")
