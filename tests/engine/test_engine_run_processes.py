"""Attempts of runs as real processes: killed, aborted, full disks, secrets, and starts that happen once."""

from __future__ import annotations

import signal
import threading
from pathlib import Path

import pytest

from artisan_tui.domain.runbooks.effects import Wait
from artisan_tui.engine.command import CommandRefused
from artisan_tui.engine.runbooks.attempt import AttemptState
from artisan_tui.engine.runbooks.shim import folder as files
from artisan_tui.engine.runbooks.shim.processes import ProcessId
from support.live_runs import (
    House,
    Makes,
    Seat,
    attempt,
    begun,
    book,
    effect_step,
    house_maker,
    kill_attempt,
    shim_of,
    states,
)
from support.servers import until


@pytest.fixture
def house(tmp_path: Path) -> Makes:
    return house_maker(tmp_path)


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
        (ended,) = second.bodies(run, "run.ended")
        assert 0.5 <= float(str(ended["lasted"])) < 60


def test_rb_case_09_a_killed_shim_is_unknown_and_evidence_or_a_name_decides(house: Makes) -> None:
    made = house(effect_step("a", "sleep 60"))
    with made.seat() as seat:
        run = seat.start()
        begun(seat, run)
        kill_attempt(attempt(seat, run, "a.1.do").folder)
        seat.go(run)
        assert (seat.run(run).state, states(seat, run)) == ("unknown", ["unknown"])
        with pytest.raises(CommandRefused, match="settle that first"):
            seat.give("retry", run=run)
        seat.give("decide-unknown", run=run, outcome="done", reason="I saw it")
        seat.go(run)
        assert (seat.run(run).state, made.done()) == ("succeeded", ["a"])
        assert seat.bodies(run, "run.settled")[0]["by"] == "person"


def test_rb_case_09_the_verify_of_the_step_is_asked_as_evidence(house: Makes, tmp_path: Path) -> None:
    verify = f'verify = {{ kind = "command", run = ["grep", "-q", "a", "{tmp_path}/effects"], within = "1s", every = "200ms" }}'
    made = house(effect_step("a", "sleep 60", keys=verify))
    with made.seat() as seat:
        run = seat.start()
        begun(seat, run)
        until(lambda: made.done() == ["a"])
        kill_attempt(attempt(seat, run, "a.1.do").folder)
        seat.go(run)
        assert (seat.run(run).state, made.done()) == ("succeeded", ["a"])
        assert seat.bodies(run, "run.settled")[0]["by"] == "evidence"


def test_rb_case_16_a_secret_is_nowhere_on_disk(tmp_path: Path) -> None:
    step = (
        '[[runbook.step]]\nid = "a"\ntitle = "a"\nkind = "command"\nmutates = false\n'
        "run = ['sh', '-c', 'cat /proc/[0-9]*/cmdline > \"$EFFECTS\"; "
        'printf half:%.12s "$TOKEN"; sleep 0.1; printf %s "$TOKEN"\']\n'
        'env = { TOKEN = "{{ params.token }}" }\n'
    )
    made = House(tmp_path, book(step, params='token = { type = "secret" }'))
    made.environ["API_TOKEN"] = secret = "s3cr3t-horse-battery"
    with made.seat() as seat:
        run = seat.start(params="token=env:API_TOKEN")
        seat.go(run)
        assert seat.run(run).state == "succeeded"
    assert b"artisan_tui" in made.effects.read_bytes(), "what ps shows while the step runs"
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


@pytest.mark.parametrize(("moved", "ends"), [(-7200.0, False), (7200.0, True)])
def test_an_orphan_is_ended_at_its_timeout_and_not_when_the_clock_is_set(
    house: Makes, moved: float, ends: bool
) -> None:
    """The clock went two hours forward, or back, since it began."""
    limits = 'timeout = "1s"\ngrace = "100ms"' if ends else 'timeout = "60s"\ngrace = "1s"'
    made = house(effect_step("a", "trap '' HUP; sleep 60", keys=limits))
    with made.seat() as seat:
        run = seat.start()
        begun(seat, run)
        one = attempt(seat, run, "a.1.do")
        ProcessId(shim_of(seat, run, "a.1.do"), _start(one.folder, "shim_start")).send(signal.SIGKILL)
        until(lambda: one.state() is AttemptState.ORPHANED, what="the orphan")
        begin = files.read_json(one.folder, files.START)
        assert begin is not None
        files.write_json(one.folder, files.START, {**begin, "at": begin["at"] + moved})
        try:
            if ends:
                until(lambda: seat.drive.turn(run) != Wait("process"), what="its end")
            else:
                for _ in range(3):
                    assert seat.drive.turn(run) == Wait("process")
                assert one.state() is AttemptState.ORPHANED
        finally:
            one.kill()
            until(lambda: one.state() is AttemptState.LOST, what="the end of the orphan")


def _start(folder: Path, name: str) -> str:
    found = files.read_json(folder, files.START)
    assert found is not None
    return str(found[name])


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
