"""Nothing from outside reaches a terminal unless it is printable."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artisan_tui.domain.text.printable import printable


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("plain", "plain"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07after", "after"),
        ("\x1b]52;c;aGk=\x1b\\after", "after"),
        ("\x9b31mred", "red"),
        ("a\x00b\x08c\x7fd", "abcd"),
        ("[bold red]x[/]", "[bold red]x[/]"),
        ("one\ntwo\tthree\r\nfour", "one two three four"),
        ("\u202eevil\u202c", "evil"),
        ("zero\u200bwidth", "zerowidth"),
        ("품질 저하", "품질 저하"),
        ("caf\u00e9 ✔", "café ✔"),
        ("a\u0300\u0301\u0302\u0303\u0304\u0305b", "a\u0300\u0301\u0302\u0303b"),
        ("Vie\u0302\u0323t Nam", "Vie\u0302\u0323t Nam"),
        ("\u1112\u1161\u11ab", "\u1112\u1161\u11ab"),
        ("to\u034fken\u3164 \ufe0f\U000e0101", "token "),
        ("\u26a0\ufe0f warning", "\u26a0 warning"),
        ("no\u00a0break", "no\u00a0break"),
        ("lone \ud800 private \ue000 \U000f0000 line\u2028end", "lone  private   lineend"),
    ],
)
def test_examples(text: str, plain: str) -> None:
    assert printable(text) == plain


def test_bytes_that_are_not_utf8_are_shown_as_such() -> None:
    assert printable(b"ok \xff\xfe end") == "ok \ufffd\ufffd end"


def test_lines_are_kept_when_asked() -> None:
    assert printable("a\nb", lines=True) == "a\nb"


def test_a_cut_is_marked() -> None:
    assert printable("x" * 100, 10) == "x" * 9 + "…"


@given(st.one_of(st.text(), st.binary()))
def test_only_printable_comes_out(text: str | bytes) -> None:
    for char in printable(text, lines=True):
        assert char == "\n" or unicodedata.category(char)[0] != "C"


@given(st.text(max_size=300), st.integers(1, 50))
def test_never_longer_than_the_limit(text: str, limit: int) -> None:
    assert len(printable(text, limit)) <= limit
