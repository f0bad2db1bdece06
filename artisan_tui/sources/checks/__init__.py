"""The check kinds. Every module or package in this folder defines one kind in `KIND`, and is found by it."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from types import MappingProxyType

from artisan_tui.sources.kind import Kind


def _discover() -> Mapping[str, Kind]:
    found: dict[str, Kind] = {}
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda m: m.name):
        kind = getattr(importlib.import_module(f"{__name__}.{module.name}"), "KIND", None)
        if not isinstance(kind, Kind):
            raise TypeError(f"sources/checks/{module.name}.py has no KIND")
        if kind.name in found:
            raise TypeError(f"two files define the check kind {kind.name!r}")
        found[kind.name] = kind
    return MappingProxyType(found)


#: By the value of the key ``kind``, such as "http".
KINDS: Mapping[str, Kind] = _discover()
