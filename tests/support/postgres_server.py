"""A real PostgreSQL on loopback for tests. It refuses to run as root, so it runs as the user that Debian made for it."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from support.processes import with_us
from support.servers import free_port, until

#: The superuser of every cluster made here; its password where one is wanted.
USER = "artisan"
PASSWORD = "s3cret-Trillian"
_NEW = ("-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")


def binaries() -> Path:
    """The newest PostgreSQL's programs; without them the test skips on a laptop and fails in CI."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    if on_path := shutil.which("initdb"):
        return Path(on_path).parent
    why = "postgresql is not installed (apt-get install postgresql)"
    if os.environ.get("CI"):
        pytest.fail(why)
    pytest.skip(why)


def as_owner(command: Sequence[str]) -> list[str]:
    user = _owner()
    return with_us(command, *((f"--reuid={user[0]}", f"--regid={user[1]}", "--clear-groups") if user else ()))


def _owner() -> tuple[str, str] | None:
    """(user, group) that the server runs as, if not as we do."""
    if os.geteuid() != 0:
        return None
    with contextlib.suppress(KeyError):
        pwd.getpwnam("postgres")
        return "postgres", "postgres"
    return "nobody", "nogroup"


def own_it(folder: Path) -> None:
    """Give ``folder`` to the user that the server runs as."""
    if owner := _owner():
        subprocess.run(["chown", "-R", owner[0], str(folder)], check=True)


def _process(pid: int) -> psutil.Process | None:
    try:
        return psutil.Process(pid)
    except psutil.NoSuchProcess:
        return None


