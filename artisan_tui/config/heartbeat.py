"""``[heartbeat]``: where calls of heartbeat checks are accepted."""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated

from pydantic import Field, model_validator

from artisan_tui.config.base import Frozen
from artisan_tui.config.problems import Mistake
from artisan_tui.config.secret_fields import SecretRef

_LISTEN = re.compile(
    r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<four>[0-9.]+)|(?P<local>localhost)):(?P<port>\d{1,5})", re.ASCII
)
_MEND = 'write an address of this machine and a port, like "127.0.0.1:9095"'


class HeartbeatSettings(Frozen):
    """``[heartbeat]``: the address that the leader listens on while a check has ``push = true``."""

    listen: Annotated[
        str, Field(max_length=60, description='Where calls are accepted, "address:port": POST /heartbeat/service.check')
    ] = "127.0.0.1:9095"
    token: Annotated[
        SecretRef | None, Field(description="Callers send it as Authorization: Bearer; needed off this machine")
    ] = None

    @model_validator(mode="after")
    def _usable(self) -> HeartbeatSettings:
        host, _ = self.place
        if self.token is None and not ipaddress.ip_address(host).is_loopback:
            raise Mistake(
                f"anybody who reaches {self.listen} could report that all is well",
                'add token = "env:NAME", or listen on 127.0.0.1',
                ("listen",),
            )
        return self

    @property
    def place(self) -> tuple[str, int]:
        """(address, port). Raises Mistake."""
        match = _LISTEN.fullmatch(self.listen)
        try:
            if match is None or not 1 <= int(match["port"]) <= 65535:
                raise ValueError
            host = "127.0.0.1" if match["local"] else str(ipaddress.ip_address(match["six"] or match["four"]))
        except ValueError:
            raise Mistake(f"{self.listen!r} is no address to listen on", _MEND, ("listen",)) from None
        return host, int(match["port"])
