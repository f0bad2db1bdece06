"""Why a line of the services pane is as it is, in as few words as it has room for. Pure."""

from __future__ import annotations

import re
from datetime import datetime

from rich.cells import cell_len

from artisan_tui.domain.checks.sample import number_of
from artisan_tui.domain.reason import UNREACHED, Reason
from artisan_tui.domain.span import minutes_text
from artisan_tui.domain.state import State
from artisan_tui.engine.checks.slice import CheckView
from artisan_tui.i18n import _
from artisan_tui.reports.checks.own_words import own_words
from artisan_tui.reports.checks.words import check_status, found_text, leaning, reason_word, underneath_text
from artisan_tui.reports.read_back import read_back
from artisan_tui.tui.cells import fit
from artisan_tui.tui.checks.figures import equal_of, limit_of, measured, operator_of, with_unit
from artisan_tui.tui.checks.grouping import Kind, Row, caused_elsewhere, said_without_age

#: What a reason keeps at least where an address is beside it.
_LEAST_WHY = 26
_SOURCE = re.compile(r"(https?://[^\s:]+(?::\d+)?[^\s:]*): (.+)", re.DOTALL)


def circumstance(view: CheckView, now: datetime | None) -> str:
    """What a person must know before the reason: that nobody is paged for it, and what else is the matter."""
    texts = []
    if view.past_cause:
        texts.append(_("was caused by {cause}").format(cause=view.past_cause))
    if view.health.state is State.MAINTENANCE:
        texts.append(maintenance_text(view, now))
    if view.flapping:
        texts.append(_("page held: flapping") if view.held else _("flapping"))
    if view.muted is not None:
        left = (view.muted.until - now).total_seconds() if now is not None else None
        muted = _("muted") if left is None else _("muted {span}").format(span=minutes_text(max(0.0, left)))
        texts.append(muted)
    if view.health.state is State.UP and view.remarks:
        texts.append(read_back(view.remarks[0]))
    return "  ".join(texts)


def maintenance_text(view: CheckView, now: datetime | None) -> str:
    """``42m left, would be DOWN: timeout``: when it ends, and what is so underneath."""
    texts = []
    if view.until is not None and now is not None:
        left = minutes_text(max(0.0, (view.until - now).total_seconds()))
        texts.append(_("{span} left").format(span=left))
    if view.underneath is not None:
        texts.append(underneath_text(view.underneath, view.policy))
    return ", ".join(texts)


def reason(row: Row, view: CheckView, now: datetime | None, room: int) -> str:
    """Why, in the words of who knows best: the target's own, else ours with the address where nothing answered."""
    group = row.groups[0]
    texts = [circumstance(view, now)]
    if row.kind is Kind.ALIKE:
        names = ", ".join(group.name for group in row.groups)
        why = source_text(view, room) or check_status(view.health, view.policy) or newest(view)
        return "  ".join(text for text in (*texts, f"{why}  {names}") if text)
    if view.root_cause and (row.kind is not Kind.SERVICE or caused_elsewhere(group)):
        texts.append(_("caused by {cause}").format(cause=view.root_cause))
        if row.kind is Kind.REST:
            texts.append(", ".join(view.name for view in row.checks))
        return "  ".join(text for text in texts if text)
    if view.restored:
        return "  ".join(text for text in (*texts, _("last known state, not probed yet")) if text)
    lean = leaning(view.health, view.policy)
    why = against_limit(view) or source_text(view, room) or check_status(view.health, view.policy) or newest(view)
    if row.kind is Kind.REST:
        why = f"{why}  {', '.join(view.name for view in row.checks)}"
    elif row.kind is Kind.SERVICE and len(row.groups[0].checks) > 1:
        why = headline(view) or why
        lean = "" if row.unfolded else lean
    else:
        # The condition first: the line of the service above says it in the target's words.
        said = headline(view)
        alone = len(group.checks) == 1
        why = said if alone and said else why
        if view.health.reason in UNREACHED:
            left = room - sum(cell_len(text) + 2 for text in (*texts, lean) if text)
            why = reached_for(view, why, left, alone=alone)
        elif said and not alone:
            why = f"{why}  {own(view)}"
    texts += [lean, why]
    return "  ".join(text for text in texts if text)


