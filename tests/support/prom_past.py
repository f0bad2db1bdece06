"""A real Prometheus with a past that a test writes down, sample by sample."""

from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from support.prom_blocks import Built, serving
from support.prom_truth import MINUTE, Written
from support.servers import require

#: (minutes before the end, value), oldest first.
Points = Iterable[tuple[float, float]]


@contextlib.contextmanager
def past(folder: Path, families: dict[str, dict[str, Points]]) -> Iterator[tuple[str, int]]:
    """``families``: metric -> {labels as text -> points}. Yields (URL, ms of the end), which was a minute ago."""
    end = int(time.time()) // 60 * MINUTE - MINUTE
    text = folder / "past.om"
    with text.open("w", encoding="ascii") as out:
        for name, members in families.items():
            for labels, points in members.items():
                for ago, value in points:
                    at = end - round(ago * MINUTE)
                    out.write(f"{name}{{{labels}}} {value} {at // 1000}.{at % 1000:03d}5\n")
        out.write("# EOF\n")
    blocks = folder / "blocks"
    command = [
        require("promtool"),
        *("tsdb", "create-blocks-from", "openmetrics", "--quiet", "--max-block-duration=2000h", str(text), str(blocks)),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    with serving(Built(blocks, Written(end), {}), folder) as server:
        yield server.url, end


def steadily(start: float, end: float, first: float, each: float, every: float = 1.0) -> list[tuple[float, float]]:
    """From ``start`` to ``end`` minutes before the end: ``first``, and ``each`` more at every scrape."""
    count = round((start - end) / every) + 1
    return [(start - n * every, first + n * each) for n in range(count)]
