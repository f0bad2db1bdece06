"""A test run that is killed leaves no server behind, though no fixture of it ends anything any more."""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path

import psutil
import pytest

from support.docker_daemon import dockerd
from support.processes import with_us
from support.servers import require

TESTS = Path(__file__).parent
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join((str(TESTS), str(TESTS.parent)))}

#: Each begins as a fixture does and says the processes that must not outlive it.
PARENT = """
import sys
from contextlib import ExitStack
from pathlib import Path
import psutil

def family(process):
    return [process.pid, *(each.pid for each in psutil.Process(process.pid).children(recursive=True))]

with ExitStack() as stack:
    folder = Path(sys.argv[1])
{body}
    print(*pids, flush=True)
    sys.stdin.read()
"""
#: A program that does not mind that its terminal is gone.
DEAF = "import signal, time; signal.signal(signal.SIGHUP, signal.SIG_IGN); print('deaf', flush=True); time.sleep(300)"
SERVERS = {
    "prometheus": ("from support.servers import prometheus", "prometheus(folder, [])", "server.process"),
    "prometheus-blocks": (
        "from support.prom_blocks import Built, serving; (folder / 'blocks').mkdir()",
        "serving(Built(folder / 'blocks', None, {}), folder)",
        "server.process",
    ),
    "node-exporter": ("from support.servers import node_exporter", "node_exporter(folder)", "server.process"),
    "redis": ("from support.redis_server import redis_server", "redis_server(folder)", "server.process"),
    "postgres": ("from support.postgres_server import postgres_server", "postgres_server()", "server.process"),
    "tmux": (
        "from support.tmux import tmux_server",
        "tmux_server()",
        "(server.do('new-session', '-d', 'sleep 300'), server.process)[1]",
    ),
    "terminal": (
        "from support.terminal import Terminal",
        f"Terminal([sys.executable, '-c', {DEAF!r}])",
        "(server.wait_for('deaf'), server.process)[1]",
    ),
    "stack": (
        "from drill.conftest import start, stop; from contextlib import nullcontext",
        "nullcontext(start())",
        "server.process",
    ),
}


@pytest.fixture
def folder() -> Iterator[Path]:
    """For everything that the killed parent leaves in files; the user that PostgreSQL runs as gets in."""
    made = Path(tempfile.mkdtemp(prefix="artisan-orphans-", dir="/tmp"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


def killed(body: str, folder: Path) -> list[int]:
    """Descriptors of the processes that a parent with ``body`` names; it is killed as soon as it has."""
    parent = subprocess.Popen(
        with_us([sys.executable, "-c", PARENT.format(body=body), str(folder)]),
        env={**ENVIRONMENT, "TMPDIR": str(folder)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with parent:
        try:
            assert parent.stdout is not None
            pids = [int(word) for word in parent.stdout.readline().split()]
            assert pids, parent.communicate()[1].decode()
            descriptors = [os.pidfd_open(pids[0])]
            for pid in pids[1:]:
                with contextlib.suppress(ProcessLookupError):  # a helper process that has just ended
                    descriptors.append(os.pidfd_open(pid))
            return descriptors
        finally:
            parent.kill()


def assert_all_end(descriptors: Sequence[int], seconds: float = 10.0) -> None:
    """A process' descriptor becomes readable at its end; who is left is ended by us."""
    left = 0
    for descriptor in descriptors:
        if not select.select([descriptor], [], [], seconds)[0]:
            left += 1
            signal.pidfd_send_signal(descriptor, signal.SIGKILL)
        os.close(descriptor)
    assert left == 0, f"{left} of {len(descriptors)} processes outlived the tests"


@pytest.mark.parametrize("name", SERVERS)
def test_a_server_dies_with_the_tests(name: str, folder: Path) -> None:
    program = {"prometheus-blocks": "prometheus", "node-exporter": "prometheus-node-exporter", "redis": "redis-server"}
    if name not in ("terminal", "stack", "postgres"):
        require(program.get(name, name))
    imports, context, process = SERVERS[name]
    body = f"{imports}\nserver = stack.enter_context({context})\npids = family({process})"
    assert_all_end(killed(textwrap.indent(body, "    "), folder))


def test_a_dockerd_its_containers_and_its_mounts_go_with_the_tests(folder: Path) -> None:
    with dockerd():
        """Where it cannot run, this says so and the test ends here."""
    body = """
    from support.docker_daemon import dockerd
    daemon = stack.enter_context(dockerd())
    container = daemon.run()
    container.reload()
    own = {container.attrs["State"]["Pid"]}
    own |= {each.pid for each in psutil.Process(*own).parents() if each.pid > 1 and "shim" in each.name()}
    pids = {*family(daemon.process), *own}
    Path(sys.argv[1], "host").write_text(daemon.host)
    """
    assert_all_end(killed(body, folder), 20.0)
    place = Path((folder / "host").read_text().removeprefix("unix://")).parent
    cleaners = [p for p in psutil.process_iter(["cmdline"]) if str(place) in (p.info["cmdline"] or ())]
    psutil.wait_procs(cleaners, timeout=20)
    assert not place.exists()
    assert str(place) not in Path("/proc/mounts").read_text()


def test_a_worker_of_pytest_xdist_dies_with_it_and_takes_its_servers_along(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text((TESTS / "conftest.py").read_text())
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    said = tmp_path / "said"
    os.mkfifo(said)
    (tmp_path / "test_that_hangs.py").write_text(
        "import os, subprocess, sys, time\nfrom support.processes import with_us\n"
        "def test_that_hangs():\n"
        "    child = subprocess.Popen(with_us(['sleep', '300']))\n"
        f"    with open({str(said)!r}, 'w') as out:\n"
        "        print(os.getpid(), child.pid, file=out)\n"
        "    time.sleep(300)\n"
    )
    command = [sys.executable, "-m", "pytest", "-n", "1", "-p", "no:cacheprovider", "--rootdir", str(tmp_path)]
    run = subprocess.Popen(
        with_us([*command, str(tmp_path)]),
        cwd=tmp_path,
        env={name: value for name, value in ENVIRONMENT.items() if not name.startswith("PYTEST_")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    with run, contextlib.ExitStack() as stack:
        stack.callback(run.kill)
        # Opened for both, so that a run that ends early does not leave us waiting for a writer.
        pipe = os.open(said, os.O_RDWR)
        stack.callback(os.close, pipe)
        assert select.select([pipe], [], [], 30.0)[0], "the test did not begin"
        descriptors = [os.pidfd_open(int(word)) for word in os.read(pipe, 100).split()]
    assert_all_end(descriptors)
