"""A real Prometheus that remembers the thirty days of `prom_truth`.

``python -m support.prom_blocks`` (with src and tests on the path) builds one and shows what its own `increase()` makes
of the same windows.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from support.prom_truth import MINUTE, Truth, Written, write
from support.servers import Running, answers, free_port, require, running

#: How often a scrape comes for most of the history; what ledgers go by throughout.
INTERVAL = 60_000
#: The windows that burn rates and budgets are read over, in minutes.
WINDOWS = {
    "5m": 5,
    "30m": 30,
    "1h": 60,
    "2h": 120,
    "6h": 360,
    "1d": 1440,
    "3d": 4320,
    "7d": 10080,
    "30d": 43200,
}
#: (all events, some of them, whether those are the good ones), as selectors.
COUNTERS = {
    "api-availability": ("api_requests_total", 'api_requests_total{status=~"5.."}', False),
    "tokens": ("llm_tokens_total", 'llm_tokens_total{outcome="ok"}', True),
}
#: (buckets, threshold in seconds)
HISTOGRAMS = {
    "llm-fast-latency": ('llm_brief_latency_seconds_bucket{job="llm-fast"}', "1"),
    "llm-creative-latency": ('llm_brief_latency_seconds_bucket{job="llm-creative"}', "4.5"),
}

_SLOS = """
[artisan]
environment = "staging"

[metrics]
prometheus = "{url}"
every = "60s"
timeout = "{timeout}"

[[service]]
id = "metrics"
[[service.check]]
id = "prometheus"
kind = "promql"
query = "time()"
expect = ["value > 0"]

