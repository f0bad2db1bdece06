"""Steps of kind compose: a recording command line, and the facts of a real daemon."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from artisan_tui.steps.runbooks.protocol import Resolved, StepRefused, Until
from support.docker_daemon import Daemon, dockerd
from support.program_stand_ins import StandIn, first_on_path, stand_in
from support.step_runs import captured, carried_out, evidence, resolved, undone

#: What the real command line does to the daemon when it scales or restarts: containers with the project's labels.
_ACTS = """
import docker, os, sys
words, project = sys.argv[1:], sys.argv[sys.argv.index("--project-name") + 1]
client = docker.DockerClient(os.environ["DOCKER_HOST"])
def of(service):
    labels = [f"com.docker.compose.project={project}", f"com.docker.compose.service={service}"]
    return client.containers.list(all=True, filters={"label": labels})
def make(service):
    labels = {"com.docker.compose.project": project, "com.docker.compose.service": service}
    client.containers.run("artisan/busybox:test", ["/bin/sleep", "3600"], detach=True, network_mode="none",
                          stop_signal="SIGKILL", labels=labels)
def again(service):
    for each in of(service):
        each.remove(force=True)
        make(service)
if "restart" in words:
    for each in of(words[-1]):
        each.restart(timeout=0)
if "--scale" in words:
    service, _, count = words[words.index("--scale") + 1].partition("=")
    while len(of(service)) < int(count):
        make(service)
    for each in of(service)[int(count):]:
        each.remove(force=True)
if "--no-deps" not in words or os.environ.get("COMPOSE_STAND_IN_IS_OLD"):
    again("db")
