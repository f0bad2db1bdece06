"""``slo explain ID`` and the screen's x: where every number of an SLO comes from, with the numbers put in."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from artisan_tui.domain.plain import printable
from artisan_tui.domain.slo.account import Account
from artisan_tui.domain.slo.budget import Status
from artisan_tui.domain.slo.burn import Pair
from artisan_tui.domain.slo.counts import Counts
from artisan_tui.domain.slo.forecast import after, leaving_burn
from artisan_tui.domain.slo.statement import Evidence, Statement
from artisan_tui.domain.slo.windows import BURN_WINDOWS
from artisan_tui.domain.span import span_text
from artisan_tui.i18n import _
from artisan_tui.reports.slo_figures import (
    burn_text,
    count,
    coverage_text,
    left_text,
    length_text,
    minute_text,
    moment,
    needed_text,
    sli_text,
    stretch_text,
    used_text,
    wait_text,
)
from artisan_tui.reports.slo_words import (
    backfill_text,
    doubt_text,
    estimate_text,
    excluded_text,
    forecast_text,
    id_of,
    name_of,
    pair_text,
    retention_text,
    status_word,
    unit_word,
    window_text,
)

_INDENT = "  "


def explain_lines(statement: Statement, zone: ZoneInfo) -> list[str]:
    """Sections of lines, an empty one between them; the first names the SLO."""
    account = statement.account
    sections = [
        _promise(statement, zone),
        _sources(statement.evidence, account.promise.unit),
        _budget(account),
        _burns(account),
        _alerts(account),
        _forecast(account, zone),
        _reservations(statement, zone),
    ]
    out: list[str] = []
    for section in sections:
        out += [*section, ""] if section else []
    return out[:-1]


def _indented(lines: list[str]) -> list[str]:
    return [_INDENT + line for line in lines]


def _promise(statement: Statement, zone: ZoneInfo) -> list[str]:
    account = statement.account
    promise, own, burned = account.promise, account.own, account.burned
    objective = promise.objective
    first, last = stretch_text(own.span.start, own.span.end, zone)
    kind = _("{whole} long").format(whole=length_text(own.whole)) if own.calendar else _("rolling")
    lines = [
        _("objective {objective}: B = {num}/{den} may be bad").format(
            objective=objective, num=count(objective.num), den=count(objective.den)
        ),
        _("window {window} ({kind}): {first} to {last} ({zone}), {n} minutes").format(
            window=window_text(promise.window),
            kind=kind,
            first=first,
            last=last,
            zone=zone.key,
            n=count(len(own.span)),
        ),
        _("counted: {bad} bad of {total} {unit}").format(
            bad=count(burned.bad), total=count(burned.total), unit=unit_word(promise.unit)
        ),
        _("coverage {seen}: {measured} of {expected} measured, {needed} needed").format(
            seen=coverage_text(burned, promise.terms.coverage),
            measured=count(burned.measured),
            expected=count(burned.expected),
            needed=needed_text(promise.terms.coverage),
        ),
    ]
    excluded = excluded_text(account)
    if excluded:
        lines.append(_("maintenance: {excluded}").format(excluded=excluded))
    return [f"{name_of(statement)} ({id_of(statement)})", *_indented(lines)]


def _sources(evidence: Evidence, unit: str) -> list[str]:
    width = max((len(role) for role, _text in evidence.selectors), default=0)
    lines = [f"{printable(role, 40):<{width}}  {printable(text, 2000)}" for role, text in evidence.selectors]
    lines.append(_("seen every {span}").format(span=span_text(evidence.interval_ms / 1000)))
    if unit == "share":
        lines.append(_("a share has no events: every minute weighs the same, in equal parts"))
    if evidence.query:
        lines += [_("query, to paste:"), *_indented(printable(evidence.query, 8000, lines=True).splitlines())]
    return [_("Measured as {kind}").format(kind=printable(evidence.kind, 40)), *_indented(lines)]


def _budget(account: Account) -> list[str]:
    head = _("Budget")
    burned, budget, objective = account.burned, account.budget, account.promise.objective
    sli, used, left = burned.sli, budget.used, budget.remaining
    if sli is None or used is None or left is None:
        return [head, *_indented([_("status: {status}: {why}").format(
            status=status_word(account.status), why=doubt_text(account)
        )])]  # fmt: skip
    num, den = objective.num, objective.den
    bad, total = max(burned.bad, 0), burned.total
    spent, whole = bad * den, total * num
    product = f"{count(bad)}*{count(den)} / ({count(total)}*{count(num)})"
    lines = [
        f"sli  = 1 - bad/total = 1 - {count(min(bad, total))}/{count(total)} = {sli_text(objective, sli)}",
        f"used = bad*den / (total*num) = {product} = {count(spent)}/{count(whole)} = {used_text(used)}",
        f"left = 1 - used = {left_text(left)}",
        _question("bad*den >= total*num", spent, whole, Status.EXHAUSTED),
        _question("5*bad*den >= 4*total*num", 5 * spent, 4 * whole, Status.WARNING),
    ]
    doubt = doubt_text(account)
    said = status_word(account.status)
    lines.append(
        _("status: {status}: {why}").format(status=said, why=doubt)
        if doubt
        else _("status: {status}").format(status=said)
    )
    return [head, *_indented(lines)]


def _question(formula: str, one: int, other: int, status: Status) -> str:
    answer = _("yes") if one >= other else _("no")
    return _("{status} if {formula}: {one} >= {other}: {answer}").format(
        status=status_word(status), formula=formula, one=count(one), other=count(other), answer=answer
    )


def _burns(account: Account) -> list[str]:
    objective = account.promise.objective
    lines = []
    for name in BURN_WINDOWS:
        counts, rate = account.windows[name], account.burn(name)
        if rate is None:
            lines.append(f"{name:>3}  {_too_little(account, counts)}")
            continue
        bad = max(counts.bad, 0)
        lines.append(
            f"{name:>3}  ({count(bad)}/{count(counts.total)}) / ({count(objective.num)}/{count(objective.den)})"
            f" = {burn_text(rate)}"
        )
    return [_("Burn = (bad/total)/B; 1 spends the budget in exactly the window"), *_indented(lines)]


def _too_little(account: Account, counts: Counts) -> str:
    """Why no burn rate is read off ``counts``."""
    terms = account.promise.terms
    least = max(terms.burn_events, 1)
    if counts.total < least:
        return _("too little to tell: {n} {unit}, and {needed} are needed").format(
            n=count(counts.total), unit=unit_word(account.promise.unit), needed=count(least)
        )
    return _("too little to tell: {seen} seen, and {needed} are needed").format(
        seen=coverage_text(counts, terms.burn_coverage), needed=needed_text(terms.burn_coverage)
    )


def _alerts(account: Account) -> list[str]:
    lines: list[str] = []
    for pair in account.promise.plan.pairs:
        lengths = dict.fromkeys((pair.long, pair.short))
        sides = [(length, account.windows.get(length_text(length))) for length in lengths]
        lines += [f"{pair_text(pair)}: {_verdict(account, pair, sides)}"]
        lines += _indented([_side(account, pair, length, counts) for length, counts in sides])
    refused = [f"{pair_text(pair)}: {printable(why, 500)}" for pair, why in account.promise.plan.refused]
    if refused:
        lines += [_("left out:"), *_indented(refused)]
    head = _("Alerts: a pair fires when bad/total > factor*B in both windows")
    return [head, *_indented(lines or [_("none")])]


def _verdict(account: Account, pair: Pair, sides: list[tuple[int, Counts | None]]) -> str:
    known = [c for _length, c in sides if c is not None and account.promise.terms.tells_burn(c)]
    if len(known) == len(sides):
        return _("firing") if pair in account.firing else _("not firing")
    if pair in account.firing:
        return _("still firing: too little is known to end it")
    if any(not pair.exceeded(account.promise.objective, counts) for counts in known):
        return _("not firing")
    return _("not known to fire")


def _side(account: Account, pair: Pair, length: int, counts: Counts | None) -> str:
    """One window of a pair, compared as integers, as the verdict was."""
    name = length_text(length)
    if counts is None:
        return f"{name:>3}  " + _("not kept for this length")
    terms, objective = account.promise.terms, account.promise.objective
    if not terms.tells_burn(counts):
        return f"{name:>3}  {_too_little(account, counts)}"
    num, den = pair.factor.numerator, pair.factor.denominator
    bad, allowed = counts.bad * objective.den * den, counts.total * objective.num * num
    sign = ">=" if pair.inclusive else ">"
    exceeded = pair.exceeded(objective, counts)
    said = _("yes") if exceeded else _("no")
    if exceeded and length == pair.long and counts.bad < terms.burn_bad:
        said = _("yes, but by {n} bad, and {needed} are needed").format(
            n=count(counts.bad), needed=count(terms.burn_bad)
        )
    return (
        f"{name:>3}  {count(counts.bad)}*{count(objective.den)}*{count(den)} {sign} "
        f"{count(counts.total)}*{count(objective.num)}*{count(num)}: {count(bad)} {sign} {count(allowed)}: {said}"
    )


def _forecast(account: Account, zone: ZoneInfo) -> list[str]:
    own, budget, left = account.own, account.budget, account.budget.remaining
    lines = []
    if left is not None and left > 0 and account.doubt is None:
        formula = "left*elapsed / (burn - 1)" if own.calendar else "left*W / (burn - leaving)"
        span = length_text(len(own.span) if own.calendar else own.whole)
        for name, pace in account.paces.items():
            if not account.promise.terms.tells_burn(pace.now):
                continue
            rest = "1" if own.calendar else burn_text(leaving_burn(budget, pace))
            then = after(budget, own, pace)
            ends = _("not at this rate") if then is None else wait_text(then)
            numbers = f"{left_text(left)}*{span} / ({burn_text(account.burn(name))} - {rest})"
            lines.append(f"{name:>3}  {formula} = {numbers}: {ends}")
        if lines and not own.calendar:
            lines.append(_("leaving: the burn of the equally long oldest part of the window, which drops out next"))
            lines.append(_("above burn 1 it is used up within a whole window, whatever leaves"))
    said = forecast_text(account)
    known = account.forecast
    if known is not None and known.earliest:
        said += f" ({minute_text(account.end + int(known.earliest), zone)})"
    return [_("Forecast, from {at} on").format(at=minute_text(account.end, zone)), *_indented([*lines, said])]


def _reservations(statement: Statement, zone: ZoneInfo) -> list[str]:
    """What the numbers do not rest on."""
    evidence = statement.evidence
    lines = [printable(statement.problem, 500), *(printable(note, 500) for note in statement.notes)]
    lines += [printable(remark, 500) for remark in statement.remarks]
    estimate = estimate_text(statement)
    if estimate:
        lines.append(_("estimated: {why}").format(why=estimate))
    if evidence.unclaimed:
        lines.append(
            _("{n} events were not counted, because nobody saw when they happened").format(n=count(evidence.unclaimed))
        )
    lines.append(retention_text(statement))
    filling = backfill_text(statement)
    if filling:
        lines.append(_("being filled: {done}").format(done=filling))
    if statement.since is None:
        lines.append(_("the ledger is empty"))
    else:
        lines.append(_("the ledger begins at {at}").format(at=minute_text(statement.since, zone)))
    if statement.read_at is not None:
        lines.append(_("newest answer at {at}").format(at=moment(statement.read_at, zone)))
    return [_("Reservations"), *_indented([line for line in lines if line])]
