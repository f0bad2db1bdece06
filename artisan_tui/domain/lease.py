"""Leader election: one session probes, the others display its results.

A lease is a row with a fencing token and a heartbeat counter that the holder increments. No clocks are
compared: a waiting session measures on its own monotonic clock how long the counter has not
changed, so wall clocks that jump or differ do no harm. The token grows with every change of holder,
and a write with an old token changes nothing
(M. Kleppmann, "How to do distributed locking", 2016).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

#: Seconds between two heartbeats, and seconds without one after which the holder counts as dead.
#: With one more read of the row, the sum stays below `TERM`, the longest gap in the stored data.
BEAT_EVERY = 2.5
PATIENCE = 6.5
TERM = 10.0
#: Seconds between two heartbeats of a holder without followers. A new follower announces itself
#: first, and the holder answers at once.
BEAT_ALONE = 10.0
#: A read-only session cannot announce itself, so it has to expect the slower heartbeat.
PATIENCE_OF_READERS = BEAT_ALONE + BEAT_EVERY


@dataclass(frozen=True, slots=True)
class Holder:
    """The session that probes. ``machine`` identifies the system that ``pid`` belongs to, "" when unknown.

    ``born`` is the start time of the process as its system counts it. It tells two processes apart
    that had the same pid.
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
    """``fence`` is the fencing token, ``beat`` the heartbeat counter; both only grow. ``holder`` is None when nobody probes.

    Followers write two fields: ``asked``, the checks that the holder shall probe now, and
    ``audience``, the ``beat`` at which a follower last announced itself.
    """

    fence: int = 0
    beat: int = 0
    holder: Holder | None = None
    asked: str = ""
    audience: int = 0


class SessionRole(Enum):
    """What a session does: probe, follow, or neither."""

    LEADER = "leader"  # it probes, and writes what it found under the lease
    STANDALONE = "standalone"  # it probes for its own screen: the store cannot be written, or not by this session
    FOLLOWER = "follower"  # it shows what the leader finds


@dataclass(frozen=True, slots=True)
class Observation:
    """A lease as last read. It has not changed since ``since`` (monotonic seconds of the reader)."""

    lease: Lease
    since: float


def observe(before: Observation | None, lease: Lease, now: float) -> Observation:
    """The observation after reading ``lease`` at ``now`` (monotonic seconds)."""
    if before is not None and (before.lease.fence, before.lease.beat) == (lease.fence, lease.beat):
        return before
    return Observation(lease, now)


def vacant(observation: Observation, now: float, *, dead: bool, patience: float = PATIENCE) -> bool:
    """Whether another session may take the lease: it is free, its holder is known to be ``dead``, or there was no
    heartbeat for ``patience`` seconds."""
    return observation.lease.holder is None or dead or now - observation.since >= patience
