"""C12: ids, reasons and words of ``slo gate`` and ``slo report``, from the program as a person starts it."""

from __future__ import annotations

import json
import sqlite3
import time
from pathlib import Path

import pytest

from support.program import Runner
from support.prom_fake import fake_prometheus

CONFIG = """
[metrics]
prometheus = "{url}"
every = "60s"
timeout = "90s"
[[slo]]
id = "good"
objective = "90%"
window = "7d"
sli = {{ kind = "events", total = 'requests_total', bad = 'requests_total{{status=~"5.."}}' }}
[[slo]]
id = "spent"
objective = "99.999%"
window = "7d"
sli = {{ kind = "events", total = 'requests_total', bad = 'requests_total{{status=~"5.."}}' }}
"""


def write(home: Path, url: str) -> None:
    (home / "artisan.toml").write_text(CONFIG.format(url=url), encoding="utf-8")


def test_c11_c12_a_file_without_services_is_judged_by_id(home: Path, run: Runner) -> None:
    with fake_prometheus(100_000, 50) as (url, _):
        write(home, url)
        assert run("config", "check").returncode == 0
        whole = run("slo", "gate", "--json")
        assert whole.returncode == 1
        document = json.loads(whole.stdout)
        assert document["blocking"] == ["spent"]
        assert document["reasons"][0]["id"] == "spent"
        assert "Error Budget Used" in document["reasons"][0]["reasons"][0]
        assert run("slo", "gate", "good").returncode == 0
        assert run("slo", "gate", "spent", "good").returncode == 1
        listed = json.loads(run("slo", "report", "--json", "spent").stdout)["slos"]
        assert [each["id"] for each in listed] == ["spent"]
        missing = run("slo", "gate", "gone")
    assert missing.returncode == 2
    assert "known: good, spent" in missing.stderr


def test_c12_what_the_option_allows_is_not_called_blocked(home: Path, run: Runner) -> None:
    with fake_prometheus(fault="empty") as (url, _):
        write(home, url)
        done = run("slo", "gate", "--allow-unknown")
        strict = run("slo", "gate", "--json")
    assert done.returncode == 0
    assert "blocked" not in done.stdout.lower()
    assert "allowed by --allow-unknown" in done.stdout
    assert "no data in the window" in done.stdout
    assert strict.returncode == 3
    assert any("no data" in reason for each in json.loads(strict.stdout)["reasons"] for reason in each["reasons"])


@pytest.mark.parametrize("span", ["soon", "0m", "-1h", "90d", "2"])
def test_c12_a_duration_that_is_none_is_a_mistake_in_writing(home: Path, run: Runner, span: str) -> None:
    write(home, "http://127.0.0.1:9")
    done = run("slo", "override", "--for", span, "--reason", "x")
    assert done.returncode == 2
    assert "--for" in done.stderr


def test_c12_a_locked_store_is_told_in_time(home: Path, run: Runner) -> None:
    with fake_prometheus(100_000, 50) as (url, _):
        write(home, url)
        begun = time.monotonic()
        assert run("slo", "gate", "good").returncode == 0
        usual = time.monotonic() - begun
        (file,) = (each for each in home.rglob("artisan.db"))
        other = sqlite3.connect(file, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        begun = time.monotonic()
        done = run("slo", "gate", "good")
        took = time.monotonic() - begun
        other.execute("ROLLBACK")
        other.close()
    assert "nothing is saved" in done.stderr
    assert done.returncode == 0, done.stdout
    assert took - usual < 9, "it waits for the store once, five seconds"
