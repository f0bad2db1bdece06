"""Decode a response body: bytes to text, text to JSON, for conditions.

Numbers are parsed exactly. Numbers of excessive length are replaced, because parsing them costs too much.
"""

from __future__ import annotations

import codecs
import json
import re
from decimal import Decimal, InvalidOperation
from typing import Self

from artisan_tui.domain.text.printable import printable

#: A double ends near 1e308. Numbers with more digits, or a larger exponent, become infinity or zero.
_FURTHEST = 400
#: Codecs of Python that are no charsets. Decoding punycode takes time with the square of the length.
_NO_CHARSETS = frozenset({"idna", "punycode", "undefined", "unicode_escape", "unicode-escape", "raw-unicode-escape"})
_CHARSET = re.compile(r"charset\s*=\s*\"?([\w.:-]{1,40})", re.IGNORECASE | re.ASCII)


class NotText(Exception):
    """The body cannot be decoded as the text it declares. The message says why."""


class NotJson(Exception):
    """The body is not JSON. The message gives the position."""


class Body(str):
    """The body as text, with the parsed JSON in ``document`` for conditions on ``body.PATH``."""

    __slots__ = ("document",)
    document: object

    def __new__(cls, text: str, document: object) -> Self:
        self = super().__new__(cls, text)
        self.document = document
        return self


def claims_json(content_type: str) -> bool:
    """Whether the Content-Type is JSON, or a type with the suffix +json."""
    kind = content_type.partition(";")[0].strip().lower()
    return kind.endswith(("/json", "+json"))


def decode(raw: bytes, content_type: str) -> str:
    """Decode ``raw`` with the charset of ``content_type``, or as UTF-8. Raises NotText.

    A charset that is not known does not matter if the body is UTF-8, as nearly all are.
    """
    stated = _CHARSET.search(content_type)
    name = _codec(stated[1]) if stated else "utf-8"
    try:
        return raw.decode("utf-8-sig" if name in (None, "utf-8") else name)
    except UnicodeDecodeError as error:
        claimed = "UTF-8" if name == "utf-8" else name
        said = f"the body is not valid {claimed} at byte {error.start}"
    except (UnicodeError, LookupError, ValueError):
        said = f"the body is not valid {printable(str(name), 40)}"
    if name is None and stated:
        said = f"the body claims the unknown charset {printable(stated[1], 40)}"
    raise NotText(said)


def _codec(charset: str) -> str | None:
    """The name of Python's codec for ``charset``. None for one that is not known, or that no body is written in."""
    try:
        name = codecs.lookup(charset).name
        b"".decode(name)  # codecs such as "hex" do not decode to text
    except (LookupError, UnicodeError, ValueError):
        return None
    return None if name in _NO_CHARSETS else name


def parse_json(text: str) -> object:
    """Parse JSON with numbers as int or Decimal. NaN and Infinity are accepted as Decimal. Raises NotJson."""
    try:
        return json.loads(text, parse_float=_decimal, parse_int=_integer, parse_constant=Decimal)
    except json.JSONDecodeError as error:
        what = f"not JSON: {error.msg} at line {error.lineno} column {error.colno}" if text.strip() else "empty"
    except RecursionError:
        what = "nested too deeply to read"
    raise NotJson(printable(what, 200))


def _integer(text: str) -> int | Decimal:
    # The cost of int() grows with the square of the digits, and Python refuses more than 4,300 of them.
    return int(text) if len(text) <= _FURTHEST else _beyond(text)


def _decimal(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:  # the exponent does not fit into a machine word
        mantissa, _, exponent = text.lower().partition("e")
        return _beyond(mantissa) if not exponent.startswith("-") and Decimal(mantissa) else Decimal(0)
    if number and abs(number.adjusted()) > _FURTHEST:
        return _beyond(text) if number.adjusted() > 0 else Decimal(0)
    # The unary plus rounds a fraction of, say, a million digits to the context's precision.
    return number if len(text) <= _FURTHEST else +number


def _beyond(text: str) -> Decimal:
    return Decimal("-Infinity") if text.startswith("-") else Decimal("Infinity")
