"""The real board, watching one real service, in a terminal of the test's choosing."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support.program import Opener
from support.services import Service, config_text, http_check, service
from support.terminal import Terminal

Configure = Callable[..., None]
PROGRAM = [sys.executable, "-m", "artisan_tui"]


@pytest.fixture
def watched() -> Iterator[Service]:
    with service() as one:
        yield one


@pytest.fixture
def command(tmp_path: Path) -> list[str]:
    """What opens the board."""
    (tmp_path / "state").mkdir(mode=0o700)
    return [*PROGRAM, "--config", str(tmp_path / "artisan.toml"), "--state", str(tmp_path / "state")]


@pytest.fixture
def configure(tmp_path: Path, watched: Service) -> Configure:
    """Writes the configuration, whole at once: an open board reads it again as soon as it changes."""

    def write(*, top: str = "", head: str = "") -> None:
        checks = (http_check("one", watched.url), http_check("two", watched.url + "/two"))
        fresh = tmp_path / "artisan.toml.new"
        fresh.write_text(top + config_text(*checks, head=head), encoding="utf-8")
        os.replace(fresh, tmp_path / "artisan.toml")

    return write


@pytest.fixture
def board(configure: Configure, command: list[str]) -> Opener:
    """Opens the board: ``top`` goes before the tables of its configuration, ``env`` into its environment."""

    def open_board(
        *, size: tuple[int, int] = (80, 24), env: dict[str, str | None] | None = None, top: str = "", head: str = ""
    ) -> Terminal:
        configure(top=top, head=head)
        # An interpreter reads its locale at its start.
        if any(name.startswith(("LC_", "LANG")) for name in env or ()):
            return Terminal(command, size=size, env=env)
        return Terminal(command[len(PROGRAM) :], size=size, env=env, forked=True)

    return open_board
