"""Who may see the board: whoever has the link."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import socket
from collections.abc import Mapping
from urllib.parse import urlsplit

#: The name of the token in a link.
PARAMETER = "token"
_BYTES = 32
_PORTS = {"http": 80, "https": 443}


class Gate:
    """A token that nobody can guess, made anew for each server.

    The browser shows it once and gets a cookie. The cookie's value says nothing about the token, so what leaks from a
    browser is no link. All comparisons take the same time for each wrong value.
    """

    def __init__(self, port: int) -> None:
        self.token = secrets.token_urlsafe(_BYTES)
        self.cookie = secrets.token_urlsafe(_BYTES)
        # Browsers do not keep cookies apart by port: two servers behind tunnels to one laptop must not share a name.
        place = f"{socket.gethostname()} {port}".encode()
        self.cookie_name = f"artisan-board-{hashlib.sha256(place).hexdigest()[:12]}"

    def knows_token(self, given: str | None) -> bool:
        return given is not None and _same(given, self.token)

    def knows_cookie(self, cookies: Mapping[str, str]) -> bool:
        given = cookies.get(self.cookie_name)
        return given is not None and _same(given, self.cookie)


def _same(given: str, own: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), own.encode())


def from_own_page(origin: str | None, host: str) -> bool:
    """Whether a WebSocket was opened by a page of this server. ``host`` is what the request was sent to.

    A page of another site opens it with the person's cookie, and the browser says whose page it is. A program that is
    no browser says nothing, and needs the token as everybody.
    """
    if origin is None:
        return True
    try:
        parts, own = urlsplit(origin), urlsplit(f"//{host}")
        port, own_port = parts.port, own.port
    except ValueError:  # brackets without their other half, a port that is no number
        return False
    if parts.scheme not in _PORTS or parts.hostname is None:
        return False
    default = _PORTS[parts.scheme]
    return (parts.hostname, port or default) == (own.hostname, own_port or default)
