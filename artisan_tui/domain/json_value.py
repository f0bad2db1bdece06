"""Frozen values as JSON and back, by the types of their fields: one spelling for one value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from artisan_tui.domain.event import stamp

T = TypeVar("T")


def as_json(value: Any) -> Any:
    """JSON values only: text, numbers, lists and objects. A field that has its default is left out."""
    if isinstance(value, datetime):
        return stamp(value)
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() and abs(value) < 10**15 else float(value)
    if isinstance(value, tuple | list):
        return [as_json(each) for each in value]
    if isinstance(value, Mapping):
        return {str(key): as_json(each) for key, each in value.items()}
    if is_dataclass(value):
        kind: Any = type(value)
        defaults = _defaults(kind)
        pairs = ((name, getattr(value, name)) for name in _readers(kind))
        return {name: as_json(each) for name, each in pairs if name not in defaults or defaults[name] != each}
    return int(value) if isinstance(value, int) and not isinstance(value, bool) else value


def from_json(kind: type[T], document: Any) -> T:
    """The value that `as_json` was given. Raises ValueError, TypeError or KeyError for what it cannot have made."""
    if not isinstance(document, Mapping):
        raise TypeError(f"{kind.__name__} is no object")
    wanted: Any = kind
    readers = _readers(wanted)
    return kind(**{name: readers[name](each) for name, each in document.items() if name in readers})


def frozen(value: Any) -> Any:
    """A JSON value whose lists are tuples, so that equal values compare equal."""
    if isinstance(value, list | tuple):
        return tuple(frozen(each) for each in value)
    if isinstance(value, Mapping):
        return {str(key): frozen(each) for key, each in value.items()}
    return value


@cache
def _defaults(kind: Any) -> Mapping[str, Any]:
    made: dict[str, Any] = {}
    for field in fields(kind):
        if field.default_factory is not MISSING:
            made[field.name] = field.default_factory()
        elif field.default is not MISSING:
            made[field.name] = field.default
    return made


@cache
def _readers(kind: Any) -> Mapping[str, Callable[[Any], Any]]:
    hints = get_type_hints(kind)
    return {field.name: _reader(hints[field.name]) for field in fields(kind)}


def _reader(hint: Any) -> Callable[[Any], Any]:
    origin, inner = get_origin(hint), get_args(hint)
    if hint is Any:
        return frozen
    if origin is UnionType:
        read = _reader(next(each for each in inner if each is not type(None)))
        return lambda value: None if value is None else read(value)
    if origin is tuple:
        each = _reader(inner[0])
        return lambda value: tuple(each(one) for one in value)
    if origin is not None and issubclass(origin, Mapping):
        key, each = inner[0], _reader(inner[1])
        return lambda value: {key(name): each(one) for name, one in value.items()}
    if hint is datetime:
        return lambda value: datetime.fromisoformat(value).astimezone(UTC)
    if is_dataclass(hint):
        return lambda value: from_json(hint, value)  # type: ignore[arg-type]
    return hint  # type: ignore[no-any-return]
