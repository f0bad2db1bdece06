"""Points a configuration at another address: the demo runs the shipped file against its own stack."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any


def readdress(document: Any, addresses: Mapping[str, str]) -> Any:
    """``document`` with each address in its texts replaced by the one it maps to.

    An address matches as a whole only: ``127.0.0.1:8000`` is not in ``127.0.0.1:80001`` nor in
    ``10.127.0.0.1:8000``. The longest wins, and what was put in is not looked at again.
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
