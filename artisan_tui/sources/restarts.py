"""Count container restarts over several probes, for the docker and kubernetes kinds."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

#: Restarts stored per container. A larger number in one window makes no difference.
_MOST = 1000


def moment(text: object) -> float | None:
    """Unix seconds of an RFC 3339 time, or None. Go writes the year 1 for "never", which is None too."""
    if not isinstance(text, str) or not text or text.startswith("0001-"):
        return None
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError, OSError):
        return None


def since(at: float | None) -> str:
    """`` since 21 Nov 09:42 UTC``, or an empty text. A time stays the same from probe to probe; an age would not."""
    return f" since {datetime.fromtimestamp(at, UTC):%-d %b %H:%M} UTC" if at is not None else ""


@dataclass(frozen=True, slots=True)
class Starts:
    """What one probe read about a container: ``count`` restarts since ``created``, the last at ``started``.

    Times are Unix seconds, None if unknown.
    """

    count: int
    started: float | None
    created: float | None


class Restarts:
    """Restarts per container within the last ``within`` seconds, added up over the probes."""

    def __init__(self, within: float) -> None:
        self._within = within
        self._last: dict[str, Starts] = {}
        self._times: dict[str, deque[float]] = {}
        #: Whether a person started one of them since the count before: it started anew, and not by its restart policy.
        self.by_hand = False

    def count(self, seen: dict[str, Starts], now: float) -> dict[str, int]:
        """Restarts within the window for every container in ``seen``. ``now`` is Unix seconds. Absent containers are
        dropped.
        """
        self.by_hand = any(_by_hand(self._last.get(key), starts) for key, starts in seen.items())
        times = {key: self._times.get(key) or deque(maxlen=_MOST) for key in seen}
        for key, starts in seen.items():
            times[key].extend(self._new(self._last.get(key), starts, now))
            while times[key] and now - times[key][0] > self._within:
                times[key].popleft()
        self._last, self._times = dict(seen), times
        return {key: len(each) for key, each in times.items()}

    def _new(self, last: Starts | None, starts: Starts, now: float) -> Iterable[float]:
        if last is None:
            # The daemon reports the time of the last restart only, not of those before the first probe.
            at = starts.started if starts.started is not None else now
            if not starts.count or now - at > self._within:
                return ()
            young = starts.created is not None and now - starts.created <= self._within
            return (min(at, now),) * (min(starts.count, _MOST) if young else 1)
        if starts.count > last.count:
            return (now,) * min(starts.count - last.count, _MOST)
        if starts.count < last.count:
            return (now,) * min(1 + starts.count, _MOST)  # started by hand: the daemon starts counting at zero
        return (now,) if starts.started != last.started and starts.started is not None else ()


def _by_hand(last: Starts | None, starts: Starts) -> bool:
    if last is None or starts.started is None or starts.started == last.started:
        return False
    return starts.count <= last.count  # the daemon counts its own restarts, and begins anew after one by hand
