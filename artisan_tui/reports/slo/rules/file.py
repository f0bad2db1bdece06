"""The rule file: groups of recording and alerting rules, as YAML."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from artisan_tui.domain.slo.burn import Pair
from artisan_tui.domain.slo.evaluation import Slo
from artisan_tui.domain.slo.rule_source import LatencyRule, RuleSource
from artisan_tui.domain.slo.windows import BURN_WINDOWS, CALENDAR_DAYS, DAY, nominal_days
from artisan_tui.domain.span import span_text
from artisan_tui.domain.text.cleaning import is_harmless
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import _
from artisan_tui.reports.slo.rules.alerting import Rule, burn_alert, silence_alert
from artisan_tui.reports.slo.rules.counting import LEAST_SAMPLES, SAMPLE, Counting, Inexpressible, counting
from artisan_tui.reports.slo.rules.spelling import number, span


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A part of an SLO without a rule, and why. ``whole`` means that the SLO has no rules at all."""

    slo: str
    why: str
    whole: bool = False

    def __str__(self) -> str:
        return f"{self.slo}: {self.why}"


@dataclass(frozen=True, slots=True)
class RuleFile:
    """``text`` is YAML that `promtool check rules` accepts. Its first lines list ``left_out``."""

    text: str
    left_out: tuple[LeftOut, ...]


def rule_file(sources: Iterable[RuleSource]) -> RuleFile:
    """The rules of every SLO that Prometheus can evaluate alone."""
    groups: list[Rule] = []
    left_out: list[LeftOut] = []
    for source in sources:
        slo = source.slo.id
        try:
            counted = counting(slo, source.indicator, source.interval)
        except Inexpressible as why:
            left_out.append(LeftOut(slo, printable(str(why), 300), whole=True))
            continue
        groups += _groups(source, counted)
        left_out += [LeftOut(slo, why) for why in _limitations(source, counted)]
    return RuleFile(_yaml(groups, left_out), tuple(left_out))


def _groups(source: RuleSource, counted: Counting) -> list[Rule]:
    slo = source.slo
    labels = {**source.labels, "slo": slo.id}
    by_pace: dict[int, list[Rule]] = {}
    for minutes in _windows(slo, counted):
        rules = by_pace.setdefault(counted.every(minutes), [])
        rules += [
            {"record": counted.name(part, minutes), "expr": counted.expression(part, minutes), "labels": labels}
            for part in ("bad", "total", "ratio")
        ]
    alerts = [burn_alert(slo, pair, counted, labels) for pair in slo.plan.pairs if _measurable(pair, counted)]
    alerts.append(silence_alert(slo, counted, labels))
    group = f"artisan-slo-{slo.id}"
    groups: list[Rule] = []
    if counted.sample_query is not None:
        sample = {"record": SAMPLE, "expr": counted.sample_query, "labels": labels}
        groups.append({"name": f"{group}-samples", "interval": span(counted.resolution), "rules": [sample]})
    groups += [
        {"name": f"{group}-every-{span(every)}", "interval": span(every), "rules": rules}
        for every, rules in sorted(by_pace.items())
    ]
    groups.append({"name": f"{group}-objective", "interval": "2m", "rules": _objective(slo, counted, labels)})
    groups.append({"name": f"{group}-alerts", "interval": "30s", "rules": alerts})
    return groups


def _windows(slo: Slo, counted: Counting) -> list[int]:
    """The windows in minutes, shortest first: those of burn rates, of the alerts, and the SLO window."""
    wanted = {minutes for minutes in BURN_WINDOWS.values() if counted.readable(minutes)}
    wanted |= {minutes for pair in slo.plan.pairs if _measurable(pair, counted) for minutes in (pair.long, pair.short)}
    return sorted(wanted | {counted.base} | ({slo_window} if (slo_window := _slo_window(slo)) else set()))


