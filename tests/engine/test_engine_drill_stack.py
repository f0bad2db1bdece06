"""The simulated stack of the demo as a process."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from artisan_tui.engine.drills.stack import DemoError, start_stack

#: Instead of the stack: it listens, says more than any pipe holds, and ends when its parent does.
TALKER = f"""#!{sys.executable}
import sys
print('{{"url": "http://127.0.0.1:1", "pid": 1}}', flush=True)
sys.stderr.write("in trouble\\n" * 100_000)
sys.stderr.flush()
sys.stdin.read()
"""
LOSER = f"#!{sys.executable}\nimport sys\nsys.stderr.write('x' * 200_000 + '\\nno port is free\\n')\nsys.exit(1)\n"


def stand_in(folder: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = folder / "python"
    path.write_text(text)
    os.chmod(path, 0o755)
    monkeypatch.setattr(sys, "executable", str(path))


def test_what_the_stack_says_in_trouble_never_stops_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(tmp_path, TALKER, monkeypatch)
    stack = start_stack()
    stack.close()
    assert stack.process.returncode == 0


def test_why_it_did_not_start_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(tmp_path, LOSER, monkeypatch)
    with pytest.raises(DemoError, match="no port is free"):
        start_stack()
