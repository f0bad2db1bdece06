"""A deadband for displayed latencies.

Two probes of an idle server never take the same time, so the measured latency would redraw every line
after every probe. The board therefore keeps a latency until two probes in a row are outside a band
around it. The check's screen and the store have the exact latencies.
"""

from __future__ import annotations

#: Seconds. All latencies below are displayed as this value.
FLOOR = 0.05
#: The band: a measured latency between shown / BAND and shown * BAND does not change the shown one.
BAND = 1.6


def deadband(shown: float | None, before: float | None, measured: float | None) -> float | None:
    """The latency to show next, in seconds. ``shown`` is shown now, ``before`` is the previous probe's latency."""
    if measured is None:
        return None
    if shown is None or before is None or not (_near(shown, measured) or _near(shown, before)):
        # All latencies below the floor become one value, so that a history of them does not change invisibly.
        return max(measured, FLOOR)
    return max(shown, FLOOR)


def _near(shown: float, measured: float) -> bool:
    low, high = max(shown, FLOOR) / BAND, max(shown, FLOOR) * BAND
    return max(measured, FLOOR) <= high and (measured >= low or shown <= FLOOR)
