"""``artisan-tui serve``: the board in a browser, for a meeting room."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from artisan_tui.cli.language import to_person
from artisan_tui.cli.out import say, say_json
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.identity import actor
from artisan_tui.engine.launch import GlobalOptions, config_path, state_dir
from artisan_tui.engine.settings import read
from artisan_tui.engine.threads import run
from artisan_tui.engine.user_unit import program
from artisan_tui.i18n import N_, _

if TYPE_CHECKING:
    import socket

#: Next to nobody uses it.
PORT = 8717
_PORT_HELP = N_("Where it listens; 0 finds a free port.")
_HOST_HELP = N_("The address to listen on. Anything but a loopback address is reachable by others, over plain HTTP.")
_WRITE_HELP = N_("Let the browser change things, as you. Without it every board is read-only.")
_VIEWERS_HELP = N_("How many browsers may look at once; each has a board of its own.")


def serve(
    context: typer.Context,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help=_PORT_HELP)] = PORT,
    host: Annotated[str, typer.Option("--host", help=_HOST_HELP)] = "127.0.0.1",
    write: Annotated[bool, typer.Option("--write", help=_WRITE_HELP)] = False,
    viewers: Annotated[int, typer.Option("--viewers", min=1, max=100, help=_VIEWERS_HELP)] = 8,
    as_document: Annotated[bool, typer.Option("--json", help=N_("Print one JSON object with the link."))] = False,
) -> None:
    options: GlobalOptions = context.obj
    if write and options.read_only:
        _refuse(_("--read-only and --write exclude each other"), 2)
    path = config_path(options).absolute()
    artisan = read(path).artisan
    options = options._replace(config=path, read_only=not write)
    # The web's libraries are for this command only.
    from artisan_tui.web.listening import ListenRefused, listen
    from artisan_tui.web.page import page_of
    from artisan_tui.web.server import BoardServer
    from artisan_tui.web.serving import serve as serve_boards

    try:
        listening = listen(host, port)
    except ListenRefused as refused:
        _refuse(str(refused), 1)
    with listening:
        with to_person():
            page = page_of(artisan.environment, artisan.name, read_only=not write)
        server = BoardServer(command_of(options), page, viewers, _complain)
        run(serve_boards(server, listening, lambda token: _opened(listening, token, write, as_document)))


def command_of(options: GlobalOptions) -> tuple[str, ...]:
    """What starts a board: this program, with these places and rights and no more."""
    assert options.config is not None
    places = ("--config", str(options.config), "--state", str(state_dir(options)))
    return (*program(), *places, *(("--read-only",) if options.read_only else ()))


def _opened(listening: socket.socket, token: str, write: bool, as_document: bool) -> None:
    """The link on stdout, for scripts too; on stderr what a person has to know about it."""
    from artisan_tui.web.listening import is_local, tunnel_to, url_of

    login, url = actor(), url_of(listening, token)
    tunnel = tunnel_to(listening, login) if is_local(listening) else None
    with to_person():
        if tunnel is None:
            _warn(listening.getsockname()[0], login if write else "")
        if write:
            said = _("whoever has this link acts as {login}: the journal names {login}, with the rights of this login")
            _complain(said.format(login=printable(login, 40)))
        else:
            _complain(_("read-only: nobody can change anything in the browser; --write allows it"))
        if tunnel is not None:
            _complain(_("from another machine, run this there and open the link there: {line}").format(line=tunnel))
        _complain(_("the link holds for whoever has it, until this ends (Ctrl-C)"))
    if as_document:
        port = listening.getsockname()[1]
        say_json({"url": url, "port": port, "read_only": not write, "actor": login, "ssh": tunnel}, indent=None)
    else:
        say(url)


def _warn(host: str, login: str) -> None:
    said = _("WARNING: other machines reach {host}, and this is plain HTTP: whoever is on the way can read the link.")
    if login:
        said += " " + _("Then they can act as {login}.")
    said += " " + _("Safer: leave --host out and use ssh -L.")
    _complain(said.format(host=host, login=printable(login, 40)))


def _complain(sentence: str) -> None:
    say(f"artisan-tui: {sentence}", err=True)


def _refuse(sentence: str, code: int) -> None:
    with to_person():
        _complain(sentence)
    raise typer.Exit(code)
