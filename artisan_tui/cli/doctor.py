"""``artisan-tui doctor``."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from artisan_tui.cli.out import say, say_json
from artisan_tui.engine.doctor import examine
from artisan_tui.engine.threads import run
from artisan_tui.i18n import N_, _
from artisan_tui.reports.config_problem import problem_text
from artisan_tui.reports.read_back import read_back


def doctor(
    context: typer.Context,
    as_document: Annotated[bool, typer.Option("--json", help=N_("One JSON document on stdout."))] = False,
) -> None:
    findings = run(examine(context.obj))
    if as_document:
        say_json({"findings": [asdict(f) for f in findings]})
    else:
        from rich.cells import cell_len  # a Korean letter has two cells

        width = max(cell_len(_(finding.what)) for finding in findings)
        for finding in findings:
            sign = {True: _("ok"), False: _("BAD"), None: "?"}[finding.ok]
            sign += " " * max(0, 4 - cell_len(sign))
            what = _(finding.what)
            what += " " * max(0, width - cell_len(what))
            say(f"{sign} {what}  {problem_text(finding.said)}")
            if finding.mend:
                say(f"     {'':<{width}}  -> {read_back(finding.mend)}")
    bad = any(finding.ok is False for finding in findings)
    raise typer.Exit(1 if bad else 0)
