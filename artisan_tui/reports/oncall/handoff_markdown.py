"""The hand-over review as Markdown: every number links to its events at the end."""

from __future__ import annotations

from collections.abc import Mapping

from artisan_tui.domain.oncall.handoff_review import HandoffReview
from artisan_tui.i18n import _
from artisan_tui.reports.markdown import escaped, table
from artisan_tui.reports.oncall.handoff import handoff_document
from artisan_tui.reports.oncall.handoff_document import Cell, Section
from artisan_tui.reports.oncall.handoff_events import anchor_key, anchors, event_groups
from artisan_tui.reports.oncall.handoff_words import DASH

_LONGEST = 1000


def handoff_markdown(review: HandoffReview) -> str:
    """One document; equal reviews give equal texts."""
    document = handoff_document(review)
    links = anchors(document, review)
    lines = [
        f"# {escaped(document.title, _LONGEST)}",
        "",
        f"{escaped(document.subtitle, _LONGEST)}",
        "",
        f"**{_cell(document.state, links)}**",
        "",
        *(f"- {_cell(each, links)}" for each in document.verdicts),
        "",
    ]
    rows = [[escaped(each.label), _cell(each.now, links), _cell(each.before, links)] for each in document.figures]
    lines += [*table(["", *map(escaped, document.labels)], rows), ""]
    for section in document.sections:
        lines += _section(section, links)
    lines += [f"## {_('Events')}", ""]
    for group in event_groups(document, review):
        lines += [f'<a id="{group.anchor}"></a>**{escaped(group.title, _LONGEST)}: {escaped(group.value)}**', ""]
        lines += [
            f"- {escaped(line.when)} {escaped(line.who)}: {escaped(line.what, _LONGEST)} ({line.seq})"
            for line in group.lines
        ]
        lines.append("")
    return "\n".join(lines)


def _section(section: Section, links: Mapping[tuple[int, ...], str]) -> list[str]:
    lines = [f"## {escaped(section.title)}", ""]
    for each in section.lead:
        lines += [_cell(each, links), ""]
    if section.rows:
        rows = [[_cell(cell, links) for cell in row.cells] for row in section.rows]
        lines += [*table([escaped(column.title) for column in section.columns], rows), ""]
    elif section.empty:
        lines += [escaped(section.empty), ""]
    return lines


def _cell(cell: Cell, links: Mapping[tuple[int, ...], str]) -> str:
    text = cell.text if cell.text == DASH else escaped(cell.text, _LONGEST)  # in a table it begins no list
    anchor = links.get(anchor_key(cell))
    return f"[{text}](#{anchor})" if anchor else text
