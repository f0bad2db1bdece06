"""A real Prometheus goes away under the open board and comes back: never green on old numbers."""

from __future__ import annotations

import json
import re
import urllib.parse
import urllib.request
from decimal import Decimal
from pathlib import Path

from support.program import Opener, Runner
from support.rows import Rows, changes
from support.servers import answers, node_exporter, prometheus, running, until
from support.services import config_text

PACE = 'every = "1s"\ntimeout = "1s"\nfall = 3\n'
MEMORY = f'id = "memory"\nkind = "measure"\nmeasure = {{ value = "node_memory_MemTotal_bytes" }}\n{PACE}'
SCRAPED = f"""id = "scraped"\nkind = "promql"\nquery = 'up{{job="test"}}'\nexpect = ["value == 1"]\n{PACE}"""
CHECKS = ("s.memory", "s.scraped")


def machine_memory() -> int:
    """Bytes, from where the node exporter has them."""
    found = re.search(r"^MemTotal: +(\d+) kB$", Path("/proc/meminfo").read_text("ascii"), re.MULTILINE)
    assert found
    return int(found[1]) * 1024


def counts_one(url: str) -> bool:
    """Whether Prometheus has scraped the exporter once."""
    query = urllib.parse.urlencode({"query": "count(node_memory_MemTotal_bytes)"})
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(f"{url}/api/v1/query?{query}") as response:
        return any(series["value"][1] == "1" for series in json.load(response)["data"]["result"])


def test_prometheus_stops_and_comes_back_under_the_open_board(home: Path, board: Opener, run: Runner) -> None:
    with node_exporter(home) as exporter, prometheus(home, [exporter.url.removeprefix("http://")]) as first:
        until(lambda: counts_one(first.url), what="the first scrape")
        head = f'[metrics]\nprometheus = "{first.url}"\nevery = "1s"\ntimeout = "1s"\n'
        (home / "artisan.toml").write_text(config_text(MEMORY, SCRAPED, head=head), "utf-8")
        with board() as terminal:
            rows = Rows(terminal, "memory", "scraped")
            terminal.wait_for("2 checks")
            terminal.press("enter")  # a line for each check, below the service's
            terminal.wait_for(lambda: rows.all("up"))
            terminal.wait_for(lambda: "all up" in terminal.row(0))
            assert "1" in rows.rest("scraped").split()
            terminal.press("down", "enter")
            value = re.compile(r"^ +value +(\S+) +\((\d+)\)$", re.MULTILINE)
            terminal.wait_for(value)
            found = value.search(terminal.screen_text())
            assert found
            shown = f"{machine_memory():.2e}"
            assert found[1] == shown
            assert Decimal(found[2]) == machine_memory()
            terminal.press("escape")
            terminal.wait_for(lambda: rows.all("up"))
            assert shown in rows.rest("memory").split()

            first.process.terminate()
            first.process.wait(10)
            terminal.wait_for(lambda: rows.all("stale", "unknown"))
            assert "all up" not in terminal.row(0)
            assert "2 stale" in terminal.row(0)
            assert shown in rows.rest("memory").split()  # the last value, on a row that says it is old
            terminal.wait_for(lambda: rows.all("UNKNOWN", "refused"))
            terminal.wait_for(lambda: "2 unknown" in terminal.row(0))
            assert "all up" not in terminal.row(0)
            assert shown not in rows.rest("memory").split()

            done = run("check", "--json")
            assert done.returncode == 3, done.stdout + done.stderr
            seen = {check["id"]: (check["state"], check["reason"]) for check in json.loads(done.stdout)["checks"]}
            assert seen == dict.fromkeys(CHECKS, ("unknown", "refused"))

            command = [str(part) for part in first.process.args]  # type: ignore[union-attr]  # the port, the data
            with running(command, first.url, answers(f"{first.url}/-/ready"), home / "again.log"):
                terminal.wait_for(lambda: rows.all("up"))
                terminal.wait_for(lambda: "all up" in terminal.row(0))
                terminal.wait_for(lambda: shown in rows.rest("memory").split())
                for check, said in rows.said.items():
                    assert said[said.index("up") :] == ["up", "stale", "UNKNOWN", "up"]
                    terminal.wait_for(f"{check} UNKNOWN: refused")
                    terminal.wait_for(f"{check} up again, was unknown")
                terminal.press("q")
                assert terminal.wait_exit() == 0
    for check in CHECKS:
        told = [change[1:] for change in changes(home / "state") if change[0] == check]
        assert told == [("up", "unknown", "refused"), ("unknown", "up", "ok")]
