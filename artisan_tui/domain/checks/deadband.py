"""A latency that stands still while nothing changes.

Two looks at an idle server never take the same time. Shown as measured, every round would
repaint, and send, every line. So the number on the board keeps its value until two looks in
a row leave a band around it; the exact ones stand in the check's own screen and in the store.
"""

from __future__ import annotations

#: Seconds below which latencies are all the same to a person on call.
FLOOR = 0.05
#: A measured latency within this factor of the shown one, either way, leaves it standing.
BAND = 1.6


def deadband(shown: float | None, before: float | None, measured: float | None) -> float | None:
    """What to show next, in seconds: ``shown`` so far, ``before`` the look before this one."""
    if measured is None:
        return None
    if shown is None or before is None or not (_near(shown, measured) or _near(shown, before)):
        # Below the floor all are one value, or a strip of them would go on changing without a visible change.
        return max(measured, FLOOR)
    return max(shown, FLOOR)


def _near(shown: float, measured: float) -> bool:
    low, high = max(shown, FLOOR) / BAND, max(shown, FLOOR) * BAND
    return max(measured, FLOOR) <= high and (measured >= low or shown <= FLOOR)
