"""Named locks: two runs that share a resource never act at once, whichever runbooks they are of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from artisan_tui.domain.runbooks.run import Run


def own_lock(runbook: str, target: str) -> str:
    """The lock that lets one run of a runbook at a target be active."""
    return f"runbook:{runbook}@{target}"


def wanted(runbook: str, target: str, resources: Iterable[str]) -> tuple[str, ...]:
    """All locks that a run takes, each once."""
    return tuple(dict.fromkeys((own_lock(runbook, target), *resources)))


def held(run: Run) -> tuple[str, ...]:
    """The locks that a run holds now: all until nothing more happens in either direction, but those that were broken."""
    if run.over or run.mode == "dry":
        return ()
    return tuple(each for each in run.resources if each not in run.broken_locks)


def conflict(wanted_: Iterable[str], holders: Mapping[str, Run]) -> tuple[str, Run] | None:
    """The first lock that another run holds, and that run."""
    return next(((each, holders[each]) for each in wanted_ if each in holders), None)
