"""The first lines of a check's detail: how it is, why, and who answers for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo

from artisan_tui.domain.checks.health import Health
from artisan_tui.domain.span import minutes_text, span_text
from artisan_tui.domain.state import State
from artisan_tui.engine.checks.slice import About, CheckView, Uptime
from artisan_tui.i18n import _
from artisan_tui.reports.checks.words import check_status, leaning, state_word, underneath_text
from artisan_tui.reports.moments import date_time_text, time_text
from artisan_tui.reports.read_back import read_back
from artisan_tui.tui.cells import Run, fit, wrapped
from artisan_tui.tui.checks.counts import ROLE
from artisan_tui.tui.checks.figures import limit_of, measured, percentiles_text, uptime_text, with_unit
from artisan_tui.tui.checks.reasons import against_limit, headline, newest
from artisan_tui.tui.glyphs import Glyphs, latency_text

Row = list[Run]
#: Cells of a fact's name.
_NAME = 13


def state_row(health: Health, glyphs: Glyphs, zone: tzinfo | None, now: datetime, more: str = "") -> Row:
    """``✖ DOWN  since 21 Nov 18:39:58 (2m)``"""
    word = state_word(health.state)
    if health.stale:
        word = _("stale, was {state}").format(state=word)
    since = date_time_text(health.since, zone, seconds=True)
    age = minutes_text((now - health.since).total_seconds())
    return [
        (
            f" {glyphs.states[State.UNKNOWN if health.stale else health.state]} {word.upper()}",
            "-stale" if health.stale else ROLE[health.state],
        ),
        ("  " + _("since {time} ({age})").format(time=since, age=age), "-dim"),
        ("   " + more, "-warn"),
    ]


def status_rows(
    view: CheckView, uptime: Uptime | None, glyphs: Glyphs, zone: tzinfo | None, now: datetime, width: int
) -> Iterator[Row]:
    yield state_row(view.health, glyphs, zone, now, leaning(view.health, view.policy))
    # The target's own words first: ours about them name the condition.
    for text, role in ((headline(view), "-strong"), (against_limit(view), "-strong")):
        for line in wrapped(text, width - 4) if text else ():
            yield [("   " + line, role)]
    why = check_status(view.health, view.policy) or newest(view)
    for line in wrapped(why, width - 4) if why else ():
        yield [("   " + line, "")]
    for sentence in circumstances(view, zone, now):
        for part in wrapped(sentence, width - 4):
            yield [("   " + part, "-warn")]
    for remark in view.remarks:
        yield [("   " + fit(read_back(remark), width - 4), "-warn")]
    yield from fact(_("target"), view.target, width)
    seen = time_text(view.health.seen_at, zone, seconds=True) if view.health.seen_at else _("never")
    yield from fact(_("last result"), f"{seen}   {latency_text(view.latency)}", width)
    if view.value is not None:
        yield from fact(_("value"), value_text(view), width)
    yield from fact(_("uptime"), uptime_line(uptime), width)
    latencies = percentiles_text(uptime)
    if latencies:
        yield from fact(_("latency"), _("{percentiles} in 24 h").format(percentiles=latencies), width)
    yield from about_rows(view.about, width)


def value_text(view: CheckView) -> str:
    """With its unit and its limit, and as exactly as it was measured where that is more."""
    shown, limit = measured(view), limit_of(view)
    exact = shown.partition(" ")[0] == view.value
    texts = [shown if exact or not shown else f"{shown}   ({view.value})"]
    if limit:
        texts.append(_("limit {limit}").format(limit=with_unit(limit, view.unit)))
    return "   ".join(texts)


def uptime_line(uptime: Uptime | None) -> str:
    """``24 h 99.95 %   30 d 99.9 %``, "" where nothing is known."""
    if uptime is None:
        return ""
    known = ((_("24 h {share}"), uptime.day), (_("30 d {share}"), uptime.month))
    return "   ".join(text.format(share=uptime_text(share)) for text, share in known if share is not None)


def circumstances(view: CheckView, zone: tzinfo | None, now: datetime) -> Iterator[str]:
    """What a person must know besides the reason, in whole sentences."""
    if view.root_cause:
        yield _("caused by {cause}: check that first").format(cause=view.root_cause)
    elif view.past_cause:
        yield _("was caused by {cause}, which is no longer down").format(cause=view.past_cause)
    if view.health.state is State.MAINTENANCE:
        if view.until is not None:
            left = minutes_text(max(0.0, (view.until - now).total_seconds()))
            yield _("maintenance until {time}: {span} left").format(time=date_time_text(view.until, zone), span=left)
        if view.underneath is not None:
            yield underneath_text(view.underneath, view.policy)
    if view.flapping:
        yield _("flapping: paging is suspended until it is stable")
    if view.muted is not None:
        yield _("muted by {who} until {time}: {why}").format(
            who=view.muted.actor, time=date_time_text(view.muted.until, zone), why=view.muted.reason
        )


def about_rows(about: About, width: int) -> Iterator[Row]:
    yield from fact(_("owner"), about.owner, width)
    yield from fact(_("tags"), ", ".join(about.tags), width)
    for index, (name, where) in enumerate(about.links):
        yield from fact(_("links") if index == 0 else "", f"{name}  {where}", width)


def schedule_rows(view: CheckView, width: int) -> Iterator[Row]:
    if view.query and view.query != view.target:
        yield from fact(_("request"), view.query, width)
    schedule = _("every {every}, timeout {timeout}; down after {fall} in a row, up after {rise}").format(
        every=span_text(view.every), timeout=span_text(view.timeout), fall=view.policy.fall, rise=view.policy.rise
    )
    yield from fact(_("schedule"), schedule, width)


def fact(name: str, text: str, width: int) -> Iterator[Row]:
    """A name and what it is; nothing for an empty text."""
    if text:
        label = fit(name, _NAME)
        for index, line in enumerate(wrapped(text, max(20, width - _NAME - 5))):
            yield [("   " + (label if index == 0 else " " * _NAME) + " ", "-dim"), (line, "")]


def section(rows: Sequence[Row]) -> list[Row]:
    """``rows`` after an empty line, nothing where there are none."""
    return [[], *rows] if rows else []
