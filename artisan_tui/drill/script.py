"""What happened to the stack in the thirty days before it was started: the story its history tells, as data.

Times of day are Seoul's, and days are counted back from the day of the start, so that an incident in
office hours stays in office hours whenever the demo is opened. Everything lies at least a day back:
the last hours are calm, and nothing burns when the board opens.

What comes of it for the promises of `artisan.toml`, whatever the seed and the hour: about half of the API's
budget is left, creative is a warning with 2 % left, the others are healthy. Creative is the one to tip
over: all its briefs are too slow while qwen is broken, 36 a minute, and 2 % are some 360 of them, so it
is exhausted (and deployments are blocked) about ten minutes after qwen breaks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from artisan_tui.drill import faults

#: Minutes that Seoul's clocks are ahead of UTC, all year.
ZONE: Final = 540


@dataclass(frozen=True, slots=True)
class When:
    """``at`` (hh:mm in Seoul), ``days`` before the day of the start."""

    days: int
    at: str

    def minute(self, start: int) -> int:
        """As a minute since the epoch, when the stack starts in the minute ``start``."""
        today = (start + ZONE) // 1440 * 1440 - ZONE
        return today - self.days * 1440 + int(self.at[:2]) * 60 + int(self.at[3:])


@dataclass(frozen=True, slots=True)
class Goal:
    """How slow a slowdown was: so slow that ``leaves`` (0 to 1) of a week's budget is left at the start.

    A brief of ``mode`` is bad when it takes longer than ``threshold`` seconds, and ``allowed`` (0 to 1) of all may be.
    """

    mode: str
    threshold: float
    allowed: float
    leaves: float


@dataclass(frozen=True, slots=True)
class ScriptEpisode:
    """Some ``minutes`` that were not like the others.

    ``faults`` are those of the drill that held, ``slow`` says how many times as long a brief took by mode, unless
    ``goal`` settles it. ``reward`` is what training went down to. ``restarts``: the app was started anew at the
    beginning and at the end. ``down``: it did not run, and scrapes failed. ``unseen``: nobody scraped.
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

#: The app starts anew: its counters begin at 0.
DEPLOYMENTS: Final = (
    When(29, "10:40"),
    When(24, "10:40"),
    When(20, "15:10"),
    When(17, "10:40"),
    When(12, "10:40"),
    When(6, "10:40"),
    When(1, "10:40"),
)

#: With one of them an endpoint came; before, nobody asked for it.
NEW_PATH: Final = "/api/v1/feedback"
NEW_PATH_SINCE: Final = When(17, "10:40")

#: Traffic by the hour in Seoul and by the day from Monday on, in parts of no particular whole.
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