def why_text(view: CheckView) -> str:
    """Why it is in its state, without the target's own words: for a line beside something else."""
    if view.root_cause:
        return _("caused by {cause}").format(cause=view.root_cause)
    return against_limit(view) or check_status(view.health, view.policy)


def against_limit(view: CheckView) -> str:
    """``41 %, limit 60 %`` for a value that does not keep its limit, ``0 up, must be 1``, "" for anything else."""
    limit, equal = limit_of(view), equal_of(view)
    if view.health.reason is not Reason.VALUE or view.value is None or not view.health.detail:
        return ""
    if equal:
        return _("{value}, must be {wanted}").format(value=measured(view), wanted=equal)
    if not limit:
        return ""
    said, most = measured(view), with_unit(limit, view.unit)
    if said == most:
        # Rounded it keeps its limit. It is at the limit, where the limit itself is too much, or a little beyond.
        strict = operator_of(view)
        if number_of(view.value) != number_of(limit):
            said = f"{view.value} {view.unit}".rstrip()
        elif strict in ("<", ">"):
            text = _("{value}, must be below {limit}") if strict == "<" else _("{value}, must be above {limit}")
            return text.format(value=said, limit=most)
    return _("{value}, limit {limit}").format(value=said, limit=most)


def own(view: CheckView) -> str:
    return own_words(view.health.reason, view.excerpt, view.remarks)


def headline(view: CheckView) -> str:
    """``503: CUDA out of memory``: the target's own words, after what it failed with; "" where it has none."""
    said = own(view)
    if not said or said in view.health.detail:
        return ""
    failed = next((finding for finding in view.findings if not finding.ok), None)
    if failed is None or not failed.actual or len(failed.actual) > 12:
        return f"{reason_word(view.health.reason)}: {said}"
    actual = found_text(failed)
    root = failed.condition.partition(" ")[0]
    return f"{actual}: {said}" if root == "status" else f"{root} {actual}: {said}"


def newest(view: CheckView) -> str:
    """``status 503``: what the last probes of a check found that is up until there are more of them; else ""."""
    if view.health.state is not State.UP or not view.health.shaky:
        return ""
    failed = next((finding for finding in view.findings if not finding.ok), None)
    if failed is None:
        return ""
    return f"{failed.condition.partition(' ')[0]} {found_text(failed)}".strip()


def source_text(view: CheckView, room: int) -> str:
    """What is wrong with the server that the value is read from, then its address; "" for anything else.

    The detail begins with the address, which on a short line would leave no room for what is wrong.
    """
    found = _SOURCE.fullmatch(said_without_age(view))
    if found is None:
        return ""
    where, said = found.groups()
    said = said.removeprefix(f"{view.health.reason.value}: ")
    return _with_address(read_back(said), where.partition("://")[2], room)


def _with_address(why: str, where: str, room: int) -> str:
    host = where.partition("/")[0]
    for address in (where, host):
        if cell_len(why) + 2 + cell_len(address) <= room:
            return f"{why}  {address}"
    left = room - cell_len(host) - 2
    return f"{fit(why, left).rstrip()}  {host}" if left >= _LEAST_WHY else f"{why}  {where}"


def reached_for(view: CheckView, why: str, room: int, *, alone: bool) -> str:
    """Why nothing answered, and where: the address is not what a short line loses.

    The line of the service above says the whole reason; a check that is ``alone`` has no such line.
    """
    where = address(view)
    word = reason_word(view.health.reason)
    whole = cell_len(why) + 2 + cell_len(where) <= room
    if not alone and not whole and cell_len(word) + 2 + cell_len(where) <= room:
        return f"{word}  {where}"
    return _with_address(why, where, room)


def address(view: CheckView) -> str:
    """Where nothing answered, without the scheme: ``127.0.0.1:8000/health``."""
    target = view.target.partition(" ")[0]
    return target.partition("://")[2] or target
