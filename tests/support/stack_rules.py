"""A stack in simulated time, and what it answers."""

from __future__ import annotations

from artisan_tui.drill.stack import SimulatedStack


def share_5xx(stack: SimulatedStack, seconds: float, path: str | None = None) -> float:
    """The share of 5xx among the requests of the next ``seconds``."""

    def counts() -> tuple[int, int]:
        rows = [(s, n) for (_, p, s), n in stack.traffic.requests.items() if path in (None, p)]
        return sum(n for s, n in rows if s[0] == "5"), sum(n for _, n in rows)

    bad, total = counts()
    stack.advance(stack.now + seconds)
    bad_after, total_after = counts()
    return (bad_after - bad) / (total_after - total)
