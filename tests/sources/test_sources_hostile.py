"""Whatever bytes come in, the readers answer or say why not."""

from __future__ import annotations

import errno
import gzip
import json
import math
import socket
import ssl
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from artisan_tui.config.secret import SecretMissing
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.text.printable import printable
from artisan_tui.sources.body import NotJson, NotText, decode, parse_json
from artisan_tui.sources.capped import Capped, NotEncoded, TooLarge
from artisan_tui.sources.errors import explain
from artisan_tui.sources.lookup import search
from artisan_tui.sources.metrics.exposition import LineFilter, parse

words = st.text(max_size=40)
documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4),
    max_leaves=20,
)


@given(st.text() | st.binary().map(lambda b: b.decode("latin-1")))
def test_any_text_is_json_or_not(text: str) -> None:
    with suppress(NotJson):
        parse_json(text)


@given(documents)
def test_json_comes_back_as_it_was(document: object) -> None:
    back = parse_json(json.dumps(document))
    assert json.loads(json.dumps(back, default=str)) is not ...
    assert _same(back, document)


def _same(back: object, was: object) -> bool:
    if isinstance(was, float):
        assert isinstance(back, Decimal)
        return float(back) == was or (math.isnan(was) and back.is_nan())
    if isinstance(was, list):
        return isinstance(back, list) and all(_same(b, w) for b, w in zip(back, was, strict=True))
    if isinstance(was, dict):
        return isinstance(back, dict) and all(_same(back[key], was[key]) for key in was)
    return back == was and type(back) is type(was)


@given(st.binary(), words)
def test_any_bytes_are_text_or_not(raw: bytes, kind: str) -> None:
    for content_type in (kind, f"text/plain; charset={kind}", "text/plain; charset=hex", "application/json"):
        with suppress(NotText):
            assert isinstance(decode(raw, content_type), str)


@given(st.text(max_size=30), documents)
def test_any_path_finds_something_or_nothing(path: str, document: object) -> None:
    search(path, document)


@given(st.lists(st.binary(max_size=200), max_size=10), st.sampled_from(["", "gzip", "deflate"]))
def test_capped_bodies_never_pass_the_cap(chunks: list[bytes], encoding: str) -> None:
    with suppress(TooLarge, NotEncoded):
        body = Capped(100, encoding)
        total = sum(len(body.feed(chunk)) for chunk in chunks)
        body.finish()
        assert total <= 100


@given(st.binary(max_size=3000), st.integers(1, 50))
def test_capped_gzip_is_unpacked_whole(raw: bytes, step: int) -> None:
    packed = gzip.compress(raw, mtime=0)
    body = Capped(3000, "gzip")
    out = b"".join(body.feed(packed[i : i + step]) for i in range(0, len(packed), step))
    body.finish()
    assert out == raw


pages = st.lists(
    st.sampled_from(
        ["a 1\n", 'a{x="1"} 2\n', "ab 3\n", "# a 1\n", " a 4\n", "a\n", "\n", 'b{a="a 1"} 5\n', "a{", "a 6"]
    )
    | words,
    max_size=20,
).map("".join)


@given(pages, st.lists(st.integers(1, 20), min_size=1, max_size=30))
def test_pieces_of_a_page_make_no_difference(page: str, cuts: list[int]) -> None:
    raw, whole, pieces = page.encode("utf-8", "replace"), LineFilter(["a"]), LineFilter(["a"])
    whole.feed(raw)
    at = 0
    for cut in cuts:
        pieces.feed(raw[at : at + cut])
        at += cut
    pieces.feed(raw[at:])
    kept = whole.finish()
    assert kept == pieces.finish()
    for line in filter(None, kept.split(b"\n")):
        assert line.strip().startswith((b"a ", b"a{", b"a\t"))
    for openmetrics in (False, True):
        parse(kept, whole.lines, openmetrics=openmetrics)


@settings(max_examples=300)
@given(st.text(alphabet='a{}="\\,# \t\n1.eNainf\x00é', max_size=60))
def test_any_line_parses_or_is_counted_as_broken(rest: str) -> None:
    for name, _, value, _ in parse(("a" + rest).encode(), 1, openmetrics=False).lines:
        assert isinstance(name, str)
        assert isinstance(value, float)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ConnectionRefusedError(errno.ECONNREFUSED, "x"), Reason.REFUSED),
        (OSError("Multiple exceptions: [Errno 111] Connect call failed, [Errno 111] y"), Reason.REFUSED),
        (OSError(errno.ENETUNREACH, "x"), Reason.UNREACHABLE),
        (OSError(errno.EMFILE, "x"), Reason.INTERNAL),
        (OSError(errno.ENOTCONN, "x"), Reason.UNREACHABLE),
        (ConnectionResetError(), Reason.RESET),
        (socket.gaierror(socket.EAI_AGAIN, "x"), Reason.DNS),
        (TimeoutError(), Reason.TIMEOUT),
        (TimeoutError(errno.ETIMEDOUT, "x"), Reason.TIMEOUT),
        (ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number"), Reason.TLS),
        (ExceptionGroup("x", [OSError(errno.ECONNREFUSED, "x")]), Reason.REFUSED),
        (ValueError("a \x1b[31msecret"), Reason.INTERNAL),
        (SecretMissing("the environment variable X is not set"), Reason.INTERNAL),
    ],
)
def test_reasons(error: Exception, reason: Reason) -> None:
    found, detail = explain(error)
    assert found is reason
    assert "secret" not in detail
    assert detail == printable(detail)


def test_a_chain_that_bites_its_tail_ends() -> None:
    one, two = ValueError(), ValueError()
    one.__cause__, two.__cause__ = two, one
    assert explain(one)[0] is Reason.INTERNAL
