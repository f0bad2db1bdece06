"""Real Redis, PostgreSQL and dockerd under an open board: up, down with the right reason after `fall`, back after `rise`."""

from __future__ import annotations

import contextlib
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

from support.docker_daemon import dockerd
from support.postgres_server import PASSWORD, USER, postgres_server
from support.processes import with_us
from support.program import Opener
from support.rows import Rows, changes
from support.servers import answers_ping, free_port, require, until
from support.services import config_text

_EVERY = 'every = "1s"\ntimeout = "1s"\nfall = 2\nrise = 2\n'


def a_check(name: str, kind: str, more: str) -> str:
    return f'id = "{name}"\nkind = "{kind}"\n{_EVERY}{more}'


@contextlib.contextmanager
def redis_on(port: int) -> Iterator[subprocess.Popen[bytes]]:
    command = [require("redis-server"), "--bind", "127.0.0.1", "--port", str(port), "--save", ""]
    process = subprocess.Popen(with_us(command), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")
    try:
        until(lambda: answers_ping(port), 10, "redis")
        yield process
    finally:
        process.kill()
        process.wait(10)


def test_servers_that_stop_and_come_back(home: Path, board: Opener) -> None:
    port = free_port()
    secret = home / "pg-password"
    secret.write_text(PASSWORD)
    secret.chmod(0o600)
    with postgres_server() as postgres, contextlib.ExitStack() as stack:
        redis = stack.enter_context(redis_on(port))
        (home / "artisan.toml").write_text(
            config_text(
                a_check("redis", "redis", f'address = "127.0.0.1:{port}"\n'),
                a_check(
                    "postgres",
                    "postgres",
                    f'address = "{postgres.address}"\nuser = "{USER}"\ndbname = "postgres"\n'
                    f'password = "file:{secret}"\n',
                ),
            ),
            encoding="utf-8",
        )
        with board(cols=110, rows=24) as terminal:
            rows = Rows(terminal, "redis", "postgres")
            terminal.wait_for("2 checks", 20)
            terminal.press("enter")  # a line for each check, below the service's
            terminal.wait_for(lambda: rows.all("up"), 20)
            redis.kill()
            postgres.stop()
            terminal.wait_for(lambda: rows.all("DOWN", "refused"), 15)
            stack.enter_context(redis_on(port))
            postgres.start()
            terminal.wait_for(lambda: rows.all("up"), 30)
    down = [("down", "refused"), ("up", "ok")]
    told = changes(home / "state")
    assert [(to, reason) for check, _, to, reason in told if check == "s.redis"] == down
    # A server that starts again may say "starting up" once before it lets anybody in: still the same outage.
    assert [(to, reason) for check, _, to, reason in told if check == "s.postgres"] == down


def test_containers_that_sicken_and_end(home: Path, board: Opener) -> None:
    with dockerd() as daemon:
        test = ["CMD", "/bin/sh", "-c", "test -s /well"]
        probe = {"test": test, "interval": 500_000_000, "timeout": 10**9, "retries": 1}
        sick = daemon.run("/bin/sh", "-c", "echo ok > /well; sleep 3600", name="sick", healthcheck=probe)
        plain = daemon.run(name="plain")
        (home / "artisan.toml").write_text(
            config_text(
                a_check("sick", "docker", f'container = "sick"\nhost = "{daemon.host}"\n'),
                a_check("plain", "docker", f'container = "plain"\nhost = "{daemon.host}"\n'),
            ),
            encoding="utf-8",
        )
        with board(cols=110, rows=24) as terminal:
            rows = Rows(terminal, "sick", "plain")
            terminal.wait_for("2 checks", 20)
            terminal.press("enter")  # a line for each check, below the service's
            terminal.wait_for(lambda: rows.all("up"), 30)
            sick.exec_run(["/bin/sh", "-c", ": > /well"])
            plain.stop(timeout=0)
            terminal.wait_for(lambda: rows.all("DOWN"), 20)
            assert "health" in rows.rest("sick")
            assert "exited" in rows.rest("plain")
            sick.exec_run(["/bin/sh", "-c", "echo ok > /well"])
            plain.start()
            terminal.wait_for(lambda: rows.all("up"), 20)
            # The daemon gone says nothing about the containers: not down, and not up either.
            daemon.process.send_signal(signal.SIGKILL)
            terminal.wait_for(lambda: set(rows.states().values()) == {"UNKNOWN"}, 20)
            assert "down" not in {to for _, _, to, _ in changes(home / "state")[-2:]}
