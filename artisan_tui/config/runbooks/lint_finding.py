"""What lint finds, and what it knows of the configuration that the runbooks belong to."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from artisan_tui.config.raw import Place


@dataclass(frozen=True, slots=True)
class LintFacts:
    """``environment`` as in [artisan]; the rest are known ids, None when they are not known."""

    environment: str = ""
    targets: Collection[str] = ()
    checks: Collection[str] | None = None
    slos: Collection[str] | None = None

    @property
    def production(self) -> bool:
        return self.environment == "production"


@dataclass(frozen=True, slots=True)
class LintFinding:
    """``place`` is the key in the raw file, ``rule`` the name of the rule; an error keeps a runbook from running."""

    place: Place
    rule: str
    what: str
    mend: str
    error: bool = True
    step: str = ""
