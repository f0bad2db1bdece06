"""Which labels of an SLO Prometheus accepts in its rules."""

from __future__ import annotations

import re

_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
#: Labels that the rules set themselves.
_OURS = frozenset({"slo", "severity", "long", "short", "alertname"})


def check_label(name: str) -> None:
    """Raises ValueError for a name that Prometheus refuses, or that the rules set themselves."""
    if not _LABEL.fullmatch(name) or name.startswith("__"):
        raise ValueError(f"{name[:80]!r} is not a label: write letters, digits and _, like team")
    if name in _OURS:
        raise ValueError(f"the label {name!r} is set by the rules themselves: choose another name")
