"""The last lines of a log: a real dockerd, a stand-in API server, the real journalctl and one that has lines."""

from __future__ import annotations

import os
import shutil
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from artisan_tui.config.about import Logs
from artisan_tui.config.checks import CheckSpec, Service
from artisan_tui.domain.checks.log_tail import LARGEST, LINES, LogTail, tail_of
from artisan_tui.engine.checks.about import about_check, logs_of
from artisan_tui.sources.checks import KINDS
from artisan_tui.sources.checks.systemd.spec import SystemdSpec
from artisan_tui.sources.logs import log_reader
from artisan_tui.sources.probe_context import ProbeContext
from support.docker_daemon import Daemon, dockerd
from support.kube_api import KubeApi, kube_api
from support.servers import certificate, free_port, until

TCP: dict[str, Any] = {"id": "x", "kind": "tcp", "host": "127.0.0.1", "port": 1}


async def read(environ: dict[str, str] | None = None, spec: dict[str, Any] | None = None, **logs: str) -> LogTail:
    """Asked as a session asks: with the logs of the configuration, or those of what the check itself probes."""
    made: CheckSpec = KINDS[(spec or TCP)["kind"]].spec.model_validate(spec or TCP)
    context = ProbeContext.open(None, environ if environ is not None else dict(os.environ))
    reader = log_reader(Logs.model_validate(logs) if logs else None, made, context)
    assert reader is not None
    try:
        found = await reader.tail()
    finally:
        await context.aclose()
    assert ("".join(found.lines) + found.problem + found.source).isprintable()
    assert bool(found.lines) != bool(found.problem)
    return found


# -- the end of a log --------------------------------------------------------------------


def test_e_the_end_of_a_log_is_its_newest_lines_and_only_text() -> None:
    found = tail_of("x", b"".join(b"line %d\n" % n for n in range(500)))
    assert (len(found.lines), found.lines[-1], found.cut) == (LINES, "line 499", False)
    huge = tail_of("x", b"a" * LARGEST + b"\n" + b"b" * 10_000 + b"\nlast\n")
    assert huge.cut
    assert huge.lines[-1] == "last"
    assert len(huge.lines[0]) <= 2000
    hostile = tail_of("x", b"\x1b[31m[bold]red[/]\x1b[0m \x1b]0;t\x07 \xff\n\n  indented\x00")
    assert hostile.lines == ("[bold]red[/]  \ufffd", "", "  indented")
    assert tail_of("x", b"").lines == tail_of("x", b"\n\n").lines == ()


def test_e_a_check_without_a_log_has_none() -> None:
    spec = KINDS["tcp"].spec.model_validate(TCP)
    assert log_reader(None, spec, ProbeContext.open(None, {})) is None


# -- docker ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def daemon() -> Iterator[Daemon]:
    with dockerd() as running:
        yield running


async def test_e_the_last_lines_of_a_container_that_has_exited(daemon: Daemon) -> None:
    name = f"t-{uuid.uuid4().hex[:10]}"
    script = "exec >&2; echo first; i=0; while [ $i -lt 60 ]; do echo line $i; i=$((i+1)); done; printf '\\033[31mCUDA out of memory\\033[0m\\n'"
    daemon.run("/bin/sh", "-c", script, name=name).wait()
    for found in (
        await read(docker=name, host=daemon.host),
        # A docker check needs no `logs`: it reads those of its own container.
        await read(spec={"id": "x", "kind": "docker", "container": name, "host": daemon.host}),
    ):
        assert found.source == f"docker {name}"
        assert len(found.lines) == LINES
        assert found.lines[-2:] == ("line 59", "CUDA out of memory")


async def test_e_of_a_compose_service_the_container_that_is_not_well(daemon: Daemon) -> None:
    project = f"p{uuid.uuid4().hex[:8]}"
    labels = {"com.docker.compose.project": project, "com.docker.compose.service": "web"}
    daemon.run("/bin/sh", "-c", "echo well; /bin/sleep 3600", labels=labels)
    daemon.run("/bin/sh", "-c", "echo failing; exit 3", labels=labels).wait()
    daemon.run("/bin/sh", "-c", "echo well; /bin/sleep 3600", labels=labels)
    spec = {"id": "x", "kind": "docker", "compose_project": project, "compose_service": "web", "host": daemon.host}
    assert (await read(spec=spec)).lines == ("failing",)


async def test_e_what_docker_refuses_is_one_sentence(daemon: Daemon) -> None:
    name = f"t-{uuid.uuid4().hex[:10]}"
    assert (await read(docker=name, host=daemon.host)).problem == f"there is no container {name}"
    daemon.run("/bin/true", name=name, log_config={"type": "none"}).wait()
    assert "logging driver" in (await read(docker=name, host=daemon.host)).problem
    assert "there is no such socket" in (await read(docker="x", host="unix:///nowhere/docker.sock")).problem
    assert "refused" in (await read(docker="x", host=f"tcp://127.0.0.1:{free_port()}")).problem


async def test_e_a_deaf_docker_costs_no_more_than_the_time_limit(daemon: Daemon) -> None:
    with daemon.stopped():
        began = time.monotonic()
        found = await read(docker="x", host=daemon.host)
    assert "did not respond within" in found.problem
    assert time.monotonic() - began < 9


# -- kubernetes --------------------------------------------------------------------------


