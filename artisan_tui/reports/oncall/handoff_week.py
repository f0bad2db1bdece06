"""The sections of a hand-over review about the shift: its incidents, pages, load, flapping checks, overrides, drills."""

from __future__ import annotations

from artisan_tui.domain.incidents.metrics import detected_at, elapsed_seconds
from artisan_tui.domain.oncall.handoff_review import HandoffReview
from artisan_tui.domain.oncall.load import LOAD_CLASSES, PersonLoad, load_class, night
from artisan_tui.domain.span import span_text
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import _, ngettext
from artisan_tui.reports.drills.words import spoken
from artisan_tui.reports.incidents.words import status_word
from artisan_tui.reports.moments import date_text
from artisan_tui.reports.oncall.handoff_document import Cell, Column, Row, Section
from artisan_tui.reports.oncall.handoff_unreached import unreached_cells
from artisan_tui.reports.oncall.handoff_words import (
    DASH,
    class_word,
    load_word,
    person_text,
    when_text,
)


def incidents_section(review: HandoffReview) -> Section:
    columns = (
        Column(_("Severity")),
        Column(_("Incident")),
        Column(_("Title"), flex=True),
        Column(_("State")),
        Column(_("To acknowledge"), number=True, wide=100),
        Column(_("To resolve"), number=True, wide=100),
    )
    rows = []
    for each in review.this.incidents:
        acknowledged, resolved = each.milestones.get("acknowledged"), each.milestones.get("resolved")
        over = each.status in ("resolved", "closed")
        to_acknowledge = Cell(DASH, (), "dim")
        if acknowledged is not None:
            spent = elapsed_seconds(each.declared_at, acknowledged.at)
            to_acknowledge = Cell(span_text(spent), (acknowledged.last or acknowledged.seq,))
        to_resolve = Cell(DASH, (), "dim")
        if resolved is not None and over:
            to_resolve = Cell(
                span_text(elapsed_seconds(detected_at(each), resolved.at)), (resolved.last or resolved.seq,)
            )
        declared = each.milestones.get("declared")
        rows.append(
            Row(
                (
                    Cell(f"Sev{each.peak}", (), "bad" if each.peak <= 2 else ""),
                    Cell(each.id, (declared.seq,) if declared else ()),
                    Cell(printable(each.title, 120)),
                    Cell(status_word(each.status), (), "" if over else "warn"),
                    to_acknowledge,
                    to_resolve,
                ),
                each.id,
            )
        )
    lead: tuple[Cell, ...] = ()
    if review.this.left_out:
        said = ngettext(
            "{n} drill or cancelled incident is in no number.",
            "{n} drills and cancelled incidents are in no number.",
            review.this.left_out,
        )
        lead = (Cell(said.format(n=review.this.left_out), (), "dim"),)
    return Section("incidents", _("Incidents of the shift"), columns, tuple(rows), _("No incident."), lead)


def pages_section(review: HandoffReview) -> Section:
    columns = (
        Column(_("When")),
        Column(_("Who")),
        Column(_("Hours"), wide=100),
        Column(_("Cause"), flex=True),
        Column(_("Incident"), wide=100),
        Column(_("Led to"), flex=True),
    )
    zones = {load.person: load.zone for load in review.load}
    rows = []
    for page in review.this.pages:
        classed = review.classes.get(page.incident)
        hours = load_class(page.at, zones.get(page.person, review.zone))
        verdict = Cell(_("not classed"), (), "warn")
        if classed is not None:
            said = class_word(classed.as_what) + (f": {classed.note}" if classed.note else "")
            verdict = Cell(
                said, (classed.seq,), {"needs_work": "bad", "no_action": "warn"}.get(classed.as_what, "good")
            )
        rows.append(
            Row(
                (
                    Cell(when_text(review, page.at), page.seqs),
                    Cell(person_text(review, page.person)),
                    Cell(load_word(hours), (), "bad" if hours == "sleep" else ""),
                    Cell(f"Sev{page.severity} {page.cause}"),
                    Cell(page.incident),
                    verdict,
                ),
                page.incident,
            )
        )
    return Section(
        "pages",
        _("Pages"),
        columns,
        tuple(rows),
        _("Nobody was paged."),
        (*unreached_cells(review), *_page_lead(review)),
    )


