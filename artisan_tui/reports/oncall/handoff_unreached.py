"""Pages that reached nobody, in words: what comes before all else in a hand-over."""

from __future__ import annotations

from artisan_tui.domain.oncall.handoff_review import HandoffReview, UnreachedPage
from artisan_tui.i18n import _, ngettext
from artisan_tui.reports.oncall.handoff_document import Cell
from artisan_tui.reports.oncall.handoff_words import people_text, when_text
from artisan_tui.reports.read_back import read_back

#: Pages that are named; of more, how many there are is said.
_NAMED = 5


def unreached_cells(review: HandoffReview) -> tuple[Cell, ...]:
    """A sentence for each page, the newest first, and one for the rest."""
    newest = review.unreached[::-1]
    cells = [Cell(_sentence(review, each), each.seqs, "bad") for each in newest[:_NAMED]]
    if more := newest[_NAMED:]:
        said = ngettext("{n} earlier page reached nobody.", "{n} earlier pages reached nobody.", len(more))
        cells.append(Cell(said.format(n=len(more)), tuple(seq for each in more for seq in each.seqs), "bad"))
    return tuple(cells)


def _sentence(review: HandoffReview, page: UnreachedPage) -> str:
    when = when_text(review, page.at)
    if page.unmanned and page.taken:
        said = _("{id} (Sev{n}): nobody was on call at {time}; only {channels} took the page.")
        return said.format(id=page.incident, n=page.severity, time=when, channels=", ".join(page.taken))
    why = "; ".join(_reasons(page))
    if page.unmanned:
        said = _("{id} (Sev{n}): nobody was on call at {time}, and the page reached nobody: {why}.")
        return said.format(id=page.incident, n=page.severity, time=when, why=why)
    if page.persons:
        said = _("{id} (Sev{n}): the page of {time} to {who} reached nobody: {why}.")
        who = people_text(review, page.persons)
        return said.format(id=page.incident, n=page.severity, time=when, who=who, why=why)
    said = _("{id} (Sev{n}): the page of {time} reached nobody: {why}.")
    return said.format(id=page.incident, n=page.severity, time=when, why=why)


def _reasons(page: UnreachedPage) -> list[str]:
    found = [read_back(page.refused)] if page.refused else []
    for channel, why in page.failed:
        found.append(_("{channel} failed: {why}").format(channel=channel, why=read_back(why)) if why else channel)
    found += [_("{channel} perhaps took it").format(channel=channel) for channel in page.unsure]
    found += [_("{channel} still tries").format(channel=channel) for channel in page.trying]
    return found
