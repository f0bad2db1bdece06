"""``python -m bench``: measure the costs for which DESIGN sets bounds. Exit status 1 if one exceeds its bound.

A row that could not be measured counts as exceeded.
"""

from __future__ import annotations

import argparse
import compileall
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:] = [str(ROOT), str(ROOT / "tests"), *(entry for entry in sys.path if entry != str(ROOT / "bench"))]

from bench import (
    alerts,
    drill,
    handoff,
    idle,
    incidents,
    journal,
    keys,
    past,
    poll,
    probe,
    run_output,
    runs,
    scale,
    slo,
    startup,
)
from bench.report import Measure, Options, Row, document, table

ROWS: dict[str, Measure] = {
    "first-frame": startup.first_frame,
    "filled": startup.filled,
    "idle": idle.idle,
    "poll": poll.polls,
    "keys": keys.help_keys,
    "probe": probe.probes,
    "scale": scale.scale,
    "journal": journal.journal,
    "slo": slo.budgets,
    "incidents": incidents.incidents,
    "past": past.past,
    "alerts": alerts.alerts,
    "pages": alerts.pages,
    "runs": runs.runs,
    "handoff": handoff.handoff,
    "drill": drill.drill,
    "run-output": run_output.run_output,
}


def measured(name: str, options: Options) -> Iterator[Row]:
    """The rows of one measurement, or one row with the reason why there are none."""
    print(f"measuring {name} ...", file=sys.stderr, flush=True)
    try:
        yield from ROWS[name](options)
    except Exception as error:  # noqa: BLE001  one failed row must not prevent the others
        print(f"{name}: {error}", file=sys.stderr)
        first = (str(error).splitlines() or [""])[0]
        yield Row(name, None, note=f"{type(error).__name__}: {first}"[:120])


def main() -> int:
    """Measure, print the table, return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rows", default=",".join(ROWS), help=f"which, by comma, of {', '.join(ROWS)}")
    parser.add_argument(
        "--quick", action="store_true", help="fewer repetitions: to test the rows; the results are not valid"
    )
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    parser.add_argument("--place", type=Path, help="directory for states and databases (its disk is measured)")
    given = parser.parse_args()
    names = [name for name in given.rows.split(",") if name]
    if unknown := [name for name in names if name not in ROWS]:
        parser.error(f"no such row: {', '.join(unknown)}")
    # An installation compiles what it installs. Where PYTHONDONTWRITEBYTECODE is set, a checkout would compile at each start.
    for folder in (ROOT / "artisan_tui", ROOT / "bench"):
        compileall.compile_dir(folder, quiet=1)
    sys.setswitchinterval(1e-4)  # the reader thread's timestamps must not wait for the screen parser
    with tempfile.TemporaryDirectory(prefix="artisan-bench-", dir=given.place) as place:
        rows = [row for name in names for row in measured(name, Options(given.quick, Path(place)))]
    print(document(rows) if given.json else table(rows))
    return 0 if all(row.ok for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
