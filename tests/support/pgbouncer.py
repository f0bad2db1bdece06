"""A real PgBouncer before a PostgreSQL of the tests. It refuses to run as root, so it runs as PostgreSQL does."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator

from support.postgres_server import USER, Postgres, as_owner
from support.servers import free_port, require, running


@contextlib.contextmanager
def pgbouncer(server: Postgres, mode: str, *, database: str = "postgres", size: int = 1) -> Iterator[int]:
    """Its port. ``mode`` is its pool_mode: session, transaction or statement. It has ``size`` connections to share."""
    port, folder = free_port(), server.folder
    users, config = folder / f"users-{port}", folder / f"pgbouncer-{port}.ini"
    users.write_text(f'"{USER}" ""\n')
    config.write_text(
        f"[databases]\n{database} = host=127.0.0.1 port={server.port} dbname={database}\n[pgbouncer]\n"
        f"listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = trust\nauth_file = {users}\n"
        f"pool_mode = {mode}\ndefault_pool_size = {size}\nmax_client_conn = 20\n"
    )

    def listens() -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
        return False

    command = as_owner([require("pgbouncer"), str(config)])
    with running(command, f"postgresql://127.0.0.1:{port}", listens, folder / f"pgbouncer-{port}.log"):
        yield port
