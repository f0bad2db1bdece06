"""Where the server listens, and how a person gets there."""

from __future__ import annotations

import errno
import ipaddress
import os
import shlex
import socket
from collections.abc import Mapping
from urllib.parse import quote

from artisan_tui.i18n import _
from artisan_tui.web.gate import PARAMETER


class ListenRefused(Exception):
    """The server cannot listen there. The message says why, and what mends it."""


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; ``port`` 0 finds a free one. Raises ListenRefused."""
    try:
        # One address: with port 0 a name of two would have two ports.
        family, _kind, _protocol, _name, address = socket.getaddrinfo(
            "127.0.0.1" if host == "localhost" else host,
            port,
            type=socket.SOCK_STREAM,
            flags=socket.AI_PASSIVE,
        )[0]
    except (socket.gaierror, UnicodeError):
        said = _("--host {host} is no address of this machine; 127.0.0.1 is reachable from here only")
        raise ListenRefused(said.format(host=host)) from None
    try:
        return socket.create_server((str(address[0]), port), family=family)
    except OSError as error:
        raise ListenRefused(_why(host, port, error)) from None


def _why(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        said = _("port {port} of {host} is taken; choose another one with --port, or any free one with --port 0")
    elif error.errno == errno.EACCES:
        said = _("port {port} needs more rights than this login has; choose one above 1023 with --port")
    elif error.errno == errno.EADDRNOTAVAIL:
        said = _("--host {host} is no address of this machine; 127.0.0.1 is reachable from here only")
    else:
        said = _("{host}, port {port}: {why}")
    return said.format(host=host, port=port, why=error.strerror or str(error))


def is_local(listening: socket.socket) -> bool:
    """Whether only this machine reaches it."""
    return ipaddress.ip_address(listening.getsockname()[0].partition("%")[0]).is_loopback


def url_of(listening: socket.socket, token: str) -> str:
    """The link. An address that means every address is given by this machine's name."""
    host, port = listening.getsockname()[:2]
    address = ipaddress.ip_address(host.partition("%")[0])
    if address.is_unspecified:
        host = socket.gethostname()
    return f"http://{_in_url(host)}:{port}/?{PARAMETER}={quote(token)}"


def tunnel_to(listening: socket.socket, login: str, environ: Mapping[str, str] = os.environ) -> str:
    """The `ssh` line for the viewer's own machine.

    Over SSH this machine's address is the one that the person came by; else it is its name.
    """
    host, port = listening.getsockname()[:2]
    words = ["ssh", "-N", "-L", f"{port}:{_in_url(host)}:{port}"]
    came_by = environ.get("SSH_CONNECTION", "").split()
    if len(came_by) == 4:
        if came_by[3] != "22":
            words += ["-p", came_by[3]]
        return shlex.join([*words, f"{login}@{came_by[2]}"])
    return shlex.join([*words, f"{login}@{socket.gethostname()}"])


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
