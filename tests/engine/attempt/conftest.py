"""An attempt of a step, of which no process is left."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from artisan_tui.engine.runbooks.attempt import Attempt
from artisan_tui.engine.runbooks.shim import folder as files
from artisan_tui.engine.runbooks.shim.processes import start_of
from support.servers import until


@pytest.fixture
def attempt(tmp_path: Path) -> Iterator[Attempt]:
    made = Attempt(tmp_path / "RUN-1" / "step.1.do")
    yield made
    begun = files.read_json(made.folder, files.START) if made.folder.exists() else None
    if begun is None:
        return
    made.kill()
    for pid in (begun["shim"], begun["pid"]):
        until(lambda pid=pid: start_of(pid) == "", 10.0, "the end of the processes")  # type: ignore[misc]
