"""Runs with a real store and real processes: the cases of the runbooks' and of the execution's anchors."""

from __future__ import annotations

import http.server
import threading
from pathlib import Path

import pytest

from artisan_tui.domain.runbooks import acts
from artisan_tui.domain.runbooks.acting import RunActor
from artisan_tui.domain.runbooks.effects import Finish, Wait
from artisan_tui.domain.runbooks.ports import StaleCommit
from artisan_tui.engine.command import CommandRefused
from artisan_tui.engine.runbooks.journaled import run_store
from artisan_tui.engine.runbooks.place_guard import logout_kills
from support.live_runs import House, Makes, begun, book, effect_step, house_maker, states


@pytest.fixture
def house(tmp_path: Path) -> Makes:
    return house_maker(tmp_path)


def test_a_run_is_carried_out_and_rolled_back_in_reverse(house: Makes) -> None:
    made = house(effect_step("a"), effect_step("b"), effect_step("c"))
    with made.seat() as seat:
        run = seat.start()
        assert seat.go(run) == Finish()
        assert (seat.run(run).state, made.done()) == ("succeeded", ["a", "b", "c"])
        seat.give("rollback", run=run)
        seat.go(run)
        assert (seat.run(run).rollback_state, made.done()[3:]) == ("done", ["-c", "-b", "-a"])


def test_rb_case_03_nothing_but_the_exact_name_starts_what_is_typed(house: Makes) -> None:
    made = house(effect_step("a", keys='confirm = "type"'), environment="production")
    with made.seat() as seat:
        run = seat.start(yes="yes")
        assert seat.go(run) == Wait("person")
        for given in ({}, {"yes": "yes"}, {"typed": "y"}, {"typed": "prod"}, {"typed": "Production"}):
            with pytest.raises(CommandRefused, match="type production"):
                seat.give("confirm", run=run, **given)
            seat.go(run)
        assert made.done() == []
        seat.give("confirm", run=run, typed="production")
        seat.go(run)
        assert (seat.run(run).state, made.done()) == ("succeeded", ["a"])


def test_rb_case_05_what_timed_out_after_its_effect_is_undone_first(house: Makes) -> None:
    made = house(effect_step("a"), effect_step("b"), effect_step("c", "sleep 60", keys='timeout = "1s"'))
    with made.seat() as seat:
        run = seat.start()
        seat.go(run)
        assert states(seat, run) == ["succeeded", "succeeded", "timed_out"]
        assert (seat.run(run).state, seat.run(run).rollback_state) == ("failed", "offered")
        seat.give("rollback", run=run)
        seat.go(run)
        assert made.done() == ["a", "b", "c", "-c", "-b", "-a"]


