"""Frozen values as bytes and back: for what was shown, and is kept for the time machine.

The bytes say of every value of ours which class it is. Reading knows no other classes than those it is given, makes
them from their fields alone, and leaves out a field that this version does not have.
"""

from __future__ import annotations

import dataclasses
import json
import zlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from enum import Enum
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
#: Larger than anything that is shown: few bytes can claim to be gigabytes.
_MOST = 32 * 1024 * 1024
_TEXT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class UnreadablePiece(ValueError):
    """Written by another version, or by another hand."""


class Packing:
    """Packs and reads values made of ``classes``: data classes, named tuples and enumerations; and of plain values.

    Sequences come back as tuples, mappings as dictionaries, moments in UTC.
    """

    def __init__(self, classes: Iterable[type] = ()) -> None:
        self._classes = {each.__name__: each for each in classes}

    def pack(self, value: object) -> bytes:
        """TypeError for a value of a class that is not known."""
        return zlib.compress(_TEXT(self._plain(value)).encode("utf-8", "replace"), 1)

    def read(self, body: bytes) -> Any:
        """Raises UnreadablePiece."""
        try:
            unpacking = zlib.decompressobj()
            text = unpacking.decompress(body, _MOST)
            if not unpacking.eof:
                raise UnreadablePiece("that is too long")
            return _plain_sequence(json.loads(text, object_hook=self._made))
        except (ValueError, TypeError, KeyError, OverflowError, zlib.error, RecursionError) as error:
            raise UnreadablePiece(str(error)) from error

    def _plain(self, value: Any) -> Any:
        kind = type(value)
        if value is None or kind in (str, int, float, bool):
            return value
        if kind is datetime:
            return {"@": (value - _EPOCH) // _MICROSECOND}
        if kind.__name__ in self._classes:
            if isinstance(value, Enum):
                return {"=": kind.__name__, "v": value.value}
            fields = {name: self._plain(getattr(value, name)) for name in _fields(kind)}
            return {"=": kind.__name__, **fields}
        if isinstance(value, Mapping):
            return {"%": [[self._plain(key), self._plain(each)] for key, each in value.items()]}
        if isinstance(value, tuple | list):
            return [self._plain(each) for each in value]
        if kind is Fraction:
            return {"/": [value.numerator, value.denominator]}
        if kind is ZoneInfo:
            return {"#": value.key}
        raise TypeError(f"{kind.__name__} cannot be packed")

    def _made(self, plain: dict[str, Any]) -> Any:
        """One object of the text, whose values are made already: the reader of JSON goes from the inside out."""
        if "=" in plain:
            kind = self._classes[plain.pop("=")]
            if issubclass(kind, Enum):
                return kind(plain["v"])
            known = _fields(kind)
            return kind(**{name: _plain_sequence(each) for name, each in plain.items() if name in known})
        if "@" in plain:
            return _EPOCH + plain["@"] * _MICROSECOND
        if "%" in plain:
            return {_plain_sequence(key): _plain_sequence(each) for key, each in plain["%"]}
        if "/" in plain:
            return Fraction(*plain["/"])
        return ZoneInfo(str(plain["#"]))


def _plain_sequence(value: Any) -> Any:
    """Lists of the text as tuples, inside of each other as well."""
    return tuple([_plain_sequence(each) for each in value]) if type(value) is list else value


def _fields(kind: type) -> tuple[str, ...]:
    found = _KNOWN.get(kind)
    if found is None:
        named = getattr(kind, "_fields", None)
        found = named or tuple(each.name for each in dataclasses.fields(kind) if each.init)
        _KNOWN[kind] = found
    return found


_KNOWN: dict[type, tuple[str, ...]] = {}
