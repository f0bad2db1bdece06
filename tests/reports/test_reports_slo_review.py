"""The weekly review and the quarterly re-assessment, as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from markdown_it import MarkdownIt

from artisan_tui.domain.slo.counts import Counts
from artisan_tui.domain.slo.review_period import ReviewPeriod
from artisan_tui.domain.slo.windows import DAY
from artisan_tui.i18n import use_language
from artisan_tui.reports.slo.quarterly import quarterly_review
from reports.reports_ledgers import (
    API,
    AT,
    END,
    MINUTE,
    OVERRIDE,
    SEOUL,
    WEEK,
    Journal,
    api,
    creative,
    fresh,
    month,
    outage,
    slo_status,
    spread,
    weekly,
)

MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    use_language("en")
    yield
    use_language("en")


# -- golden ----------------------------------------------------------------------------


def test_a_week_with_an_outage() -> None:
    hurt, journal = outage()
    total = hurt.evaluation.burned.total
    text = weekly(
        [hurt, creative(), fresh()],
        journal,
        previous=ReviewPeriod("last", {API: Counts(23, 3_300_000, 10_080, 10_080)}),
        week=ReviewPeriod("this", {API: Counts(923, 3_300_000, 10_080, 10_080)}),
    )
    assert total == 14_194_567
    assert text == (
        """\
# SLO review: 2026-11-14 18:42 KST - 2026-11-21 18:42 KST

Deployments blocked due to SLO violations: llm-creative-latency; unknown: rl-reward

## Error budgets

| SLO | Target | SLO Window | Actual | Error Budget Used | Burned this week | Burn rate vs last week | Status |
| --- | --- | --- | --- | --- | --- | --- | --- |
| API availability | 99.90% | 30d | 99.99% | 7.05% | 6.51% | 0.28, worse (was 0.01) | healthy |
| LLM creative latency | 95.00% | 7d | 93.50% | 130.00% | - | - | exhausted |
| RL reward | 99.90% | 30d | - | - | - | - | unknown: no data in the window |

## Alerts

| Severity | SLO | Raised | Duration | Reopened |
| --- | --- | --- | --- | --- |
| page | API availability | 2026-11-21 15:22 KST | 12m |  |

## Checks that were down

| Check | Times down | Total | Longest | Last detail |
| --- | --- | --- | --- | --- |
| api.health | 1 | 12m | 12m | no answer within 5s |

## Costliest minutes

- **API availability** 2026-11-21 15:22 - 2026-11-21 15:25 KST: 900 bad of 986, 6.35% of the budget
  - 15:19 artisan: api.health DOWN: timeout: no answer within 5s
  - 15:22 artisan: page: API availability burns its error budget
  - 15:26 s.lee: rolled the deploy back

## Overrides

- 2026-11-21 16:22 KST - 2026-11-21 18:22 KST j.park: hotfix for the login page

## Discussion