def _page_lead(review: HandoffReview) -> tuple[Cell, ...]:
    incidents = dict.fromkeys(page.incident for page in review.this.pages)
    if not incidents:
        return ()
    classes = [review.classes[each].as_what for each in incidents if each in review.classes]
    lead = []
    if classes:
        idle = sum(each == "no_action" for each in classes)
        said = _("{share:.0%} of the classed incidents needed no action ({n} of {of}).")
        lead.append(
            Cell(said.format(share=idle / len(classes), n=idle, of=len(classes)), (), "warn" if idle else "good")
        )
    left = len(incidents) - len(classes)
    if left:
        said = ngettext("{n} paged incident is not classed.", "{n} paged incidents are not classed.", left)
        lead.append(Cell(said.format(n=left), (), "warn"))
    if review.wakers:
        top = ", ".join(f"{cause} ({len(pages)})" for cause, pages in review.wakers)
        seqs = tuple(seq for _cause, pages in review.wakers for page in pages for seq in page.seqs)
        lead.append(Cell(_("What woke people: {top}").format(top=top), seqs, "bad"))
    return tuple(lead)


def load_section(review: HandoffReview) -> Section:
    columns = (
        Column(_("Person"), flex=True),
        *(Column(load_word(name), number=True) for name in LOAD_CLASSES),
        Column(_("Disturbed hours"), number=True),
        Column(_("Shift before"), number=True, wide=80),
        Column(_("Median a week"), number=True, wide=100),
        Column(_("Pages a week, oldest first"), below=True),
        Column(_("Worst night"), below=True),
    )
    rows = tuple(_load_row(review, load) for load in review.load)
    weeks = len(review.load[0].weeks) if review.load else 0
    title = _("Load per person")
    lead: tuple[Cell, ...] = ()
    if weeks:
        said = _(
            "Pages by the hours of the person's own zone: sleep 22-08, business 08-18 Mon-Fri, else off. {n} weeks."
        )
        once = _("A person who is paged again about the same incident counts once; each hour that rang is disturbed.")
        lead = (Cell(said.format(n=weeks), (), "dim"), Cell(once, (), "dim"))
    return Section("load", title, columns, rows, _("Nobody is configured, and nobody was paged."), lead)


def _load_row(review: HandoffReview, load: PersonLoad) -> Row:
    this, before = load.this, load.before
    cells = [Cell(person_text(review, load.person))]
    for name in LOAD_CLASSES:
        n = this.by_class[name]
        cells.append(Cell(str(n), this.seqs_of(name, load.zone), ("bad" if name == "sleep" else "") if n else "dim"))
    cells.append(Cell(str(this.disturbed), this.seqs, "" if this.disturbed else "dim"))
    was = (
        DASH
        if before is None
        else _("{pages}, {n} h disturbed").format(pages=_pages(len(before.pages)), n=before.disturbed)
    )
    cells.append(Cell(was, () if before is None else before.seqs, "dim"))
    cells.append(Cell(f"{load.median:g}", (), "dim"))
    history = tuple(seq for week in load.weeks for seq in week.seqs)
    cells.append(Cell(" ".join(str(len(week.pages)) for week in load.weeks), history))
    if load.worst is None:
        cells.append(Cell(DASH, (), "dim"))
    else:
        worst = load.worst
        first, last = (date_text(each, load.zone, weekday=True) for each in night(worst.day, load.zone))
        said = _("{day} to {next}: {pages}, {hours} h disturbed")
        cells.append(
            Cell(said.format(day=first, next=last, pages=_pages(worst.pages), hours=worst.disturbed), worst.seqs)
        )
    return Row(tuple(cells))


def _pages(n: int) -> str:
    return ngettext("{n} page", "{n} pages", n).format(n=n)


