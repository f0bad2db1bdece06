"""The fingerprint of an alert, computed as Prometheus and Alertmanager do."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

_OFFSET = 14695981039346656037
_PRIME = 1099511628211
_MASK = (1 << 64) - 1
_BETWEEN = 0xFF


def fingerprint(labels: Mapping[str, str]) -> str:
    """FNV-1a, 64 bits, over the sorted labels: ``name 0xff value 0xff`` each, UTF-8; 16 hexadecimal digits."""
    return _fingerprint(frozenset(labels.items()))


@lru_cache(8192)
def _fingerprint(labels: frozenset[tuple[str, str]]) -> str:
    found = _OFFSET
    for pair in sorted(labels, key=lambda each: _bytes(each[0])):
        for text in pair:
            for byte in (*_bytes(text), _BETWEEN):
                found = ((found ^ byte) * _PRIME) & _MASK
    return f"{found:016x}"


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")  # JSON can hold a lone surrogate, which has no UTF-8
