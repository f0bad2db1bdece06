"""`notify list|test|outbox|retry` and `doctor`, as a person uses them: exit codes, JSON, and no URL anywhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from artisan_tui.domain.notify.events import NotifyFailed, NotifyQueued, NotifySending
from artisan_tui.store.place import StorePlace
from artisan_tui.store.store import Store
from support.notify_engine import TEXT
from support.notify_servers import CLOSE, HttpStandIn, http_stand_in
from support.program import Runner

AT = datetime(2026, 11, 21, 9, 42, tzinfo=UTC)
PATH = "/services/T0123/B0456/aVerySecretToken99"


@pytest.fixture
def hook() -> Iterator[HttpStandIn]:
    with http_stand_in((200, "ok")) as one:
        yield one


def configure(home: Path, url: str, environment: str = "staging") -> None:
    (home / "hook").write_text(url)
    (home / "hook").chmod(0o600)
    text = TEXT.format(environment=environment) + '[[notify]]\nid = "ops"\nkind = "slack"\nurl = "file:hook"\n'
    (home / "artisan.toml").write_text(text, "utf-8")


def test_a_test_says_what_came_of_it_and_doctor_names_a_broken_channel(
    home: Path, run: Runner, hook: HttpStandIn
) -> None:
    configure(home, hook.url(PATH))
    said = [run("notify", "list")]
    assert "not used yet" in said[0].stdout
    hook.script = [(200, "ok"), CLOSE, (410, f"gone {PATH}")]
    codes = []
    for _ in range(3):
        said.append(run("notify", "test", "ops"))
        codes.append(said[-1].returncode)
    assert codes == [0, 3, 1]
    assert "POSSIBLY SENT" in said[2].stderr
    listed = run("notify", "list", "--json")
    assert listed.returncode == 1
    (channel,) = json.loads(listed.stdout)["channels"]
    assert (channel["id"], channel["state"]) == ("ops", "broken")
    examined = run("doctor", "--json")
    (found,) = [each for each in json.loads(examined.stdout)["findings"] if each["what"] == "notify ops"]
    assert (found["ok"], "410" in found["said"], "notify test ops" in found["mend"]) == (False, True, True)
    said += [listed, examined, run("doctor"), run("notify", "list"), run("audit", "log"), run("audit", "log", "--json")]
    for each in said:
        assert "aVerySecretToken99" not in each.stdout + each.stderr
        assert "127.0.0.1" not in each.stdout + each.stderr
    assert run("notify", "test", "nobody").returncode == 2
    assert run("--read-only", "notify", "test", "ops").returncode == 1
    assert len(hook.requests) == 3


def test_inc_case_37_a_test_in_a_drill_sends_nothing_and_says_so(home: Path, run: Runner, hook: HttpStandIn) -> None:
    configure(home, hook.url(PATH), "drill")
    done = run("notify", "test", "ops")
    assert done.returncode == 1
    assert "drill" in done.stderr
    assert hook.requests == []


def test_a_secret_that_is_missing_is_doctor_s_finding(home: Path, run: Runner, hook: HttpStandIn) -> None:
    configure(home, "not-a-url-but-secret")
    (found,) = [each for each in json.loads(run("doctor", "--json").stdout)["findings"] if "notify" in each["what"]]
    assert (found["ok"], found["said"]) == (False, "`url` does not hold an http URL")
    (home / "hook").unlink()
    done = run("notify", "test", "ops")
    assert done.returncode == 1
    assert "cannot be read" in done.stderr


def test_the_outbox_and_a_message_sent_again(home: Path, run: Runner, hook: HttpStandIn) -> None:
    configure(home, hook.url(PATH))
    queued = [
        NotifyQueued(id=name, channel="ops", by="slack", purpose="page", severity="Sev1", title="장애", to=("alice",))
        for name in ("aaaaaaaaaa", "bbbbbbbbbb")
    ]
    with Store.open(StorePlace(home / "state")) as store:
        entries = [each.entry(AT, "j.park", "INC-1") for each in queued]
        entries.append(NotifySending(messages=("aaaaaaaaaa",), channel="ops").entry(AT, "artisan", "INC-1"))
        failed = NotifyFailed(messages=("aaaaaaaaaa",), channel="ops", why="no answer", possibly=1)
        store.append([*entries, failed.entry(AT, "artisan", "INC-1")], at=AT)
    assert "possibly sent (no answer)" in run("notify", "outbox").stdout
    (unsure,) = json.loads(run("notify", "outbox", "--state", "unsure", "--json").stdout)["messages"]
    assert (unsure["id"], unsure["possibly_sent"], unsure["to"]) == ("aaaaaaaaaa", True, ["alice"])
    assert run("notify", "outbox", "--state", "lost").returncode == 2
    done = run("notify", "retry", "aaaa")
    assert (done.returncode, "second time" in done.stdout) == (0, True)
    (waiting, _) = json.loads(run("notify", "outbox", "--state", "waiting", "--json").stdout)["messages"][::-1]
    assert waiting["id"] == "aaaaaaaaaa"
    for name, why in (("aaaa", "on its way"), ("bbbb", "on its way"), ("zzzz", "no message")):
        done = run("notify", "retry", name)
        assert (done.returncode, why in done.stderr) == (1, True), done
    assert run("audit", "verify").returncode == 0
    assert hook.requests == []


def test_who_may_only_look_tests_nothing_and_resends_nothing(home: Path, run: Runner, hook: HttpStandIn) -> None:
    configure(home, hook.url(PATH))
    with (home / "artisan.toml").open("a") as file:
        file.write('[access]\nviewer = ["*"]\nresponder = ["somebody-else"]\ncommander = ["somebody-else"]\n')
    assert run("notify", "list").returncode == 0
    for words in (("test", "ops"), ("retry", "aaaa")):
        done = run("notify", *words)
        assert (done.returncode, "responder" in done.stderr) == (1, True), done
    assert hook.requests == []
