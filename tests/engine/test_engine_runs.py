"""Runs with a real store and real processes: the cases of the runbooks' and of the execution's anchors."""

from __future__ import annotations

import http.server
import signal
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from artisan_tui.domain.runbooks import acts
from artisan_tui.domain.runbooks.acting import RunActor
from artisan_tui.domain.runbooks.effects import Finish, Wait
from artisan_tui.domain.runbooks.ports import StaleCommit
from artisan_tui.engine.command import CommandRefused
from artisan_tui.engine.commands import COMMANDS
from artisan_tui.engine.runbooks.attempt import Attempt, AttemptState
from artisan_tui.engine.runbooks.journaled import run_store
from artisan_tui.engine.runbooks.place_guard import logout_kills
from artisan_tui.engine.runbooks.shim import folder as files
from artisan_tui.engine.runbooks.shim.processes import ProcessId
from artisan_tui.engine.runbooks.spawner import attempt_folder
from support.live_runs import House, Seat, book, effect_step
from support.servers import until

Makes = Callable[..., House]


@pytest.fixture
def house(tmp_path: Path) -> Makes:
    """Makes a house in a folder of its own."""

    def make(*steps: str, keys: str = "", params: str = "", **more: str) -> House:
        return House(tmp_path, book(*steps, keys=keys, params=params), **more)

    return make


def states(seat: Seat, run: str) -> list[str]:
    return [each.state for each in seat.run(run).steps]


def attempt(seat: Seat, run: str, name: str) -> Attempt:
    return Attempt(attempt_folder(seat.house.state, run, name))


def begun(seat: Seat, run: str) -> None:
    """Turn until the act of the run is under way."""
    until(lambda: seat.drive.turn(run) == Wait("process"), what="the act under way")


def shim_of(seat: Seat, run: str, name: str) -> int:
    found = files.read_json(attempt(seat, run, name).folder, files.START)
    assert found is not None
    return int(found["shim"])


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


def test_rb_case_08_another_session_reads_how_a_step_ended(house: Makes) -> None:
    made = house(effect_step("a", "echo working; sleep 0.5; echo over; exit 7"))
    with made.seat() as first, made.seat("bob") as second:
        run = first.start()
        begun(first, run)
        second.give("adopt", run=run, reason="alice is gone")
        second.go(run)
        step = second.run(run).step("a")
        assert (step.state, step.exit, step.attempt) == ("failed", 7, 1)
        assert "working" in step.tail
        assert "over" in step.tail
        assert made.done() == ["a"]


def test_rb_case_09_a_killed_shim_is_unknown_and_evidence_or_a_name_decides(house: Makes) -> None:
    made = house(effect_step("a", "sleep 60"))
    with made.seat() as seat:
        run = seat.start()
        begun(seat, run)
        begin = files.read_json(attempt(seat, run, "a.1.do").folder, files.START)
        assert begin is not None
        for pid in (int(begin["shim"]), int(begin["pid"])):
            with_children(pid)
        seat.go(run)
        assert (seat.run(run).state, states(seat, run)) == ("unknown", ["unknown"])
        with pytest.raises(CommandRefused, match="settle that first"):
            seat.give("retry", run=run)
        seat.give("decide-unknown", run=run, outcome="done", reason="I saw it")
        seat.go(run)
        assert (seat.run(run).state, made.done()) == ("succeeded", ["a"])
        assert seat.bodies(run, "run.settled")[0]["by"] == "person"


def with_children(pid: int) -> None:
    """Kill a process of this test and everything below it."""
    from artisan_tui.engine.runbooks.shim.processes import descendants, start_of

    for each in (ProcessId(pid, start_of(pid)), *descendants(pid)):
        each.send(signal.SIGKILL)


def test_rb_case_09_the_verify_of_the_step_is_asked_as_evidence(house: Makes, tmp_path: Path) -> None:
    verify = f'verify = {{ kind = "command", run = ["grep", "-q", "a", "{tmp_path}/effects"], within = "1s", every = "200ms" }}'
    made = house(effect_step("a", "sleep 60", keys=verify))
    with made.seat() as seat:
        run = seat.start()
        begun(seat, run)
        until(lambda: made.done() == ["a"])
        begin = files.read_json(attempt(seat, run, "a.1.do").folder, files.START)
        assert begin is not None
        for pid in (int(begin["shim"]), int(begin["pid"])):
            with_children(pid)
        seat.go(run)
        assert (seat.run(run).state, made.done()) == ("succeeded", ["a"])
        assert seat.bodies(run, "run.settled")[0]["by"] == "evidence"


