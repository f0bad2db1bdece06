"""Commands over ssh against a real sshd: words stay words, a stranger is refused, and a lost connection is no failure."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from artisan_tui.steps.runbooks.job import StepJob
from artisan_tui.steps.runbooks.protocol import Resolved, StepRefused
from artisan_tui.steps.runbooks.seen import StepResult
from support.live_runs import House, book
from support.servers import free_port, until
from support.ssh_server import SshServer, new_key, ssh_server
from support.step_runs import carried_out, resolved, result_of, started

HOSTILE = "a  b; touch {mark} $(touch {mark}) `touch {mark}` 'q' \"d\" \\ * ~ !! | > {mark} & \n#{{x}} \u202e -oProxyCommand=x"


@pytest.fixture(scope="module")
def server() -> Iterator[SshServer]:
    with ssh_server() as running:
        yield running


def call(server: SshServer, *words: str, options: Sequence[str] | None = None, **more: Any) -> Resolved:
    argv = ("ssh", *(server.options() if options is None else options), "127.0.0.1", *words)
    return resolved("command", {"run": argv}, folder=server.folder, **more)


def ran(act: Resolved, folder: Path) -> StepResult:
    job = StepJob("act", act)
    return result_of(job, started(job, folder / "attempt"), 40)


@pytest.mark.parametrize("captured", [False, True], ids=["shown", "captured"])
def test_hostile_text_arrives_as_one_word(server: SshServer, tmp_path: Path, captured: bool) -> None:
    text = HOSTILE.format(mark=tmp_path / "mark")
    capture = {"capture": {"out": "stdout"}} if captured else {}
    act = call(server, "printf", "%s|", "-n", text, "", **capture)
    job = StepJob("act", act)
    attempt = started(job, tmp_path / "attempt")
    found = result_of(job, attempt)
    assert found.outcome == "ok", found
    assert f"-n|{text}||" in (json.loads(found.captures["out"]) if captured else attempt.output())
    assert list(tmp_path.iterdir()) == [tmp_path / "attempt"]


def test_a_single_word_is_a_line_as_the_runbook_wrote_it(server: SshServer, tmp_path: Path) -> None:
    found = ran(call(server, "printf one; exit 7", expect=("exit == 7",)), tmp_path)
    assert (found.outcome, found.exit) == ("ok", 7)


def test_another_host_key_is_refused_in_clear_words(server: SshServer, tmp_path: Path) -> None:
    other, mark = tmp_path / "known_hosts", tmp_path / "mark"
    other.write_text(f"[127.0.0.1]:{server.port} {new_key(tmp_path / 'other')}")
    found = ran(call(server, "touch", str(mark), options=server.options(known=other)), tmp_path)
    assert (found.outcome, found.exit, mark.exists()) == ("failed", 255, False)
    assert "the host key is not the one that is known: somebody may be in between" in found.why
    (tmp_path / "empty").touch()
    act = call(server, "touch", str(mark), options=server.options(known=tmp_path / "empty"))
    unknown = ran(act, tmp_path / "unknown")
    assert (unknown.outcome, "the host key is not known here" in unknown.why, mark.exists()) == ("failed", True, False)


def test_who_is_not_let_in_has_done_nothing(server: SshServer, tmp_path: Path) -> None:
    new_key(tmp_path / "stranger")
    found = ran(call(server, "true", options=server.options(key=tmp_path / "stranger")), tmp_path)
    assert (found.outcome, "the server refuses the login" in found.why) == ("failed", True)
    nobody = ("-F", "none", "-p", str(free_port()))
    refused = ran(call(server, "true", options=nobody), tmp_path / "refused")
    assert (refused.outcome, "there is no connection" in refused.why) == ("failed", True)


@pytest.mark.parametrize(("mutates", "outcome"), [(True, "unknown"), (False, "failed")])
def test_a_connection_that_is_lost_says_nothing_about_the_act(
    server: SshServer, tmp_path: Path, mutates: bool, outcome: str
) -> None:
    mark = tmp_path / "mark"
    act = call(server, "sh", "-c", f"touch {mark}; sleep 3", mutates=mutates)
    job = StepJob("act", act)
    attempt = started(job, tmp_path / "attempt")
    until(mark.exists, 20, "the effect")
    assert server.drop()
    found = result_of(job, attempt)
    assert (found.outcome, found.exit) == (outcome, 255)
    assert "the connection was lost" in found.why


def test_a_command_that_is_read_before_it_runs_is_tried_by_a_login(server: SshServer, tmp_path: Path) -> None:
    assert carried_out(call(server, "reboot"), does="preflight", environ=dict(os.environ))["state"] == "ok"
    (tmp_path / "empty").touch()
    stranger = call(server, "reboot", options=server.options(known=tmp_path / "empty"))
    found = carried_out(stranger, does="preflight", environ=dict(os.environ))
    assert found["state"] == "failed"
    assert "the host key is not known here" in str(found["findings"])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("-oProxyCommand=touch /tmp/x", "h", "true"), "proxycommand of ssh starts a program on this machine"),
        (("-vo", "LocalCommand x", "h", "true"), "localcommand of ssh"),
        (("h", "-oProxyCommand=touch /tmp/x", "true"), "options of ssh stand before it"),
        (("--", "-oProxyCommand=x", "true"), "is no host"),
        (("h",), "would wait for somebody who types"),
        ((), "not told where to go"),
    ],
)
def test_what_would_start_something_here_or_wait_for_ever_is_refused(words: tuple[str, ...], said: str) -> None:
    with pytest.raises(StepRefused, match=said):
        resolved("command", {"run": ("/usr/bin/ssh", *words)})


def test_nobody_is_asked_unless_the_runbook_says_so() -> None:
    act = resolved("command", {"run": ("ssh", "-p22", "-o", "ConnectTimeout 3", "-oBatchMode=no", "h", "uname", "-a")})
    options = act.argv[1:-3]
    assert options[:4] == ("-p22", "-o", "ConnectTimeout 3", "-oBatchMode=no")
    assert options[4:] == ("-oServerAliveInterval=5", "-oServerAliveCountMax=3")
    assert act.argv[-3:] == ("--", "h", "uname -a")


def ssh_book(server: SshServer, folder: Path, more: str = "") -> str:
    start = ", ".join(f"'{each}'" for each in ("ssh", *server.options(), "127.0.0.1", "sh", "-c"))
    step = "[[runbook.step]]\nid = \"{0}\"\nkind = 'command'\nidempotent = true\nrollback = {{ kind = 'command', run = ['true'] }}\n"
    return book(
        step.format("a") + f"run = [{start}, 'echo a >> {folder}/effects; sleep 3']\n{more}",
        step.format("b") + f"run = [{start}, 'echo b >> {folder}/effects']\n",
    )


@pytest.mark.parametrize("seen", [True, False], ids=["verified", "nobody-knows"])
def test_a_run_whose_connection_is_lost_asks_what_is_there_before_it_goes_on(
    server: SshServer, tmp_path: Path, seen: bool
) -> None:
    look = f"verify = {{ kind = 'command', run = ['test', '-s', '{tmp_path}/effects'], within = '2s', every = '1s' }}\n"
    house = House(tmp_path, ssh_book(server, tmp_path, look if seen else ""))
    with house.seat() as seat:
        run = seat.start()
        dropping = threading.Thread(target=lambda: (until(house.effects.exists, 20, "the effect"), server.drop()))
        dropping.start()
        seat.go(run)
        dropping.join()
        found = seat.run(run)
        if seen:
            assert (found.state, house.done()) == ("succeeded", ["a", "b"])
        else:
            assert (found.unknown is not None, house.done()) == (True, ["a"])
            seat.give("decide-unknown", run=run, outcome="done", reason="it is in the file")
            seat.go(run)
            assert (seat.run(run).state, house.done()) == ("succeeded", ["a", "b"])
