"""The hand-over review as one HTML file: no script, nothing loaded, prints on A4, every number links to its events."""

from __future__ import annotations

from pathlib import Path

from artisan_tui.domain.oncall.handoff import Signature
from artisan_tui.domain.oncall.handoff_review import HandoffReview
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import _, language
from artisan_tui.reports.moments import full_text
from artisan_tui.reports.oncall.handoff import handoff_document
from artisan_tui.reports.oncall.handoff_document import Cell
from artisan_tui.reports.oncall.handoff_events import anchor_key, anchors, event_groups
from artisan_tui.reports.oncall.handoff_words import person_text, when_text

_TEMPLATE = Path(__file__).with_name("handoff.html.jinja")


def handoff_html(review: HandoffReview) -> str:
    """Text from outside is data: the template escapes every value."""
    from jinja2 import Environment, StrictUndefined  # heavy, and needed for this only

    document = handoff_document(review)
    links = anchors(document, review)

    def anchor(cell: Cell) -> str:
        return links.get(anchor_key(cell), "")

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.globals["anchor"] = anchor
    template = environment.from_string(_TEMPLATE.read_text(encoding="utf-8"))
    return template.render(
        document=document,
        groups=event_groups(document, review),
        language=language(),
        words={
            "events": _("Events"),
            "of": _("as of {at}").format(at=full_text(review.at, review.zone)),
            "behind": _("What each number comes from. Numbers in the review link here."),
            "outgoing": _("Outgoing"),
            "incoming": _("Incoming"),
        },
        signed=_signature(review, review.handoff.signed),
        accepted=_signature(review, review.handoff.accepted),
        environment=review.environment,
    )


def _signature(review: HandoffReview, signature: Signature | None) -> str:
    """Who signed with which login, and when; "" leaves the line free for a pen."""
    if signature is None:
        return ""
    who, login = person_text(review, signature.person or signature.login), printable(signature.login, 60)
    return f"{who if who == login else f'{who} ({login})'}, {when_text(review, signature.at)}"
