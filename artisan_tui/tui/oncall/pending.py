"""The words in the header while a hand-over is pending."""

from __future__ import annotations

from artisan_tui.engine.oncall.handoff_slice import HandoffSlice
from artisan_tui.i18n import _
from artisan_tui.tui.cells import Run


def pending_texts(handoff: HandoffSlice) -> list[tuple[list[list[Run]], tuple[int, ...]]]:
    """The part of the header, the longest first, with the rank of each; nothing while nothing is pending."""
    if not handoff.pending:
        return []
    role = "-bad" if handoff.overdue else "-warn"
    words = _("handoff pending")
    texts: list[list[Run]] = [[(f"  {words}", role)], [(" " + _("HANDOFF"), role)]]
    if handoff.signed_by:
        signed = _("{words}, signed by {who}").format(words=words, who=handoff.signed_by)
        texts.insert(0, [(f"  {signed}", role)])
    return [(texts, (30, 58, 82)[-len(texts) :])]
