"""``slo explain``: every number with the counts and the formula it came from."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest

from artisan_tui.domain.slo.burn import Pair, Severity
from artisan_tui.domain.slo.status import Evidence, SloStatus
from artisan_tui.domain.slo.windows import DAY, Span
from artisan_tui.reports.slo.explain import explain_lines
from reports.reports_ledgers import AT, END, SEOUL, api, creative, fresh, slo_status, spread


def explain(each: SloStatus) -> list[str]:
    return explain_lines(each, SEOUL)


def section(lines: list[str], title: str) -> list[str]:
    start = next(at for at, line in enumerate(lines) if line.startswith(title))
    rest = lines[start + 1 :]
    return rest[: rest.index("")] if "" in rest else rest


def test_the_seed_s_first_sample_explained() -> None:
    lines = explain(api(kept_seconds=15 * 86400.0))
    assert lines[: lines.index("Burn rate = (bad/total)/B; at 1 the budget lasts exactly the window")] == [
        "API availability (api-availability)",
        "  objective 99.9%: error budget B = 1/1,000",
        "  window 30d (rolling): 2026-10-22 18:42 to 2026-11-21 18:42 KST (Asia/Seoul), 43,200 minutes",
        "  counted: 987 bad of 1,234,567 events",
        "  coverage 100.00%: 43,200 of 43,200 measured, 90% needed",
        "",
        "Measured as events",
        "  total  api_requests_total",
        '  bad    api_requests_total{status=~"5.."}',
        "  sampled every 15s",
        "  query to copy:",
        "    sum(increase(api_requests_total[1m]))",
        "",
        "Budget",
        "  sli  = 1 - bad/total = 1 - 987/1,234,567 = 99.92%",
        "  used = bad*den / (total*num) = 987*1,000 / (1,234,567*1) = 987,000/1,234,567 = 79.95%",
        "  left = 1 - used = 20.05%",
        "  exhausted if bad*den >= total*num: 987,000 >= 1,234,567: no",
        "  warning if 5*bad*den >= 4*total*num: 4,935,000 >= 4,938,268: no",
        "  status: healthy",
        "",
    ]
    assert section(lines, "Limitations") == [
        "  30d needed, the server keeps 15d, 30d stored here",
        "  stored SLO data begins at 2026-10-22 18:42 KST",
        "  newest data: 2026-11-21 18:42 KST",
    ]


def test_exactly_all_of_a_budget_is_gone_and_exactly_a_fifth_left_a_warning() -> None:
    assert "  exhausted if bad*den >= total*num: 1,000 >= 1,000: yes" in explain(slo_status(spread(1000, 1, 30 * DAY)))
    low = explain(slo_status(spread(10_000, 8, 30 * DAY)))
    assert "  warning if 5*bad*den >= 4*total*num: 40,000 >= 40,000: yes" in low


def test_alerts_show_both_sides_as_they_were_compared() -> None:
    lines = section(explain(creative()), "Alerts")
    at = lines.index("  ticket 3d/6h above 1: firing")
    assert lines[at + 1 : at + 3] == [
        "     3d  1,950*20*1 > 30,000*1*1: 39,000 > 30,000: yes",
        "     6h  163*20*1 > 2,500*1*1: 3,260 > 2,500: yes",
    ]
    assert "  page 5m at 16 or more: not firing" in lines
    assert "     5m  3*20*1 >= 35*1*16: 60 >= 560: no" in lines


COMPARED = re.compile(r"([\d*,-]+) (>=?) ([\d*,-]+): ([\d,-]+) >=? ([\d,-]+): (yes|no)$")


@pytest.mark.parametrize("bad", [0, 1, 80, 1000, 4550, 60_000])
def test_every_comparison_is_true_and_leads_to_what_fires(bad: int) -> None:
    """The lines are computed again from what they print."""
    each = slo_status(spread(70_000, bad, 7 * DAY), "95%", "7d")
    lines = section(explain(each), "Alerts")
    fires: dict[str, list[bool]] = {}
    said: dict[str, bool] = {}
    for line in lines:
        found = COMPARED.search(line)
        if found is None:
            name, _, verdict = line.strip().rpartition(": ")
            said[name], fires[name] = verdict == "firing", []
            continue
        left, sign, right, one, other, answer = found.groups()
        product = [_product(text) for text in (left, right)]
        assert product == [int(one.replace(",", "")), int(other.replace(",", ""))]
        holds = product[0] >= product[1] if sign == ">=" else product[0] > product[1]
        assert holds == (answer == "yes")
        fires[name].append(holds)
    assert {name: all(sides) for name, sides in fires.items()} == said
    assert sum(said.values()) == len(each.evaluation.firing)


def _product(text: str) -> int:
    out = 1
    for factor in text.replace(",", "").split("*"):
        out *= ast.literal_eval(factor)
    return out


def test_a_single_failure_is_named_as_too_few() -> None:
    rows = [*spread(300, 0, 7 * DAY)[:-1], (END - 1, 1, 4, 1)]
    lines = section(explain(slo_status(rows, "99.9%", "7d")), "Alerts")
    # Five of the hour's events are seen, and one of them failed.
    assert any("yes, but only 1 bad, 2 needed" in line for line in lines)


def test_too_little_is_said_and_not_called_calm() -> None:
    lines = explain(fresh())
    assert "  status: unknown: no data in the window" in lines
    assert "   5m  not enough data: 0 slices, 4 needed" in lines
    assert section(lines, "Alerts")[0] == "  page 1h/5m above 14.4: unknown: not enough data"
    assert section(lines, "Forecast") == ["  not enough data for a forecast"]
    assert "  no SLO data stored yet" in lines
    hardly = [row for row in spread(10**6, 0, 30 * DAY) if row[0] < END - 5 or row[0] == END - 1]
    assert "   5m  not enough data: coverage 20.00%, 50% needed" in explain(slo_status(hardly))


def test_what_fired_goes_on_while_nothing_is_known() -> None:
    blind = slo_status(spread(10**6, 0, 30 * DAY)[:-400])
    pair = blind.evaluation.slo.plan.pairs[0]
    held = replace(blind, evaluation=replace(blind.evaluation, firing=(pair,)))
    assert "  page 1h/5m above 14.4: still firing: not enough data to resolve it" in section(explain(held), "Alerts")


def test_pairs_left_out_and_why() -> None:
    lines = section(explain(slo_status(spread(10_080, 1, 7 * DAY), "50%", "7d")), "Alerts")
    at = lines.index("  disabled:")
    assert lines[at + 1].startswith("    page 1h/5m above 13.44: it can never fire: ")


def test_windows_of_ones_own_that_are_not_kept_say_so() -> None:
    each = api()
    own = Pair(Severity.PAGE, 90, 15, Fraction(7))
    slo = replace(each.evaluation.slo, plan=replace(each.evaluation.slo.plan, pairs=(own,)))
    lines = section(explain(replace(each, evaluation=replace(each.evaluation, slo=slo))), "Alerts")
    assert lines[0] == "  page 1h30m/15m above 7: unknown: not enough data"
    assert lines[1] == "    1h30m  no counts stored for this window"


def test_forecasts() -> None:
    assert section(explain(creative()), "Forecast") == ["  already exhausted"]
    rolling = section(explain(api()), "Forecast")
    assert rolling == [
        "   1h  left*W / (burn - leaving) = 20.05%*30d / (1.17 - 0.59): 10d7h",
        "   6h  left*W / (burn - leaving) = 20.05%*30d / (0.88 - 0.78): not exhausted at this burn rate",
        "  leaving: burn rate of the oldest part of the window (same length), which drops out next",
        "  above burn rate 1 the budget runs out within one window in any case",
        "  runs out in 10d7h at the earliest, or not at all (2026-12-02 02:27 KST)",
    ]
    # November has 18:42 on the 21st behind it; an hour at burn 5, and before it nothing.
    rows = [(minute, 5 if minute >= END - 60 else 0, 1000, 1) for minute in range(END - 30 * DAY, END)]
    month = explain(slo_status(rows, window="month"))
    assert month[2].startswith("  window calendar month (length 30d): 2026-11-01 00:00 to 2026-11-21 18:42 KST")
    found = section(month, "Forecast")
    assert found[0] == "   1h  left*W / burn = 99.30%*30d / 5.00: 5d23h"
    assert found[-1].startswith("  runs out in 5d23h at the earliest, or not at all (2026-11-27 17:42 KST)")


def test_maintenance_guesses_and_what_could_not_be_read() -> None:
    guess = Evidence("latency", (("histogram", "h"),), "a\nb\x1b[0m", True, "no bucket ends at 4.5 s", 15_000, 7)
    lines = explain(
        creative(
            evidence=guess,
            excluded=[Span(END - 600, END - 480)],
            problem="503",
            notes=("partial",),
            remarks=("bounds 2, 5",),
        )
    )
    assert "  maintenance: 2h not counted, with 54 bad of 833" in lines
    assert section(lines, "Measured")[-3:] == ["  query to copy:", "    a", "    b"]
    assert section(lines, "Limitations")[:5] == [
        "  503",
        "  partial",
        "  bounds 2, 5",
        "  estimated: no bucket ends at 4.5 s",
        "  7 events were not counted because their time is unknown",
    ]


def test_shares_say_what_their_counts_are() -> None:
    lines = explain(slo_status(spread(10_080 * 10**6, 10**6, 7 * DAY), window="7d", unit="share", kind="promql"))
    assert "  a ratio has no event count: every minute has the same weight" in lines
    assert "  counted: 1,000,000 bad of 10,080,000,000 parts" in lines


def test_no_section_is_empty() -> None:
    for each in (api(), creative(), fresh(), api(read_at=AT)):
        lines = explain(each)
        assert lines[-1] != ""
        assert not any(one == other == "" for one, other in pairwise(lines))
