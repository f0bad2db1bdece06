"""When a check is due: spread by a hash of its id, so that a thousand checks do not march in step."""

from __future__ import annotations

import hashlib
import math


def fraction(check_id: str, salt: str = "phase") -> float:
    """A number in [0, 1) that belongs to this check, the same in every process."""
    digest = hashlib.sha256(f"{salt}:{check_id}".encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64


def next_due(check_id: str, every: float, now: float) -> float:
    """The first moment after ``now`` (monotonic seconds) on this check's own grid.

    The grid is ``every`` seconds wide, starts at the check's phase, and each of its
    points is moved by up to 10 % either way. Missed points are skipped, never caught up.
    """
    phase = fraction(check_id) * every
    step = math.floor((now - phase) / every) + 1
    while True:
        due = phase + step * every + (fraction(check_id, f"jitter{step}") - 0.5) * 0.2 * every
        if due > now:
            return due
        step += 1
