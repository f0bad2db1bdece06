"""The fingerprint of an alert, computed as Prometheus and Alertmanager do."""

from __future__ import annotations

from collections.abc import Mapping

_OFFSET = 14695981039346656037
_PRIME = 1099511628211
_MASK = (1 << 64) - 1
_BETWEEN = 0xFF


def fingerprint(labels: Mapping[str, str]) -> str:
    """FNV-1a, 64 bits, over the sorted labels: ``name 0xff value 0xff`` each, UTF-8; 16 hexadecimal digits."""
    found = _OFFSET
    for name in sorted(labels, key=_bytes):
        for text in (name, labels[name]):
            for byte in (*_bytes(text), _BETWEEN):
                found = ((found ^ byte) * _PRIME) & _MASK
    return f"{found:016x}"


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")  # JSON can hold a lone surrogate, which has no UTF-8
