"""Types of the fixtures that start the program."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

from support.terminal import Terminal

Runner = Callable[..., subprocess.CompletedProcess[str]]
Opener = Callable[..., Terminal]