print("done")
"""


@pytest.fixture(scope="module")
def daemon() -> Iterator[Daemon]:
    with dockerd() as made:
        yield made


@pytest.fixture
def compose(daemon: Daemon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    made = stand_in("docker", tmp_path / "bin")
    monkeypatch.setenv("PATH", first_on_path(made.folder))
    monkeypatch.setenv("DOCKER_HOST", daemon.host)
    monkeypatch.delenv("COMPOSE_PROJECT_NAME", raising=False)
    acts = tmp_path / "acts.py"
    acts.write_text(_ACTS)
    made.answer("compose", "--file", run=acts)
    made.answer("*", "config", "--services", out="app\ndb\n")
    made.answer("compose", "version", out="2.29.7\n")
    (tmp_path / "compose.yaml").write_text("services: {app: {image: a, depends_on: [db]}, db: {image: b}}\n")
    for container in daemon.client.containers.list(all=True):
        container.remove(force=True)
    for service in ("app", "app", "app", "db"):
        labels = {"com.docker.compose.project": "artisan", "com.docker.compose.service": service}
        daemon.run(labels=labels)
    return made


def act(tmp_path: Path, body: dict[str, Any], **more: Any) -> Resolved:
    return resolved("compose", {"file": "compose.yaml", "project": "artisan", **body}, folder=tmp_path, **more)


def ids(daemon: Daemon, service: str) -> set[str]:
    listed = daemon.client.containers.list(filters={"label": f"com.docker.compose.service={service}"})
    return {each.id for each in listed}


def test_exec_case_13_a_scale_leaves_the_neighbour_alone(
    compose: StandIn, daemon: Daemon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "compose.yaml"
    file.write_text(file.read_text().replace("db: {image: b}", "db: {image: b, environment: {NEW: 1}}"))
    neighbour = ids(daemon, "db")
    step = act(tmp_path, {"scale": {"app": 5}}, expect=("exit == 0",))
    before = captured(step)
    assert carried_out(step, before)["state"] == "ok"
    told = compose.calls[-1]
    assert told[:5] == ["compose", "--file", str(file), "--project-name", "artisan"]
    assert told[5:] == ["up", "--detach", "--no-deps", "--no-recreate", "--scale", "app=5", "app"]
    assert ids(daemon, "db") == neighbour
    assert len(ids(daemon, "app")) == 5
    assert evidence(step, before).verdict == "happened"
    back = undone(step, before)
    assert back is not None
    assert carried_out(back, captured(back))["state"] == "ok"
    assert len(ids(daemon, "app")) == 3
    # A command line that does not keep to it is found out.
    monkeypatch.setenv("COMPOSE_STAND_IN_IS_OLD", "1")
    found = carried_out(step, captured(step))
    assert found["state"] == "failed"
    assert "db was touched too" in found["why"]


def test_the_undo_of_a_scale_that_never_happened_finds_what_it_would_put_back(
    compose: StandIn, daemon: Daemon, tmp_path: Path
) -> None:
    step = act(tmp_path, {"scale": {"app": 5}})
    back = undone(step, captured(step))
    assert back is not None
    assert carried_out(back, captured(back))["state"] == "ok"
    assert len(ids(daemon, "app")) == 3


def test_another_number_than_captured_starts_nothing(compose: StandIn, daemon: Daemon, tmp_path: Path) -> None:
    step = act(tmp_path, {"scale": {"app": 5}})
    before = captured(step)
    assert evidence(step, before).verdict == "absent"
    daemon.run(labels={"com.docker.compose.project": "artisan", "com.docker.compose.service": "app"})
    found = carried_out(step, before)
    assert "3 containers of app were expected and 4 run: nothing was started" in found["why"]
    assert not any("up" in each for each in compose.calls)
    assert evidence(step, before).verdict == "unsure"


def test_a_restart_is_seen_by_when_the_containers_were_started(compose: StandIn, tmp_path: Path) -> None:
    step = act(tmp_path, {"restart": ("app",)}, expect=("exit == 0",))
    before = captured(step)
    assert evidence(step, before).verdict == "absent"
    assert carried_out(step, before)["state"] == "ok"
    assert compose.calls[-1][5:] == ["restart", "--no-deps", "app"]
    assert evidence(step, before).verdict == "happened"
    assert undone(step, before) is None


def test_exec_case_14_an_empty_list_fails_verify(compose: StandIn, tmp_path: Path) -> None:
    verify = act(tmp_path, {"ps": ()}, until=Until(0.3, 0.1), part="verify", expect=("exit == 0",))
    compose.answer("*", "ps", out="")
    found = carried_out(verify, does="verify")
    assert found["state"] == "failed"
    assert "the project artisan has no containers" in found["why"]
    compose.answer("*", "ps", out="[]")
    assert carried_out(verify, does="verify")["state"] == "failed"
    up = '{"ID": "1", "Name": "artisan-app-1", "Service": "app", "State": "running", "Health": ""}\n'
    compose.answer("*", "ps", out=up)
    assert carried_out(verify, does="verify")["state"] == "ok"
    db = act(tmp_path, {"ps": ("app", "db")}, until=Until(0.3, 0.1), part="verify")
    assert "db has no container" in carried_out(db, does="verify")["why"]
    compose.answer("*", "ps", out=up.replace('""', '"unhealthy"'))
    assert "unhealthy" in carried_out(verify, does="verify")["why"]
    compose.answer("*", "ps", out=up.replace("running", "exited").replace('""', '"", "ExitCode": 0'))
    assert carried_out(verify, does="verify")["state"] == "ok"  # a one-shot that ended well


def test_preflight_names_the_program_the_service_and_the_file(
    compose: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert carried_out(act(tmp_path, {"restart": ("app",)}), does="preflight")["state"] == "ok"
    missing = carried_out(act(tmp_path, {"restart": ("web",)}), does="preflight")
    assert "the file has no service web" in str(missing["findings"])
    compose.answer("*", "config", "--services", err="yaml: line 3: mapping values\n", code=15)
    assert "yaml: line 3" in str(carried_out(act(tmp_path, {"restart": ("app",)}), does="preflight"))
    compose.answer("compose", "version", out="2.3.3")
    assert "Compose 2.3.3 is too old" in carried_out(act(tmp_path, {"restart": ("app",)}))["why"]
    monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))
    assert "Compose is not installed" in carried_out(act(tmp_path, {"restart": ("app",)}))["why"]
    with pytest.raises(StepRefused, match="there is no compose file"):
        act(tmp_path, {"file": "other.yaml", "restart": ("app",)})


def test_the_project_is_always_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COMPOSE_PROJECT_NAME", raising=False)
    folder = tmp_path / "My.App"
    folder.mkdir()
    (folder / "compose.yaml").write_text("services: {}\n")
    body = {"file": "compose.yaml", "ps": ()}
    assert resolved("compose", body, folder=folder).request["project"] == "myapp"
    (folder / "compose.yaml").write_text("name: shop\nservices: {}\n")
    assert resolved("compose", body, folder=folder).request["project"] == "shop"
    assert resolved("compose", body, folder=folder, environ={"COMPOSE_PROJECT_NAME": "x"}).request["project"] == "x"
