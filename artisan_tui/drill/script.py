"""The incidents of the thirty days before the start, as data.

Times of day are in Seoul, and days count back from the day of the start, so that an incident in office hours stays in
office hours whenever the demo starts. Everything is at least one day old: no burn rate alert fires at the start.

The results for the SLOs of `artisan.toml`, for any seed and hour: about half of the API's error budget is left,
creative has a warning with 2 % left, the others are healthy. Creative exhausts its budget in a drill: while qwen is
broken, all its briefs are too slow, 36 per minute. 2 % are about 360 briefs, so the budget is exhausted (and
deployments are blocked) about ten minutes after qwen breaks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from artisan_tui.drill import faults

#: Minutes by which Seoul is ahead of UTC. Korea has no daylight saving time.
ZONE: Final = 540


@dataclass(frozen=True, slots=True)
class When:
    """The time ``at`` (hh:mm in Seoul), ``days`` before the day of the start."""

    days: int
    at: str

    def minute(self, start: int) -> int:
        """The minute since the epoch, for a stack that starts in the minute ``start``."""
        today = (start + ZONE) // 1440 * 1440 - ZONE
        return today - self.days * 1440 + int(self.at[:2]) * 60 + int(self.at[3:])


@dataclass(frozen=True, slots=True)
class Goal:
    """The result of a slowdown: ``leaves`` (0 to 1) of a week's error budget is left at the start.

    A brief of ``mode`` is bad if it takes longer than ``threshold`` seconds. ``allowed`` (0 to 1) of all may be bad.
    """

    mode: str
    threshold: float
    allowed: float
    leaves: float


@dataclass(frozen=True, slots=True)
class ScriptEpisode:
    """An incident of some ``minutes``.

    ``faults`` were active. ``slow`` are factors on the latency of briefs by mode; ``goal`` computes the factor
    instead. ``reward`` is the target of the RL reward. ``restarts``: the app restarted at the beginning and at the
    end. ``down``: it did not run, and scrapes failed. ``unseen``: there were no scrapes.
    """

    when: When
    minutes: int
    story: str
    faults: tuple[str, ...] = ()
    slow: Mapping[str, float] = field(default_factory=dict)
    goal: Goal | None = None
    reward: float | None = None
    restarts: bool = False
    down: bool = False
    unseen: bool = False


EPISODES: Final = (
    ScriptEpisode(
        When(26, "11:20"), 8, "the database refuses connections after a migration", (faults.DATABASE_REFUSING,)
    ),
    ScriptEpisode(When(23, "04:10"), 4, "the node is rebooted for a kernel update", down=True),
    ScriptEpisode(When(21, "16:30"), 35, "qwen runs out of GPU memory until it is restarted", (faults.QWEN_DOWN,)),
    ScriptEpisode(When(19, "12:00"), 25, "Prometheus moves to another host", unseen=True),
    ScriptEpisode(When(14, "20:15"), 12, "redis fails over too slowly", (faults.REDIS_DOWN,)),
    ScriptEpisode(When(9, "14:05"), 22, "a bad deployment, rolled back", (faults.ERRORS_5XX,), restarts=True),
    ScriptEpisode(
        When(4, "11:00"),
        540,
        "the GPU node of qwen is throttled by heat",
        goal=Goal("creative", 4.5, 0.05, leaves=0.02),
    ),
    ScriptEpisode(When(3, "05:30"), 40, "a poor batch of feedback pulls the reward down", reward=6.0),
    ScriptEpisode(When(2, "15:00"), 150, "mistral shares its GPU with an evaluation", slow={"balanced": 1.35}),
)

#: The app restarts, so its counters start at 0.
DEPLOYMENTS: Final = (
    When(29, "10:40"),
    When(24, "10:40"),
    When(20, "15:10"),
    When(17, "10:40"),
    When(12, "10:40"),
    When(6, "10:40"),
    When(1, "10:40"),
)

#: One deployment added an endpoint. It has no samples before that.
NEW_PATH: Final = "/api/v1/feedback"
NEW_PATH_SINCE: Final = When(17, "10:40")

#: Relative traffic by hour (Seoul) and by day (from Monday).
HOURS: Final = (
    60,
    48,
    42,
    40,
    41,
    46,
    56,
    72,
    93,
    118,
    132,
    138,
    126,
    130,
    140,
    142,
    138,
    130,
    122,
    124,
    126,
    116,
    98,
    78,
)
DAYS: Final = (104, 107, 108, 106, 102, 88, 85)
