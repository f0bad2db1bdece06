"""Numbers, durations and names in the syntax of Prometheus."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

from artisan_tui.domain.selector import Matcher, Selector

#: A text in quotes, which stays, or a comment.
_COMMENT = re.compile(r"""("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`)|#[^\n]*""")
_SCALAR, _SCALAR_CALL = re.compile(r"\bscalar\s*\("), re.compile(r"\b(?:time|pi)\s*\(\s*\)")
_ARITHMETIC = re.compile(
    r"(?:[\s()+\-*/%^<>=!]|\bbool\b|\b(?:inf|nan)\b|(?:0x[0-9a-f]+|[\d.]+(?:e[+-]?\d+)?))*", re.IGNORECASE
)
_UNITS = (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1))


def span(seconds: float) -> str:
    """A duration in the largest unit that divides it: ``5m``, ``1h``, ``30d``, ``90s``, ``500ms``."""
    ms = max(1, round(seconds * 1000))
    unit, size = next((unit, size) for unit, size in _UNITS if ms % size == 0)
    return f"{ms // size}{unit}"


def number(value: Fraction) -> str:
    """An exact number: a decimal when it is finite, else a quotient."""
    rest, places = value.denominator, 0
    for prime in (2, 5):
        count = 0
        while rest % prime == 0:
            rest, count = rest // prime, count + 1
        places = max(places, count)
    if rest != 1:
        return f"({value.numerator} / {value.denominator})"
    return f"{Decimal(value.numerator * 10**places // value.denominator).scaleb(-places):f}"


def ending_at(histogram: Selector, threshold: Decimal) -> Selector:
    """The selector of the buckets at ``threshold``, in every spelling of the bound.

    Prometheus 2 keeps the exporter's ``1``, Prometheus 3 stores ``1.0``, and exporters in Go write a
    million as ``1e+06``. The matcher accepts all of them.
    """
    plain = f"{threshold.normalize():f}"
    known = [plain] if "." in plain else [plain, f"{plain}.0"]
    exponent = threshold.normalize().adjusted()
    if exponent < -4 or exponent >= 6:
        digits = "".join(map(str, threshold.normalize().as_tuple().digits))
        mantissa = f"{digits[0]}.{digits[1:]}" if len(digits) > 1 else digits
        known.append(f"{mantissa}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}")
    if len(known) == 1:
        return _bucket(histogram, Matcher("le", "=", plain))
    return _bucket(histogram, Matcher("le", "=~", "|".join(re.escape(each).replace(r"\-", "-") for each in known)))


def all_of(histogram: Selector) -> Selector:
    """The selector of the +Inf bucket, which counts every event."""
    return _bucket(histogram, Matcher("le", "=", "+Inf"))


def _bucket(histogram: Selector, bound: Matcher) -> Selector:
    named = histogram.suffixed("_bucket")
    return Selector(named.name, (*named.matchers, bound))


def camel(slo: str) -> str:
    """``api-availability`` -> ``ApiAvailability``, for an alert's name."""
    return "".join(word[:1].upper() + word[1:] for word in re.split(r"[-_]", slo))


def untemplated(text: str) -> str:
    """Text for an annotation with template braces escaped, so that Prometheus does not expand them."""
    return text.replace("{{", '{{ "{{" }}')


def one_number(query: str) -> str:
    """The only number of a query from a person, as a vector without labels. No result for several series.

    A comment in the last line would hide what follows, so it is taken out. `scalar` refuses what is a scalar already.
    """
    plain = _COMMENT.sub(lambda found: found[1] or "", query).strip()
    return f"vector({plain})" if _is_scalar(plain) else f"vector(scalar({plain}))"


def _is_scalar(query: str) -> bool:
    """Whether a query is made of numbers, `time()`, `pi()` and `scalar(...)` alone."""
    rest, before = query, ""
    while rest != before:
        before = rest
        rest = _SCALAR_CALL.sub(" 1 ", rest)
        rest = _without_scalar(rest)
    return _ARITHMETIC.fullmatch(rest) is not None and any(char.isdigit() or char.isalpha() for char in rest)


def _without_scalar(query: str) -> str:
    """``query`` with its first ``scalar(...)`` as a number."""
    begun = _SCALAR.search(query)
    if begun is None:
        return query
    depth, quote = 1, ""
    at = begun.end()
    while at < len(query) and depth:
        char = query[at]
        if quote:
            if char == "\\" and quote != "`":
                at += 1
            elif char == quote:
                quote = ""
        elif char in "\"'`":
            quote = char
        else:
            depth += (char == "(") - (char == ")")
        at += 1
    return f"{query[: begun.start()]} 1 {query[at:]}" if not depth else query
