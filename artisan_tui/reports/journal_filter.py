"""Filters of the journal: read from a line that a person typed, and held against what an entry says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo

from artisan_tui.domain.event import Event, canonical
from artisan_tui.domain.journal_filter import JournalFilter
from artisan_tui.domain.text.printable import printable
from artisan_tui.domain.when import NotOneMoment, parse_when
from artisan_tui.i18n import _
from artisan_tui.reports.event_words import event_text

#: What comes before the colon, and the field that it fills.
FIELDS = {
    "person": "persons",
    "who": "persons",
    "author": "persons",
    "service": "services",
    "check": "services",
    "slo": "services",
    "kind": "kinds",
    "since": "since",
    "until": "until",
}


class FilterError(ValueError):
    """The filter cannot be read. The message is for the person who typed it."""


def read_filter(text: str, now: datetime, zone: tzinfo, *, routine: bool = True) -> JournalFilter:
    """The filter in a line like ``cuda person:park service:llm since:2h``. Raises FilterError.

    What has no such name before a colon is a word.
    """
    found: dict[str, list[str]] = {"words": []}
    for word in text.split():
        name, colon, value = word.partition(":")
        field = FIELDS.get(name.casefold()) if colon and value else None
        found.setdefault(field or "words", []).append(value if field else word)
    return make_filter(
        found["words"],
        found.get("persons", ()),
        found.get("services", ()),
        found.get("kinds", ()),
        found.get("since", [""])[-1],
        found.get("until", [""])[-1],
        now,
        zone,
        routine=routine,
    )


def make_filter(
    words: Sequence[str],
    persons: Sequence[str],
    services: Sequence[str],
    kinds: Sequence[str],
    since: str,
    until: str,
    now: datetime,
    zone: tzinfo,
    *,
    routine: bool = True,
) -> JournalFilter:
    """The filter of these parts. Raises FilterError. Who asks for a kind gets it, also where it is folded otherwise."""
    return JournalFilter(
        tuple(word.casefold() for each in words for word in each.split() if word != "!"),
        tuple(each.casefold() for each in persons),
        tuple(services),
        tuple(kinds),
        _when("since", since, now, zone),
        _when("until", until, now, zone),
        routine or bool(kinds),
    )


def _when(name: str, text: str, now: datetime, zone: tzinfo) -> datetime | None:
    if not text:
        return None
    try:
        return parse_when(text, now, zone)
    except NotOneMoment as several:
        raise FilterError(f"{name}: {several.said(_)}") from None
    except (ValueError, OverflowError):
        said = _("{name}: {text} is not a time: write 2h, 09:30, yesterday, 2026-11-20 or 2026-11-20T09:30")
        raise FilterError(said.format(name=name, text=printable(text, 40))) from None


def matches(event: Event, where: JournalFilter) -> bool:
    """Whether the entry is one of those that ``where`` asks for."""
    return where.allows(event) and says(event, where.words)


def says(event: Event, words: Sequence[str]) -> bool:
    """Every word occurs in the entry, as it is said or as it is kept; a ``!word`` does not."""
    if not words:
        return True
    said = f"{event_text(event)} {event.actor} {event.kind} {event.subject} {canonical(event.body)}".casefold()
    return all(word[1:] not in said if word[0] == "!" and len(word) > 1 else word in said for word in words)
