"""`slo report` and `slo gate` over pasts that real servers have: holes, relabelled series, targets of unknown age."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from support.program import Runner
from support.prom_past import past, steadily

DAY = 1440.0
_CONFIG = """
[artisan]
environment = "staging"
[metrics]
prometheus = "{url}"
every = "60s"
timeout = "20s"
[[service]]
id = "metrics"
[[service.check]]
id = "prometheus"
kind = "promql"
query = "time()"
expect = ["value > 0"]
[[slo]]
id = "api"
objective = "{objective}"
window = "3d"
sli = {{ kind = "events", total = 'r_total', {part} }}
"""
BAD = """bad = 'r_total{{status=~"5.."}}'""".replace("{{", "{").replace("}}", "}")
GOOD = """good = 'r_total{{status!~"5.."}}'""".replace("{{", "{").replace("}}", "}")


def told(
    run: Runner, home: Path, url: str, end: int, part: str = BAD, objective: str = "99%"
) -> tuple[dict[str, Any], int]:
    """The SLO as `slo report --json` has it, and what `slo gate` exits with. From a second process they are the same."""
    (home / "artisan.toml").write_text(_CONFIG.format(url=url, part=part, objective=objective), "utf-8")
    at = datetime.fromtimestamp((end + 60_000) / 1000, UTC).isoformat()
    found = []
    for _ in range(2):
        done = run("slo", "report", "--json", "--at", at)
        assert done.returncode == 0, done.stdout + done.stderr
        found.append(json.loads(done.stdout)["slos"][0])
    for key in ("good", "bad", "total", "status", "doubt"):
        assert found[0][key] == found[1][key]
    return found[1], run("slo", "gate", "--at", at).returncode


@pytest.mark.parametrize("hole", [61, 5 * 60, 7 * 60], ids=lambda minutes: f"{minutes}m")
def test_c1_a_hole_is_bridged_by_counters_that_survive(home: Path, run: Runner, tmp_path: Path, hole: int) -> None:
    """442 bad of 2,800 more came to be in the hole: nothing of it may be lost."""
    fine = steadily(3 * DAY + 90, 900 + hole, 1_000_000, 10)
    bad = [(ago, 5_000.0) for ago, _ in fine]
    last = fine[-1][1]
    families = {
        "r_total": {
            'status="200",job="api",instance="a"': fine + steadily(900, 0, last + 2_358, 0),
            'status="500",job="api",instance="a"': bad + steadily(900, 0, 5_442, 0),
        }
    }
    with past(tmp_path, families) as (url, end):
        slo, code = told(run, home, url, end, objective="99.9%")
        scraped = round(3 * DAY) - 900 - hole
        assert slo["bad"] == 442
        assert slo["total"] == pytest.approx(scraped * 10 + 2_800, abs=30)
        assert (slo["status"], code) == ("exhausted", 1)
        slo, _ = told(run, home, url, end, GOOD, objective="99.9%")
        assert slo["bad"] == 442


def test_c1_an_instance_that_came_back_after_hours_is_bridged_too(home: Path, run: Runner, tmp_path: Path) -> None:
    families = {
        "r_total": {
            'status="200",job="api",instance="a"': steadily(3 * DAY + 90, 0, 100, 10),
            'status="200",job="api",instance="b"': [
                *steadily(3 * DAY + 90, 2000, 7_000, 1),
                *steadily(1700, 0, 7_000 + 3 * DAY + 90 - 2000 + 300, 1),
            ],
            'status="500",job="api",instance="b"': steadily(3 * DAY + 90, 2000, 40, 0) + steadily(1700, 0, 3_040, 0),
            # Its first error happened while it was not scraped.
            'status="503",job="api",instance="b"': steadily(1700, 0, 17, 0),
        }
    }
    with past(tmp_path, families) as (url, end):
        slo, code = told(run, home, url, end, objective="95%")
        assert (slo["bad"], slo["total"]) == (3_017, 43_200 + 4_320 + 3_017)
        assert (slo["status"], code) == ("exhausted", 1)


@pytest.mark.parametrize("part", [BAD, GOOD])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('instance="a"', 'instance="a",version="2"'),
        ('instance="a",version="1"', 'instance="a"'),
        ('instance="a",version="1"', 'instance="a",version="2"'),
        ('instance="a",pod="x",version="1"', 'instance="a",pod="y",version="2"'),
        ('instance="a"', 'instance="a:8000"'),
    ],
)
def test_c2_relabelled_series_are_not_new_events(
    home: Path, run: Runner, tmp_path: Path, before: str, after: str, part: str
) -> None:
    families: dict[str, Any] = {"r_total": {}}
    for status, first, each in (("200", 9_000_000, 10), ("404", 20_000, 0), ("500", 50_000, 0)):
        old = steadily(3 * DAY + 90, 1000, first, each)
        families["r_total"][f'job="api",status="{status}",{before}'] = old
        families["r_total"][f'job="api",status="{status}",{after}'] = steadily(999, 0, old[-1][1] + each, each)
    with past(tmp_path, families) as (url, end):
        slo, code = told(run, home, url, end, part)
        assert (slo["bad"], slo["total"]) == (0, 43_200)
        assert (slo["status"], code) == ("healthy", 0)


def test_c2_a_new_version_that_began_anew_counts_whole(home: Path, run: Runner, tmp_path: Path) -> None:
    """The same labels change, but the process was restarted: its counters are small again."""
    families = {
        "r_total": {
            'job="api",status="200",instance="a",version="1"': steadily(3 * DAY + 90, 1000, 9_000_000, 10),
            'job="api",status="500",instance="a",version="1"': steadily(3 * DAY + 90, 1000, 3, 0),
            'job="api",status="200",instance="a",version="2"': steadily(999, 0, 8, 10),
            'job="api",status="500",instance="a",version="2"': steadily(999, 0, 700, 0),
        }
    }
    with past(tmp_path, families) as (url, end):
        slo, code = told(run, home, url, end)
        assert slo["bad"] == 700
        assert (slo["status"], code) == ("exhausted", 1)


def test_c2_what_cannot_be_told_is_a_reservation_that_stays(home: Path, run: Runner, tmp_path: Path) -> None:
    """A new instance in a service that was watched shows 3,600 errors: nobody knows since when. Not counted, not healthy."""
    families = {
        "r_total": {
            'job="api",status="200",instance="a"': steadily(3 * DAY + 90, 0, 0, 10),
            'job="api",status="200",instance="b"': [(700.0, 4.0)],
            'job="api",status="500",instance="b"': [(700.0, 3_600.0)],
        }
    }
    with past(tmp_path, families) as (url, end):
        for part in (BAD, GOOD):
            slo, code = told(run, home, url, end, part)
            assert slo["bad"] == 0
            assert (slo["status"], slo["doubt"], code) == ("unknown", "doubt", 3)


def test_c2_a_small_doubt_does_not_stop_anybody(home: Path, run: Runner, tmp_path: Path) -> None:
    families = {
        "r_total": {
            'job="api",status="200",instance="a"': steadily(3 * DAY + 90, 0, 0, 10),
            'job="api",status="500",instance="b"': [(700.0, 6.0)],
        }
    }
    with past(tmp_path, families) as (url, end):
        slo, code = told(run, home, url, end)
        assert (slo["bad"], slo["status"], code) == (0, "healthy", 0)


def test_c2_the_first_scrape_of_all_is_no_doubt(home: Path, run: Runner, tmp_path: Path) -> None:
    """What a service had counted before anybody watched it belongs to no window."""
    families = {
        "r_total": {
            'job="api",status="200",instance="a"': steadily(2.9 * DAY, 0, 10_000_000, 10),
            'job="api",status="500",instance="a"': steadily(2.9 * DAY, 0, 50_000, 0),
        }
    }
    with past(tmp_path, families) as (url, end):
        slo, code = told(run, home, url, end)
        assert (slo["bad"], slo["status"], code) == (0, "healthy", 0)


FINE = {
    'status="200",job="api",instance="a"': steadily(3 * DAY + 90, 0, 0, 10),
    'status="500",job="api",instance="a"': steadily(3 * DAY + 90, 0, 0, 0.001),
}


@pytest.mark.parametrize(
    ("part", "why", "status"),
    [
        ("""bad = 'r_total{stauts=~"5.."}'""", "no series of it has a label stauts", "unknown"),
        ("""bad = 'r_totl{status=~"5.."}'""", "there is no metric r_totl", "unknown"),
        ("""good = 'r_total{state="ok"}'""", "no series of it has a label state", "exhausted"),
        ("""bad = 'r_total{status=~"5xx"}'""", "no such event yet, or the selector is mistyped", "healthy"),
    ],
)
def test_c6_a_selector_that_never_matched_is_not_silently_good(
    home: Path, run: Runner, tmp_path: Path, part: str, why: str, status: str
) -> None:
    with past(tmp_path, {"r_total": FINE}) as (url, end):
        slo, code = told(run, home, url, end, part)
        assert slo["status"] == status
        assert code == {"unknown": 3, "exhausted": 1, "healthy": 0}[status]
        assert [why in each for each in slo["reservations"]] == [True]
        assert why in run("slo", "explain", "api").stdout
        checked = run("config", "check", "--online")
        assert why in checked.stdout
        assert "1 of 2 selectors match" in checked.stdout
        assert checked.returncode == (0 if status == "healthy" else 1)
        assert "no series has ever matched" in run("doctor").stdout
        assert run("config", "check").returncode == 0


def test_c6_a_selector_that_matches_has_no_reservation(home: Path, run: Runner, tmp_path: Path) -> None:
    with past(tmp_path, {"r_total": FINE}) as (url, end):
        slo, code = told(run, home, url, end)
        assert (slo["reservations"], slo["status"], code) == ([], "healthy", 0)
        checked = run("config", "check", "--online")
        assert "2 of 2 selectors match" in checked.stdout
        assert checked.returncode == 0
    checked = run("config", "check", "--online")  # the server is gone
    assert checked.returncode == 3


def _two_instances(b_from: float, b_to: float) -> dict[str, Any]:
    """Instance b, which has all the errors, is not there from ``b_from`` to ``b_to`` minutes before the end."""
    good, bad = steadily(3 * DAY + 90, 0, 0, 10), steadily(3 * DAY + 90, 0, 0, 2)
    missing = [point for point in bad if not b_to < point[0] <= b_from]
    return {
        "r_total": {
            'status="200",job="api",instance="a"': good,
            'status="200",job="api",instance="b"': [(ago, 5.0) for ago, _ in missing],
            'status="500",job="api",instance="b"': missing,
        }
    }


def test_c7_what_came_late_is_counted_and_never_taken_away(home: Path, run: Runner, tmp_path: Path) -> None:
    """A store gateway left the last three hours of one instance out, without a word."""
    for folder in ("partial", "whole", "again"):
        (tmp_path / folder).mkdir()
    whole = (8640, 3 * 1440 * 12)
    with past(tmp_path / "partial", _two_instances(180, 0)) as (url, end):
        slo, _ = told(run, home, url, end)
        assert slo["bad"] == 2 * (3 * 1440 - 180)
    with past(tmp_path / "whole", _two_instances(0, 0)) as (url, end):
        slo, _ = told(run, home, url, end)
        assert (slo["bad"], slo["total"]) == whole
    with past(tmp_path / "again", _two_instances(180, 20)) as (url, end):
        slo, _ = told(run, home, url, end)
        # Only the minutes that are new since then can be without it.
        assert slo["bad"] >= whole[0] - 20


def test_c7_what_came_later_than_that_is_counted_on_demand(home: Path, run: Runner, tmp_path: Path) -> None:
    for folder in ("partial", "whole"):
        (tmp_path / folder).mkdir()
    with past(tmp_path / "partial", _two_instances(1500, 900)) as (url, end):
        told(run, home, url, end)
    with past(tmp_path / "whole", _two_instances(0, 0)) as (url, end):
        slo, _ = told(run, home, url, end)
        before = slo["bad"], slo["total"]
        done = run("slo", "refill", "api", "--since", "2d")
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stdout.startswith("api: ")
        slo, _ = told(run, home, url, end)
        assert (slo["bad"], slo["total"]) == (8640, 3 * 1440 * 12)
        assert before == (8640, 3 * 1440 * 12)  # bridged over the hole: only the minutes were not known
        assert slo["coverage"] == 1.0
    assert run("slo", "refill", "nothing", "--since", "2d").returncode == 2
    assert run("slo", "refill", "api", "--since", "yesterday").returncode == 2
    assert run("slo", "refill", "api").returncode == 2
