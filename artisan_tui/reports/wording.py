"""What a wing declares its journal entries' words with, and the parts that many of them share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from enum import StrEnum
from typing import Any, TypeVar

from artisan_tui.domain.event import Event
from artisan_tui.domain.journal_body import Body
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import _
from artisan_tui.reports.moments import full_text

B = TypeVar("B", bound=Body)


class Tone(StrEnum):
    """How an entry stands out among others; a screen gives it a colour."""

    PLAIN = ""
    GOOD = "good"
    WARN = "warn"
    BAD = "bad"
    UNKNOWN = "unknown"


class EventWords:
    """The words of one wing's kinds, by the class of the body. `reports/<wing>/events.py` has one named ``WORDS``."""

    def __init__(self) -> None:
        self._said: dict[type[Body], tuple[Callable[[Event, Any], str], Callable[[Any], Tone]]] = {}

    def says(
        self, kind: type[B], tone: Callable[[B], Tone] = lambda body: Tone.PLAIN
    ) -> Callable[[Callable[[Event, B], str]], Callable[[Event, B], str]]:
        """The function below gives the sentence of an entry of this kind, printable and in the reader's language."""

        def declare(say: Callable[[Event, B], str]) -> Callable[[Event, B], str]:
            self._said[kind] = (say, tone)
            return say

        return declare

    def __contains__(self, kind: type[Body]) -> bool:
        return kind in self._said

    def text(self, event: Event, body: Body) -> str:
        return self._said[type(body)][0](event, body)

    def tone(self, body: Body) -> Tone:
        return self._said[type(body)][1](body)


def subject(event: Event) -> str:
    return printable(event.subject, 120)


def reason_given(reason: str) -> str:
    """What a person wrote as the reason; entries of earlier versions may have none."""
    return printable(reason, 300).strip() or _("no reason given")


#: What moments inside of sentences are said in. One zone in one process, like one language.
_zone: tzinfo = UTC


def use_zone(zone: tzinfo) -> None:
    """Say moments in ``zone`` from here on: the screen's, so that there is one zone on it."""
    global _zone  # one process shows one screen
    _zone = zone


def until_text(moment: datetime) -> str:
    """To the minute. UTC, which the command line speaks, is named; a screen names its zone in its header."""
    return full_text(moment, _zone, named_zone=_zone is UTC)
