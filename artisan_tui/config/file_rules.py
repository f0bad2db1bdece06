"""Joins the rules that need more than one table of the file. Each rule is in the file of its wing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from artisan_tui.config.alerts import alert_findings
from artisan_tui.config.checks import CheckSpec
from artisan_tui.config.checks_rules import service_checks, service_findings
from artisan_tui.config.escalation import escalation_findings
from artisan_tui.config.maintenance import maintenance_findings
from artisan_tui.config.metrics import metrics_findings
from artisan_tui.config.notify import notify_findings
from artisan_tui.config.people import people_findings
from artisan_tui.config.raw import Finding, LineOf, Table, tables
from artisan_tui.config.rotation import rotation_findings
from artisan_tui.config.slo.rules import slo_findings
from artisan_tui.config.targets import target_findings


def file_findings(document: Table, kinds: Mapping[str, type[CheckSpec]], line_of: LineOf) -> Iterator[Finding]:
    """Every problem of the raw ``document`` that no single table shows."""
    checks = service_checks(document)
    services = [str(service.get("id")) for _, service in tables(document, (), "service")]
    yield from service_findings(document, kinds, line_of)
    yield from slo_findings(document, services, checks, line_of)
    yield from maintenance_findings(document, [*services, *checks], line_of)
    yield from target_findings(document, line_of)
    yield from metrics_findings(document)
    yield from people_findings(document, line_of)
    yield from rotation_findings(document, line_of)
    yield from escalation_findings(document)
    yield from alert_findings(document)
    yield from notify_findings(document, line_of)
