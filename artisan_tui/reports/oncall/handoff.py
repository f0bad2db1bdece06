"""The hand-over review in words: from its facts to the document that screen, Markdown and HTML show."""

from __future__ import annotations

from artisan_tui.domain.oncall.handoff import ACCEPT_WITHIN
from artisan_tui.domain.oncall.handoff_review import HandoffReview, SpanFacts
from artisan_tui.domain.oncall.load import SLEEP, load_class
from artisan_tui.domain.slo.gate import Verdict
from artisan_tui.i18n import _, ngettext
from artisan_tui.reports.moments import full_text, time_text
from artisan_tui.reports.oncall.handoff_document import Cell, Figure, HandoffDocument
from artisan_tui.reports.oncall.handoff_now import (
    alerts_section,
    budgets_section,
    due_section,
    open_section,
    people_now,
    runs_section,
    silences_section,
    unclosed_section,
)
from artisan_tui.reports.oncall.handoff_unreached import unreached_cells
from artisan_tui.reports.oncall.handoff_week import (
    checklists_section,
    drills_section,
    flapping_section,
    incidents_section,
    load_section,
    notes_section,
    overrides_section,
    pages_section,
)
from artisan_tui.reports.oncall.handoff_words import DASH, counted_cell, lack_word, person_text, timed_cell, when_text


def handoff_document(review: HandoffReview) -> HandoffDocument:
    """What both sides read together, in the order in which it matters to who takes over."""
    shift = review.shift
    start, end = full_text(shift.start, review.zone, named_zone=False), full_text(shift.end, review.zone)
    where = " ".join(each for each in (review.name, review.environment) if each)
    return HandoffDocument(
        _("Hand-over {who}").format(who=people_now(review)),
        f"{where}  {start} - {end}".strip(),
        state_cell(review),
        verdicts(review),
        figures(review),
        (
            notes_section(review),
            open_section(review),
            unclosed_section(review),
            runs_section(review),
            alerts_section(review),
            silences_section(review),
            budgets_section(review),
            due_section(review),
            incidents_section(review),
            pages_section(review),
            load_section(review),
            flapping_section(review),
            overrides_section(review),
            checklists_section(review),
            drills_section(review),
        ),
        (_("this shift"), _("the shift before")),
    )


def state_cell(review: HandoffReview) -> Cell:
    """Signed, accepted, pending."""
    handoff = review.handoff
    signed, accepted = handoff.signed, handoff.accepted
    parts, seqs = [], []
    if signed is not None:
        who, at = person_text(review, signed.person or signed.login), when_text(review, signed.at)
        said = _("signed by {who} {at}").format(who=who, at=at)
        if signed.lacks:
            said += " " + _("although something was missing: {why}").format(why=signed.despite)
        parts.append(said)
        seqs.append(signed.seq)
    if accepted is not None:
        who, at = person_text(review, accepted.person or accepted.login), when_text(review, accepted.at)
        parts.append(_("accepted by {who} {at}").format(who=who, at=at))
        seqs.append(accepted.seq)
        return Cell(", ".join(parts), tuple(seqs), "warn" if signed is not None and signed.lacks else "good")
    if handoff.pending(review.at):
        deadline = time_text(review.shift.end + ACCEPT_WITHIN, review.zone)
        parts.append(_("PENDING: to be accepted by {time}").format(time=deadline))
        return Cell(", ".join(parts), tuple(seqs), "warn")
    parts.append(_("not signed yet"))
    return Cell(", ".join(parts), tuple(seqs), "dim")


