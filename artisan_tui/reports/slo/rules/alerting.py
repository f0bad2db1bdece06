"""Alerting rules: one per burn rate alert of an SLO, and one for missing data."""

from __future__ import annotations

from artisan_tui.domain.slo.burn import Pair, Severity
from artisan_tui.domain.slo.evaluation import Slo
from artisan_tui.domain.slo.windows import DAY, nominal_days
from artisan_tui.domain.span import span_text
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import _
from artisan_tui.reports.slo.rules.counting import Counting
from artisan_tui.reports.slo.rules.spelling import camel, number, span, untemplated

Rule = dict[str, object]
#: How long data must be missing before the alert fires.
_NO_DATA_FOR = "5m"


def burn_alert(slo: Slo, pair: Pair, counted: Counting, labels: dict[str, str]) -> Rule:
    """The rule fires like `domain.slo.burn.firing`: in both windows, with enough events.

    Only the coverage is not checked. A window that began before the recording uses the data there is, so
    that a Prometheus that restarts during an outage alerts at once.
    """
    sign = ">=" if pair.inclusive else ">"
    share = number(pair.bad_share(slo.objective))
    windows = [pair.long] if pair.short == pair.long else [pair.long, pair.short]
    conditions = [f"{counted.series('ratio', each)} {sign} {share}" for each in windows]
    if counted.events:
        conditions.append(counted.at_least("bad", pair.long, slo.minimums.burn_bad))
        conditions.append(counted.at_least("total", pair.short, slo.minimums.burn_events))
    long, short = span(pair.long * 60), span(pair.short * 60)
    return {
        "alert": f"{camel(slo.id)}BudgetBurn",
        "expr": "\nand ".join(conditions),
        "labels": {**_untemplated(labels), "severity": pair.severity.value, "long": long, "short": short},
        "annotations": {
            "summary": untemplated(
                _("{name}: the error budget burns {factor} times as fast as allowed").format(
                    name=_name(slo), factor=f"{float(pair.factor):.4g}"
                )
            ),
            "description": _(
                "Bad in the last {long}: {value}, and still high in the last {short}. {objective} over {window} "
                "allows {allowed}; a burn rate of {factor} exhausts the error budget in {lasts}."
            ).format(
                long=long,
                short=short,
                value="{{ $value | humanizePercentage }}",
                objective=f"{slo.objective}",
                window=window_text(slo.window),
                allowed=f"{float(slo.objective.allowed) * 100:.6g}%",
                factor=f"{float(pair.factor):.4g}",
                lasts=span_text(float(_period(slo) * 60 / pair.factor)),
            ),
            "explain": f"artisan-tui slo explain {slo.id}",
        },
    }


def silence_alert(slo: Slo, counted: Counting, labels: dict[str, str]) -> Rule:
    """The rule fires when the SLO has no data, because its burn rate alerts cannot fire then."""
    return {
        "alert": f"{camel(slo.id)}NoData",
        "expr": counted.gone,
        "for": _NO_DATA_FOR,
        "labels": {**_untemplated(labels), "severity": Severity.TICKET.value},
        "annotations": {
            "summary": untemplated(_("{name}: no data").format(name=_name(slo))),
            "description": _(
                "Prometheus has no data for this SLO: no such series, no bucket at its threshold, or no event in "
                "a day. Until it has, the burn rate alerts cannot fire and the error budget is unknown."
            ),
            "explain": f"artisan-tui slo explain {slo.id}",
        },
    }


def window_text(window: str) -> str:
    names = {"week": _("the calendar week"), "month": _("the calendar month"), "quarter": _("the calendar quarter")}
    return names.get(window, window)


def _untemplated(labels: dict[str, str]) -> dict[str, str]:
    """Prometheus expands templates in the labels of alerts, not in those of recording rules."""
    return {name: untemplated(text) for name, text in labels.items()}


def _name(slo: Slo) -> str:
    return printable(slo.name or slo.id, 120)


def _period(slo: Slo) -> int:
    return nominal_days(slo.window) * DAY
