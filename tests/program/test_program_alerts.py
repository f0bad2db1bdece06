"""Alerts from the command line, against a real Alertmanager: the list, its exit codes, silences."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from artisan_tui.domain.alerts.intents import without_mark
from support.alertmanager_server import AlertmanagerServer, alertmanager, alertmanager_pair, receiver
from support.program import Opener, Runner
from support.servers import free_port, until

API = {"alertname": "HighErrorRate", "svc": "api", "severity": "critical", "runbook": "db_down"}
GATEWAY = {"alertname": "HighErrorRate", "svc": "api-gw", "team": "b"}
DOG = {"alertname": "Watchdog"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AlertmanagerServer]:
    with alertmanager(tmp_path_factory.mktemp("alertmanager")) as found:
        yield found


def configured(home: Path, *urls: str, environment: str = "staging") -> None:
    (home / "artisan.toml").write_text(
        f'[artisan]\nenvironment = "{environment}"\n[[service]]\nid = "s"\n[[service.check]]\nid = "c"\n'
        f'kind = "command"\nrun = ["true"]\n[alerts]\nalertmanager = {json.dumps(urls)}\ntimeout = "2s"\n'
    )


def listed(run: Runner, code: int = 0) -> Any:
    done = run("alert", "list", "--json")
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout)


def row(document: Any, labels: dict[str, str]) -> Any:
    (found,) = [each for each in document["alerts"] if each["labels"] == labels]
    return found


def test_the_list_is_what_the_contract_says(home: Path, run: Runner, server: AlertmanagerServer) -> None:
    configured(home, server.url)
    server.fire(API, annotations={"summary": "too many 5xx"})
    document = listed(run)
    found = row(document, API)
    wanted = {"fingerprint", "name", "labels", "annotations", "state", "reasons", "since", "seen_at", "sources"}
    assert wanted | {"runbook", "incident"} <= found.keys()
    assert (found["name"], found["state"], found["runbook"], found["incident"]) == (
        "HighErrorRate",
        "firing",
        "db_down",
        None,
    )
    assert found["sources"] == [server.url]
    (source,) = document["sources"]
    assert (source["url"], source["state"], source["error"]) == (server.url, "answers", None)
    done = run("incident", "create", "--title", "5xx", "--severity", "2", "--alerts", found["fingerprint"], "--json")
    wanted = json.loads(done.stdout)["id"]
    assert row(listed(run), API)["incident"] == wanted
    assert wanted in run("alert", "list").stdout
    shown = run("alert", "show", found["fingerprint"])
    assert wanted in shown.stdout
    assert "too many 5xx" in shown.stdout
    assert run("alert", "show", "Nothing").returncode == 1
    assert "HighErrorRate" in run("alert", "list").stdout


def test_inc_case_6_no_source_answers(home: Path, run: Runner) -> None:
    configured(home, f"http://127.0.0.1:{free_port()}", f"http://127.0.0.1:{free_port()}")
    document = listed(run, 3)
    assert [each["state"] for each in document["sources"]] == ["silent", "silent"]
    assert all("refused" in each["error"] for each in document["sources"])
    done = run("alert", "list")
    assert done.returncode == 3
    assert "?" in done.stdout


def test_inc_cases_8_9_and_10_a_silence_is_previewed_and_refused(
    home: Path, run: Runner, server: AlertmanagerServer
) -> None:
    configured(home, server.url)
    server.fire(API, GATEWAY)
    for matchers, hits in (('svc=~"api"', 1), ('svc=~"api.*"', 2), ('svc=~"pi|gw"', 0)):
        done = run("alert", "silence", matchers, "--preview", "--json")
        assert len(json.loads(done.stdout)["hits"]) == hits
    before = len(server.get("silences"))
    for arguments, code, said in (
        (('team=""', "--comment", "c"), 2, "missing label"),
        (("svc=api",), 2, "comment"),
        (("svc=api", "--comment", "  "), 2, "comment"),
        (("svc=api", "--comment", "c", "--for", "8d"), 2, "7"),
        (("svc=~(", "--comment", "c"), 2, "regular expression"),
        (('team!="b"', "--comment", "c"), 1, "type 1 as the count"),
        (('team!="b"', "--comment", "c", "--count", "2"), 1, "type 1 as the count"),
    ):
        done = run("alert", "silence", *arguments)
        assert done.returncode == code, arguments
        assert said in done.stderr, done.stderr
    assert len(server.get("silences")) == before, "nothing was sent"
    assert run("--read-only", "alert", "silence", "svc=api", "--comment", "c").returncode == 1
    done = run("alert", "silence", 'team!="b"', "--comment", "c", "--count", "1", "--json")
    assert done.returncode == 0, done.stderr
    assert run("alert", "unsilence", json.loads(done.stdout)["id"]).returncode == 0
    assert run("alert", "unsilence", "00000000-0000-0000-0000-000000000000").returncode == 1


def test_who_may_only_look_silences_nothing(home: Path, run: Runner, server: AlertmanagerServer) -> None:
    configured(home, server.url)
    with (home / "artisan.toml").open("a") as file:
        file.write('[access]\nviewer = ["*"]\nresponder = ["somebody-else"]\ncommander = ["somebody-else"]\n')
    server.fire(API)
    assert run("alert", "list").returncode == 0
    before = server.silences()
    wanted = listed(run)["alerts"][0]["fingerprint"]
    for words in (
        ("silence", 'svc="api"', "--for", "1h", "--comment", "x"),
        ("silence", wanted, "--acknowledge", "--yes", "--for", "1h", "--comment", "x"),
        ("unsilence", "0f9a0d6e-0000-0000-0000-000000000000"),
    ):
        done = run("alert", *words)
        assert (done.returncode, "needs the role responder" in done.stderr) == (1, True), (words, done)
    assert server.silences() == before


def test_inc_case_11_a_silence_is_written_read_extended_replaced_and_ended(
    home: Path, run: Runner, server: AlertmanagerServer
) -> None:
    configured(home, server.url, environment="production")
    server.fire(API)
    refused = run("alert", "silence", "svc=api", "--comment", "new disks")
    assert refused.returncode == 1
    done = run("alert", "silence", "svc=api", "--comment", "새 디스크", "--for", "1h", "--yes", "--json")
    assert done.returncode == 0, done.stderr
    id = json.loads(done.stdout)["id"]
    until(lambda: any(each["status"]["silencedBy"] == [id] for each in server.get("alerts")), 5)
    found = row(listed(run), API)
    assert (found["state"], found["reasons"]) == ("silenced", [f"silenced by {id}"])
    done = run("alert", "silence", "--extend", id, "--for", "3h", "--json")
    assert json.loads(done.stdout)["id"] == id
    assert "새 디스크" in run("alert", "list", "--silences").stdout
    # Other matchers are another silence, and the old one is over.
    done = run("alert", "silence", 'svc=~"api|db"', "--replace", id, "--comment", "c", "--yes", "--json")
    other = json.loads(done.stdout)["id"]
    assert other != id
    assert [each["id"] for each in server.silences()] == [other]
    assert json.loads(run("alert", "unsilence", other, "--json").stdout)["id"] == other
    journal = run("audit", "log", "--json").stdout
    for kind in ("silence.created", "silence.extended", "silence.expired"):
        assert kind in journal


def test_inc_case_7_a_lost_silence_is_shown_and_restored(home: Path, run: Runner, tmp_path: Path) -> None:
    with alertmanager(tmp_path / "am") as server:
        configured(home, server.url)
        server.fire(API)
        id = json.loads(run("alert", "silence", "svc=api", "--comment", "c", "--json").stdout)["id"]
        server.kill()
        server.start_again()
        done = run("alert", "list")
        assert "silence lost" in done.stderr
        assert server.silences() == [], "never by itself"
        assert [each["id"] for each in listed(run)["silences"] if each["state"] == "lost"] == [id]
        assert run("alert", "silence", "--restore").returncode == 0
        assert [without_mark(each["comment"])[0] for each in server.silences()] == ["c"]
        assert "silence lost" not in run("alert", "list").stderr
        assert run("alert", "silence", "--restore").returncode == 1
        server.stack.close()


def test_inc_case_5_a_cluster_of_two(home: Path, run: Runner, tmp_path: Path) -> None:
    with alertmanager_pair(tmp_path) as (first, second):
        configured(home, first.url, second.url)
        first.fire(API, DOG)
        second.fire(DOG)
        document = listed(run)
        assert row(document, API)["members"] == {"with": 1, "of": 2}
        assert row(document, DOG)["members"] == {"with": 2, "of": 2}
        # Written to one, told to the other.
        id = json.loads(run("alert", "silence", "svc=api", "--comment", "c", "--json").stdout)["id"]
        until(lambda: [each["id"] for each in second.silences()] == [id], 5, "the silence at the other member")
        first.kill()
        done = run("alert", "list")
        assert done.returncode == 0
        assert first.url in done.stderr
        assert [each["state"] for each in listed(run)["sources"]] == ["silent", "answers"]
        # The member that is down is not written to.
        assert run("alert", "unsilence", id).returncode == 0
        assert second.silences() == []


def test_inc_case_2_acknowledge_and_silence_names_who_will_not_hear(
    home: Path, run: Runner, server: AlertmanagerServer
) -> None:
    configured(home, server.url)
    server.fire(API)
    fingerprint = row(listed(run), API)["fingerprint"]
    arguments = ("alert", "silence", fingerprint, "--acknowledge", "--comment", "mine")
    done = run(*arguments)
    assert done.returncode == 1
    assert "hook will not hear" in done.stderr
    done = run(*arguments, "--yes", "--json")
    assert done.returncode == 0, done.stderr
    assert "hook" in json.loads(done.stdout)["said"]
    assert "alert.acknowledged" in run("audit", "log", "--json").stdout
    assert run("alert", "unsilence", json.loads(done.stdout)["id"]).returncode == 0


def test_inc_case_1_what_is_read_and_not_silenced_is_told_as_resolved(home: Path, run: Runner, tmp_path: Path) -> None:
    with receiver() as heard, alertmanager(tmp_path / "am", hook=heard.url) as server:
        configured(home, server.url)
        server.fire(API)
        until(lambda: ("firing", "HighErrorRate") in heard.heard, 10, "the notification")
        assert row(listed(run), API)["state"] == "firing"
        assert server.get("silences") == []
        server.resolve(API)
        until(lambda: ("resolved", "HighErrorRate") in heard.heard, 10, "the resolved notification")


def test_the_board_lists_silences_and_keeps_alerts_at_80_by_24(
    home: Path, run: Runner, board: Opener, tmp_path: Path
) -> None:
    with alertmanager(tmp_path / "am") as server:
        configured(home, server.url)
        server.fire(API, annotations={"summary": "too many 5xx"})
        with board(cols=80, rows=24) as opened:
            opened.wait_for("1 alert firing", 20)
            opened.send("5")
            opened.wait_for("too many 5xx", 5)
            opened.wait_for("db_down", 2)
            opened.send("s")
            opened.wait_for("hits 1 of 1 alerts", 5)
            opened.send("\r\rnew disks\r\r")
            opened.wait_for("1 silenced", 10)
            assert [without_mark(each["comment"])[0] for each in server.silences()] == ["new disks"]
            opened.send("u")
            opened.wait_for("1 firing", 10)
            server.kill()
            opened.send("F")
            opened.wait_for("not seen", 10)
            assert "HighErrorRate" in opened.screen_text()
