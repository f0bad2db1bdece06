"""Who may look: files for their owner alone, and certificates that somebody vouches for."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import stat
import threading
from pathlib import Path

import pytest

from support.secret_leaks import PROGRAM, SECRETS, Echo, run
from support.servers import certificate, server_tls, talking, until
from support.services import config_text, http_check, service
from support.terminal import Terminal


@pytest.mark.parametrize("umask", ["000", "077"])
def test_everything_written_is_its_owner_s_alone(home: Path, umask: str) -> None:
    """The folder, the store with its -wal and -shm, a store that was moved aside; whatever the umask."""
    state = home / "made" / "state"
    (home / "made").mkdir(mode=0o755)
    with service() as one:
        (home / "artisan.toml").write_text(config_text(http_check("one", one.url)), "utf-8")
        begin = ["sh", "-c", f'umask {umask}; exec "$@"', "sh", *PROGRAM]
        arguments = ["--config", str(home / "artisan.toml"), "--state", str(state)]
        for _ in range(2):
            with Terminal([*begin, *arguments], cwd=home) as terminal:
                terminal.wait_for("1 up")
                terminal.press("J")
                terminal.wait_for("f sessions")
                terminal.press("f")
                terminal.wait_for("opened the board")
                until(lambda: (state / "artisan.db-wal").exists())
                modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in state.iterdir()}
                assert set(modes.values()) == {0o600}, modes
                assert {"artisan.db", "artisan.db-wal", "artisan.db-shm"} <= modes.keys()
                assert stat.S_IMODE(state.stat().st_mode) == 0o700
                terminal.press("q")
                assert terminal.wait_exit() == 0
            os.truncate(state / "artisan.db", 0)  # the second time it is moved aside
            (state / "artisan.db").chmod(0o644)
    assert [name for name in modes if ".quarantine-" in name]


def test_a_certificate_nobody_vouches_for_is_not_trusted(home: Path) -> None:
    loop, servers = asyncio.new_event_loop(), contextlib.AsyncExitStack()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    echo = Echo()
    tls = server_tls(*certificate(home))
    port = asyncio.run_coroutine_threadsafe(servers.enter_async_context(talking(echo.talk, tls)), loop).result(10)
    try:
        more = 'bearer_token = "env:KEPT"\n'
        (home / "artisan.toml").write_text(config_text(http_check("one", f"https://localhost:{port}/", more=more)))
        done = run(home, {"KEPT": SECRETS["bearer"]}, "check", "--json")
    finally:
        asyncio.run_coroutine_threadsafe(servers.aclose(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
    (check,) = json.loads(done.stdout)["checks"]
    assert (check["state"], check["reason"]) == ("down", "tls")
    assert echo.heard == [], "nothing is sent to somebody unknown"
