"""``artisan-tui help``: the manual in the terminal, and the help page of a command by its name."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from typing import Annotated, Any

import typer

from artisan_tui.cli.language import to_person
from artisan_tui.cli.out import say
from artisan_tui.engine.manual import Topic, find, near, topics
from artisan_tui.i18n import N_, _, language

TOPIC_HELP = N_("A topic such as `paged`, or a command such as `incident ack`. Without one the topics are listed.")
#: Cells of a line that is still read easily.
_WIDEST = 100


def help_(
    context: typer.Context,
    words: Annotated[list[str] | None, typer.Argument(metavar="TOPIC", help=TOPIC_HELP)] = None,
) -> None:
    if not words:
        _list()
        return
    topic = find(words[0], language()) if len(words) == 1 else None
    if topic is not None:
        _show(topic)
        return
    page = _page_of_command(context.find_root(), words)
    if page is not None:
        typer.echo(page)
        return
    with to_person():
        commands = tuple(getattr(context.find_root().command, "commands", {}))
        meant = near(words[0], commands, language())
        wrong = " ".join(words)
        said = _("there is no topic {name}; did you mean {near}?") if meant else _("there is no topic {name}")
        listed = _("`artisan-tui help` lists them")
        say(f"artisan-tui: {said.format(name=wrong, near=meant)}; {listed}".replace("?;", "?"), err=True)
    raise typer.Exit(2)


def _list() -> None:
    known = topics(language())
    width = max(map(len, known), default=0)
    for name, topic in known.items():
        say(f"{name:<{width}}  {topic.title}")
    say()
    say(_("`artisan-tui help TOPIC` shows one, `artisan-tui help COMMAND` how a command is used."))


def _page_of_command(root: Any, words: list[str]) -> str | None:
    """The help page of the command that ``words`` name, as ``--help`` prints it."""
    command, context = root.command, root
    for word in words:
        below = command.get_command(context, word) if hasattr(command, "get_command") else None
        if below is None:
            return None
        context = type(context)(below, info_name=word, parent=context)
        command = below
    return str(command.get_help(context))


def _show(topic: Topic) -> None:
    """In a pager on a terminal; as Markdown where the output goes elsewhere, which every program reads."""
    if not (sys.stdout.isatty() and sys.stdin.isatty()):
        say(topic.text().rstrip("\n"))
        return
    pager = _pager()
    text = _drawn(topic)
    if pager is None or len(text.splitlines()) < shutil.get_terminal_size().lines:
        sys.stdout.write(text)
        return
    environ = {"LESS": "-FRX", **os.environ}
    try:
        subprocess.run(pager, input=text.encode("utf-8", "replace"), env=environ, check=False)
    except OSError:
        sys.stdout.write(text)  # a pager that cannot be started hides no page


def _pager() -> list[str] | None:
    """What ``$PAGER`` says, else less, else more. Started as it is, without a shell."""
    try:
        asked = shlex.split(os.environ.get("PAGER", ""))
    except ValueError:
        asked = []
    return next((each for each in (asked, ["less"], ["more"]) if each and shutil.which(each[0])), None)


def _drawn(topic: Topic) -> str:
    """The page with headings and tables drawn for this terminal."""
    from io import StringIO

    from rich.console import Console  # for a page on a terminal only
    from rich.markdown import Markdown

    out = StringIO()
    size = shutil.get_terminal_size()
    plain = "NO_COLOR" in os.environ or os.environ.get("TERM", "") in ("", "dumb")
    console = Console(
        file=out,
        force_terminal=not plain,
        color_system=None if plain else "standard",
        width=min(size.columns, _WIDEST),
        safe_box=True,
    )
    console.print(Markdown(topic.text(), hyperlinks=False, code_theme="ansi_dark"))
    encoding = sys.stdout.encoding or "utf-8"
    return out.getvalue().encode(encoding, "replace").decode(encoding)
