"""File permissions: who else can write the configuration, or read a secret.

Runbook steps run with the rights of this process. A user who can write or replace the file could run
commands with these rights.
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
    """The problem when a user other than this one and root can write or replace the file, None without one.

    Symbolic links are followed, and their target is checked. ``seen`` is the status of the file when it
    is open already, so that the checked file is the one that is read. A missing file is no problem.
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
    # In a sticky folder, like /tmp, users cannot replace the files of others.
    if who and not folder.st_mode & stat.S_ISVTX:
        return _problem(path, f"it is in {real.parent}, where {who} can replace it", f"chmod go-w {home}")
    return None


def exposed(path: Path, seen: os.stat_result) -> str | None:
    """Who else can read this open file: "any user", or a group. None when nobody can.

    A parent folder that others cannot enter protects the file too. The group of a file that root owns is
    accepted, because Kubernetes mounts secrets like this. Docker mounts secrets readable for all users of
    the container, which is accepted too.
    """
    if seen.st_uid == 0 and Path(os.path.realpath(path)).is_relative_to(_DOCKER_SECRETS):
        return None
    try:
        if not all(_is_open(os.stat(folder)) for folder in Path(os.path.realpath(path)).parents):
            return None
    except OSError:
        pass  # then the mode of the file decides
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
    """Whether other users can enter the folder."""
    entered = folder.st_mode & stat.S_IXGRP and not _is_private(folder.st_gid)
    return bool(folder.st_mode & stat.S_IXOTH or entered)


def _is_private(gid: int) -> bool:
    """True for the private group of this user or root. Debian gives every user such a group, with umask 002."""
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
    """ "it", or the target of the link when that has another name."""
    return "it" if path.name == real.name else f"it leads to {real}, which"


def _problem(path: Path, what: str, mend: str) -> Problem:
    return Problem(str(path), None, "", what, mend)