def verdicts(review: HandoffReview) -> tuple[Cell, ...]:
    """What the next shift has to know first, in a sentence each."""
    found = [*unreached_cells(review)]
    for each in review.lacks:
        lacks = ", ".join(map(lack_word, each.lacks))
        said = _("{id} (Sev{n}) lacks {what}: needed before signing.")
        found.append(Cell(said.format(id=each.incident.id, n=each.incident.severity, what=lacks), (), "bad"))
    active = [each for each in review.open if each.incident.active]
    if active:
        said = ngettext("{n} incident is open.", "{n} incidents are open.", len(active)).format(n=len(active))
        seqs = tuple(each.incident.milestones["declared"].seq for each in active)
        found.append(Cell(said, seqs, "bad" if any(each.incident.severity <= 2 for each in active) else "warn"))
    for each in active:
        if not each.incident.acknowledged_by:
            # An acknowledgement runs out, and a reopened incident has none.
            once = "acknowledged" in each.incident.milestones
            said = (
                _("{id} (Sev{n}) is acknowledged by nobody any more.")
                if once
                else _("{id} (Sev{n}) is acknowledged by nobody.")
            )
            said = said.format(id=each.incident.id, n=each.incident.severity)
            found.append(Cell(said, (each.incident.last_seq,), "bad"))
    unknown = [each for each in review.runs if each.run.state == "unknown"]
    if unknown:
        said = ngettext("{n} run is unknown.", "{n} runs are unknown.", len(unknown)).format(n=len(unknown))
        found.append(Cell(said, tuple(seq for each in unknown for seq in each.seqs), "bad"))
    waiting = [each for each in review.runs if each.run.state == "waiting"]
    if waiting:
        said = ngettext("{n} run waits for a person.", "{n} runs wait for a person.", len(waiting))
        found.append(Cell(said.format(n=len(waiting)), tuple(seq for each in waiting for seq in each.seqs), "warn"))
    if review.firing:
        said = ngettext("{n} alert fires.", "{n} alerts fire.", len(review.firing)).format(n=len(review.firing))
        found.append(Cell(said, tuple(seq for each in review.firing for seq in each.seqs), "warn"))
    if review.gate is not None and not review.gate.open:
        unknown_budget = review.gate.verdict is Verdict.UNKNOWN
        said = _("Deployments are blocked: a budget is unknown.") if unknown_budget else _("Deployments are blocked.")
        found.append(Cell(said, (), "bad"))
    overdue = [each for each in review.due if each.overdue(review.at)]
    if overdue:
        said = ngettext(
            "{n} postmortem or action item is overdue.", "{n} postmortems and action items are overdue.", len(overdue)
        )
        found.append(Cell(said.format(n=len(overdue)), tuple(seq for each in overdue for seq in each.seqs), "warn"))
    if not found:
        found.append(Cell(_("Nothing is open: a quiet hand-over."), (), "good"))
    return tuple(found)


def figures(review: HandoffReview) -> tuple[Figure, ...]:
    """This shift beside the one before."""
    this, before = review.this, review.before
    worst = [
        Cell(
            str(sum(span.by_severity[n].n for n in (1, 2))),
            tuple(seq for n in (1, 2) for seq in span.by_severity[n].seqs),
        )
        if span.by_severity
        else Cell("0")
        for span in (this, before)
    ]
    zones = {load.person: load.zone for load in review.load}
    at_night = [
        [page for page in span.pages if load_class(page.at, zones.get(page.person, review.zone)) == SLEEP]
        for span in (this, before)
    ]
    nights = [Cell(str(len(pages)), tuple(seq for page in pages for seq in page.seqs)) for pages in at_night]
    return (
        Figure(_("Incidents"), counted_cell(this.declared), counted_cell(before.declared)),
        Figure(_("of them Sev1 and Sev2"), worst[0], worst[1]),
        Figure(_("MTTA (median)"), timed_cell(this.mtta), timed_cell(before.mtta)),
        Figure(_("MTTR (median)"), timed_cell(this.mttr), timed_cell(before.mttr)),
        Figure(_("Pages"), _pages(this), _pages(before)),
        Figure(_("of them in somebody's night"), nights[0], nights[1]),
        Figure(_("Alerts raised"), counted_cell(this.alerts), counted_cell(before.alerts)),
        Figure(_("Runbooks run"), counted_cell(this.runs), counted_cell(before.runs)),
        Figure(_("Silences created"), counted_cell(this.silences), counted_cell(before.silences)),
        Figure(_("Paged for nothing"), _idle(review, this), _idle(review, before)),
    )


def _pages(span: SpanFacts) -> Cell:
    return Cell(
        str(len(span.pages)), tuple(seq for page in span.pages for seq in page.seqs), "" if span.pages else "dim"
    )


def _idle(review: HandoffReview, span: SpanFacts) -> Cell:
    incidents = dict.fromkeys(page.incident for page in span.pages)
    classed = [review.classes[each] for each in incidents if each in review.classes]
    if not classed:
        return Cell(DASH, (), "dim")
    idle = [each for each in classed if each.as_what == "no_action"]
    said = _("{n} of {of} classed").format(n=len(idle), of=len(classed))
    return Cell(said, tuple(each.seq for each in classed))
