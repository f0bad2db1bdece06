"""Who watches: one session polls, the others show what it saw.

A lease is a row with a fencing token and a beat that its holder moves. Nobody compares clocks:
a waiting session counts, on its own monotonic clock, how long the beat has stood still. So a
wall clock that jumps, or two machines that disagree about the time, fool nobody. The token
grows with every change of holder, and a write that carries an old one changes nothing
(M. Kleppmann, "How to do distributed locking", 2016).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

#: Seconds between two beats of a holder, and after which a beat that stands still has stopped.
#: Together with one more look at the row they stay below `TERM`, the longest gap in the record.
BEAT_EVERY = 2.5
PATIENCE = 6.5
TERM = 10.0
#: A holder that nobody follows need not beat so often: whoever comes says so first, and is answered at once.
BEAT_ALONE = 10.0
#: A reader cannot say that it has come, and waits for the slower beat.
PATIENCE_OF_READERS = BEAT_ALONE + BEAT_EVERY


@dataclass(frozen=True, slots=True)
class Holder:
    """A session that polls. ``machine`` tells process numbers of different systems apart, "" when unknown.

    ``born`` is when the process started, as its system counts it: a number used again is another process.
    """

    session: str
    actor: str = ""
    host: str = ""
    pid: int = 0
    born: str = ""
    machine: str = ""
    config: str = ""


@dataclass(frozen=True, slots=True)
class Lease:
    """``fence`` counts holders, ``beat`` what they did; both only grow. ``holder`` is None while nobody polls.

    Sessions that do not poll write two things: ``asked``, which checks the holder is to look at
    now, and ``audience``, the beat at which one of them last said that somebody is watching.
    """

    fence: int = 0
    beat: int = 0
    holder: Holder | None = None
    asked: str = ""
    audience: int = 0


class SessionRole(Enum):
    """What a session does about the world."""

    LEADER = "leader"  # it probes, and writes what it found under the lease
    STANDALONE = "standalone"  # it probes for its own screen: the store cannot be written, or not by this session
    FOLLOWER = "follower"  # it shows what the leader finds


@dataclass(frozen=True, slots=True)
class Observation:
    """A lease as it was seen, unchanged since ``since`` (monotonic seconds of the observer)."""

    lease: Lease
    since: float


def observe(before: Observation | None, lease: Lease, now: float) -> Observation:
    """What is known after seeing ``lease`` at ``now``."""
    if before is not None and (before.lease.fence, before.lease.beat) == (lease.fence, lease.beat):
        return before
    return Observation(lease, now)


def vacant(observation: Observation, now: float, *, dead: bool, patience: float = PATIENCE) -> bool:
    """Whether another may take the lease: it is free, its holder is ``dead`` beyond doubt, or the beat has stopped."""
    return observation.lease.holder is None or dead or now - observation.since >= patience
