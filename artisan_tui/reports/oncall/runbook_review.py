"""The monthly review of the runbooks: what worked, what took longer than expected, what was left out and rolled back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from artisan_tui.domain.event import stamp
from artisan_tui.domain.oncall.runbook_effect import RunbookEffect
from artisan_tui.domain.span import span_text
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import _, ngettext
from artisan_tui.reports.markdown import escaped, table
from artisan_tui.reports.moments import full_text
from artisan_tui.reports.oncall.checklists import in_language


def runbook_review_text(effects: Sequence[RunbookEffect], since: datetime, until: datetime, zone: ZoneInfo) -> str:
    """Markdown. Every runbook that was run; those that were not in one line; then what to talk about."""
    used = [each for each in effects if each.runs or each.drills]
    unused = [each for each in effects if not each.runs and not each.drills]
    total = sum(len(each.runs) for each in effects)
    title = _("Runbook review")
    lines = [f"# {title}: {full_text(since, zone)} - {full_text(until, zone)}", "", _totals(effects, total), ""]
    lines += [f"## {_('Effect')}", "", *(_table(used) if used else [_("No runbook was run.")]), ""]
    lines += [f"## {_('Left out, failed, rolled back')}", "", *(_trouble(used) or [_("None.")]), ""]
    lines += [f"## {_('What people wrote')}", "", *(_notes(used, zone) or [_("None.")]), ""]
    if unused:
        due = [each for each in unused if each.drill_due]
        lines += [f"## {_('Not run')}", ""]
        lines += [", ".join(escaped(each.runbook) for each in unused), ""]
        if due:
            names = ", ".join(escaped(each.runbook) for each in due)
            lines += [_("Neither run nor practised in time: {runbooks}").format(runbooks=names), ""]
    questions = list(_questions(effects))
    calm = _("Nothing to report. Is there a runbook missing for something that happened?")
    lines += [f"## {_('Discussion')}", "", *(f"- {each}" for each in questions or [calm]), ""]
    return "\n".join(lines)


def _totals(effects: Sequence[RunbookEffect], total: int) -> str:
    succeeded = sum(each.succeeded for each in effects)
    back = sum(each.rolled_back for each in effects)
    drills = sum(each.drills for each in effects)
    said = _(
        "{runs} runs, {succeeded} succeeded, {failed} failed, {aborted} aborted, {rolled_back} rolled back; {drills} drills"
    )
    return said.format(
        runs=total,
        succeeded=succeeded,
        failed=sum(each.failed for each in effects),
        aborted=sum(each.aborted for each in effects),
        rolled_back=back,
        drills=drills,
    )


def _table(effects: Sequence[RunbookEffect]) -> list[str]:
    head = [
        *(_("Runbook"), _("Runs"), _("Success"), "p50", "p90", _("Expected"), _("In time")),
        *(_("Left out"), _("Tried again"), _("Rolled back"), _("Drills")),
    ]
    rows = [
        [
            escaped(in_language(each.title, each.title_ko)),
            str(len(each.runs)),
            "-" if each.success is None else f"{each.success:.0%}",
            _span(each.p50),
            _span(each.p90) + (" !" if each.slow else ""),
            _span(each.expected or None),
            "-" if each.within is None else f"{each.within}/{each.succeeded}",
            str(sum(n for _step, n in each.skipped)),
            str(each.retried),
            str(each.rolled_back),
            str(each.drills),
        ]
        for each in effects
    ]
    return table(head, rows)


def _span(seconds: float | None) -> str:
    return "-" if seconds is None else span_text(seconds)


def _trouble(effects: Sequence[RunbookEffect]) -> list[str]:
    lines = []
    for each in effects:
        parts = []
        if each.skipped:
            steps = ", ".join(f"{escaped(step)} {n}x" for step, n in each.skipped)
            parts.append(_("left out: {steps}").format(steps=steps))
        if each.failed_steps:
            steps = ", ".join(f"{escaped(step)} {n}x" for step, n in each.failed_steps)
            parts.append(_("failed: {steps}").format(steps=steps))
        if each.rolled_back:
            n = each.rolled_back
            parts.append(ngettext("rolled back once", "rolled back {n} times", n).format(n=n))
        if each.open:
            parts.append(ngettext("{n} not over", "{n} not over", each.open).format(n=each.open))
        if parts:
            lines.append(f"- **{escaped(each.runbook)}**: {'; '.join(parts)}")
    return lines


def _notes(effects: Sequence[RunbookEffect], zone: ZoneInfo) -> list[str]:
    return [
        f"- {full_text(note.at, zone)} {escaped(note.who, 60)}, {escaped(note.run)}"
        + (f", {escaped(note.step)}" if note.step else "")
        + f": {escaped(note.text)}"
        for each in effects
        for note in each.notes
    ]


def _questions(effects: Sequence[RunbookEffect]) -> Iterator[str]:
    for each in effects:
        name = escaped(each.runbook)
        if each.slow and each.p90 is not None:
            said = _(
                "{runbook}: nine of ten runs took up to {p90}, expected were {expected}. Which step is slow, or is the expectation wrong?"
            )
            yield said.format(runbook=name, p90=span_text(each.p90), expected=span_text(each.expected))
        for step, n in each.skipped:
            if 2 * n >= len(each.runs):
                said = _("{runbook}: {step} was left out in {n} of {of} runs. Is it needed?")
                yield said.format(runbook=name, step=escaped(step), n=n, of=len(each.runs))
        if each.failed or each.aborted:
            said = _("{runbook}: {n} of {of} runs did not succeed. What has to be corrected in it?")
            yield said.format(runbook=name, n=each.failed + each.aborted, of=len(each.runs))
        if each.rolled_back:
            said = _("{runbook}: rolled back {n} of {of} times. Could it have been known before?")
            yield said.format(runbook=name, n=each.rolled_back, of=len(each.runs))
        if each.runs and each.drill_due:
            yield _("{runbook}: practise it again; its last drill is too long ago.").format(runbook=name)


def runbook_review_json(effects: Sequence[RunbookEffect], since: datetime, until: datetime) -> dict[str, object]:
    """Times in seconds, shares from 0 to 1, null where there is nothing to tell it from."""
    return {
        "since": stamp(since),
        "until": stamp(until),
        "runbooks": [
            {
                "runbook": each.runbook,
                "title": printable(each.title, 200),
                "runs": list(each.runs),
                "succeeded": each.succeeded,
                "failed": each.failed,
                "aborted": each.aborted,
                "open": each.open,
                "success": each.success,
                "p50": each.p50,
                "p90": each.p90,
                "expected": each.expected or None,
                "within_expected": each.within,
                "skipped": dict(each.skipped),
                "failed_steps": dict(each.failed_steps),
                "retried": each.retried,
                "rolled_back": each.rolled_back,
                "drills": each.drills,
                "last_drill": None if each.last_drill is None else stamp(each.last_drill),
                "drill_due": each.drill_due,
                "notes": [
                    {"at": stamp(note.at), "who": printable(note.who, 60), "run": note.run, "step": note.step or None,
                     "text": printable(note.text, 300)}
                    for note in each.notes
                ],
            }
            for each in effects
        ],
    }  # fmt: skip
