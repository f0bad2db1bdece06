"""Who acts, and with what rights."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import NamedTuple, Protocol


class Role(IntEnum):
    """What a person may do; a higher role includes the lower ones."""

    VIEWER = 0
    RESPONDER = 1
    COMMANDER = 2


class Session(NamedTuple):
    """Who acts, with what rights. ``actor`` comes from the kernel, never from the environment.

    ``drill``: the session is in a live drill. ``facilitates``: the person conducts it, and sees its truth.
    """

    actor: str
    role: Role = Role.COMMANDER
    read_only: bool = False
    demo: bool = False
    drill: bool = False
    facilitates: bool = False


class Granted(Protocol):
    """The table ``[access]``: logins, "group:NAME" of the system, or "*", by role."""

    @property
    def responder(self) -> Sequence[str]: ...

    @property
    def commander(self) -> Sequence[str]: ...


def role_of(granted: Granted | None, login: str) -> Role:
    """The highest role that the configuration gives to this login. Without the table everybody is commander.

    Who is not named may look: what is shown is no secret from a person who can start this program.
    """
    if granted is None:
        return Role.COMMANDER
    for role, names in ((Role.COMMANDER, granted.commander), (Role.RESPONDER, granted.responder)):
        if _named(names, login):
            return role
    return Role.VIEWER


def _named(names: Iterable[str], login: str) -> bool:
    found = set(names)
    if "*" in found or login in found:
        return True
    wanted = {name.removeprefix("group:") for name in found if name.startswith("group:")}
    return bool(wanted) and not wanted.isdisjoint(groups_of(login))


def groups_of(login: str) -> set[str]:
    """The names of the system groups of this login; none when the system does not know it."""
    import grp
    import os
    import pwd

    names: set[str] = set()
    try:
        numbers = os.getgrouplist(login, pwd.getpwnam(login).pw_gid)
    except (KeyError, ValueError, OSError):
        return names
    for number in numbers:
        try:
            names.add(grp.getgrgid(number).gr_name)
        except KeyError:
            continue  # a group without a name
    return names
