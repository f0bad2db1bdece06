"""What is to be said to whom. Channels decide how."""

from __future__ import annotations

from dataclasses import dataclass

#: Why something is said. `page` wakes a person; `inform` does not; `change` tells of a change, like the start of a run.
PURPOSES = (
    "page",
    "inform",
    "reminder",
    "acknowledged",
    "resolved",
    "update",
    "comms",
    "change",
    "test",
)


@dataclass(frozen=True, slots=True)
class Notice:
    """``purpose`` is one of `PURPOSES`, ``severity`` "Sev1" to "Sev4" or "".

    ``to`` are ids of persons, empty for whoever reads the channel. ``roles`` are the roles in which they are told, such
    as L2 or commander. Two notices with the same incident, purpose and ``dedup`` are one, whoever asks for it;
    with an empty ``dedup`` each is its own. ``links`` are URLs. ``drill``: of a drill, nothing leaves the machine.
    ``fallback``: the channels that are kept for a failure take it as well. ``channel``: this one alone takes it, because
    a person chose it.
    """

    purpose: str
    incident: str
    severity: str
    title: str
    text: str
    to: tuple[str, ...] = ()
    rung: int = 0
    dedup: str = ""
    links: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    drill: bool = False
    fallback: bool = False
    channel: str = ""

    def __post_init__(self) -> None:
        if self.purpose not in PURPOSES:
            raise ValueError(f"{self.purpose!r} is no purpose of a notice")
