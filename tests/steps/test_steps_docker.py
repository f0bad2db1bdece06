"""Steps of kind docker, on a real daemon."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker
import pytest

from artisan_tui.steps.runbooks.job import StepJob
from artisan_tui.steps.runbooks.protocol import Resolved, Until
from support.docker_daemon import IMAGE, Daemon, dockerd
from support.servers import until
from support.step_runs import captured, carried_out, evidence, resolved, result_of, started, undone

#: Ends well on TERM, after a moment.
POLITE = ("/bin/sh", "-c", "trap 'sleep 1; exit 0' TERM; while true; do sleep 0.1; done")
DEAF = ("/bin/sh", "-c", "trap '' TERM; while true; do sleep 0.1; done")


@pytest.fixture(scope="module")
def daemon() -> Iterator[Daemon]:
    with dockerd() as made:
        yield made


def act(daemon: Daemon, verb: str, name: str, *, stop_timeout: float | None = None, **more: Any) -> Resolved:
    body: dict[str, object] = {verb: name, "host": daemon.host}
    if stop_timeout is not None:
        body["stop_timeout"] = stop_timeout
    return resolved("docker", body, **more)


def test_exec_case_15_a_container_has_its_own_time_to_stop(daemon: Daemon, tmp_path: Path) -> None:
    host = daemon.client.api
    for name, command, seconds in (("polite", POLITE, 30), ("deaf", DEAF, 1)):
        made = host.create_container(IMAGE, list(command), name=name, stop_signal="SIGTERM", stop_timeout=seconds)
        host.start(made)
    until(lambda: all(host.inspect_container(each)["State"]["Running"] for each in ("polite", "deaf")), 10)
    job = StepJob("act", act(daemon, "stop", "polite", capture={"code": "body.exit_code"}))
    found = result_of(job, started(job, tmp_path / "a"), 30)
    assert (found.outcome, found.captures) == ("ok", {"code": "0"})
    # One that does not listen is killed after its own second, not after the ten that the SDK would send.
    began = time.monotonic()
    assert carried_out(act(daemon, "restart", "deaf"))["state"] == "ok"
    assert time.monotonic() - began < 8
    shown = carried_out(act(daemon, "stop", "polite"), does="dry")["why"]
    assert "has 30 s to stop" in shown
    assert "has 7 s to stop" in carried_out(act(daemon, "stop", "polite", stop_timeout=7), does="dry")["why"]


def test_exec_case_16_a_crash_loop_fails_verify_within_stable_for(daemon: Daemon) -> None:
    daemon.run("/bin/sh", "-c", "sleep 0.3; exit 1", name="loop", restart_policy={"Name": "always"})
    daemon.run(name="calm")
    looping = act(daemon, "inspect", "loop", until=Until(2.5, 0.1, 2.0), part="verify")
    said: list[str] = []
    found = carried_out(looping, does="verify", said=said)
    assert found["state"] == "failed"
    assert any("RestartCount" in line or "restarting" in line or "started again" in line for line in said), said
    calm = act(daemon, "inspect", "calm", until=Until(5.0, 0.1, 0.5), part="verify")
    assert carried_out(calm, does="verify")["state"] == "ok"


def test_running_is_not_healthy(daemon: Daemon) -> None:
    check = {
        "test": ["CMD", "/bin/test", "-e", "/well"],
        "interval": 100_000_000,
        "timeout": 2_000_000_000,
        "retries": 1,
    }
    container = daemon.run(name="sick", healthcheck=check)
    verify = act(daemon, "inspect", "sick", until=Until(1.5, 0.1), part="verify")
    found = carried_out(verify, does="verify")
    assert found["state"] == "failed"
    assert "health" in found["why"]
    container.exec_run(["/bin/sh", "-c", "echo > /well"])
    better = act(daemon, "inspect", "sick", until=Until(15.0, 0.1), part="verify")
    assert carried_out(better, does="verify")["state"] == "ok"


def test_a_restart_is_seen_afterwards_by_when_it_was_started(daemon: Daemon) -> None:
    daemon.run(name="seen")
    step = act(daemon, "restart", "seen")
    before, since = captured(step), time.time()
    assert evidence(step, before, since=since - 60).verdict == "absent"
    assert evidence(step, before, since=since).verdict == "unsure"  # it may still be stopping
    assert carried_out(step, before)["state"] == "ok"
    assert evidence(step, before, since=since).verdict == "happened"
    assert undone(step, before) is None


def test_a_daemon_that_does_not_answer_leaves_it_unknown_and_does_it_nevertheless(daemon: Daemon) -> None:
    daemon.run(*DEAF, name="slow", stop_signal="SIGTERM")
    step = act(daemon, "stop", "slow", stop_timeout=2)
    before, since = captured(step), time.time()
    with pytest.MonkeyPatch.context() as patch:
        stop = docker.APIClient.stop

        def impatient(client: docker.APIClient, container: str, timeout: int) -> None:
            client.timeout = 0.3 - timeout  # the SDK adds the time to stop to its own
            stop(client, container, timeout)

        patch.setattr(docker.APIClient, "stop", impatient)
        found = carried_out(step, before)
    assert found["state"] == "unknown"
    until(lambda: evidence(step, before, since=since).verdict == "happened", 15)


def test_a_stop_is_undone_by_a_start_of_the_same_container(daemon: Daemon) -> None:
    daemon.run(name="service")
    step = act(daemon, "stop", "service", stop_timeout=0)
    before = captured(step)
    assert carried_out(step, before)["state"] == "ok"
    back = undone(step, before)
    assert back is not None
    assert back.request["id"] == before["id"]
    assert carried_out(back)["state"] == "ok"
    assert daemon.client.containers.get("service").status == "running"
    # Where it was so before, the way back does nothing, and there is one.
    same = undone(act(daemon, "start", "service"), captured(step))
    assert same is not None
    assert carried_out(same)["state"] == "ok"
    assert daemon.client.containers.get("service").status == "running"
    daemon.client.containers.get("service").remove(force=True)
    daemon.run(name="service")
    again = carried_out(step, before)
    assert again["state"] == "failed"
    assert "is another container now" in again["why"]
    assert "another container" in carried_out(back)["why"]


def test_logs_are_shown_and_a_name_that_is_none_is_no_prefix_of_an_id(daemon: Daemon) -> None:
    container = daemon.run("/bin/echo", "hello there", name="talks")
    container.wait()
    said: list[str] = []
    shown = act(daemon, "logs", "talks", expect=('stdout ~ "hello"',))
    assert carried_out(shown, said=said)["state"] == "ok"
    assert "hello there" in said[0]
    for name in (container.id[:5], "nobody"):
        found = carried_out(act(daemon, "inspect", name))
        assert found["state"] == "failed"
        assert "there is no container" in found["why"]
        assert carried_out(act(daemon, "inspect", name), does="preflight")["findings"][0]["ok"] is False
    assert carried_out(act(daemon, "restart", "talks"), does="preflight")["state"] == "ok"


def test_no_daemon_is_said() -> None:
    body = {"restart": "x", "host": "unix:///nowhere/docker.sock"}
    found = carried_out(resolved("docker", body))
    assert "the docker daemon at unix:///nowhere/docker.sock does not answer" in found["why"]


def test_a_step_that_is_killed_while_the_daemon_works_is_told_by_reads(daemon: Daemon, tmp_path: Path) -> None:
    daemon.run(*DEAF, name="killed", stop_signal="SIGTERM")
    step = act(daemon, "restart", "killed", stop_timeout=2)
    before, since = captured(step), time.time()
    job = StepJob("act", step, before)
    attempt = started(job, tmp_path / "a")
    until(lambda: "restart killed" in attempt.output(), 20)
    attempt.kill()
    assert result_of(job, attempt).outcome == "unknown"
    assert evidence(step, before, since=since).verdict == "unsure"
    until(lambda: evidence(step, before, since=since).verdict != "unsure", 20, "the end of the daemon's work")
    now = daemon.client.api.inspect_container("killed")["State"]["StartedAt"]
    verdict = evidence(step, before, since=since).verdict
    assert verdict == ("happened" if now != before["started_at"] else "absent")


def test_exec_case_37_dry_and_preflight_leave_the_container_alone(daemon: Daemon) -> None:
    daemon.run(name="untouched")
    was = daemon.client.api.inspect_container("untouched")["State"]
    for verb in ("restart", "stop", "start", "inspect", "logs"):
        for does in ("dry", "preflight", "capture"):
            assert carried_out(act(daemon, verb, "untouched"), does=does)["state"] == "ok"
    assert daemon.client.api.inspect_container("untouched")["State"] == was