def _measurable(pair: Pair, counted: Counting) -> bool:
    """Whether Prometheus gets enough samples in both windows. In fewer, `rate` has no result, and the alert is silent."""
    return counted.readable(pair.long) and counted.readable(pair.short)


def _unmeasurable(pair: Pair, counted: Counting) -> str:
    return _(
        "no {severity} alert over {long} and {short}: Prometheus needs {n} samples in each window, and has one every "
        "{every}; artisan-tui itself can evaluate it"
    ).format(
        severity=pair.severity.value,
        long=span_text(pair.long * 60),
        short=span_text(pair.short * 60),
        n=LEAST_SAMPLES,
        every=span_text(counted.resolution),
    )


def _slo_window(slo: Slo) -> int | None:
    """The SLO window in minutes, None for a calendar window, which is not a PromQL range."""
    return None if slo.window in CALENDAR_DAYS else nominal_days(slo.window) * DAY


def _objective(slo: Slo, counted: Counting, labels: dict[str, str]) -> list[Rule]:
    allowed = number(slo.objective.allowed)
    recorded = {
        "slo:objective:ratio": f"vector({number(slo.objective.target)})",
        "slo:error_budget:ratio": f"vector({allowed})",
        "slo:current_burn_rate:ratio": f"{counted.series('ratio', counted.base)} / {allowed}",
    }
    slo_window = _slo_window(slo)
    if slo_window is not None:
        burned = f"{counted.series('ratio', slo_window)} / {allowed}"
        recorded["slo:time_period:days"] = f"vector({slo_window // 1440})"
        recorded["slo:period_burn_rate:ratio"] = burned
        recorded["slo:period_error_budget_remaining:ratio"] = f"1 - {burned}"
    return [{"record": name, "expr": expr, "labels": labels} for name, expr in recorded.items()]


def _limitations(source: RuleSource, counted: Counting) -> list[str]:
    found = []
    slo = source.slo
    for pair, why in slo.plan.refused:
        found.append(
            _("no {severity} alert over {long} and {short}: {why}").format(
                severity=pair.severity.value, long=span_text(pair.long * 60), short=span_text(pair.short * 60), why=why
            )
        )
    found += [_unmeasurable(pair, counted) for pair in slo.plan.pairs if not _measurable(pair, counted)]
    if slo.window == "month":
        found.append(_("no error budget for the calendar month: a PromQL range has a fixed length, months do not"))
    elif slo.window in CALENDAR_DAYS:
        found.append(_("no error budget for a calendar window: a PromQL range ends now and has a fixed length"))
    if isinstance(source.indicator, LatencyRule) and source.indicator.interpolate:
        found.append(_("no interpolation between buckets: without a bucket at the threshold there is no data"))
    if not counted.events:
        found.append(_("estimated: every minute has the same weight, however many events it had"))
    return found


def _yaml(groups: list[Rule], left_out: list[LeftOut]) -> str:
    import yaml  # imported late: only this command needs it

    class Dumper(yaml.SafeDumper):
        """Writes text of several lines as a block, and no anchors."""

        def ignore_aliases(self, data: object) -> bool:
            return True

    def text(dumper: yaml.SafeDumper, data: str) -> yaml.Node:
        return dumper.represent_scalar("tag:yaml.org,2002:str", data, style="|" if "\n" in data else None)

    Dumper.add_representer(str, text)
    head = [_("# Written by `artisan-tui slo rules`. Check it with: promtool check rules FILE")]
    if left_out:
        head.append(_("# Not included:"))
        head += [f"#   {printable(str(each), 400)}" for each in left_out]
    body: str = yaml.dump({"groups": groups}, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=1_000_000)
    if not is_harmless(body.replace("\n", "")):
        # Unsafe characters are written as escapes, because a label value must keep all its characters.
        body = yaml.dump({"groups": groups}, Dumper=Dumper, sort_keys=False, width=1_000_000)
    return "\n".join(head) + "\n" + body
