"""``artisan-tui alert``: what fires, and silences."""

from __future__ import annotations

from typing import Annotated

import typer

from artisan_tui.cli.alerts_said import chosen, warn
from artisan_tui.cli.out import say, say_json
from artisan_tui.cli.silences import register_silences
from artisan_tui.domain.alerts.listed import incident_of
from artisan_tui.domain.alerts.matchers import matchers_text
from artisan_tui.domain.event import stamp
from artisan_tui.engine.alerts.once import AlertsNow, alerts_now
from artisan_tui.i18n import N_, _
from artisan_tui.reports.alerts.detail import alert_facts
from artisan_tui.reports.alerts.listing import (
    alert_document,
    alert_lines,
    counts_sentence,
    lost_document,
    silence_document,
)
from artisan_tui.reports.moments import full_text

app = typer.Typer(no_args_is_help=True)
_JSON = N_("One JSON document on stdout.")


def register(parent: typer.Typer) -> None:
    register_silences(app)
    parent.add_typer(app, name="alert", help=N_("Alerts of Alertmanager, Prometheus and our own, and silences."))


@app.command("list", help=N_("List alerts, worst first. Exit 3 when no source answers."))
def list_(
    context: typer.Context,
    as_document: Annotated[bool, typer.Option("--json", help=_JSON)] = False,
    silences: Annotated[bool, typer.Option("--silences", help=N_("List silences instead."))] = False,
) -> None:
    found = alerts_now(context.obj)
    if as_document:
        say_json(_document(found))
    else:
        warn(found)
        for line in _silence_lines(found) if silences else _lines(found):
            say(line)
        if not silences:
            say(counts_sentence(found.rows, unheard=found.gathered.unheard))
    raise typer.Exit(3 if found.gathered.unheard else 0)


@app.command("show", help=N_("Show one alert in full: by its fingerprint, or by its name."))
def show(
    context: typer.Context,
    which: Annotated[str, typer.Argument(help=N_("Fingerprint, its beginning, or the alert's name."))],
    as_document: Annotated[bool, typer.Option("--json", help=_JSON)] = False,
) -> None:
    found = alerts_now(context.obj)
    rows = chosen(found.rows, which)
    if not rows:
        warn(found)
        say(f"artisan-tui: {_('there is no alert {id}').format(id=which)}", err=True)
        raise typer.Exit(3 if found.gathered.unheard else 1)
    if as_document:
        documents = [
            alert_document(row, found.runbook_label, incident_of(row, found.incidents) or None) for row in rows
        ]
        say_json(documents[0] if len(documents) == 1 else {"alerts": documents})
        return
    warn(found)
    for row in rows:
        incident = incident_of(row, found.incidents)
        facts = alert_facts(row, found.silences(), found.zone, found.at, found.runbook_label, incident)
        width = max(len(name) for name, _text in facts)
        for name, text in facts:
            say(f"{name:<{width}}  {text}")
        if row is not rows[-1]:
            say()


def _lines(found: AlertsNow) -> list[str]:
    return alert_lines(found.rows, found.zone, found.at, found.incidents)


def _silence_lines(found: AlertsNow) -> list[str]:
    lines = [
        f"{each.id}  {full_text(each.ends_at, found.zone)}  {matchers_text(each.matchers)}: "
        f"{each.comment}  ({each.created_by})"
        for each in sorted(found.silences(), key=lambda each: each.ends_at)
    ]
    return lines or [_("no silences")]


def _document(found: AlertsNow) -> dict[str, object]:
    return {
        "at": stamp(found.at),
        "alerts": [
            alert_document(row, found.runbook_label, incident_of(row, found.incidents) or None) for row in found.rows
        ],
        "sources": [
            {
                "url": each.url,
                "state": "answers" if each.answered else "silent",
                "at": stamp(each.at),
                "error": each.error or None,
                "kind": each.kind.value,
            }
            for each in found.readings
        ],
        "silences": [silence_document(each) for each in found.silences()] + [lost_document(x) for x in found.lost],
        "silences_error": found.gathered.silences_problem or None,
        "blind_since": None if found.blind_since is None else stamp(found.blind_since),
    }
