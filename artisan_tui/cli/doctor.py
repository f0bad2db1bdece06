"""``artisan-tui doctor``."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from artisan_tui.cli.out import say, say_json
from artisan_tui.engine.doctor import examine
from artisan_tui.engine.threads import run


def doctor(
    context: typer.Context,
    as_document: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    findings = run(examine(context.obj))
    if as_document:
        say_json({"findings": [asdict(f) for f in findings]})
    else:
        width = max(len(finding.what) for finding in findings)
        for finding in findings:
            sign = {True: "ok  ", False: "BAD ", None: "?   "}[finding.ok]
            say(f"{sign} {finding.what:<{width}}  {finding.said}")
            if finding.mend:
                say(f"     {'':<{width}}  -> {finding.mend}")
    bad = any(finding.ok is False for finding in findings)
    raise typer.Exit(1 if bad else 0)
