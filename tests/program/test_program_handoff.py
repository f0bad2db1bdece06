"""The hand-over from the command line: report, what is said before signing, sign, accept, class."""

from __future__ import annotations

import getpass
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from support import handoff_week
from support.handoff_week import PEOPLE, played_week
from support.program import Runner
from support.services import config_text, http_check


@pytest.fixture(autouse=True)
def configured(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Alice is who runs the tests; her shift ended five minutes ago."""
    ended = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=5)
    local = ended.astimezone(ZoneInfo("Asia/Seoul"))
    first = (local - timedelta(days=7)).date()
    people = PEOPLE.replace('handoff = "fri 17:00"', f'handoff = "{local:%a %H:%M}"'.lower())
    people = people.replace("2026-11-20", str(first)).replace(
        'id = "alice"\n', f'id = "alice"\nlogins = ["{getpass.getuser()}"]\n'
    )
    text = config_text(http_check("web", "http://127.0.0.1:1/")) + people
    (home / "artisan.toml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(handoff_week, "HANDOVER", ended)


def test_a_shift_is_reviewed_completed_signed_and_not_accepted_by_the_same_login(run: Runner, home: Path) -> None:
    week = played_week(home / "state")
    week.store.close()
    qwen = week.ids[-1]
    document = json.loads(run("handoff", "report", "--json").stdout)
    assert (document["shift"]["outgoing"], document["shift"]["incoming"]) == (["alice"], ["bob"])
    assert (document["this"]["incidents"]["n"], document["handoff"]["pending"]) == (4, True)
    refused = run("handoff", "sign")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert f"the hand-over lacks {qwen}: next step, time of the last customer update" in refused.stderr
    assert run("handoff", "next", qwen, "Restart node 3").returncode == 0
    assert run("handoff", "class", qwen, "needs_work", "--note", "alerts twice").returncode == 0
    assert run("handoff", "note", "The pager is in the drawer").returncode == 0
    signed = run("handoff", "sign", "--despite", "customers are told by support", "--json")
    assert signed.returncode == 0, signed.stderr
    assert json.loads(signed.stdout)["handoff"]["signed"]["person"] == "alice"
    again = run("handoff", "accept")
    assert again.returncode == 1
    assert "another login has to accept it" in again.stderr
    markdown = run("handoff", "report").stdout
    assert "# Hand-over Alice Kim to Bob Lee" in markdown
    assert "The pager is in the drawer" in markdown
    assert "alert needs work: alerts twice" in markdown
    html = run("handoff", "report", "--format", "html").stdout
    assert html.startswith("<!DOCTYPE html>")
    earlier = json.loads(run("handoff", "report", "--back", "1", "--json").stdout)
    assert earlier["shift"]["end"] == document["shift"]["start"]
    wrong = run("handoff", "report", "--at", "next tuesday")
    assert (wrong.returncode, "Traceback" in wrong.stderr) == (2, False)
    assert "--at" in wrong.stderr