def test_rb_case_11_of_two_who_start_at_once_exactly_one_does(house: Makes) -> None:
    made = house(effect_step("a", keys='confirm = "ask"'))
    with made.seat() as one, made.seat("bob") as two:
        for _round in range(20):
            ready, started, refused = threading.Barrier(2), list[tuple[Seat, str]](), list[str]()

            def start(seat: Seat, ready: threading.Barrier = ready) -> None:
                ready.wait()
                try:
                    started.append((seat, seat.start()))  # noqa: B023 - joined below
                except CommandRefused as error:
                    refused.append(str(error))  # noqa: B023 - joined below

            threads = [threading.Thread(target=start, args=(seat,)) for seat in (one, two)]
            for each in threads:
                each.start()
            for each in threads:
                each.join()
            assert (len(started), len(refused)) == (1, 1)
            winner, run = started[0]
            assert f"locked by {run} of {winner.name}" in refused[0]
            assert " at a" in refused[0]
            winner.give("abort", run=run)
            winner.go(run)


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


def test_rb_case_15_nobody_approves_their_own_under_any_name(house: Makes) -> None:
    made = house(effect_step("a", keys="approval = true"))
    with made.seat() as alice, made.seat("bob", 1001) as bob:
        run = alice.start()
        alice.go(run)
        with pytest.raises(CommandRefused, match="somebody else"):
            alice.give("approve", run=run)
        bob.give("approve", run=run)
        alice.go(run)
        assert (alice.run(run).state, made.done()) == ("succeeded", ["a"])


def test_rb_case_16_a_secret_is_nowhere_on_disk(tmp_path: Path) -> None:
    step = (
        '[[runbook.step]]\nid = "a"\ntitle = "a"\nkind = "command"\nmutates = false\n'
        "run = ['sh', '-c', 'printf half:%.12s \"$TOKEN\"; sleep 0.1; printf %s \"$TOKEN\"']\n"
        'env = { TOKEN = "{{ params.token }}" }\n'
    )
    made = House(tmp_path, book(step, params='token = { type = "secret" }'))
    made.environ["API_TOKEN"] = secret = "s3cr3t-horse-battery"
    with made.seat() as seat:
        run = seat.start(params="token=env:API_TOKEN")
        seat.go(run)
        assert seat.run(run).state == "succeeded"
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert secret.encode() not in path.read_bytes(), path


def test_rb_case_17_a_disk_without_room_starts_nothing(house: Makes) -> None:
    from artisan_tui.store.errors import StoreError

    made = house(effect_step("a", keys='confirm = "ask"'))
    with made.seat() as seat:
        run = seat.start()
        seat.go(run)
        seat.give("confirm", run=run, yes="yes")
        with full_disk(seat), pytest.raises(StoreError):
            seat.go(run)
        assert made.done() == []
        assert not attempt(seat, run, "a.1.do").folder.exists()
        seat.go(run)
        assert (seat.run(run).state, made.done()) == ("succeeded", ["a"])


class full_disk:
    """The store's file may not grow."""

    def __init__(self, seat: Seat) -> None:
        self._seat = seat

    def __enter__(self) -> None:
        self._pages(1)

    def __exit__(self, *what: object) -> None:
        self._pages(1 << 30)

    def _pages(self, most: int) -> None:
        with self._seat.store.writing() as transaction:
            transaction.connection.exec_driver_sql(f"PRAGMA max_page_count = {most}")


def test_rb_case_18_aborted_twice_nothing_of_it_remains(house: Makes) -> None:
    script = "(trap '' TERM; sleep 61) & (trap '' TERM; sleep 62) & trap '' TERM; while :; do sleep 0.1; done"
    made = house(effect_step("a", script.replace("'", '"'), keys='grace = "30s"'))
    with made.seat() as seat, made.seat("bob") as other:
        run = seat.start()
        begun(seat, run)
        until(lambda: made.done() == ["a"])
        shim = shim_of(seat, run, "a.1.do")
        from artisan_tui.engine.runbooks.shim.processes import descendants

        until(lambda: len(descendants(shim)) >= 3)
        family = descendants(shim)
        other.give("abort", run=run, reason="wrong place")
        seat.drive.turn(run)
        assert seat.run(run).state == "aborting"
        other.give("abort", run=run)
        seat.go(run)
        seat.drive.clean_up(run)
        assert (seat.run(run).state, states(seat, run)) == ("aborted", ["cancelled"])
        until(lambda: not any(each.lives() for each in family))


def test_exec_case_24_what_a_step_left_behind_is_counted_and_an_abort_ends_it(house: Makes) -> None:
    daemon = 'setsid sh -c "exec 0<&- 1>&- 2>&-; exec sleep 63" & sleep 0.2'
    made = house(effect_step("a", daemon), effect_step("b", keys='confirm = "ask"'))
    with made.seat() as seat:
        run = seat.start()
        seat.go(run)
        assert seat.run(run).step("a").survivors == 1
        ended = attempt(seat, run, "a.1.do").ended()
        assert ended is not None
        left = ended.survivors[0]
        assert left.lives()
        seat.give("abort", run=run)
        seat.go(run)
        seat.drive.clean_up(run)
        until(lambda: not left.lives())


