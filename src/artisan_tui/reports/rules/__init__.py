"""Prometheus recording and alert rules from SLOs: what Prometheus judges alone, while artisan-tui is not looking."""

from artisan_tui.reports.rules.file import LeftOut, RuleFile, rule_file
from artisan_tui.reports.rules.source import Events, Latency, Probes, RuleSource, Shares, Slices

__all__ = ["Events", "Latency", "LeftOut", "Probes", "RuleFile", "RuleSource", "Shares", "Slices", "rule_file"]
