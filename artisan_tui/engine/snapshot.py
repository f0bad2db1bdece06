"""What the engine publishes: one immutable picture of the world per change.

``versions`` has a number per slice. A reader repaints a slice only when its number has
moved; numbers only grow within one engine.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # Names of types only: what they come from is not needed before the first frame.
    from artisan_tui.domain.alerts.book import Alert
    from artisan_tui.domain.checks.health import Health, Policy
    from artisan_tui.domain.checks.observer import Suspicion
    from artisan_tui.domain.condition import ConditionResult
    from artisan_tui.domain.event import Event
    from artisan_tui.domain.slo.gate import Gate
    from artisan_tui.domain.slo.status import SloStatus
    from artisan_tui.domain.state import State

#: Looks remembered per check for the strip on the board.
STRIP = 24
#: Events the board's journal pane holds; older ones are read from the store.
JOURNAL = 200


@dataclass(frozen=True, slots=True)
class Tick:
    """One look in the strip: what it said and how long it took, in seconds."""

    verdict: State
    latency: float | None = None


@dataclass(frozen=True, slots=True)
class Mute:
    """Nobody is paged for a check ``until`` then; ``actor`` said so, and why."""

    until: datetime
    reason: str
    actor: str


@dataclass(frozen=True, slots=True)
class CheckView:
    """One check as it stands. ``latency`` in seconds, ``value`` exact text, all text printable.

    ``shown_latency`` is the latency that the board shows: see `domain.shown_latency`.

    ``restored`` means that this standing was read from the store and nobody has looked since.
    ``flapping``: it changes to and fro, and its pages are held. ``root_cause`` is the id of the check
    whose failure explains this one, "" for none. ``muted`` is why and until when nobody is paged
    for it, None when it is not.
    """

    id: str
    service_name: str
    name: str
    kind: str
    target: str
    health: Health
    policy: Policy
    every: float
    timeout: float
    latency: float | None = None
    value: str | None = None
    strip: tuple[Tick, ...] = ()
    findings: tuple[ConditionResult, ...] = ()
    excerpt: str = ""
    query: str = ""
    remarks: tuple[str, ...] = ()
    restored: bool = False
    shown_latency: float | None = None
    flapping: bool = False
    root_cause: str = ""
    muted: Mute | None = None


@dataclass(frozen=True, slots=True)
class SessionStatus:
    """Where this is and how the engine itself does.

    ``config_problems``: the file on disk is broken and the configuration of ``loaded_at`` still
    runs. ``store_problem``: what happens now is not written down, and why. ``keys`` are
    (binding id, key) pairs that replace the defaults. ``leader`` names the session that looks
    while this one only shows it, "" when it looks itself. ``watch_notice`` and ``store_notice`` are
    sentences that stay until they are no longer true. ``suspicion``: so much fails at once that
    this machine's own network is the likelier culprit. ``windows`` are the maintenance windows
    under way and the next ones.
    """

    name: str = ""
    environment: str = ""
    zone: str = "UTC"
    language: str = "en"
    config_path: str = ""
    loaded_at: datetime | None = None
    config_problems: tuple[str, ...] = ()
    store_problem: str = ""
    read_only: bool = False
    actor: str = ""
    demo: bool = False
    theme: str = "auto"
    glyphs: str = "auto"
    mouse: str = "auto"
    keys: tuple[tuple[str, str], ...] = ()
    leader: str = ""
    watch_notice: str = ""
    store_notice: str = ""
    suspicion: Suspicion | None = None
    windows: tuple[WindowView, ...] = ()


@dataclass(frozen=True, slots=True)
class WindowView:
    """A window as the screen lists it. ``declared`` from the screen, and can be ended there."""

    id: str
    covers: tuple[str, ...]
    reason: str
    start: datetime
    end: datetime
    active: bool
    declared: bool = False


@dataclass(frozen=True, slots=True)
class StackFault:
    """Something the simulated stack can break, as its panel shows it."""

    id: str
    title: str
    description: str
    active: bool


@dataclass(frozen=True, slots=True)
class Versions:
    session_status: int = 0
    checks: int = 0
    journal: int = 0
    faults: int = 0
    slos: int = 0
    alerts: int = 0


@dataclass(frozen=True, slots=True)
class SloSlice:
    """What the promises stand at: ``slo_statuses`` in file order, and whether deployments may go out.

    ``reading``: the ledgers are still being read, so that nothing is known yet and nothing is wrong either.
    """

    slo_statuses: tuple[SloStatus, ...] = ()
    gate: Gate | None = None
    reading: bool = False


@dataclass(frozen=True, slots=True)
class Snapshot:
    """``answered_at`` is when the newest real answer came in, None before the first."""

    at: datetime
    versions: Versions
    session_status: SessionStatus
    checks: tuple[CheckView, ...]
    journal: tuple[Event, ...]
    answered_at: datetime | None = None
    late: bool = False
    faults: tuple[StackFault, ...] = ()
    budgets: SloSlice = SloSlice()
    alerts: tuple[Alert, ...] = ()