def test_exec_case_25_a_process_of_another_start_time_gets_no_signal(house: Makes) -> None:
    made = house(effect_step("a", "sleep 30"))
    with made.seat() as seat:
        run = seat.start()
        begun(seat, run)
        one = attempt(seat, run, "a.1.do")
        found = files.read_json(one.folder, files.START)
        assert found is not None
        files.write_json(one.folder, files.START, {**found, "shim_start": "1", "start": "1"})
        assert not one.terminate()
        assert not one.kill()
        assert ProcessId(int(found["pid"]), str(found["start"])).lives()
        files.write_json(one.folder, files.START, found)
        one.kill()
        until(lambda: one.state() is AttemptState.ENDED)


def test_exec_case_32_every_command_but_another_logins_approval_leaves_it_waiting(house: Makes, tmp_path: Path) -> None:
    script = tmp_path / "deploy.sh"
    script.write_text("echo deployed >> $EFFECTS\n")
    made = house(
        f'[[runbook.step]]\nid = "a"\ntitle = "a"\nkind = "command"\nrun = ["sh", "{script}"]\napproval = true\n'
        'rollback = { kind = "command", run = ["true"] }\n'
    )
    with made.seat() as alice, made.seat("bob", 1001) as bob:
        run = alice.start(yes="yes")
        alice.go(run)
        given = {"reason": "now", "outcome": "done", "step": "a", "how": "start", "yes": "yes", "typed": "staging"}
        for command in COMMANDS.values():
            name = command.id.removeprefix("runbook.")
            if not command.id.startswith("runbook.") or name in ("start", "abort", "deny", "adopt", "break-lock"):
                continue
            takes = {each.name for each in command.parameters}
            with pytest.raises(CommandRefused):
                alice.give(name, run=run, **{key: value for key, value in given.items() if key in takes})
            alice.go(run)
            assert (alice.run(run).asked is not None, made.done()) == (True, []), name
        bob.give("approve", run=run)
        script.write_text("echo something-else >> $EFFECTS\n")
        alice.go(run)
        asked = alice.run(run).asked
        assert asked is not None
        assert (asked.what, made.done()) == ("approval", [])
        assert "not what was approved" in alice.bodies(run, "run.voided")[0]["why"]
        bob.give("approve", run=run)
        alice.go(run)
        assert made.done() == ["something-else"]


def test_exec_case_32_nobody_in_time_is_a_denial_and_a_late_approval_changes_nothing(
    house: Makes, monkeypatch: pytest.MonkeyPatch
) -> None:
    from artisan_tui.domain.runbooks import planning

    monkeypatch.setattr(planning, "LASTS", timedelta(milliseconds=50))
    made = house(effect_step("a", keys="approval = true"))
    with made.seat() as alice, made.seat("bob", 1001) as bob:
        run = alice.start()
        asked = alice.go(run)
        assert isinstance(asked, Wait)
        time.sleep(0.06)
        with pytest.raises(CommandRefused, match="expired"):
            bob.give("approve", run=run)
        alice.go(run)
        assert (alice.run(run).state, alice.run(run).rollback_state, made.done()) == ("failed", "none", [])
        with pytest.raises(CommandRefused, match="does not wait"):
            bob.give("approve", run=run)


@pytest.mark.parametrize(
    ("login", "shared", "said"),
    [
        (4294967295, "", "login uid is not set"),
        (None, "", "no login uid"),
        (0, "root is shared", "root is shared"),
    ],
)
def test_exec_case_33_a_login_that_nobody_can_tell_approves_nothing(
    house: Makes, login: int | None, shared: str, said: str
) -> None:
    made = house(effect_step("a", keys="approval = true"))
    with made.seat() as alice, made.seat("bob", login, shared) as bob:
        run = alice.start()
        alice.go(run)
        with pytest.raises(CommandRefused, match=said):
            bob.give("approve", run=run)
        assert made.done() == []


def test_exec_case_34_resumed_twice_in_one_instant_a_step_starts_once(house: Makes) -> None:
    made = house(effect_step("a", keys='confirm = "ask"'), effect_step("b"))
    with made.seat() as first, made.seat("bob") as second, made.seat("carol") as third:
        run = first.start(yes="yes")
        ready = threading.Barrier(3)

        def resume(seat: Seat) -> None:
            ready.wait()
            if seat is not first:
                seat.give("adopt", run=run, reason="nobody does it")
            seat.go(run)

        threads = [threading.Thread(target=resume, args=(seat,)) for seat in (first, second, third)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        owner = next(seat for seat in (first, second, third) if seat.rules.session == first.run(run).owner)
        owner.go(run)
        assert (owner.run(run).state, made.done()) == ("succeeded", ["a", "b"])


def test_an_attempt_that_is_sealed_is_never_started(house: Makes) -> None:
    made = house(effect_step("a"))
    with made.seat() as first, made.seat("bob") as second:
        run = first.start()
        first.drive.turn(run)  # the intent is committed, and its process is not started
        assert first.run(run).current is not None
        second.give("adopt", run=run, reason="alice is gone")
        second.go(run)
        assert (second.run(run).state, made.done(), second.run(run).step("a").attempt) == ("succeeded", ["a"], 2)


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
