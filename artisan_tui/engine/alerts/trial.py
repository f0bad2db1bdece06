"""What the doctor says about the sources of alerts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from artisan_tui.domain.alerts.evidence import AlertList, Watch, observe
from artisan_tui.domain.alerts.listed import SourceKind
from artisan_tui.engine.alerts.reader import AlertReader
from artisan_tui.engine.clock import SystemClock

if TYPE_CHECKING:
    from artisan_tui.config.models import Config

#: (True if well, False if not, None if unknown; what was found; how to fix it)
Finding = tuple[bool | None, str, str]


async def try_alerts(config: Config, environ: Mapping[str, str]) -> list[Finding]:
    """Read every source once."""
    assert config.alerts is not None
    reader = AlertReader(config, environ, SystemClock().now)
    try:
        gathered = await reader.read()
    finally:
        await reader.aclose()
    findings: list[Finding] = []
    for each in gathered.readings:
        if each.answered:
            findings.append((True, f"{each.url}: answers, {len(each.alerts)} alerts", ""))
        else:
            denied = "HTTP 401" in each.error or "HTTP 403" in each.error
            table = "[metrics]" if each.kind is SourceKind.PROMETHEUS else "[alerts]"
            mend = f"check the address in {table}, and the server"
            if denied:
                mend = f"check bearer_token, or username and password, in {table}"
            findings.append((False, f"{each.url}: {each.error}", mend))
    if gathered.silences_problem and any(each.answered for each in gathered.readings):
        findings.append((False, f"silences: {gathered.silences_problem}", "see the log of that Alertmanager"))
    name = config.alerts.watchdog
    if name and any(each.answered for each in gathered.readings):
        now = SystemClock().now()
        found = observe(AlertList(), gathered.readings, now, Watch(name, expected=True))
        if found.watchdog_seen is None:
            mend = 'add a rule that always fires, with expr: vector(1), or write watchdog = "" in [alerts]'
            findings.append((None, f"the alert {name} is not there: a dead Prometheus would not be noticed", mend))
    return findings