def flapping_section(review: HandoffReview) -> Section:
    columns = (
        Column(_("Check"), flex=True),
        Column(_("Times"), number=True),
        Column(_("Shift before"), number=True),
    )
    names = [*review.this.flaps, *(name for name in review.before.flaps if name not in review.this.flaps)]
    rows = []
    for name in names:
        now, before = review.this.flaps.get(name), review.before.flaps.get(name)
        rows.append(
            Row(
                (
                    Cell(printable(name, 100)),
                    Cell(str(now.n if now else 0), now.seqs if now else (), "warn" if now else "dim"),
                    Cell(str(before.n if before else 0), before.seqs if before else (), "dim"),
                )
            )
        )
    return Section("flapping", _("Flapping checks"), columns, tuple(rows), _("No check flapped."))


def overrides_section(review: HandoffReview) -> Section:
    columns = (
        Column(_("What")),
        Column(_("Who")),
        Column(_("Begins")),
        Column(_("Ends")),
        Column(_("Why"), below=True, flex=True),
    )
    rows = [
        Row(
            (
                Cell(_("deployments allowed")),
                Cell(person_text(review, each.actor)),
                Cell(when_text(review, each.at), each.seqs),
                Cell(when_text(review, each.until)),
                Cell(each.reason or DASH),
            )
        )
        for each in review.this.overrides
    ]
    for change in review.changes:
        what = _("swapped shift") if change.what == "swap" else _("on-call override")
        instead = (
            _("instead of {who}").format(who=person_text(review, change.instead_of)) if change.instead_of else DASH
        )
        rows.append(
            Row(
                (
                    Cell(what),
                    Cell(person_text(review, change.person)),
                    Cell(when_text(review, change.start), change.seqs),
                    Cell(when_text(review, change.end)),
                    Cell(instead),
                )
            )
        )
    return Section("overrides", _("Overrides and swaps"), columns, tuple(rows), _("None."))


def drills_section(review: HandoffReview) -> Section:
    facts = review.drills
    lead = []
    if facts.problem:
        lead.append(Cell(facts.problem, (), "warn"))
    if facts.played:
        named = ", ".join(spoken(title, korean, 80) for title, korean in facts.played)
        lead.append(Cell(_("Drilled in the shift: {titles}").format(titles=named), (), "good"))
    else:
        lead.append(Cell(_("No drill in the shift."), (), "dim"))
    if facts.of:
        practised = facts.of - len(facts.due)
        said = ngettext(
            "{n} of {of} runbook was practised in time.", "{n} of {of} runbooks were practised in time.", facts.of
        )
        lead.append(Cell(said.format(n=practised, of=facts.of), (), "warn" if facts.due else "good"))
    if facts.due:
        lead.append(Cell(_("Due: {names}").format(names=printable(", ".join(facts.due), 600)), (), "warn"))
    return Section("drills", _("Drills and what they covered"), lead=tuple(lead))


def checklists_section(review: HandoffReview) -> Section:
    columns = (
        Column(_("Checklist"), flex=True),
        Column(_("Done"), number=True),
        Column(_("Due")),
        Column(_("Who"), wide=100),
        Column(_("Missing"), below=True),
    )
    rows = []
    for each in review.checklists:
        whole = each.done == each.total
        tone = "good" if whole else "bad" if each.overdue else "warn"
        due = DASH if each.due is None else when_text(review, each.due)
        missing = ", ".join(spoken(*names, 60) for names in each.missing[:5])
        rest = len(each.missing) - 5
        rows.append(
            Row(
                (
                    Cell(spoken(each.title, each.title_ko, 80)),
                    Cell(_("{done} of {total}").format(done=each.done, total=each.total), (), tone),
                    Cell(due + (f" {_('OVERDUE')}" if each.overdue and not whole else ""), (), tone),
                    Cell(", ".join(person_text(review, who) for who in each.who) or DASH),
                    Cell((missing or DASH) + (_(" and {n} more").format(n=rest) if rest > 0 else "")),
                )
            )
        )
    return Section("checklists", _("Checklists"), columns, tuple(rows), _("No checklist is open."))


def notes_section(review: HandoffReview) -> Section:
    columns = (Column(_("When")), Column(_("Who")), Column(_("Note"), flex=True))
    rows = tuple(
        Row((Cell(when_text(review, each.at), (each.seq,)), Cell(person_text(review, each.actor)), Cell(each.text)))
        for each in review.notes
    )
    return Section("notes", _("Notes for the next shift"), columns, rows, _("No note."))
