"""What was said about the pieces that a ledger was read in: each remark belongs to the minutes that it is about."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING

from artisan_tui.domain.slo.windows import Span, merged

if TYPE_CHECKING:
    from artisan_tui.sources.slo import MinuteRows

#: Remarks about older minutes that are shown at most.
_MOST = 5


class PieceRemarks:
    """``query`` is the one that read the newest minutes; it is ready to paste."""

    def __init__(self) -> None:
        self.query = ""
        self._newest_end = -1
        self._newest: tuple[str, ...] = ()
        self._older: dict[str, list[Span]] = {}
        self._empty: dict[str, list[Span]] = {}
        self._notes: dict[str, list[Span]] = {}

    def take(self, span: Span, filled: MinuteRows) -> None:
        """``filled`` is what was read of ``span``. What was said about these minutes before is replaced."""
        for said in (self._older, self._empty, self._notes):
            _forget(said, span)
        for note in filled.notes:
            self._notes.setdefault(note, []).append(span)
        if span.end >= self._newest_end:
            self._newest_end, self._newest = span.end, filled.remarks
            self.query = filled.query or self.query
            return
        # A piece without samples says that nothing was there. That matters only while nothing is anywhere.
        about = self._older if filled.samples or any(row[3] for row in filled.rows) else self._empty
        for remark in filled.remarks:
            about.setdefault(remark, []).append(span)

    @property
    def notes(self) -> tuple[str, ...]:
        """Why answers were partial, until their minutes were read again."""
        return tuple(self._notes)

    def remarks(self, zone: tzinfo, *, empty: bool) -> tuple[str, ...]:
        """Those about the newest minutes, then those about older ones with their time. ``empty``: no minute is measured."""
        found = dict.fromkeys(self._newest)
        if empty:
            found |= dict.fromkeys(self._empty)
        for remark, spans in list(self._older.items())[:_MOST]:
            if remark not in found:
                found[f"{_times(spans, zone)}: {remark}"] = None
        return tuple(found)


def _forget(said: dict[str, list[Span]], span: Span) -> None:
    for text, spans in list(said.items()):
        left = [part for each in spans for part in _without(each, span) if len(part)]
        if left:
            said[text] = left
        else:
            del said[text]


def _without(one: Span, other: Span) -> tuple[Span, Span]:
    return Span(one.start, min(one.end, other.start)), Span(max(one.start, other.end), one.end)


def _times(spans: Iterable[Span], zone: tzinfo) -> str:
    """The first and the last of the minutes, as a person reads them."""
    whole = merged(spans)
    first, last = (
        datetime.fromtimestamp(minute * 60, UTC).astimezone(zone) for minute in (whole[0].start, whole[-1].end)
    )
    return f"{first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M}"
