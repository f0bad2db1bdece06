"""Who is at the keyboard, as the kernel knows it."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

#: Who writes what the engine itself noticed.
OBSERVER = "artisan"
_UNSET = 2**32 - 1


def actor(loginuid: Path = Path("/proc/self/loginuid")) -> str:
    """The login name behind this process: the audit uid survives sudo, ``$USER`` proves nothing."""
    uid = os.getuid()
    try:
        recorded = int(loginuid.read_text().strip())
        if recorded != _UNSET:
            uid = recorded
    except (OSError, ValueError):
        pass
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"
