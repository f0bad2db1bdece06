"""A second PostgreSQL that follows the first by streaming replication, and can take over."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from support.postgres_server import USER, Postgres, as_owner, binaries, in_memory, own_it
from support.servers import free_port, until


@contextlib.contextmanager
def standby_of(primary: Postgres, *, synchronous: bool) -> Iterator[Postgres]:
    """It runs and streams. ``synchronous``: the primary confirms nothing that it has not got from then on."""
    folder = Path(tempfile.mkdtemp(prefix="artisan-pg-", dir=in_memory()))
    (folder / "socket").mkdir()
    own_it(folder)
    standby = Postgres(folder, free_port(), {**primary.settings, "unix_socket_directories": str(folder / "socket")})
    standby.settings["port"] = str(standby.port)
    command = [
        str(binaries() / "pg_basebackup"),
        "-D",
        str(standby.data),
        "-R",
        "-X",
        "stream",
        "-c",
        "fast",
        "--no-sync",
    ]
    try:
        done = subprocess.run(
            as_owner([*command, "-h", "127.0.0.1", "-p", str(primary.port), "-U", USER]),
            capture_output=True,
            cwd="/",
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
        standby.start()
        streams = "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'"
        until(lambda: primary.sql(streams) == "1", 15, "the replication")
        if synchronous:
            primary.sql("ALTER SYSTEM SET synchronous_standby_names = '*'")
            primary.sql("SELECT pg_reload_conf()")
            sync = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'"
            until(lambda: primary.sql(sync) == "1", 10, "the synchronous standby")
        yield standby
    finally:
        standby.stop()
        until(lambda: _removed(folder), 10, "the folder's end")


def _removed(folder: Path) -> bool:
    shutil.rmtree(folder, ignore_errors=True)
    return not folder.exists()


def promote(standby: Postgres) -> None:
    """It takes writes from now on, and waits for no standby of its own."""
    assert standby.sql("SELECT pg_promote(true, 20)") == "t"
