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
