"""Many firing alerts on the screen, read from a real Alertmanager; and how soon the page of a new incident leaves."""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from bench.board import board, calm, leave, rest
from bench.keys import press
from bench.report import Options, Row, percentile, spread
from support.alertmanager_server import alertmanager
from support.notify_engine import KEY, pagerduty
from support.notify_servers import http_stand_in
from support.servers import until
from support.terminal import Terminal

ALERTS = 500
#: Seconds between two readings of Alertmanager.
EVERY = 2
#: Bytes on the wire for a reading that changes nothing that is seen.
REFRESH = 2_000
_CHECK = '[[service]]\nid = "here"\n[[service.check]]\nid = "memory"\nkind = "memory"\nevery = "30s"\n'


def alerts(options: Options) -> Iterator[Row]:
    """500 alerts of 500 names, so that each has a line of its own."""
    if shutil.which("prometheus-alertmanager") is None:
        raise RuntimeError("prometheus-alertmanager is not installed")
    seconds = options.times(30, 8)
    with alertmanager(options.place / "alertmanager") as server:
        names = [
            {"alertname": f"Alert{n:03}", "severity": "warning", "instance": f"node-{n}:9100"} for n in range(ALERTS)
        ]
        server.fire(*names, ends_in=3600)
        text = _CHECK + f'[alerts]\nalertmanager = ["{server.url}"]\nevery = "{EVERY}s"\nwatchdog = "Alert000"\n'
        with board(_written(options.place / "alerts", text), options.place / "alerts-state") as terminal:
            terminal.wait_for("live", timeout=30)
            terminal.press("5")
            terminal.wait_for(f"{ALERTS - 1} firing", timeout=30)
            rest(terminal, 3.0, timeout=20)
            calm(seconds)
            start = time.monotonic()
            time.sleep(seconds)
            each = terminal.bytes_between(start) / (seconds / EVERY)
            chance = random.Random(7)
            spans = [press(terminal, "j", chance) for _ in range(options.times(200, 10))]
            leave(terminal)
    note = f"{seconds} s, a reading every {EVERY} s"
    yield Row(f"{ALERTS} firing alerts: a refresh that changes nothing seen", each, "B", REFRESH, note=note)
    slowest = percentile(spans, 0.99) * 1000
    yield Row(f"{ALERTS} firing alerts: key to paint, p99", slowest, "ms", 50, note=spread(spans, 1000), samples=spans)


def pages(options: Options) -> Iterator[Row]:
    """From the key that declares an incident to the request at a stand-in for PagerDuty."""
    spans = []
    with http_stand_in((202, '{"status":"success"}')) as stand_in:
        folder = options.place / "pages"
        text = _CHECK + pagerduty(stand_in.url()).replace("env:PD", "file:pd")
        config = _written(folder, text)
        (folder / "pd").write_text(KEY)
        (folder / "pd").chmod(0o600)
        with board(config, options.place / "pages-state") as terminal:
            terminal.wait_for("live", timeout=30)
            for number in range(1, options.times(10, 2) + 1):
                declared = _declare(terminal, f"incident {number}")
                until(lambda number=number: len(stand_in.requests) >= number, 20, "the page")  # type: ignore[misc]
                spans.append(stand_in.requests[number - 1].at - declared)
                rest(terminal, 1.2, timeout=10)  # a channel takes a request each half second
            leave(terminal)
    worst = max(spans) * 1000
    note = f"the slowest of {len(spans)}; {spread(spans, 1000)}"
    yield Row("declare to page leaves the machine", worst, "ms", 1000, note=note, samples=spans)


def _declare(terminal: Terminal, title: str) -> float:
    """Declare by keyboard; when the key was pressed that declares it."""
    terminal.press("D")
    terminal.wait_for("Severity, Sev1 to Sev4")
    for answer in (title, "Sev2", ""):
        terminal.send(answer)
        terminal.press("enter")
    return terminal.press("enter")


def _written(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "artisan.toml"
    path.write_text(f'[artisan]\nname = "Artisan"\nenvironment = "staging"\n{text}', "utf-8")
    return path
