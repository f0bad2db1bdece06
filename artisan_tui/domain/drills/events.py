"""What a simulated stack's faults write into the journal. The subject is the fault's id."""

from __future__ import annotations

from artisan_tui.domain.journal_body import Body


class FaultInjected(Body):
    KIND = "drill.break"
    title: str = ""
    title_ko: str = ""


class FaultCleared(Body):
    KIND = "drill.mend"
    title: str = ""
    title_ko: str = ""


class AllFaultsCleared(Body):
    KIND = "drill.mend-all"


class DrillStarted(Body):
    """A session follows a live drill. The subject of this and all below is the scenario's id."""

    KIND = "drill.started"
    title: str = ""
    title_ko: str = ""
    seed: int = 0


class DrillMessageArrived(Body):
    """Somebody asks or tells the players something. ``answer_by`` is a tick, None where nobody waits."""

    KIND = "drill.inject"
    tick: int
    message: str
    sender: str = ""
    to: str = ""
    text: str = ""
    text_ko: str = ""
    answer_by: int | None = None


class DrillPaused(Body):
    """``why``: ``paused``, ``begins``, ``reopened``, ``real-incident`` or ``nobody``."""

    KIND = "drill.paused"
    tick: int
    why: str = ""


class DrillResumed(Body):
    KIND = "drill.resumed"
    tick: int


class DrillHintTaken(Body):
    KIND = "drill.hint"
    tick: int
    text: str = ""


class DrillEnded(Body):
    KIND = "drill.ended"
    tick: int


class DrillScored(Body):
    """``levels`` are objectives with their levels, such as ``works P``. ``saved`` is the share of users, 1 for all."""

    KIND = "drill.scored"
    tick: int
    levels: tuple[str, ...] = ()
    saved: float | None = None
