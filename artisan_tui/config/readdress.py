"""Replaces addresses in a raw configuration, for the demo and for a target."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any


def chosen_target(document: Mapping[str, Any], name: str | None) -> Mapping[str, Any] | None:
    """The raw ``[[target]]`` to probe: ``name``, else [artisan].target, else the first. None when it does not exist."""
    listed, artisan = document.get("target"), document.get("artisan")
    targets = [each for each in listed if isinstance(each, Mapping)] if isinstance(listed, list) else []
    wanted = name or (artisan.get("target") if isinstance(artisan, Mapping) else None)
    return next((each for each in targets if wanted is None or each.get("id") == wanted), None)


def move(document: dict[str, Any], target: Mapping[str, Any] | None) -> dict[str, Any]:
    """``document`` with the addresses of ``target`` (a raw table). The targets themselves are not changed."""
    addresses = target.get("addresses") if target is not None else None
    if not isinstance(addresses, Mapping):
        return document
    usable = {old: new for old, new in addresses.items() if old and isinstance(new, str)}
    return {key: each if key == "target" else readdress(each, usable) for key, each in document.items()}


def readdress(document: Any, addresses: Mapping[str, str]) -> Any:
    """``document`` with each address in its texts replaced by the one it maps to.

    Only whole addresses match: ``127.0.0.1:8000`` does not match in ``127.0.0.1:80001`` or in
    ``10.127.0.0.1:8000``. The longest match is replaced. Replacements are not replaced again.
    """
    if not addresses:
        return document
    longest_first = sorted(addresses, key=len, reverse=True)
    pattern = re.compile(rf"(?<![\w.-])(?:{'|'.join(map(re.escape, longest_first))})(?![\w])")
    return _walk(document, lambda text: pattern.sub(lambda match: addresses[match[0]], text))


def _walk(value: Any, change: Any) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_walk(each, change) for each in value]
    if isinstance(value, dict):
        return {key: _walk(each, change) for key, each in value.items()}
    return value
