"""When a check is due. A hash of its id shifts the schedule, so that many checks do not run at the same time."""

from __future__ import annotations

import hashlib
import math


def fraction(check_id: str, salt: str = "phase") -> float:
    """A number in [0, 1) derived from the check id and ``salt``, the same in every process."""
    digest = hashlib.sha256(f"{salt}:{check_id}".encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64


def next_due(check_id: str, every: float, now: float) -> float:
    """The next due time after ``now``, in monotonic seconds.

    Due times are ``every`` seconds apart, start at the phase of the check, and have a jitter of up to
    10 % either way. Missed due times are skipped.
    """
    phase = fraction(check_id) * every
    step = math.floor((now - phase) / every) + 1
    while True:
        due = phase + step * every + (fraction(check_id, f"jitter{step}") - 0.5) * 0.2 * every
        if due > now:
            return due
        step += 1
