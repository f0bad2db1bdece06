"""Whether a connection to an address can be made. Nothing is sent."""

from __future__ import annotations

import socket
from contextlib import closing
from typing import Any, Final
from urllib.parse import urlsplit

#: Seconds.
_TCP: Final = 4.0


def address_of(channel: Any, keys: Any) -> tuple[str, int] | None:
    """Where a channel sends to, None where that is this machine. Raises SecretMissing."""
    if channel.kind == "email":
        host, port = channel.place
        return str(host), int(port)
    if channel.kind not in ("slack", "pagerduty", "webhook"):
        return None
    url = str(channel.url) if channel.kind == "pagerduty" else keys.reveal(channel)("url")
    parts = urlsplit(url)
    return str(parts.hostname), parts.port or (443 if parts.scheme == "https" else 80)


def reached(host: str, port: int) -> tuple[bool, str]:
    """Whether a connection can be made, and the sentence that says so."""
    try:
        with closing(socket.create_connection((host.strip("[]"), port), timeout=_TCP)):
            return True, f"{host}:{port} can be reached"
    except TimeoutError:
        return False, f"{host}:{port} does not answer within {_TCP:.0f} s"
    except OSError as error:
        why = error.strerror or type(error).__name__
        return False, f"{host}:{port} cannot be reached: {why}"