def test_rb_case_06_a_failed_undo_stops_the_rollback_and_a_retry_ends_it(house: Makes, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.touch()
    undo = (
        f"rollback = {{ kind = \"command\", run = ['sh', '-c', '''test ! -e {broken} && echo -b >> \"$EFFECTS\"'''] }}"
    )
    made = house(effect_step("a"), effect_step("b", undo=False, keys=undo), keys='resources = ["deploy/api"]')
    with made.seat() as seat:
        run = seat.start()
        seat.go(run)
        seat.give("rollback", run=run)
        seat.go(run)
        assert (seat.run(run).rollback_state, made.done()) == ("failed", ["a", "b"])
        with pytest.raises(CommandRefused, match="locked by RUN-"):
            seat.start()
        broken.unlink()
        seat.give("rollback", run=run, how="retry")
        seat.go(run)
        assert (seat.run(run).rollback_state, made.done()) == ("done", ["a", "b", "-b", "-a"])
        seat.start()


def test_rb_case_07_a_skipped_step_is_not_undone_and_its_reason_stays(house: Makes) -> None:
    made = house(effect_step("a"), effect_step("b", keys='confirm = "ask"'), effect_step("c"))
    with made.seat() as seat:
        run = seat.start()
        seat.go(run)
        with pytest.raises(CommandRefused, match="needs"):
            seat.give("skip", run=run, reason="")
        seat.give("skip", run=run, reason="the cache is fine")
        seat.go(run)
        seat.give("rollback", run=run)
        seat.go(run)
        assert made.done() == ["a", "c", "-c", "-a"]
        assert seat.bodies(run, "run.skipped")[0]["reason"] == "the cache is fine"


def test_rb_case_12_a_run_that_waits_keeps_its_lock_from_other_runbooks(tmp_path: Path) -> None:
    keys = 'resources = ["deploy/api"]'
    first = book(effect_step("a", keys='confirm = "ask"'), keys=keys)
    made = House(tmp_path, first + book(effect_step("b"), keys=keys, name="other"))
    with made.seat() as one, made.seat("bob") as two:
        run = one.start()
        one.go(run)
        with pytest.raises(CommandRefused, match=f"deploy/api is locked by {run} of alice"):
            two.start("other")
        one.give("abort", run=run)
        one.go(run)
        two.go(two.start("other"))
        assert made.done() == ["b"]


def test_rb_case_13_who_was_adopted_from_changes_nothing_any_more(house: Makes) -> None:
    made = house(effect_step("a", "sleep 0.6"), effect_step("b"))
    with made.seat() as one, made.seat("bob") as two:
        run = one.start()
        begun(one, run)
        before = one.run(run)
        two.give("adopt", run=run, reason="alice's laptop sleeps")
        version = two.run(run).version
        with pytest.raises(StaleCommit):
            one.runs.commit(before, acts.abort(before, RunActor("alice", one.ports.clock.now(), one.rules.session)))
        assert one.drive.turn(run) == Wait("other")
        assert two.run(run).version == version
        two.go(run)
        assert (two.run(run).state, made.done()) == ("succeeded", ["a", "b"])


def test_rb_case_14_an_edited_file_changes_no_run_that_has_begun(house: Makes) -> None:
    made = house(effect_step("a", keys='confirm = "ask"'))
    with made.seat() as seat:
        run = seat.start()
        digest = seat.run(run).definition
        made.write(book(effect_step("z")))
        seat.go(run)
        seat.give("confirm", run=run, yes="yes")
        seat.go(run)
        found = seat.rules.runbook("example")
        assert found is not None
        assert (made.done(), digest) == (["a"], seat.run(run).definition)
        assert found.digest != digest


@pytest.mark.parametrize(
    "step",
    [
        'kind = "command"\nrun = ["kubectl", "delete", "pod", "x"]\n',
        'kind = "command"\nrun = ["/usr/bin/kubectl", "--context", "staging", "delete", "pod", "x"]\n',
        'kind = "kubernetes"\nrestart = "deployment/x"\ncontext = "staging"\n',
    ],
)
def test_rb_case_04_another_context_than_the_targets_stops_it_before_the_first_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    (tmp_path / "kubeconfig").write_text("current-context: staging\n")
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "kubeconfig"))
    more = '[[target]]\nid = "prod"\ncontext = "prod"\n'
    second = f'[[runbook.step]]\nid = "b"\ntitle = "b"\n{step}restores_itself = true\n'
    made = House(tmp_path, book(effect_step("a"), second), more=more)
    with made.seat() as seat:
        with pytest.raises(CommandRefused, match="b would act at staging, and the target's context is prod"):
            seat.start(target="prod")
        assert (run_store(seat.store).recent(), made.done()) == ((), [])


def test_exec_case_27_one_line_says_what_a_logout_ends(tmp_path: Path) -> None:
    running, lingering, conf = tmp_path / "run", tmp_path / "linger", tmp_path / "logind.conf"
    places = {"lingering": lingering, "running": running, "conf": conf}
    assert logout_kills({}, "alice", **places) == ""
    running.mkdir()
    lingering.mkdir()
    assert "no user bus" in logout_kills({}, "alice", **places)
    (tmp_path / "bus").touch()
    with_bus = {"XDG_RUNTIME_DIR": str(tmp_path)}
    assert logout_kills(with_bus, "alice", **places) == ""
    conf.write_text("[Login]\nKillUserProcesses=yes\n")
    said = logout_kills(with_bus, "alice", **places)
    assert ("loginctl enable-linger alice" in said, "\n" in said) == (True, False)
    (lingering / "alice").touch()
    assert logout_kills(with_bus, "alice", **places) == ""


def test_rb_case_02_a_dry_run_sends_reads_only(tmp_path: Path) -> None:
    asked: list[str] = []

    class Stub(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.command)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"state": "closed"}')

        do_POST = do_GET

        def log_message(self, format: str, *args: object) -> None:
            """Nothing is printed."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Stub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    read = f'[[runbook.step]]\nid = "r"\nkind = "http"\nrequest = {{ url = "{url}/state" }}\ncapture = {{ was = "body.state" }}\n'
    write = (
        f'[[runbook.step]]\nid = "w"\nkind = "http"\nrequest = {{ method = "POST", url = "{url}/open/{{{{ steps.r.was }}}}" }}\n'
        f'capture = {{ now = "body.state" }}\nrollback = {{ kind = "http", request = {{ method = "POST", url = "{url}/close" }} }}\n'
    )
    after = f'[[runbook.step]]\nid = "x"\nkind = "http"\nrequest = {{ method = "POST", url = "{url}/{{{{ steps.w.now }}}}" }}\nrestores_itself = true\n'
    made = House(tmp_path, book(read, write, after))
    try:
        with made.seat() as seat:
            run = seat.start(mode="dry")
            seat.go(run)
            assert (seat.run(run).state, states(seat, run)) == ("succeeded", ["succeeded", "skipped", "skipped"])
            said = [str(body["reason"]) for body in seat.bodies(run, "run.skipped")]
            assert f"would run: POST {url}/open/closed" in said[0]
            assert f"undo: POST {url}/close" in said[0]
            assert "<w.now>" in said[1]
        assert asked == ["GET"]
    finally:
        server.shutdown()
        server.server_close()
