"""``artisan-tui slo``: SLO reports, the deployment gate, and conversions of rules and files."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from artisan_tui.cli.out import say, say_json
from artisan_tui.cli.progress import progress
from artisan_tui.cli.slo_arguments import check_override, instant_of_option, known_ids, refuse, since_of_option
from artisan_tui.cli.verbs import CONFIRM_HELP, YES_HELP, carry_out
from artisan_tui.domain.slo.gate import Verdict
from artisan_tui.engine.command import CommandRefused
from artisan_tui.engine.launch import config_path, state_dir
from artisan_tui.engine.offline import StoreError, give
from artisan_tui.engine.settings import read
from artisan_tui.engine.threads import run
from artisan_tui.i18n import N_, _
from artisan_tui.reports.read_back import read_back

if TYPE_CHECKING:
    from artisan_tui.engine.settings import Config
    from artisan_tui.engine.slo.once import SloSnapshot

app = typer.Typer(no_args_is_help=True)


def register(parent: typer.Typer) -> None:
    parent.add_typer(app, name="slo", help=N_("SLOs and error budgets: report, gate, explain, rules, import."))


_IDS = typer.Argument(help=N_("SLO ids; all SLOs without them."), metavar="[ID]...", show_default=False)
_JSON = typer.Option("--json", help=N_("One JSON document on stdout."))
_AT = typer.Option("--at", help=N_("Report as of this time: ISO 8601 with a zone, like 2026-11-21T03:00:00+09:00."))
#: Characters of a file to import; the importer refuses more than a million.
_LARGEST = 1_000_001
_EXIT = {Verdict.BLOCKED: 1, Verdict.UNKNOWN: 3}


@app.command("report", help=N_("Report all SLOs and error budgets. For an exit code use `slo gate`."))
def report(
    context: typer.Context,
    slos: Annotated[list[str] | None, _IDS] = None,
    as_document: Annotated[bool, _JSON] = False,
    at: Annotated[str, _AT] = "",
    weekly: Annotated[bool, typer.Option("--weekly", help=N_("Weekly SLO review, in Markdown."))] = False,
    quarterly: Annotated[
        bool, typer.Option("--quarterly", help=N_("Quarterly re-assessment of every objective, in Markdown."))
    ] = False,
) -> None:
    from artisan_tui.reports.slo.json_documents import report_json
    from artisan_tui.reports.slo.report import report_lines

    if as_document + weekly + quarterly > 1:
        refuse(_("use only one of --json, --weekly and --quarterly"))
    config = _config(context)
    only = known_ids(config, slos or ())
    if weekly or quarterly:
        from artisan_tui.engine.slo import review
        from artisan_tui.reports.slo.quarterly import quarterly_review
        from artisan_tui.reports.slo.weekly import weekly_review

        slo_snapshot = _snapshot(context, config, at, only, review.WEEKLY_BACK if weekly else review.QUARTERLY_BACK)
        statuses, events = slo_snapshot.slo_statuses, slo_snapshot.events
        if weekly:
            reviewed = review.weekly(slo_snapshot)
            before, week = reviewed.periods
            text = weekly_review(
                statuses, slo_snapshot.gate, events, reviewed.since, reviewed.until, config.zone, before, week=week
            )
        else:
            reviewed = review.quarterly(slo_snapshot, config.zone)
            text = quarterly_review(statuses, reviewed.periods, events, reviewed.since, reviewed.until, config.zone)
        say(text.rstrip("\n"))
        return
    slo_snapshot = _snapshot(context, config, at, only)
    if as_document:
        say_json(report_json(slo_snapshot.slo_statuses, slo_snapshot.gate, slo_snapshot.at))
    else:
        for line in report_lines(slo_snapshot.slo_statuses, slo_snapshot.gate, slo_snapshot.at, config.zone):
            say(line)


@app.command("gate", help=N_("Are deployments allowed? Exit 0 allowed, 1 blocked, 2 configuration, 3 unknown."))
def gate(
    context: typer.Context,
    slos: Annotated[list[str] | None, _IDS] = None,
    as_document: Annotated[bool, _JSON] = False,
    at: Annotated[str, _AT] = "",
    allow_unknown: Annotated[
        bool,
        typer.Option(
            "--allow-unknown",
            help=N_("Allow deployments when an SLO is unknown, never when its error budget is exhausted."),
        ),
    ] = False,
) -> None:
    from artisan_tui.reports.slo.gate import alert_lines, gate_lines, reason_lines
    from artisan_tui.reports.slo.json_documents import gate_json

    config = _config(context)
    slo_snapshot = _snapshot(context, config, at, known_ids(config, slos or ()))
    verdict = slo_snapshot.gate
    if as_document:
        say_json(gate_json(slo_snapshot.slo_statuses, verdict, slo_snapshot.at, allow_unknown=allow_unknown))
    else:
        for line in (
            *gate_lines(verdict, slo_snapshot.slo_statuses, config.zone, allow_unknown=allow_unknown),
            *alert_lines(slo_snapshot.slo_statuses),
            *reason_lines(verdict, slo_snapshot.slo_statuses),
        ):
            say(line)
    raise typer.Exit(0 if verdict.passes(allow_unknown=allow_unknown) else _EXIT[verdict.verdict])


@app.command("explain", help=N_("Explain the numbers of an SLO: counts, query, formula, time, coverage."))
def explain(
    context: typer.Context,
    slo: Annotated[str, typer.Argument(help=N_("The SLO's id."))],
    as_document: Annotated[bool, _JSON] = False,
    at: Annotated[str, _AT] = "",
) -> None:
    from artisan_tui.reports.slo.explain import explain_lines
    from artisan_tui.reports.slo.json_documents import explain_json

    config = _config(context)
    slo_snapshot = _snapshot(context, config, at, known_ids(config, [slo]))
    slo_status = slo_snapshot.slo_statuses[0]
    if as_document:
        say_json(explain_json(slo_status))
    else:
        for line in explain_lines(slo_status, config.zone):
            say(line)


@app.command(
    "override", help=N_("Allow deployments for a limited time despite the error budgets; recorded in the journal.")
)
def override(
    context: typer.Context,
    reason: Annotated[str, typer.Option("--reason", help=N_("Reason; recorded in the journal."))] = "",
    span: Annotated[str, typer.Option("--for", help=N_("Duration, like 30m or 2h."))] = "",
    end: Annotated[bool, typer.Option("--end", help=N_("End the deployment override early."))] = False,
    confirm: Annotated[str, typer.Option("--confirm", help=CONFIRM_HELP)] = "",
    yes: Annotated[bool, typer.Option("--yes", help=YES_HELP)] = False,
) -> None:
    if not end and not (reason and span):
        refuse('write --for 2h --reason "…", or --end')
    if span:
        check_override(span)
    if end:
        carry_out(context, "slo.override-end", {})
    else:
        confirmation = confirm or ("yes" if yes else "")
        carry_out(context, "slo.override", {"for": span, "reason": reason, "confirm": confirmation})


@app.command(
    "refill",
    help=N_(
        "Read minutes without data again. With --since, count everything since then again, also without a session."
    ),
)
def refill(
    context: typer.Context,
    slos: Annotated[list[str] | None, _IDS] = None,
    since: Annotated[
        str,
        typer.Option(
            "--since", help=N_("ISO 8601 with a zone, like 2026-11-21T03:00:00+09:00, or a duration like 6h.")
        ),
    ] = "",
) -> None:
    if not since:
        if slos:
            refuse(_("write --since 6h, or a time, to count an SLO again"))
        carry_out(context, "slo.refill", {})
        return
    from artisan_tui.engine.slo.once import evaluate_once

    config = _config(context)
    only = known_ids(config, slos or ())
    if context.obj.read_only:
        refuse(_("with --read-only nothing is saved: leave it out to count again"))
    start = since_of_option(since)
    with progress() as on_progress:
        found = run(
            evaluate_once(
                config,
                state_dir(context.obj),
                os.environ,
                only=only,
                on_progress=on_progress,
                recount=start,
            )
        )
    problem = found.store_problem
    for each in found.slo_statuses:
        counts = each.evaluation.burned
        trouble = each.problem or "; ".join(each.notes)
        said = _("{bad} bad of {total} in the window").format(bad=f"{counts.bad:,}", total=f"{counts.total:,}")
        say(f"{each.id}: {read_back(trouble) or said}")
        problem = problem or trouble
    if found.store_problem:
        said = _("nothing is saved: {why}").format(why=read_back(found.store_problem))
        say(f"artisan-tui: {said}", err=True)
    if problem:
        raise typer.Exit(3)
    with suppress(CommandRefused, StoreError):  # no session is running: nobody has older counts in memory
        give(context.obj, "slo.refill", {})


@app.command("rules", help=N_("Print Prometheus recording and alerting rules for the same SLOs, as YAML."))
def rules(context: typer.Context) -> None:
    from artisan_tui.engine.slo.rules import rule_sources
    from artisan_tui.reports.slo.rules import rule_file

    found = rule_file(rule_sources(_config(context)))
    for each in found.left_out:
        say(f"artisan-tui: {each}", err=True)
    typer.echo(found.text, nl=False)  # whole: YAML that is cut is worse than none; its texts are printable


@app.command(
    "import", help=N_("Convert OpenSLO v1 or Sloth v1 files to [[slo]] tables. Exit 1 when something was refused.")
)
def import_(
    file: Annotated[Path, typer.Argument(help=N_("The YAML file, or - for standard input."))],
) -> None:
    from artisan_tui.engine.settings import import_slos

    try:
        text = sys.stdin.read(_LARGEST) if str(file) == "-" else _read(file)
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else _("it is not UTF-8 text")
        refuse(_("{file} cannot be read: {why}").format(file=file, why=why))
    found = import_slos(text, str(file))
    if found.toml:
        say(found.toml.rstrip("\n"))
    for remark in found.remarks:
        say(f"artisan-tui: {read_back(remark)}", err=True)
    for refusal in found.refused:
        said = [read_back(each) for each in (refusal.where, refusal.what, refusal.mend)]
        say(f"artisan-tui: {file}: {said[0]}: {said[1]}; {said[2]}", err=True)
    raise typer.Exit(1 if found.refused or not found.toml else 0)


def _read(file: Path) -> str:
    with file.open(encoding="utf-8") as opened:
        return opened.read(_LARGEST)


def _config(context: typer.Context) -> Config:
    config = read(config_path(context.obj))
    if not config.slos:
        refuse(_("{file} has no SLO: add an [[slo]], or see `artisan-tui slo import`").format(file=config.path))
    return config


def snapshot_of(context: typer.Context, at: str, back: timedelta) -> SloSnapshot:
    """Every SLO at ``at``, with so much history; for a review."""
    return _snapshot(context, _config(context), at, (), back)


def _snapshot(
    context: typer.Context, config: Config, at: str, only: Sequence[str] = (), back: timedelta = timedelta(0)
) -> SloSnapshot:
    from artisan_tui.engine.slo.once import evaluate_once

    wanted = instant_of_option(at)
    with progress() as on_progress:
        slo_snapshot = run(
            evaluate_once(
                config,
                state_dir(context.obj),
                os.environ,
                at=wanted,
                only=only,
                read_only=context.obj.read_only,
                on_progress=on_progress,
                back=back,
            )
        )
    if slo_snapshot.store_problem:
        said = _("nothing is saved: {why}").format(why=read_back(slo_snapshot.store_problem))
        say(f"artisan-tui: {said}", err=True)
    return slo_snapshot
