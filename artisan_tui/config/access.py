"""Who else can write what we obey, or read what we keep secret.

Runbooks run what their file says, with our rights: whoever can write the file, or put another
one into its place, can do as we can.
"""

from __future__ import annotations

import grp
import os
import pwd
import shlex
import stat
from pathlib import Path

from artisan_tui.config.problems import Problem

#: Where Docker and Compose put the secrets of a container.
_DOCKER_SECRETS = Path("/run/secrets")


def check_access(path: Path, seen: os.stat_result | None = None) -> Problem | None:
    """What lets somebody else than us and root write this file, None when nothing does.

    Links are followed, and what they lead to is judged. ``seen`` is the status of the file when it is
    open already, so that the file which is judged is the one which is read. A file that is not there
    is not unsafe.
    """
    try:
        real = Path(os.path.realpath(path))
        found = os.stat(real) if seen is None else seen
        folder = os.stat(real.parent)
    except (OSError, ValueError):
        return None
    file, home = shlex.quote(str(real)), shlex.quote(str(real.parent))
    if _is_strange(found):
        what = f"{_linked(path, real)} is owned by {_user(found.st_uid)}, who could change what this program does"
        return _problem(path, what, f"if its content is right: chown {_user(os.geteuid())} {file}")
    who = _writers(found)
    if who:
        return _problem(path, f"{_linked(path, real)} can be written by {who}", f"chmod go-w {file}")
    if _is_strange(folder):
        what = f"it is in {real.parent}, owned by {_user(folder.st_uid)}, who could replace it"
        return _problem(path, what, "move it to a folder that belongs to you or to root")
    who = _writers(folder)
    # In a sticky folder, like /tmp, nobody replaces what belongs to others.
    if who and not folder.st_mode & stat.S_ISVTX:
        return _problem(path, f"it is in {real.parent}, where {who} can replace it", f"chmod go-w {home}")
    return None


def exposed(path: Path, seen: os.stat_result) -> str | None:
    """Who else can read this open file, None when nobody can: "every user", or a group's name.

    A folder above it that others may not enter protects it as well. Whom the group of a file is,
    that root gave us to read, is root's business: so Kubernetes hands out secrets. Docker hands them
    out for everybody to read, in containers that hold one user.
    """
    if seen.st_uid == 0 and Path(os.path.realpath(path)).is_relative_to(_DOCKER_SECRETS):
        return None
    try:
        if not all(_is_open(os.stat(folder)) for folder in Path(os.path.realpath(path)).parents):
            return None
    except OSError:
        pass  # then its own mode decides
    if seen.st_mode & stat.S_IROTH:
        return "any user"
    ours = seen.st_uid == os.geteuid()
    return _group(seen.st_gid) if ours and seen.st_mode & stat.S_IRGRP and not _is_private(seen.st_gid) else None


def _is_strange(found: os.stat_result) -> bool:
    return found.st_uid not in (os.geteuid(), 0)


def _writers(found: os.stat_result) -> str | None:
    if found.st_mode & stat.S_IWOTH:
        return "any user"
    return _group(found.st_gid) if found.st_mode & stat.S_IWGRP and not _is_private(found.st_gid) else None


def _is_open(folder: os.stat_result) -> bool:
    """Whether somebody else may enter it."""
    entered = folder.st_mode & stat.S_IXGRP and not _is_private(folder.st_gid)
    return bool(folder.st_mode & stat.S_IXOTH or entered)


def _is_private(gid: int) -> bool:
    """True for a group of one, ours or root's: Debian gives every user such a group and umask 002."""
    for uid in (os.geteuid(), 0):
        try:
            user, group = pwd.getpwuid(uid), grp.getgrgid(gid)
        except KeyError:
            continue
        if (user.pw_gid, user.pw_name) == (gid, group.gr_name) and not set(group.gr_mem) - {user.pw_name}:
            return True
    return False


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


def _group(gid: int) -> str:
    try:
        return f"the group {grp.getgrgid(gid).gr_name}"
    except KeyError:
        return f"the group {gid}"


def _linked(path: Path, real: Path) -> str:
    """ "it", or what it leads to when that has another name."""
    return "it" if path.name == real.name else f"it leads to {real}, which"


def _problem(path: Path, what: str, mend: str) -> Problem:
    return Problem(str(path), None, "", what, mend)