@dataclass
class Postgres:
    """A cluster in ``folder``/data; ``start`` and ``stop`` as often as a test likes."""

    folder: Path
    port: int
    settings: dict[str, str]
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> str:
        return (self.folder / "postgres.log").read_text("utf-8", "replace")

    def url(self, database: str = "postgres", *, user: str = USER, driver: str = "postgresql") -> str:
        return f"{driver}://{user}@{self.address}/{database}"

    def start(self, *, ready: bool = True, **settings: str) -> None:
        """Run it; with ``ready`` until it accepts connections."""
        every = {**self.settings, **settings}
        options = [word for name, value in every.items() for word in ("-c", f"{name}={value}")]
        with (self.folder / "postgres.log").open("ab") as log:
            self.process = subprocess.Popen(
                as_owner([str(binaries() / "postgres"), "-D", str(self.data), *options]),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd="/",
                start_new_session=True,
            )
        if ready:
            self.until_it_accepts()

    def until_it_accepts(self) -> None:
        def up() -> bool:
            assert self.process is not None
            assert self.process.poll() is None, self.log[-2000:]
            return self.ping() == 0

        until(up, 30.0, "PostgreSQL")

    def ping(self) -> int:
        """As pg_isready says: 0 accepts, 1 rejects, 2 no answer."""
        command = [str(binaries() / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port), "-t", "2"]
        return subprocess.run(command, check=False).returncode

    def stop(self, how: signal.Signals = signal.SIGKILL) -> None:
        """SIGKILL to the whole group is a crash; SIGINT is a fast shutdown."""
        if self.process is None or self.process.poll() is not None:
            return
        if how is signal.SIGKILL:
            backends = self.children()  # with sessions of their own; a dead server has no children any more
            os.killpg(self.process.pid, signal.SIGKILL)
            for child in backends:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
            # The next server on this folder asks whether any of them still has the shared memory.
            psutil.wait_procs([found for child in backends if (found := _process(child))], timeout=10)
        else:
            self.process.send_signal(how)
        self.process.wait(20)

    def children(self) -> list[int]:
        assert self.process is not None
        command = ["ps", "-o", "pid=", "--ppid", str(self.process.pid)]
        listed = subprocess.run(command, capture_output=True, text=True, check=False)
        return [int(word) for word in listed.stdout.split()]

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        """Meanwhile the kernel accepts connections and nobody answers them."""
        assert self.process is not None
        group = [self.process.pid, *self.children()]
        for pid in group:
            with contextlib.suppress(ProcessLookupError):  # who just went home
                os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in reversed(group):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)

    @contextlib.contextmanager
    def occupied(self, count: int) -> Iterator[None]:
        """Meanwhile ``count`` clients are logged in and do nothing."""
        command = [str(binaries() / "psql"), "-X", "-h", "127.0.0.1", "-p", str(self.port), "-U", USER, "postgres"]
        held: list[subprocess.Popen[bytes]] = []

        def take_one() -> bool:
            """Whether all are in; who was refused, because somebody else was just leaving, tries again."""
            held[:] = [each for each in held if each.poll() is None]
            if len(held) == count:
                return len(self.backends()) >= count
            each = subprocess.Popen(
                with_us(command), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            held.append(each)
            return False

        try:
            until(take_one, 20.0, "a slot for each")
            yield
        finally:
            for each in held:
                each.kill()
                each.communicate()

    def backends(self) -> list[int]:
        """The processes that serve somebody."""
        return [pid for pid in self.children() if b" idle" in Path(f"/proc/{pid}/cmdline").read_bytes()]

    def sql(self, slo_status: str, database: str = "postgres") -> str:
        """What psql prints for ``slo_status``, run as the superuser."""
        command = [str(binaries() / "psql"), "-X", "-qAt", "-v", "ON_ERROR_STOP=1", "-h", str(self.folder / "socket")]
        done = subprocess.run(
            [*command, "-p", str(self.port), "-U", USER, "-d", database, "-c", slo_status],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


#: Bytes that a cluster with the databases of a whole file of tests may need.
_ROOM = 2 << 30


def in_memory() -> str | None:
    """A file system in memory, if there is one with room: a cluster is thousands of small files. None: the usual place."""
    with contextlib.suppress(OSError):
        if shutil.disk_usage("/dev/shm").free > _ROOM and os.access("/dev/shm", os.W_OK):
            return "/dev/shm"
    return None


@contextlib.contextmanager
def postgres_server(*, start: bool = True, **settings: str) -> Iterator[Postgres]:
    """A cluster of its own: trust on its socket and for user artisan, scram for user ford."""
    programs = binaries()
    folder = Path(tempfile.mkdtemp(prefix="artisan-pg-", dir=in_memory()))
    (folder / "socket").mkdir()
    server = Postgres(
        folder,
        free_port(),
        # Slow disks are not what is tested: durability off unless a test turns it on.
        {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(folder / "socket"),
            "fsync": "off",
            "max_connections": "20",
            "shared_buffers": "16MB",
            "autovacuum": "off",
            **settings,
        },
    )
    server.settings["port"] = str(server.port)
    own_it(folder)
    try:
        made = subprocess.run(
            as_owner([str(programs / "initdb"), "-D", str(server.data), "-U", USER, *_NEW]),
            capture_output=True,
            cwd="/",
            check=False,
        )
        assert made.returncode == 0, made.stderr.decode("utf-8", "replace")
        (server.data / "pg_hba.conf").write_text(
            "local all all trust\nhost all artisan 127.0.0.1/32 trust\nhost all ford 127.0.0.1/32 scram-sha-256\n"
            "host all marvin 127.0.0.1/32 reject\nhost replication artisan 127.0.0.1/32 trust\n"
        )
        if start:
            server.start()
            server.sql(f"CREATE ROLE ford LOGIN PASSWORD '{PASSWORD}'")
        yield server
    finally:
        server.stop()
        until(lambda: _removed(folder), 10, "the folder's end")


def _removed(folder: Path) -> bool:
    shutil.rmtree(folder, ignore_errors=True)
    gone = not folder.exists()
    if not gone:
        time.sleep(0.05)
    return gone
