"""Arguments and options of ``artisan-tui slo``. What is wrong ends the program with exit code 2."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NoReturn

import typer

from artisan_tui.cli.out import say
from artisan_tui.domain.span import parse_span, span_text
from artisan_tui.domain.text.printable import printable
from artisan_tui.domain.when import reckonable
from artisan_tui.i18n import _

if TYPE_CHECKING:
    from artisan_tui.engine.settings import Config


def known_ids(config: Config, wanted: Sequence[str]) -> tuple[str, ...]:
    """The ids that were given, once each. Refuses one that is not configured."""
    known = [each.id for each in config.slos]
    for slo in wanted:
        if slo not in known:
            refuse(_("no SLO {id!r}; known: {known}").format(id=printable(slo, 80), known=", ".join(known)))
    return tuple(dict.fromkeys(wanted))


def check_override(text: str) -> None:
    """Refuses what is no duration, or too long a one: it is a mistake in writing, and nothing that a person may not do."""
    from artisan_tui.engine.slo.commands import LONGEST_OVERRIDE

    try:
        seconds = float(parse_span(text))
    except ValueError:
        said = _("--for {text!r} is not a duration: write a number and a unit, like 30m or 2h")
        refuse(said.format(text=printable(text, 20)))
    if not 0 < seconds <= LONGEST_OVERRIDE:
        refuse(_("--for: write more than 0s and at most {most}").format(most=span_text(LONGEST_OVERRIDE)))


def since_of_option(text: str) -> datetime:
    try:
        return datetime.now(UTC) - timedelta(seconds=float(parse_span(text)))
    except (ValueError, OverflowError):
        pass
    at = instant_of_option(text, "--since")
    assert at is not None
    return at


def instant_of_option(text: str, option: str = "--at") -> datetime | None:
    if not text:
        return None
    try:
        written = datetime.fromisoformat(text)
        at = None if written.tzinfo is None else reckonable(written)
    except ValueError:
        at = None
    if at is None:
        said = _("{option} {text!r} is not a time with a zone: write it like 2026-11-21T03:00:00+09:00")
        refuse(said.format(option=option, text=printable(text, 60)))
    if at > datetime.now(UTC) + timedelta(minutes=1):
        refuse(_("{option} is in the future; use a time in the past").format(option=option))
    return at


def refuse(text: str) -> NoReturn:
    say(f"artisan-tui: {text}", err=True)
    raise typer.Exit(2)
