"""Recognition of the PromQL queries that are equivalent to one counter.

Other tools write `sum(rate(x_total{…}[5m]))`; an [[slo]] has the selector `x_total{…}`, from which exact counts are
read. A query of any other shape gives None, nothing is guessed.

promql-parser 0.12 is not used: it crashes the process (SIGSEGV) on 10,000 parentheses, rounds numbers to floats, and
drops comments and layout. The tokens for `one_line` and the depth limit would stay, and with them all but about 70
lines of this file. It parses a query in 0.1 ms, this in 0.3 ms, and needs 5 ms to import.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from artisan_tui.domain.measure import Measure, Promql, Quantile, Rate, Ratio, Value
from artisan_tui.domain.selector import Selector, parse_selector
from artisan_tui.domain.span import parse_span

_TOKEN = re.compile(
    r"\s+|\#[^\n]*"
    r"|(?P<range>\[[^\]\"']*\])"
    r"|(?P<labels>\{(?:[^{}\"'`]|\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|`[^`]*`)*\})"
    r"|(?P<word>[a-zA-Z_:][a-zA-Z0-9_:]*)"
    r"|(?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)"
    r"|(?P<sign>==|!=|<=|>=|=~|!~|[-+*/%^()<>,=@])"
    r"|(?P<text>\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|`[^`]*`)"
)
_LONGEST, _DEEPEST = 20_000, 50
_TEMPLATE = re.compile(r"\{\{\s*\.window\s*\}\}")
_AGGREGATES = ("max", "min", "sum", "avg")


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    text: str

    def is_word(self, *words: str) -> bool:
        return self.kind == "word" and self.text.lower() in words


Tokens = tuple[Token, ...]


@dataclass(frozen=True, slots=True)
class Counter:
    """The counter in a query. ``window`` is its range, "" without one."""

    selector: Selector
    window: str = ""


def windowed(query: str, window: str) -> str:
    """The query with Sloth's ``{{.window}}`` filled in."""
    return _TEMPLATE.sub(lambda _match: window, query)


def one_line(query: str) -> str:
    """The query without comments and line ends. A query that cannot be parsed is not changed."""
    if "`" in query or _tokens(query) is None:
        return query.strip()
    out: list[str] = []
    for match in _TOKEN.finditer(query):
        # Quoted strings have no line ends, so a line end between labels is formatting.
        text = re.sub(r"\s*\n\s*", " ", match[0]) if match.lastgroup else " "
        if text != " " or (out and out[-1] != " "):
            out.append(text)
    return "".join(out).strip()


def counter(query: str) -> Counter | None:
    """``x``, ``sum(x)``, ``sum(rate(x[5m]))``, ``sum(increase(x[5m]))``, with parentheses or ``or vector(0)`` around."""
    tokens = _tokens(query)
    return None if tokens is None else _counter(tokens)


def difference(query: str) -> tuple[Counter, Counter] | None:
    """``a - b`` of two such counters, as total minus good is written."""
    parts = _split(query, "-")
    return None if parts is None else (parts[0], parts[1])


def quotient(query: str) -> tuple[Counter, Counter, bool] | None:
    """``a / b`` of two rates as (a, b, False), ``1 - a / b`` as (a, b, True)."""
    tokens = _bare(_tokens(query) or ())
    rest = [token.text for token in tokens[:2]] == ["1", "-"]
    both = _divided(_bare(tokens[2:] if rest else tokens))
    return None if both is None or not (both[0].window and both[1].window) else (*both, rest)


def says_rate(query: str) -> bool:
    """Whether the counter is read as a rate, so that dividing two of them gives a share of events."""
    tokens = _tokens(query) or ()
    return any(token.is_word("rate", "increase", "irate") for token in tokens)


def measure(query: str) -> Measure:
    """The measure that is equivalent to a query, `Promql` without one."""
    tokens = _tokens(query)
    known = None if tokens is None else _measure(_bare(tokens))
    return known or Promql(query.strip())


def _measure(tokens: Tokens) -> Measure | None:
    selector = _selector(tokens)
    if selector is not None:
        return Value(selector)
    ratio = _divided(tokens)
    if ratio is not None:
        part, whole = ratio
        seconds = _seconds(part.window)
        same = seconds is not None and part.window == whole.window
        return Ratio(part.selector, (whole.selector,), seconds or 0) if same else None
    call = _call(tokens)
    if call is None:
        return None
    name, inside = call
    if name == "histogram_quantile":
        return _quantile(inside)
    if name in _AGGREGATES and (selector := _selector(inside)) is not None:
        return Value(selector, name)
    rated = _ranged(_call(tokens), ("rate",)) or (_ranged(_call(inside), ("rate",)) if name == "sum" else None)
    seconds = _seconds(rated.window) if rated is not None else None
    # A rate without sum is one number per series. A measure is one number, the sum of all series.
    return Rate(rated.selector, seconds) if rated is not None and seconds and name == "sum" else None


