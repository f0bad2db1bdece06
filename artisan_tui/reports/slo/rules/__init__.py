"""Prometheus recording and alert rules from SLOs: what Prometheus judges alone, while artisan-tui is not looking."""

from artisan_tui.reports.slo.rules.file import LeftOut, RuleFile, rule_file
from artisan_tui.reports.slo.rules.source import ChecksRule, EventsRule, LatencyRule, RuleSource, SharesRule, SlicesRule

__all__ = [
    "ChecksRule",
    "EventsRule",
    "LatencyRule",
    "LeftOut",
    "RuleFile",
    "RuleSource",
    "SharesRule",
    "SlicesRule",
    "rule_file",
]