[[slo]]
id = "api-availability"
objective = "99.9%"
window = "30d"
sli = {{ kind = "events", total = 'api_requests_total', bad = 'api_requests_total{{status=~"5.."}}' }}
[[slo]]
id = "tokens"
objective = "95%"
window = "30d"
sli = {{ kind = "events", total = 'llm_tokens_total', good = 'llm_tokens_total{{outcome="ok"}}' }}
[[slo]]
id = "llm-fast-latency"
objective = "95%"
window = "7d"
sli = {{ kind = "latency", histogram = 'llm_brief_latency_seconds{{job="llm-fast"}}', threshold = "1s" }}
[[slo]]
id = "llm-creative-latency"
objective = "95%"
window = "7d"
sli = {{ kind = "latency", histogram = 'llm_brief_latency_seconds{{job="llm-creative"}}', threshold = "4.5s" }}
[[slo]]
id = "rl-reward"
objective = "99%"
window = "7d"
sli = {{ kind = "slices", measure = {{ value = 'rl_reward' }}, good = "value > 10.0", slice = "1m" }}
"""


def configuration(url: str, *, timeout: str = "10s") -> str:
    """`artisan.toml` with the five SLOs."""
    return _SLOS.format(url=url, timeout=timeout)


@dataclass(frozen=True)
class Built:
    """``blocks`` is the folder that promtool filled; it is copied for each server. ``seconds`` by what took them."""

    blocks: Path
    written: Written
    seconds: dict[str, float]

    @property
    def size(self) -> int:
        """Bytes."""
        return sum(each.stat().st_size for each in self.blocks.rglob("*") if each.is_file())


@dataclass(frozen=True)
class History:
    """A running Prometheus, and what it should have said."""

    built: Built
    url: str

    @property
    def end_ms(self) -> int:
        return self.built.written.end_ms

    @property
    def end(self) -> int:
        """The minute (since the epoch) up to which can be judged: one scrape before the end."""
        return (self.end_ms - INTERVAL) // MINUTE

    @property
    def truths(self) -> dict[str, Truth]:
        return self.built.written.truths


def build(folder: Path, end_ms: int) -> Built:
    """Write the history and have promtool make blocks of it."""
    promtool = require("promtool")
    text, blocks, began = folder / "history.om", folder / "blocks", time.monotonic()
    with text.open("w", encoding="ascii", buffering=1 << 20) as out:
        written = write(out, end_ms)
    wrote = time.monotonic()
    # It parses all of the text once for each block: at the usual two hours, 360 times.
    command = [promtool, "tsdb", "create-blocks-from", "openmetrics", "--quiet", "--max-block-duration=500h"]
    done = subprocess.run([*command, text, blocks], capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    text.unlink()
    return Built(blocks, written, {"write": wrote - began, "promtool": time.monotonic() - wrote})


@contextlib.contextmanager
def serving(built: Built, folder: Path, port: int | None = None) -> Iterator[Running]:
    """A Prometheus with a copy of the blocks in ``folder``, that scrapes nothing."""
    binary, port = require("prometheus"), port or free_port()
    config, data = folder / "prometheus.yml", folder / "data"
    config.write_text("scrape_configs: []\n", "utf-8")
    if not data.exists():
        shutil.copytree(built.blocks, data)
    url = f"http://127.0.0.1:{port}"
    command = [
        binary,
        f"--config.file={config}",
        f"--storage.tsdb.path={data}",
        "--storage.tsdb.retention.time=40d",
        f"--web.listen-address=127.0.0.1:{port}",
        "--log.level=warn",
    ]
    with running(command, url, answers(f"{url}/-/ready"), folder / "prometheus.log") as server:
        yield server


_SHARED = pytest.StashKey[History]()


def shared(config: pytest.Config, factory: pytest.TempPathFactory) -> History:
    """One for all tests of a run, whichever folder they are in; stopped at its end."""
    known = config.stash.get(_SHARED, None)
    if known is None:
        stack = contextlib.ExitStack()
        config.add_cleanup(stack.close)
        known = config.stash[_SHARED] = stack.enter_context(history(factory.mktemp("history")))
    return known


@contextlib.contextmanager
def history(folder: Path) -> Iterator[History]:
    """It ended five minutes ago: nothing of it is in the future, whatever the clocks do."""
    built = build(folder, int(time.time()) // 60 * MINUTE - 5 * MINUTE)
    began = time.monotonic()
    with serving(built, folder) as server:
        built.seconds["start"] = time.monotonic() - began
        yield History(built, server.url)


def asked(url: str, query: str, at_ms: int) -> Any:
    """The result of a query at an instant, as the server gives it."""
    form = urllib.parse.urlencode({"query": query, "time": f"{at_ms // 1000}.{at_ms % 1000:03d}"}).encode()
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{url}/api/v1/query", form, timeout=60) as response:
        return json.load(response)["data"]["result"]


def increases(history: History, slo: str) -> dict[str, tuple[float, float]]:
    """(bad, total) by window, as `increase()` estimates them."""
    if slo in COUNTERS:
        total, part, part_is_good = COUNTERS[slo]
    else:
        buckets, threshold = HISTOGRAMS[slo]
        total = buckets.replace("}", ',le="+Inf"}')
        part, part_is_good = buckets.replace("}", f',le=~"{threshold}([.]0)?"}}'), True
    found = {}
    for name, length in WINDOWS.items():
        whole, some = (
            float(result[0]["value"][1]) if result else 0.0
            for result in (
                asked(history.url, f"sum(increase({each}[{length}m]))", history.end * MINUTE) for each in (total, part)
            )
        )
        found[name] = (whole - some if part_is_good else some, whole)
    return found


def compare(history: History) -> Iterator[str]:
    """Lines of a table: the truth, and what `increase()` says."""
    yield f"{'slo':22}{'window':>7}{'bad':>8}{'increase':>10}{'total':>10}{'increase':>12}{'of truth':>10}"
    for slo in (*COUNTERS, *HISTOGRAMS):
        for name, (bad, total) in increases(history, slo).items():
            true_bad, true_total, _ = history.truths[slo].window(history.end, WINDOWS[name])
            share = f"{bad / true_bad:.1%}" if true_bad else "-"
            yield f"{slo:22}{name:>7}{true_bad:>8}{bad:>10.1f}{true_total:>10}{total:>12.1f}{share:>10}"


def main() -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder, history(Path(folder)) as known:
        seconds = ", ".join(f"{name} {spent:.1f} s" for name, spent in known.built.seconds.items())
        samples = sum(known.built.written.samples.values())
        print(f"{samples:,} samples, {known.built.size / 1e6:.1f} MB of blocks: {seconds}")
        for line in compare(known):
            print(line)


if __name__ == "__main__":
    main()