def _quantile(inside: Tokens) -> Measure | None:
    if len(inside) < 3 or inside[0].kind != "number" or inside[1].text != ",":
        return None
    try:
        share = Decimal(inside[0].text)
    except InvalidOperation:
        return None
    summed = _call(_without_by_le(inside[2:]))
    rated = _ranged(_call(summed[1]), ("rate",)) if summed is not None and summed[0] == "sum" else None
    seconds = _seconds(rated.window) if rated is not None else None
    if rated is None or not seconds or not 0 <= share <= 1 or not rated.selector.name.endswith("_bucket"):
        return None
    named = Selector(rated.selector.name.removesuffix("_bucket"), rated.selector.matchers)
    return Quantile(share, named, seconds)


def _without_by_le(tokens: Tokens) -> Tokens:
    """``sum by (le) (…)`` and ``sum(…) by (le)`` -> ``sum(…)``."""
    by = ("by", "(", "le", ")")
    texts = tuple(token.text.lower() for token in tokens)
    if texts[1:5] == by:
        return (tokens[0], *tokens[5:])
    return tokens[:-4] if texts[-4:] == by else ()


def _split(query: str, sign: str) -> tuple[Counter, Counter] | None:
    tokens = _tokens(query)
    return None if tokens is None else _around(_bare(tokens), sign)


def _divided(tokens: Tokens) -> tuple[Counter, Counter] | None:
    return _around(tokens, "/")


def _around(tokens: Tokens, sign: str) -> tuple[Counter, Counter] | None:
    """The counters on both sides of the first top-level operator."""
    depth, found = 0, []
    for index, token in enumerate(tokens):
        depth += (token.text == "(") - (token.text == ")") if token.kind == "sign" else 0
        if depth == 0 and token.kind == "sign" and token.text not in {"(", ")"}:
            found.append(index)
    if not found or tokens[found[0]].text != sign:
        return None
    left, right = _counter(tokens[: found[0]]), _counter(tokens[found[0] + 1 :])
    return None if left is None or right is None else (left, right)


def _counter(tokens: Tokens) -> Counter | None:
    tokens = _bare(tokens)
    selector = _selector(tokens)
    if selector is not None:
        return Counter(selector)
    call = _call(tokens)
    if call is None or call[0] != "sum":
        return None
    inside = _bare(call[1])
    selector = _selector(inside)
    if selector is not None:
        return Counter(selector)
    return _ranged(_call(inside), ("rate", "increase"))


def _ranged(call: tuple[str, Tokens] | None, names: tuple[str, ...]) -> Counter | None:
    """``rate(x[5m])``. A subquery, an offset and an @ modifier are not supported."""
    if call is None or call[0] not in names or not call[1] or call[1][-1].kind != "range":
        return None
    selector, window = _selector(call[1][:-1]), call[1][-1].text[1:-1].strip()
    return None if selector is None or ":" in window else Counter(selector, window)


def _call(tokens: Tokens) -> tuple[str, Tokens] | None:
    """``name(…)`` as (name, tokens inside), when the parenthesis ends with the tokens."""
    tokens = _bare(tokens)
    if len(tokens) < 3 or tokens[0].kind != "word" or _closing(tokens, 1) != len(tokens) - 1:
        return None
    return tokens[0].text.lower(), _bare(tokens[2:-1])


def _bare(tokens: Tokens) -> Tokens:
    """The tokens without outer parentheses and without ``or vector(0)`` at the end."""
    while tokens:
        texts = tuple(token.text.lower() for token in tokens)
        if texts[-5:] == ("or", "vector", "(", "0", ")"):
            tokens = tokens[:-5]
        elif texts[-8:] == ("or", "on", "(", ")", "vector", "(", "0", ")"):
            tokens = tokens[:-8]
        elif _closing(tokens, 0) == len(tokens) - 1:
            tokens = tokens[1:-1]
        else:
            break
    return tokens


def _closing(tokens: Tokens, opening: int) -> int | None:
    """The position of the closing parenthesis, None without one."""
    if opening >= len(tokens) or tokens[opening] != Token("sign", "("):
        return None
    depth = 0
    for index in range(opening, len(tokens)):
        depth += (tokens[index] == Token("sign", "(")) - (tokens[index] == Token("sign", ")"))
        if depth == 0:
            return index
    return None


def _selector(tokens: Tokens) -> Selector | None:
    kinds = tuple(token.kind for token in tokens)
    if kinds not in {("word",), ("word", "labels")}:
        return None
    try:
        return parse_selector("".join(token.text for token in tokens))
    except ValueError:
        return None


def _seconds(window: str) -> float | None:
    try:
        return float(parse_span(window))
    except ValueError:
        return None


def _tokens(query: str) -> Tokens | None:
    """The tokens of a query. None with an invalid character, or when it is too long or nested too deeply."""
    if len(query) > _LONGEST:
        return None
    found, at, depth = [], 0, 0
    while at < len(query):
        match = _TOKEN.match(query, at)
        if match is None:
            return None
        at = match.end()
        if match.lastgroup is not None:
            found.append(Token(match.lastgroup, match[0]))
            depth += (match[0] == "(") - (match[0] == ")")
            if depth > _DEEPEST:
                return None
    return tuple(found)
