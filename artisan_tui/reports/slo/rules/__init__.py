"""Prometheus recording and alerting rules from SLOs, for a team that wants its alerts without artisan-tui running."""

from artisan_tui.reports.slo.rules.file import LeftOut, RuleFile, rule_file

__all__ = ["LeftOut", "RuleFile", "rule_file"]
