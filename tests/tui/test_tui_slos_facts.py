"""The SLO screen: one budget in full, its counts, its burn table, and what it rests on."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from rich.cells import cell_len

from artisan_tui.domain.slo.burn import Pair, Plan, Severity
from artisan_tui.domain.slo.status import SloStatus
from artisan_tui.domain.slo.windows import Span
from artisan_tui.tui.glyphs import UNICODE
from artisan_tui.tui.slo.detail import detail_rows
from support.budgets import END, Burst, example_slos, rows, slo_status
from support.slo_screen import SEOUL
from support.snapshots import NOW


def text_of(each: SloStatus, width: int = 76, height: int = 40) -> list[str]:
    rows_ = detail_rows(each, width, height, SEOUL, NOW, UNICODE)
    lines = ["".join(text for text, _role in row).rstrip() for row in rows_]
    assert all(cell_len(line) <= width for line in lines), max(lines, key=cell_len)
    return lines


def about(each: SloStatus, word: str, **how: int) -> str:
    return next(line for line in text_of(each, **how) if word in line)


def test_the_policy_of_each_state_is_the_guide_s() -> None:
    api, fast, creative, _balanced, rl = example_slos()
    for each, word in [(api, "more than 20% left"), (fast, "20% or less left"), (creative, "exhausted: fixes only"), (rl, "unknown: do not deploy")]:  # fmt: skip
        lines = text_of(each)
        assert sum(any(text in line for line in lines) for text in ("more than 20%", "20% or less", "exhausted: fixes", "unknown: do not deploy")) == 1  # fmt: skip
        assert any(word in line for line in lines)


def test_counts_are_said_with_what_was_allowed() -> None:
    api = example_slos()[0]
    assert f"{api.evaluation.burned.bad:,} bad of 3,672,000, 3,672 allowed; 99.98% good, target 99.9%" in "\n".join(text_of(api, 100))  # fmt: skip
    assert "not exhausted at this rate" in "\n".join(text_of(api))


def test_the_burn_table_has_every_window_and_what_it_is_above() -> None:
    creative = example_slos()[2]
    lines = text_of(creative)
    start = next(index for index, line in enumerate(lines) if line.startswith(" Burn rate"))
    table = {line.split()[0]: line for line in lines[start + 1 : start + 8]}
    assert list(table) == ["5m", "30m", "1h", "2h", "6h", "1d", "3d"]
    for name, counts in creative.evaluation.windows.items():
        assert f"{counts.bad:,} bad of {counts.total:,}" in table[name]
    assert table["5m"].endswith("above 16 (page)")
    assert table["1h"].endswith("2,160")  # 11.5 is below 13.44
    assert table["3d"].endswith("above 1 (ticket)")


def test_each_pair_says_which_of_its_sides_is_above() -> None:
    lines = text_of(example_slos()[2])
    start = next(index for index, line in enumerate(lines) if line.startswith(" Alerts"))
    pairs = [" ".join(line.split()) for line in lines[start + 1 : start + 6]]
    assert pairs[0] == "✖ PAGE fires ≥ 16 5m 17.0 above"
    assert pairs[1] == "✔ page > 13.44 1h 11.5 below 5m 17.0 above"
    assert pairs[4] == "✖ TICKET fires > 1 3d 1.7 above 6h 2.4 above"


def test_a_window_with_too_few_bad_or_too_little_data_says_so() -> None:
    lonely = slo_status("x", "99.9%", "30d", [*list(rows(30, 0, 0))[:-60], *((END - n, int(n == 3), 1, 1) for n in range(60, 0, -1))])  # fmt: skip
    text = "\n".join(text_of(lonely))
    assert "few bad" in text
    assert "fires" not in text.replace("fire when", "")
    quiet = slo_status("x", "99.9%", "30d", rows(30, 10, 0.0001, until=120))
    assert any(line.split()[:2] == ["1h", "?"] and "no data" in line for line in text_of(quiet))
    assert about(quiet, "> 14.4").split()[-4:] == ["1h", "?", "5m", "?"]


def test_pairs_of_windows_that_are_not_in_the_table_and_those_refused_are_named() -> None:
    creative = example_slos()[2]
    own = Pair(Severity.PAGE, 45, 3, Fraction(9))
    plan = Plan((own,), ((Pair(Severity.TICKET, 1440, 120, Fraction(3)), "it would fire only when all is gone"),))
    evaluation = replace(creative.evaluation, slo=replace(creative.evaluation.slo, plan=plan), firing=(own,))
    lines = "\n".join(text_of(replace(creative, evaluation=evaluation)))
    assert "✖ PAGE fires > 9 45m ? 3m ?" in " ".join(lines.split())
    assert "alert disabled: ticket 1d+2h: it would fire only when all is gone" in " ".join(lines.split())


def test_what_it_rests_on() -> None:
    api = example_slos()[0]
    assert "100.00% of the window has data, 90% needed" in about(api, "coverage")
    assert "30d needed, the server keeps 15d, 30d stored here" in about(api, "retention")
    assert about(api, "bad   ").endswith('api_requests_total{status=~"5.."}')
    assert "api_requests_total[3m]" in about(api, "request ")
    balanced = example_slos()[3]
    assert any("~ every minute weighs the same" in line for line in text_of(balanced))
    assert any("~60.0% of the budget left" in line for line in text_of(balanced))
    night = Span(END - 600, END - 480)
    kept = slo_status("x", "99%", "7d", rows(7, 10, 0.001, [Burst(600, 120, 0.5)]), excluded=[night], unclaimed=1234)
    assert "2h not counted, with 600 bad of 1,200" in about(kept, "maintenance")
    assert "1,234 events were not counted because their time is unknown" in about(kept, "counted because")
    assert all(not night.start <= row[0] < night.end for row in kept.evaluation.costliest)


def test_an_unknown_budget_says_why_how_far_and_what_was_seen() -> None:
    rl = example_slos()[4]
    text = "\n".join(text_of(rl))
    assert text.startswith(" ? UNKNOWN\n")
    assert "backfill: 42% [" in text
    assert "4,334 of 10,080 minutes" in text
    assert "only 42.85% of the window has data" in text
    assert "left, based on the available data only" in text
    broken = replace(rl, progress=None, problem="Prometheus refused: wrong token", notes=("partial answer",))
    lines = "\n".join(text_of(broken))
    assert "Prometheus refused: wrong token" in lines
    assert "partial answer" in lines


def test_an_empty_ledger_ends_nothing() -> None:
    empty = slo_status("x", "99%", "7d", [], query="")
    text = "\n".join(text_of(empty))
    assert "no data in the window" in text
    assert "no SLO data stored yet" in text
    assert "%" not in text.split("Budget left")[0].replace("99%", "")
