"""The JSON document that webhooks and commands get. Its ``version`` grows when a field changes its meaning."""

from __future__ import annotations

from typing import Any

from artisan_tui.domain.event import stamp
from artisan_tui.domain.text.printable import printable
from artisan_tui.steps.notify.channel import Dispatch, Sending

VERSION = 1
#: Characters of a text. What is longer is cut, and said so by ``text_cut``.
TEXT = 100_000


def document(dispatch: Dispatch) -> dict[str, Any]:
    """``id`` is the same at every try of the same messages."""
    return {
        "version": VERSION,
        "id": dispatch.first.id,
        "at": stamp(dispatch.at),
        "source": printable(dispatch.source, 200),
        "environment": dispatch.environment,
        "possibly_sent": dispatch.possibly_sent,
        "notices": [_notice(each) for each in dispatch.sendings],
    }


def _notice(sending: Sending) -> dict[str, Any]:
    notice = sending.notice
    text = printable(notice.text, TEXT, lines=True)
    return {
        "id": sending.id,
        "purpose": notice.purpose,
        "incident": notice.incident,
        "severity": notice.severity,
        "title": printable(notice.title, 1000),
        "text": text,
        "text_cut": len(text) < len(notice.text) and len(text) == TEXT,
        "to": list(notice.to),
        "rung": notice.rung,
        "links": [printable(link, 2000) for link in notice.links],
        "queued_at": stamp(sending.queued_at),
    }
