"""The plain-text twin: documents, exit codes, and words that mend."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from support.processes import with_us
from support.program import Runner
from support.servers import free_port, until
from support.services import config_text, http_check, service

PROGRAM = [sys.executable, "-m", "artisan_tui"]


def write(home: Path, text: str) -> None:
    (home / "artisan.toml").write_text(text, encoding="utf-8")


def test_all_up_is_0_and_the_document_is_the_contract_s(home: Path, run_afresh: Runner) -> None:
    with service() as one, service() as two:
        write(home, config_text(http_check("one", one.url, every="20s"), http_check("two", two.url, every="20s")))
        done = run_afresh("check", "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert set(document) >= {"at", "checks", "summary"}
    assert document["at"].endswith("Z")
    (first, _) = document["checks"]
    assert list(first) == [
        *("id", "service", "kind", "state", "reason", "latency_ms", "detail", "cause"),
        *("owner", "tags", "links"),
    ]
    assert (first["id"], first["service"], first["kind"], first["state"], first["reason"]) == (
        "s.one",
        "s",
        "http",
        "up",
        "ok",
    )
    assert 0 < first["latency_ms"] < 1000
    assert document["summary"]["up"] == 2
    assert done.stderr == ""


def test_one_down_is_1(home: Path, run: Runner) -> None:
    with service() as one, service(status=500) as two:
        write(home, config_text(http_check("one", one.url, every="20s"), http_check("two", two.url, every="20s")))
        done = run("check", "--json")
        assert done.returncode == 1
        assert json.loads(done.stdout)["summary"] == {"up": 1, "degraded": 0, "down": 1, "unknown": 0, "maintenance": 0}
        assert run("check", "s.one").returncode == 0
        text = run("check")
        assert text.returncode == 1
        assert text.stdout.splitlines()[0].startswith("s.two")


def test_nothing_reachable_is_3(home: Path, run: Runner) -> None:
    closed = [f"http://127.0.0.1:{free_port()}" for _ in range(3)]
    write(home, config_text(*(http_check(f"c{n}", url) for n, url in enumerate(closed))))
    done = run("check", "--json")
    assert done.returncode == 3
    assert {check["reason"] for check in json.loads(done.stdout)["checks"]} == {"refused"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[artisan\n", "artisan.toml:1"),
        (
            "[[service]]\nid = 's'\n[[service.check]]\nid='c'\nkind='http'\nurl='http://x'\nintervall='3s'\n",
            "did you mean",
        ),
        ("", "config init"),
    ],
)
def test_broken_configuration_is_2_with_the_mend(home: Path, run: Runner, text: str, said: str) -> None:
    write(home, text)
    for command in (["check"], ["config", "check"], ["watch"]):
        done = run(*command)
        assert done.returncode == 2, (command, done.stdout, done.stderr)
        assert said in done.stderr
        assert "Traceback" not in done.stderr


def test_no_configuration_names_where_it_looked(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "artisan_tui", "check"],
        capture_output=True, text=True, timeout=60, check=False, cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 2
    assert "config init" in done.stderr
    assert str(tmp_path) in done.stderr


def test_an_unknown_check_is_2_and_names_the_known(home: Path, run: Runner) -> None:
    write(home, config_text(http_check("one", "http://127.0.0.1:1")))
    done = run("check", "s.two")
    assert done.returncode == 2
    assert "s.one" in done.stderr


def test_usage_errors_are_2(home: Path, run: Runner) -> None:
    assert run("no-such-command").returncode == 2
    assert run("check", "--no-such-option").returncode == 2


def test_schema_and_starter(home: Path, run: Runner) -> None:
    schema = json.loads(run("config", "schema").stdout)
    assert schema["type"] == "object"
    assert run("config", "init", "new.toml").returncode == 0
    again = run("config", "init", "new.toml")
    assert again.returncode == 2
    assert "exists" in again.stderr
    (home / "artisan.toml").write_bytes((home / "new.toml").read_bytes())
    assert run("config", "check").returncode == 0


def test_doctor_says_what_is_missing_and_the_mend(home: Path, run: Runner) -> None:
    with service() as one:
        closed = f"http://127.0.0.1:{free_port()}"
        write(home, config_text(http_check("one", one.url, every="20s"), http_check("two", closed)))
        done = run("doctor")
    assert done.returncode == 1
    assert "refused" in done.stdout
    assert "->" in done.stdout
    findings = json.loads(run("doctor", "--json").stdout)["findings"]
    assert {"what", "ok", "said", "mend"} == set(findings[0])


def test_audit_without_a_journal_is_3(home: Path, run_afresh: Runner) -> None:
    done = run_afresh("audit", "verify")
    assert done.returncode == 3
    assert "no journal at" in done.stderr


def test_watch_tells_what_changes_and_the_audit_holds(home: Path, run: Runner) -> None:
    with service() as one:
        write(home, config_text(http_check("one", one.url, every="2s", fall=1, rise=1)))
        process = subprocess.Popen(
            with_us([*PROGRAM, "--config", home / "artisan.toml", "--state", home / "state", "watch", "--json"]),
            stdout=subprocess.PIPE,
            text=True,
            cwd=home,
        )
        try:
            assert process.stdout is not None
            told = [json.loads(process.stdout.readline())]
            until(lambda: one.requests >= 2)
            one.status = 503
            while told[-1]["body"].get("reason") != "status":
                told.append(json.loads(process.stdout.readline()))
            assert (told[-1]["kind"], told[-1]["subject"], told[-1]["body"]["to"]) == ("check.state", "s.one", "down")
            process.send_signal(signal.SIGTERM)
            told += map(json.loads, process.stdout)
            assert process.wait(10) == 0
        finally:
            process.kill()
            process.wait()
    verified = run("audit", "verify", "--json")
    assert verified.returncode == 0
    assert json.loads(verified.stdout)["events"] == len(told)
    log = json.loads(run("audit", "log", "--json").stdout)["events"]
    kinds = [event["kind"] for event in reversed(log)]
    assert kinds == [event["kind"] for event in told]
    # On a busy machine a probe may time out before: one more change, and its end.
    assert kinds[:2] == ["session.start", "check.state"]
    assert kinds[-2:] == ["check.state", "session.stop"]


def test_a_changed_journal_is_1_and_names_the_event(home: Path, run: Runner) -> None:
    import sqlite3

    test_watch_tells_what_changes_and_the_audit_holds(home, run)
    with sqlite3.connect(home / "state" / "artisan.db") as db:
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {name}")
        db.execute("UPDATE event SET body = replace(body, 'down', 'up') WHERE seq = 2")
    done = run("audit", "verify")
    assert done.returncode == 1
    assert "event 2" in done.stdout


def test_the_board_without_a_terminal_says_what_to_use(home: Path, run: Runner) -> None:
    write(home, config_text(http_check("one", "http://127.0.0.1:1")))
    done = run()
    assert done.returncode == 2
    assert "artisan-tui check" in done.stderr


def test_the_store_is_where_the_configuration_says(home: Path, run: Runner) -> None:
    elsewhere = home / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    with service() as one:
        text = config_text(http_check("one", one.url, every="20s"))
        write(home, f'database = "sqlite:///{elsewhere / "team.db"}"\n' + text)
        process = subprocess.Popen(
            with_us([*PROGRAM, "--config", home / "artisan.toml", "--state", home / "state", "watch", "--json"]),
            stdout=subprocess.PIPE,
            text=True,
            cwd=home,
        )
        try:
            assert process.stdout is not None
            assert json.loads(process.stdout.readline())["kind"] == "session.start"
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0
        finally:
            process.kill()
            process.wait()
    assert (elsewhere / "team.db").exists()
    assert not (home / "state" / "artisan.db").exists()
    verified = run("audit", "verify", "--json")
    assert json.loads(verified.stdout)["events"] == 2
    write(home, 'database = "env:NOT_SET_ANYWHERE"\n' + text)
    told = run("watch")
    assert told.returncode == 2
    assert "NOT_SET_ANYWHERE" in told.stderr
    assert run("audit", "verify").returncode == 3
