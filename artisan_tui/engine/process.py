"""This process among others: how they know it when it leads, and whether one of them has ended."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from artisan_tui.domain.lease import Holder
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import _


def holder(session: str, who: str, config: str) -> Holder:
    """This process, as others know it when it is the leader."""
    return Holder(session, who, socket.gethostname(), os.getpid(), _born(os.getpid()), _machine(), config)


def name_of(leader: Holder) -> str:
    """As a person is told of it."""
    return printable(f"{leader.actor or '?'}@{leader.host or '?'}", 60)


def other_config(leader: Holder | None, path: Path) -> str:
    """What is to be said about a leader that uses another configuration than ``path``, "" for nothing."""
    if leader is None or not leader.config or leader.config == str(path):
        return ""
    notice = _("leader {who} uses another configuration, {file}: checks missing from it are not probed")
    return notice.format(who=name_of(leader), file=printable(leader.config, 200))


def gone(other: Holder) -> bool:
    """Whether the process behind ``other`` has ended beyond doubt; False when that cannot be known from here."""
    if not other.machine or other.machine != _machine():
        return False
    return _born(other.pid) != other.born


def _machine() -> str:
    """This boot of this system and this table of process numbers; "" where that cannot be told."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        return f"{boot} {os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return ""


def _born(pid: int) -> str:
    """When the process started, in ticks since boot; "" when there is none (a zombie has ended too)."""
    try:
        # The name in parentheses may hold anything, also spaces and parentheses.
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        return "" if fields[0] in "ZX" else fields[19]
    except (OSError, IndexError):
        return ""
