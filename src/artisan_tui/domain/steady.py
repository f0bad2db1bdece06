"""A latency that stands still while nothing changes.

Two looks at an idle server never take the same time. Shown as measured, every round would
repaint, and send, every line. So the number on the board keeps its value until the
measured one leaves a band around it; the exact one stands in the check's own screen and in
the store.
"""

from __future__ import annotations

#: Seconds below which latencies are all the same to a person on call.
FLOOR = 0.05
#: A measured latency within this factor of the shown one, either way, leaves it standing.
BAND = 1.6


def settle(shown: float | None, measured: float | None) -> float | None:
    """What to show next, in seconds."""
    if measured is None or shown is None:
        return measured
    if measured <= FLOOR and shown <= FLOOR:
        return shown
    return shown if shown / BAND <= measured <= shown * BAND else measured