@pytest.fixture
def api(tmp_path: Path) -> Iterator[KubeApi]:
    with kube_api(tls=certificate(tmp_path)) as server:
        server.cluster.add("deployments", "api")
        yield server


@pytest.fixture
def kube(api: KubeApi, tmp_path: Path) -> dict[str, str]:
    return {"namespace": "artisan", "kubeconfig": str(api.kubeconfig(tmp_path / "config"))}


async def test_e_the_last_lines_of_the_pod_that_is_worst_off(api: KubeApi, kube: dict[str, str]) -> None:
    pods = api.cluster.pods("api")
    for name in pods:
        api.cluster.logs[name] = "".join(f"{name} {n}\n" for n in range(80))
    found = await read(kubernetes="deployment/api", **kube)
    assert len(found.lines) == LINES
    assert found.lines[-1].endswith(" 79")
    api.cluster.unready(pods[-1])
    found = await read(kubernetes="deployment/api", **kube)
    assert found.source == f"kubernetes {pods[-1]}"
    assert found.lines[-1] == f"{pods[-1]} 79"


async def test_e_what_kubernetes_refuses_is_one_sentence(api: KubeApi, kube: dict[str, str]) -> None:
    assert "does not exist" in (await read(kubernetes="deployment/nothing", **kube)).problem
    assert "there is no pod" in (await read(kubernetes="pods/app=nothing", **kube)).problem
    api.fail(403, "/log")
    assert (await read(kubernetes="deployment/api", **kube)).problem == (
        "permission denied: needs get on pods/log in namespace artisan"
    )
    assert "kubeconfig" in (await read(kubernetes="deployment/api", kubeconfig="/nowhere/config")).problem


# -- the journal -------------------------------------------------------------------------


def stand_in(folder: Path, script: str) -> dict[str, str]:
    """A journalctl of our own: what a machine without systemd cannot show for real."""
    program = folder / "journalctl"
    program.write_text("#!/bin/sh\n" + script, "utf-8")
    program.chmod(0o755)
    return {"PATH": f"{folder}:{os.environ['PATH']}", "SECRET": "no child needs it"}


@pytest.mark.skipif(shutil.which("journalctl") is None, reason="no journalctl")
async def test_e_a_unit_without_lines_is_one_sentence_of_the_real_journalctl() -> None:
    found = await read(journal=f"no-such-{uuid.uuid4().hex[:8]}.service")
    assert "journal" in found.problem


async def test_e_journalctl_gets_its_arguments_as_they_are_and_no_shell(tmp_path: Path) -> None:
    environ = stand_in(tmp_path, 'for each in "$@"; do echo "[$each]"; done; echo "${SECRET:-none}"\n')
    found = await read(environ, journal="api@1:x.service")
    assert found.lines == (
        *("[-u]", "[api@1:x.service]", "[-n]", "[50]", "[--no-pager]", "[-o]", "[short-iso]"),
        "none",
    )


@pytest.mark.parametrize(
    ("keys", "argv"),
    [
        ({"unit": "nginx"}, ("[-u]", "[nginx.service]")),
        ({"unit": "b.timer", "user": True}, ("[--user-unit]", "[b.timer]")),
    ],
)
async def test_e_a_systemd_check_reads_the_journal_of_its_own_unit(
    tmp_path: Path, keys: dict[str, Any], argv: tuple[str, ...]
) -> None:
    environ = stand_in(tmp_path, 'for each in "$@"; do echo "[$each]"; done\n')
    spec = SystemdSpec(id="x", **keys)
    reader = log_reader(None, spec, ProbeContext.open(None, environ))
    assert reader is not None
    assert (await reader.tail()).lines[:2] == argv
    service = Service.model_validate({"id": "s", "logs": {"docker": "web"}})
    assert about_check(service, spec).logs == f"journal {spec.target}"
    assert logs_of(service, spec) is None


async def test_e_of_a_long_journal_the_newest_lines_are_kept(tmp_path: Path) -> None:
    long = "i=0; while [ $i -lt 50 ]; do printf '%s %05000d\\n' line $i; i=$((i+1)); done; echo newest\n"
    found = await read(stand_in(tmp_path, long), journal="x.service")
    assert found.cut
    assert found.lines[-1] == "newest"
    assert found.lines[0].startswith("line 0")


@pytest.mark.parametrize(
    ("script", "said"),
    [
        (
            "echo 'Hint: no' >&2; echo 'No journal files were opened due to insufficient permissions.' >&2; exit 1\n",
            "permissions",
        ),
        ("exit 7\n", "exit code 7"),
        ("echo '-- No entries --'\n", "no line of x.service"),
    ],
)
async def test_e_what_journalctl_refuses_is_one_sentence(tmp_path: Path, script: str, said: str) -> None:
    assert said in (await read(stand_in(tmp_path, script), journal="x.service")).problem


async def test_e_a_journalctl_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("artisan_tui.sources.logs.journal.PATIENCE", 0.5)
    environ = stand_in(tmp_path, f"echo $$ > {tmp_path}/pid; sleep 600\n")
    assert "did not answer" in (await read(environ, journal="x.service")).problem
    pid = int((tmp_path / "pid").read_text())
    until(lambda: not Path(f"/proc/{pid}").exists(), 5.0, "the end of journalctl")


async def test_e_without_journalctl_it_says_so(tmp_path: Path) -> None:
    assert "not installed" in (await read({"PATH": str(tmp_path)}, journal="x.service")).problem
