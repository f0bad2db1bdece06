"""What the doctor says of runbooks: which of them are known to work, as they were last verified."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from artisan_tui.engine.command import CommandRefused
from artisan_tui.engine.settings import ConfigError
from artisan_tui.store.errors import StoreError

if TYPE_CHECKING:
    from artisan_tui.config.models import Config
    from artisan_tui.domain.runbooks.verifications import Verified
    from artisan_tui.engine.launch import GlobalOptions

#: (True if well, False if not, None if unknown; what was found; how to fix it)
Finding = tuple[bool | None, str, str]
_WORDS = {
    "never": "never verified",
    "changed": "changed since it was verified",
    "stale": "verified more than 7 days ago",
    "unknown": "not everything can be told before a run",
}


def runbook_findings(config: Config, asked: GlobalOptions) -> list[Finding]:
    """Nothing where there are no runbooks, or no journal that says anything of them."""
    from artisan_tui.engine.runbooks.library import library
    from artisan_tui.engine.runbooks.verifying import verified_states

    try:
        if not library(config).runbooks:
            return []
        known = verified_states(asked)
    except ConfigError:
        return []  # said by what is said of the files
    except (StoreError, CommandRefused):
        return [(None, "no runbook is verified: there is no journal", "run `artisan-tui runbook verify --all`")]
    return _of(known)


def _of(known: Mapping[str, Verified]) -> list[Finding]:
    findings: list[Finding] = [
        (False, f"{name} would not work: {each.why}", f"see `artisan-tui runbook verify {name}`")
        for name, each in known.items()
        if each.state == "failed"
    ]
    for state, words in _WORDS.items():
        names = [name for name, each in known.items() if each.state == state]
        if names:
            said = f"{', '.join(names[:5])}" + (f" and {len(names) - 5} more" if len(names) > 5 else "")
            findings.append((None, f"{words}: {said}", "run `artisan-tui runbook verify --all`"))
    return findings or [(True, f"{len(known)} runbooks are verified", "")]
