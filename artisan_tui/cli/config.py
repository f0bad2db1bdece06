"""``artisan-tui config``: check a file, print the schema, write a starter."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from artisan_tui.cli.out import say, say_json
from artisan_tui.engine.launch import config_path
from artisan_tui.engine.settings import check_keys, read, schema, starter

app = typer.Typer(no_args_is_help=True)


@app.command("check", help="Read the configuration and report every mistake.")
def check(context: typer.Context) -> None:
    path = config_path(context.obj)
    config = read(path)
    check_keys(path)
    count = sum(1 for _ in config.checks())
    say(f"{path}: valid; {len(config.services)} services, {count} checks")


@app.command("schema", help="Print the JSON Schema of artisan.toml, for editors.")
def print_schema() -> None:
    say_json(schema())


@app.command("init", help="Write a commented starter artisan.toml. An existing file is never overwritten.")
def init(
    path: Annotated[Path, typer.Argument(help="File to write.")] = Path("artisan.toml"),
    language: Annotated[str, typer.Option("--language", help="Language of the comments: en or ko.")] = "en",
) -> None:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(starter(language))
    except FileExistsError:
        say(f"artisan-tui: {path} exists and was not overwritten; use another file name", err=True)
        raise typer.Exit(2) from None
    except OSError as error:
        say(f"artisan-tui: {path} cannot be written: {error.strerror}", err=True)
        raise typer.Exit(2) from None
    say(f"wrote {path}; next: edit it, then `artisan-tui config check` and `artisan-tui`", err=True)
