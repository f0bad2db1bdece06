"""Who acts, and with what rights."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Role(IntEnum):
    """What a person may do; a higher role includes the lower ones."""

    VIEWER = 0
    OPERATOR = 1


@dataclass(frozen=True, slots=True)
class Session:
    """Who acts, with what rights. ``actor`` comes from the kernel, never from the environment."""

    actor: str
    role: Role = Role.OPERATOR
    read_only: bool = False
    demo: bool = False
