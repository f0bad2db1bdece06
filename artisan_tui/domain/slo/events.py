"""What SLOs and the deployment gate write into the journal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from artisan_tui.domain.journal_body import Body


class BudgetStatusChanged(Body):
    """The subject is the SLO's id; ``before`` ("" for none) and ``to`` are values of BudgetStatus."""

    KIND = "slo.status"
    KEYS: ClassVar[Mapping[str, str]] = {"before": "from"}
    name: str = ""
    before: str = ""
    to: str
    #: The share of the error budget that is left, as a decimal number; None when it is unknown.
    remaining: str | None = ""


class DeploymentsOverridden(Body):
    """Deployments are allowed in spite of the error budgets."""

    KIND = "slo.override"
    until: datetime
    reason: str = ""


class OverrideEnded(Body):
    KIND = "slo.override-ended"
