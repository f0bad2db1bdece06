"""``artisan-tui audit log`` with filters, as users of `git log` and `journalctl` write them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from artisan_tui.domain.event import Entry
from artisan_tui.store.place import StorePlace
from artisan_tui.store.store import Store
from support.program import Runner

NOW = datetime.now(UTC)
TEXT = (
    '[artisan]\nname = "Shop"\ntimezone = "Asia/Seoul"\n'
    '[[service]]\nid = "here"\n[[service.check]]\nid = "memory"\nkind = "memory"\n'
)


@pytest.fixture
def journal(home: Path) -> None:
    (home / "artisan.toml").write_text(TEXT)
    ago = [
        (50, "j.park", "session.start", "", {}),
        (
            26,
            "artisan",
            "check.state",
            "here.memory",
            {"from": "up", "to": "down", "reason": "value", "detail": "full"},
        ),
        (3, "j.park", "note", "", {"text": "CUDA out of memory on gpu-3"}),
        (1, "kim", "note", "", {"text": "gpu-3 drained"}),
        (0, "kim", "check.muted", "here.memory", {"until": "2026-12-01T00:00:00Z", "reason": "disks"}),
    ]
    with Store.open(StorePlace(home / "state")) as store:
        for hours, actor, kind, subject, body in ago:
            at = NOW - timedelta(hours=hours, minutes=5)
            store.append([Entry(at, actor, kind, subject, body)], at=at)


def seqs(run: Runner, *arguments: str) -> list[int]:
    done = run("audit", "log", "--json", *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    return [event["seq"] for event in json.loads(done.stdout)["events"]]


@pytest.mark.usefixtures("journal")
def test_the_log_is_filtered_by_words_person_service_kind_and_time(run: Runner) -> None:
    assert seqs(run) == [5, 4, 3, 2, 1]
    assert seqs(run, "--no-sessions") == [5, 4, 3, 2]
    assert seqs(run, "--words", "gpu-3 !cuda") == [4]
    assert seqs(run, "-w", "gpu-3", "-w", "cuda") == [3]
    assert seqs(run, "--person", "Park") == [3, 1]
    assert seqs(run, "--author", "kim", "--kind", "note") == [4]
    assert seqs(run, "--service", "here") == seqs(run, "-u", "here.memory") == [5, 2]
    assert seqs(run, "--kind", "check") == [5, 2]
    assert seqs(run, "--kind", "session", "--no-sessions") == [1]
    assert seqs(run, "--since", "2h") == [5, 4]
    assert seqs(run, "-S", "27h", "-U", "2h") == [3, 2]
    assert seqs(run, "-n", "1", "--kind", "note") == [4]
    assert seqs(run, "--since", (NOW - timedelta(hours=2)).isoformat()) == [5, 4]
    # A time without a zone is the team's.
    local = (NOW - timedelta(hours=2) + timedelta(hours=9)).strftime("%Y-%m-%dT%H:%M")
    assert seqs(run, "--since", local) == [5, 4]
    plain = run("audit", "log", "--words", "cuda").stdout
    assert "CUDA out of memory on gpu-3" in plain
    assert "drained" not in plain


@pytest.mark.usefixtures("journal")
def test_a_time_that_cannot_be_read_is_2_and_says_how_to_write_one(run: Runner) -> None:
    done = run("audit", "log", "--since", "soon")
    assert (done.returncode, done.stdout) == (2, "")
    assert "--since: soon is not a time: write 2h" in done.stderr
