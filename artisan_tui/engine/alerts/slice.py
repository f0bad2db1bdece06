"""What a snapshot says about alerts."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    # Names of types only: their modules are not needed before the first frame.
    from artisan_tui.domain.alerts.book import Alert
    from artisan_tui.domain.alerts.listed import ListedAlert
    from artisan_tui.domain.alerts.silence import OurSilence, Silence


class AlertSource(NamedTuple):
    """A source that is read. ``state`` is "answers", "silent" or "unread"; ``error`` why it is silent, ``at`` when."""

    url: str
    kind: str
    state: str = "unread"
    at: datetime | None = None
    error: str = ""


class AlertSlice(NamedTuple):
    """``firing`` are the alerts of our own error budgets. ``listed`` are all alerts of every source, worst first.

    ``silences_problem`` says why silences are not known: none in ``silences`` does not mean that there are none then.
    ``lost`` are ours that no member knows any more. ``blind_since`` is since when no new alert would be heard of.
    """

    firing: tuple[Alert, ...] = ()
    listed: tuple[ListedAlert, ...] = ()
    sources: tuple[AlertSource, ...] = ()
    silences: tuple[Silence, ...] = ()
    silences_problem: str = ""
    lost: tuple[OurSilence, ...] = ()
    blind_since: datetime | None = None
    blind_reason: str = ""
    runbook_label: str = "runbook"

    @property
    def unheard(self) -> bool:
        """Whether sources are configured and none answers: every count is unknown then."""
        return bool(self.sources) and all(source.state == "silent" for source in self.sources)
