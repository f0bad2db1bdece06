"""What a journal entry of one kind carries: named, typed fields, checked when written and when read.

`domain/<wing>/events.py` declares the kinds of its wing. These are no dataclasses: a dataclass compiles its methods
when it is declared, and every kind is declared before the first frame.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from types import UnionType
from typing import Any, ClassVar, NoReturn, Self, dataclass_transform, get_args, get_origin, get_type_hints

from artisan_tui.domain.event import Entry, stamp

#: Numbers beyond this are no measure of anything, and too long to show.
_LARGEST = 10**15


class BodyError(ValueError):
    """The body of an entry does not have the form of its kind."""


class NewerBody(BodyError):
    """A newer program wrote this body; what its fields mean now is not known here."""


@dataclass_transform(kw_only_default=True, frozen_default=True)
class Body:
    """A subclass declares ``KIND`` and fields of type str, int, float, datetime, tuple[str, ...], Mapping[str, str],
    or one of these or None.

    A field with a default may be missing in what is read; one whose default is None is not written while it is None.
    Keys that this program does not know are ignored. ``V`` grows when a field changes its meaning, not when one is
    added: a body of a higher version is not read. A body without "v" is of version 1.
    """

    KIND: ClassVar[str]
    V: ClassVar[int] = 1
    #: The key in the journal of a field that is called otherwise here.
    KEYS: ClassVar[Mapping[str, str]] = {}
    #: What a session says of its own coming and going; lists fold such entries unless they are asked for.
    ROUTINE: ClassVar[bool] = False

    def __init__(self, **values: object) -> None:
        names = _fields(type(self))
        for name in values.keys() - names.keys():
            raise TypeError(f"{type(self).__name__} has no field {name}")
        for name in names:
            if name in values:
                self.__dict__[name] = values[name]
            elif not hasattr(type(self), name):
                raise TypeError(f"{type(self).__name__} needs {name}")

    def entry(self, at: datetime, actor: str, subject: str = "") -> Entry:
        """The entry to write. Raises BodyError for a value that could not be read again."""
        body: dict[str, object] = {"v": self.V}
        for name, field in _fields(type(self)).items():
            value = getattr(self, name)
            field.read(value)
            if value is not None or not field.left_out:
                body[field.key] = _json(value)
        return Entry(at, actor, self.KIND, subject, body)

    @classmethod
    def read(cls, entry: Entry) -> Self:
        """Raises BodyError, and NewerBody for a version that is not known here."""
        body = entry.body
        version = body.get("v", 1)
        if not isinstance(version, int) or isinstance(version, bool) or version < 1:
            raise BodyError("v is no version")
        if version > cls.V:
            raise NewerBody(f"version {version} of {cls.KIND}")
        values: dict[str, object] = {}
        for name, field in _fields(cls).items():
            if field.key in body:
                values[name] = field.read(body[field.key])
            elif not hasattr(cls, name):
                raise BodyError(f"{field.key} is missing")
        return cls(**values)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is frozen")

    def _values(self) -> tuple[object, ...]:
        return tuple(getattr(self, name) for name in _fields(type(self)))

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and isinstance(other, Body) and self._values() == other._values()

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={getattr(self, name)!r}' for name in _fields(type(self)))})"


class _Field:
    """``read`` makes a field's value of a JSON value or a value of the field, or raises BodyError."""

    __slots__ = ("key", "left_out", "read")

    def __init__(self, key: str, read: Callable[[object], object], left_out: bool) -> None:
        self.key, self.read, self.left_out = key, read, left_out


#: By kind; not made before the kind is first written or read.
_FIELDS: dict[type, Mapping[str, _Field]] = {}


def _fields(cls: type[Body]) -> Mapping[str, _Field]:
    """By name, in the order of their declaration."""
    found = _FIELDS.get(cls)
    if found is None:
        found = _FIELDS[cls] = {
            name: _Field(key, _reader(key, hint), getattr(cls, name, key) is None)
            for name, hint in get_type_hints(cls).items()
            if get_origin(hint) is not ClassVar
            for key in (cls.KEYS.get(name, name),)
        }
    return found


def _reader(key: str, hint: Any) -> Callable[[object], object]:
    optional = get_origin(hint) is UnionType
    if optional:
        (hint,) = (each for each in get_args(hint) if each is not type(None))
    read = _READERS[hint]

    def checked(value: object) -> object:
        if value is None and optional:
            return None
        try:
            return read(value)
        except (TypeError, ValueError, OverflowError):
            raise BodyError(f"{key} has a value of another type") from None

    return checked


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > _LARGEST:
        raise ValueError
    return value


def _number(value: object) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        raise ValueError
    if abs(value) > _LARGEST:
        raise ValueError
    return float(value)


def _moment(value: object) -> datetime:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError
        return value
    moment = datetime.fromisoformat(_text(value))
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        raise TypeError
    return tuple(map(_text, value))


def _text_by_text(value: object) -> Mapping[str, str]:
    if not isinstance(value, Mapping):
        raise TypeError
    return {_text(name): _text(each) for name, each in value.items()}


_READERS: Mapping[Any, Callable[[object], object]] = {
    str: _text,
    int: _whole,
    float: _number,
    datetime: _moment,
    tuple[str, ...]: _texts,
    Mapping[str, str]: _text_by_text,
}


def _json(value: object) -> object:
    if isinstance(value, datetime):
        return stamp(value)
    if isinstance(value, Mapping):
        return dict(value)
    return list(value) if isinstance(value, tuple) else value


def declared_in(namespace: Mapping[str, object], module: str) -> Iterator[type[Body]]:
    """The kinds that ``module`` itself declares."""
    for each in namespace.values():
        if isinstance(each, type) and issubclass(each, Body) and each.__module__ == module and "KIND" in vars(each):
            yield each
