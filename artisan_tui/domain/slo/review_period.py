"""The time that a review of SLOs is about, and the event counts in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from artisan_tui.domain.slo.counts import Counts
from artisan_tui.domain.slo.episodes import Episode


@dataclass(frozen=True, slots=True)
class ReviewPeriod:
    """A week or a month. ``label`` names it for people, like "2026-10".

    ``counts`` are the counts of each SLO in it, by SLO id, and ``episodes`` its outages in order, both without the
    minutes under maintenance.
    """

    label: str
    counts: Mapping[str, Counts] = field(default_factory=dict)
    episodes: Mapping[str, tuple[Episode, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Review:
    """A review of ``[since, until)``. ``periods`` are what it compares, oldest first."""

    since: datetime
    until: datetime
    periods: tuple[ReviewPeriod, ...]
