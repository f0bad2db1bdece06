"""Nothing from outside reaches a terminal unless it is printable."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artisan_tui.domain.text.printable import printable
from artisan_tui.domain.text.redaction import MARK, hide, longest


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


@pytest.mark.parametrize("char", ["x", "é", "가"])
def test_a_text_as_long_as_the_limit_is_whole(char: str) -> None:
    assert printable(char * 10, 10) == char * 10
    assert printable(char * 11, 10) == char * 9 + "…"
    assert printable((char * 10).encode(), 10) == char * 10


def test_a_secret_that_ends_at_the_limit_is_hidden_and_nothing_else_is() -> None:
    hide("hunter2-hunter2")
    assert printable("abc hunter2-hunter2", 19) == f"abc {MARK}"
    assert printable("abc hunter2-hunter2 and more", 19) == f"abc {MARK} and more"
    assert printable("a" * 19, 19) == "a" * 19


def test_the_beginning_of_a_secret_is_hidden_only_where_a_cut_made_it_one() -> None:
    secret = "hunter2-hunter2"
    hide(secret)
    count = longest() // 12 + 1  # so many that what is shown of them is no longer than the limit
    whole = secret * count + "abcdhunter"
    limit = len(whole) - longest()  # so far, and one longest secret more, is looked at
    assert printable(whole, limit) == f"{MARK * count}abcdhunter"
    assert printable(whole + "2-", limit) == f"{MARK * count}abcd{MARK}"
