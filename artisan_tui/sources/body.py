"""A body of bytes -> text -> JSON, for conditions. Numbers stay exact, and absurd ones harmless."""

from __future__ import annotations

import codecs
import json
import re
from decimal import Decimal, InvalidOperation
from typing import Self

from artisan_tui.domain.text.printable import printable

#: A double ends at 10**308; numbers beyond this many digits or this exponent are infinite, or nothing.
_FURTHEST = 400
_CHARSET = re.compile(r"charset\s*=\s*\"?([\w.:-]{1,40})", re.IGNORECASE | re.ASCII)


class NotText(Exception):
    """The body is not the text it says it is."""


class NotJson(Exception):
    """The body is not JSON. The sentence says where."""


class Body(str):
    """A body as text that also knows the JSON document in it, for ``body.PATH``."""

    __slots__ = ("document",)
    document: object

    def __new__(cls, text: str, document: object) -> Self:
        self = super().__new__(cls, text)
        self.document = document
        return self


def claims_json(content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    return kind.endswith(("/json", "+json"))


def claims_text(content_type: str) -> bool:
    return content_type.strip().lower().startswith("text/") or claims_json(content_type)


def decode(raw: bytes, content_type: str) -> str:
    """The text in ``raw``, by its charset or as UTF-8. Raises NotText."""
    stated = _CHARSET.search(content_type)
    charset = stated[1] if stated else "utf-8"
    try:
        name = codecs.lookup(charset).name
    except LookupError:
        raise NotText(f"the body claims the unknown charset {printable(charset, 40)}") from None
    try:
        return raw.decode("utf-8-sig" if name == "utf-8" else name)
    except UnicodeDecodeError as error:
        claimed = "UTF-8" if name == "utf-8" else name
        raise NotText(f"the body is not valid {claimed} at byte {error.start}") from None
    except (UnicodeError, LookupError, ValueError):  # codecs that are not for text, such as "hex"
        raise NotText(f"the body is not valid {printable(name, 40)}") from None


def parse_json(text: str) -> object:
    """The document, its numbers as int or Decimal; NaN and Infinity are let in as Decimal. Raises NotJson."""
    try:
        return json.loads(text, parse_float=_decimal, parse_int=_integer, parse_constant=Decimal)
    except json.JSONDecodeError as error:
        what = f"not JSON: {error.msg} at line {error.lineno} column {error.colno}" if text.strip() else "empty"
    except RecursionError:
        what = "nested too deeply to read"
    raise NotJson(printable(what, 200))


def _integer(text: str) -> int | Decimal:
    # int() costs the square of its digits, and Python refuses 4,300 of them.
    return int(text) if len(text) <= _FURTHEST else _beyond(text)


def _decimal(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:  # an exponent that does not fit a machine word
        mantissa, _, exponent = text.lower().partition("e")
        return _beyond(mantissa) if not exponent.startswith("-") and Decimal(mantissa) else Decimal(0)
    if number and abs(number.adjusted()) > _FURTHEST:
        return _beyond(text) if number.adjusted() > 0 else Decimal(0)
    # A million digits after the point are rounded; the unary plus does that.
    return number if len(text) <= _FURTHEST else +number


def _beyond(text: str) -> Decimal:
    return Decimal("-Infinity") if text.startswith("-") else Decimal("Infinity")
