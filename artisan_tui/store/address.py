"""The address of a PostgreSQL store: SQLAlchemy's URL, or libpq's with several servers, and how long we wait for them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import URL, make_url

from artisan_tui.store.place import StorePlace

#: libpq's options. A server that is gone (its machine, or the network to it) is noticed within half a minute.
_PATIENCE: Final[Mapping[str, int]] = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
#: postgresql://user:password@host:port,host:port/database?options
_SEVERAL = re.compile(
    r"(?P<before>postgresql[^:]*://(?:[^/?#]*@)?)(?P<servers>[^/?#@]*,[^/?#@]*)(?P<rest>.*)", re.DOTALL
)
_SERVER = re.compile(r"(?P<host>\[[^\]]*\]|[^:]*)(?::(?P<port>\d*))?")


def database_url(place: StorePlace) -> URL:
    """As SQLAlchemy takes it. ``host=a,b`` and libpq's ``//a:5432,b:5433/`` name several servers of one database.

    Raises ArgumentError, or ValueError for a port that is not a number.
    """
    url = place.sqlalchemy_url
    several = _SEVERAL.fullmatch(url)
    if several is None:
        return make_url(url)
    found = [_SERVER.fullmatch(each) for each in several["servers"].split(",")]
    servers = [(each["host"].strip("[]"), each["port"] or "") for each in found if each is not None]
    if len(servers) < len(found):
        raise ValueError(several["servers"])
    hosts, ports = ",".join(host for host, _ in servers), ",".join(port or "5432" for _, port in servers)
    return make_url(several["before"] + several["rest"]).update_query_dict({"host": hosts, "port": ports})


def psycopg_options(url: URL, *, read_only: bool) -> dict[str, Any]:
    """For psycopg, besides what the URL says: how soon it gives up on a server, and which of several servers it wants.

    Empty for another driver. Who writes needs the primary: of several servers the first that takes writes is used.
    """
    if url.get_dialect().driver != "psycopg":
        return {}
    options: dict[str, Any] = dict(_PATIENCE)
    if not read_only and several(url):
        options["target_session_attrs"] = "read-write"
    return {key: value for key, value in options.items() if key not in url.query}


def several(url: URL) -> bool:
    """Whether the URL names more than one server."""
    hosts = url.query.get("host", ())
    return "," in hosts if isinstance(hosts, str) else len(hosts) > 1
