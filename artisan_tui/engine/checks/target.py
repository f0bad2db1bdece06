"""What a check looks at, whatever its kind: for the eye, and for the question what had to be reached."""

from __future__ import annotations

from urllib.parse import urlsplit

_PORTS = {"http": 80, "https": 443, "redis": 6379, "rediss": 6379, "postgresql": 5432, "postgres": 5432}


def target(spec: object) -> str:
    """One line."""
    for name in ("url", "address", "query", "container", "path"):
        value = getattr(spec, name, None)
        if value:
            return str(value)
    said = getattr(spec, "target", None)
    if isinstance(said, str) and said:
        return said
    run = getattr(spec, "run", None)
    if run:
        return " ".join(str(word) for word in run)
    measure = getattr(spec, "measure", None)
    if measure is None:
        return ""
    from artisan_tui.domain.measure import to_promql

    return to_promql(measure)


def endpoint(spec: object) -> str:
    """ "host:port" of what the network must reach for this check; "" when it is none, or not the check's own."""
    address = getattr(spec, "address", None)
    if isinstance(address, str) and address:
        return address.lower()
    url = getattr(spec, "url", None)
    if not isinstance(url, str) or not url:
        return ""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return ""
    return f"{parts.hostname}:{port}" if parts.hostname and port else ""
