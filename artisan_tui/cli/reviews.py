"""``artisan-tui review retro|slo|runbooks``: what is read together, as Markdown or JSON."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import TYPE_CHECKING, Annotated

import typer

from artisan_tui.cli import slo
from artisan_tui.cli.out import say, say_json
from artisan_tui.cli.slo_arguments import instant_of_option, refuse
from artisan_tui.cli.verbs import or_say
from artisan_tui.domain.oncall.wall_time import instant
from artisan_tui.engine.launch import config_path
from artisan_tui.engine.oncall import reviews
from artisan_tui.engine.settings import read
from artisan_tui.i18n import N_, _

if TYPE_CHECKING:
    from artisan_tui.engine.launch import GlobalOptions

app = typer.Typer(no_args_is_help=True)
_JSON = Annotated[bool, typer.Option("--json", help=N_("One JSON document on stdout."))]
_SINCE = Annotated[str, typer.Option("--since", help=N_("From this time: ISO 8601 with a zone."))]
_UNTIL = Annotated[str, typer.Option("--until", help=N_("Up to this time: ISO 8601 with a zone; now without it."))]


def register(parent: typer.Typer) -> None:
    parent.add_typer(app, name="review", help=N_("Reviews: the shift that was, the SLOs, the runbooks."))


@app.command("retro", help=N_("Draft of the retro after a shift, in Markdown: the facts are filled in."))
def retro(
    context: typer.Context,
    at: Annotated[
        str, typer.Option("--at", help=N_("The shift that ended last before this time: ISO 8601 with a zone."))
    ] = "",
    current: Annotated[bool, typer.Option("--current", help=N_("The shift under way instead."))] = False,
    as_document: _JSON = False,
) -> None:
    from artisan_tui.reports.oncall.retro import retro_json, retro_text

    moment = instant_of_option(at)
    found = or_say(lambda: reviews.retro_review(context.obj, moment, current=current))
    if as_document:
        say_json(retro_json(found.facts, found.names))
    else:
        say(retro_text(found.facts, found.zone, found.names).rstrip("\n"))


@app.command("slo", help=N_("Weekly SLO review, in Markdown: budgets, alerts, outages, questions."))
def slo_review(
    context: typer.Context,
    at: Annotated[
        str, typer.Option("--at", help=N_("The week up to this time: ISO 8601 with a zone; now without it."))
    ] = "",
    as_document: _JSON = False,
) -> None:
    if not as_document:
        slo.report(context, None, False, at, True, False)
        return
    from artisan_tui.engine.slo import review
    from artisan_tui.reports.slo.review_json import weekly_json

    found = slo.snapshot_of(context, at, review.WEEKLY_BACK)
    say_json(weekly_json(found.slo_statuses, found.gate, found.events, review.weekly(found)))


@app.command("runbooks", help=N_("How the runbooks did, in Markdown: the last whole month without options."))
def runbooks(
    context: typer.Context,
    month: Annotated[str, typer.Option("--month", help=N_("A calendar month, like 2026-11."))] = "",
    since: _SINCE = "",
    until: _UNTIL = "",
    as_document: _JSON = False,
) -> None:
    from artisan_tui.reports.oncall.runbook_review import runbook_review_json, runbook_review_text

    if month and (since or until):
        refuse(_("use --month, or --since and --until"))
    begin, end = instant_of_option(since, "--since"), instant_of_option(until, "--until")
    if end is not None and begin is None:
        refuse(_("--until needs --since"))
    if month:
        begin, end = _month(context.obj, month)
    if begin is not None and end is not None and end <= begin:
        refuse(_("it ends before it begins: correct --since or --until"))
    found = or_say(lambda: reviews.runbook_review(context.obj, begin, end))
    if as_document:
        say_json(runbook_review_json(found.effects, found.since, found.until))
    else:
        say(runbook_review_text(found.effects, found.since, found.until, found.zone).rstrip("\n"))


def _month(options: GlobalOptions, text: str) -> tuple[datetime, datetime]:
    try:
        first = date.fromisoformat(f"{text}-01")
        following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    except ValueError:
        refuse(_("--month {text!r} is no month: write it like 2026-11").format(text=text[:20]))
    zone = read(config_path(options), options.overlay).zone
    return instant(first, time(0), zone), instant(following, time(0), zone)
