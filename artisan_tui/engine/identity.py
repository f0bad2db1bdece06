"""Who is at the keyboard, as the kernel knows it; as sudo says where everybody is root."""

from __future__ import annotations

import os
import pwd
from collections.abc import Mapping
from pathlib import Path

#: Who writes what the engine itself noticed.
OBSERVER = "artisan"
_UNSET = 2**32 - 1
#: What programs that make somebody root say about who that was.
_BEFORE_ROOT = ("SUDO_USER", "DOAS_USER")


def actor(
    loginuid: Path = Path("/proc/self/loginuid"),
    environ: Mapping[str, str] = os.environ,
    uids: tuple[int, int] | None = None,
) -> str:
    """The login name behind this process: the audit uid survives sudo and su, ``$USER`` proves nothing.

    Where that is root or not known, root's environment names the person: only root could have written it. Anybody else's
    environment is not believed. ``uids`` are the real and the effective one.
    """
    real, effective = uids or (os.getuid(), os.geteuid())
    uid = real
    try:
        recorded = int(loginuid.read_text().strip())
        if recorded != _UNSET:
            uid = recorded
    except (OSError, ValueError):
        pass
    # Both: a program that is root by its file's setuid bit has the environment of whoever started it.
    if uid == real == effective == 0:
        for name in _BEFORE_ROOT:
            found = _login(environ.get(name, ""))
            if found:
                return found
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"


def _login(name: str) -> str:
    """The name as this machine knows it, "" for root and for nobody it knows."""
    try:
        found = pwd.getpwnam(name)
    except (KeyError, ValueError):
        return ""
    return found.pw_name if found.pw_uid != 0 else ""