- LLM creative latency has no error budget left. What is paused, and what is fixed first?
- RL reward is unknown: no data in the window. Who restores the measurement, and by when?
- j.park overrode the deployment block (hotfix for the login page). What was deployed, and how much budget did it cost?
"""
    )


# -- the week ------------------------------------------------------------------------


def test_a_quiet_week() -> None:
    text = weekly([slo_status(spread(43_200, 0, 30 * DAY), course=10)], Journal())
    assert text.count("None.") == 4
    assert "- Nothing to report. Do these SLOs still match what users notice?" in text
    assert weekly([], Journal()).count("None.") == 5


def test_what_nobody_wrote_down_is_asked() -> None:
    hurt, _ = outage()
    text = weekly([hurt], Journal())
    assert "  - no journal entries for this time" in text
    assert "- API availability: no journal entry for 2026-11-21 15:22 KST. What happened?" in text


def test_many_small_ones_are_asked_about_too() -> None:
    text = weekly([api()], Journal(), week=ReviewPeriod("this", {API: Counts(500, 288_000, 10_080, 10_080)}))
    assert "- API availability burned at 1.74 times the sustainable rate." in text


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [((20, 10_080), (10, 10_080), "better"), ((10, 10_080), (10, 10_080), "the same"), ((20, 900), (10, 10_080), None)],
)
def test_trends(before: tuple[int, int], now: tuple[int, int], said: str | None) -> None:
    def stretch(bad: int, measured: int) -> ReviewPeriod:
        return ReviewPeriod("w", {API: Counts(bad, 10_000, 10_080, measured)})

    text = weekly([api()], Journal(), previous=stretch(*before), week=stretch(*now))
    assert (f", {said} (was" in text) if said else ("(was" not in text)


def test_an_override_in_force_and_an_alert_that_fires_still() -> None:
    journal = Journal()
    journal.add(AT - 10 * MINUTE, "alert.raised", API, key="k", severity="ticket", name="API availability")
    text = weekly([creative()], journal, override=OVERRIDE)
    assert "\nOverride: j.park allowed deployments until 2026-11-21 20:42 KST" in text
    assert "| ticket | API availability | 2026-11-21 18:32 KST | still firing |  |" in text
    assert "- ticket for API availability has been firing since 2026-11-21 18:32 KST. Who owns it?" in text


# -- markup and languages -----------------------------------------------------------------------------


def test_nothing_from_outside_becomes_markup_in_a_review() -> None:
    evil = "</td>|*x* [a](http://e.vil) <img src=x onerror=alert(1)>\n# `h`"
    journal = Journal()
    down: dict[str, Any] = {"from": "up", "to": "down", "reason": "timeout", "detail": evil}
    journal.add(AT - 201 * MINUTE, "check.state", evil, **down)
    journal.add(AT - 200 * MINUTE, "note", actor=evil, text=evil)
    journal.add(AT - 199 * MINUTE, "alert.raised", evil, key="k", severity=evil, name=evil)
    until = (AT + WEEK).isoformat()
    journal.add(AT - 198 * MINUTE, "slo.override", actor=evil, until=until, reason=evil)
    rows = [(m, 300 if m == END - 200 else 0, 300, 1) for m in range(END - 30 * DAY, END)]
    named = [slo_status(rows, id=evil, name=evil, course=10), fresh(id=evil, name=evil)]
    week = ReviewPeriod(evil, {named[0].id: Counts(300, 3000, 10_080, 10_080)})
    text = weekly(named, journal, week=week, previous=week, override=OVERRIDE)
    text += quarterly_review(named, [week, week, week], journal.events, AT - WEEK, AT, SEOUL)
    shown = MARKDOWN.render(text)
    tags = set(re.findall(r"</?([a-z0-9]+)", shown))
    assert tags <= {"h1", "h2", "p", "table", "thead", "tbody", "tr", "th", "td", "ul", "li", "strong"}
    assert "<a" not in shown
    assert shown.count("onerror") > 5  # as text
    heads = re.findall("<tr>\n(.*?)</tr>", shown, re.DOTALL)
    widths = {row.count("<th>") + row.count("<td>") for row in heads}
    assert widths <= {5, 7, 8}


@pytest.mark.parametrize("language", ["en", "ko"])
def test_both_languages_render(language: str) -> None:
    use_language(language)
    hurt, journal = outage()
    week = ReviewPeriod("w", {API: Counts(500, 288_000, 10_080, 10_080)})
    months = [ReviewPeriod("2026-08", {API: month(2000, 10**6)}), ReviewPeriod("2026-09", {API: month(3000, 10**6)})]
    both = [hurt, api(), creative(), fresh()]
    text = weekly(both, journal, week=week, previous=week, override=OVERRIDE)
    text += quarterly_review(both, months, journal.events, AT - 13 * WEEK, AT, SEOUL)
    assert "{" not in text
    assert text.count("\n#") == 10
