"""Secrets in every form and every split, without a trace; other text untouched."""

from __future__ import annotations

import base64
import json
import shlex
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from artisan_tui.engine.runbooks.shim.masking import MARK, Masker, ShortSecret, forms

SECRET = "pa55/w0rd+and=more~한글"


def masked(secret: str, text: bytes, size: int = 10**9) -> bytes:
    masker = Masker([secret])
    return b"".join([masker.feed(text[at : at + size]) for at in range(0, len(text), size)]) + masker.rest()


def lower(text: str) -> str:
    import re

    return re.sub("%[0-9A-F]{2}", lambda found: found[0].lower(), text)


def folded(text: str, width: int) -> str:
    return "\n".join(text[at : at + width] for at in range(0, len(text), width))


FORMS = {
    "plain": SECRET,
    "percent": quote(SECRET, safe=""),
    "percent lower": lower(quote(SECRET, safe="")),
    "percent all": "".join(f"%{byte:02X}" for byte in SECRET.encode()),
    "json": json.dumps(SECRET)[1:-1],
    "json raw": json.dumps(SECRET, ensure_ascii=False)[1:-1],
    "hex": SECRET.encode().hex(),
    "HEX": SECRET.encode().hex().upper(),
    "hex spaced": SECRET.encode().hex(" "),
    "shell": shlex.quote(SECRET),
    "coloured": f"{SECRET[:5]}\x1b[1;31m{SECRET[5:]}\x1b[0m",
}


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("size", [1, 2, 7, 10**9])
def test_exec_case_30_every_form_in_every_piece(name: str, size: int) -> None:
    text = f"before {FORMS[name]} after\n".encode()
    assert masked(SECRET, text, size).replace(b"'", b"") == b"before " + MARK + b" after\n"


@pytest.mark.parametrize("offset", range(49))
def test_exec_case_30_base64_at_every_offset(offset: int) -> None:
    text = base64.b64encode(b"x" * offset + SECRET.encode() + b"y" * 5).decode()
    cleaned = masked(SECRET, text.encode(), 5)
    assert MARK in cleaned
    rest = b"".join(cleaned.split(MARK))
    # What stays depends on the neighbours too, and is not enough to read the secret from.
    assert len(rest) <= len(text) - len(base64.b64encode(SECRET.encode()).rstrip(b"=")) + 4


@pytest.mark.parametrize("width", [64, 76])
def test_exec_case_30_folded_base64(width: int) -> None:
    secret = "k" + base64.b64encode(bytes(range(90))).decode()
    text = folded(base64.b64encode(b"ab" + secret.encode()).decode(), width)
    cleaned = masked(secret, text.encode(), 11)
    assert cleaned.count(MARK) == 1
    assert len(cleaned) < 20


def test_every_line_of_a_secret_of_several_lines() -> None:
    secret = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqh\nkiG9w0BAQEFAASCB\n-----END KEY-----\n"
    for line in secret.split("\n")[1:3]:
        assert masked(secret, f"got {line} here".encode(), 3) == b"got " + MARK + b" here"


def test_nothing_is_held_back_that_is_no_beginning() -> None:
    masker = Masker(["pa55word-long"])
    assert masker.feed(b"a line without\n") == b"a line without\n"
    assert masker.feed(b"ends with pa55") == b"ends with "
    assert masker.feed(b" and goes on") == b"pa55 and goes on"
    assert masker.feed(b"p") == b""
    assert masker.rest() == b"p"


def test_korean_and_other_bytes_stay() -> None:
    masker = Masker(["pa55word-long"])
    text = "한국어 출력 뛟뛛 — 체크\n".encode() + bytes(range(0x80, 0x100)) + b"\n"
    assert masker.feed(text) + masker.rest() == text
    assert Masker([]).feed(text) == text


def test_escape_sequences_leave_in_every_split() -> None:
    text = b"\x1b]0;title\x07a\x1b[2Jb\x1b[38;5;196mc\x1b(Bd\x1bPq\x1b\\e\x1b"
    for size in (1, 2, 3, 100):
        masker = Masker([])
        out = b"".join(masker.feed(text[at : at + size]) for at in range(0, len(text), size)) + masker.rest()
        assert out.rstrip(b"\x1b") == b"abcde"


@pytest.mark.parametrize("secret", ["", "1234567"])
def test_short_secrets_are_refused(secret: str) -> None:
    with pytest.raises(ShortSecret):
        forms([secret])


@settings(max_examples=200)
@given(
    st.text(st.characters(codec="utf-8", exclude_characters="\r\n\x1b"), min_size=8, max_size=30),
    st.lists(st.binary(max_size=40), max_size=4),
    st.integers(1, 50),
)
def test_the_secret_never_comes_through(secret: str, around: list[bytes], size: int) -> None:
    if len(secret.strip().encode()) < 8:
        return
    text = secret.encode().join([b"", *around, b""])
    assert secret.encode() not in masked(secret, text, size)


@given(st.binary(max_size=300), st.integers(1, 40))
def test_how_it_is_cut_makes_no_difference(text: bytes, size: int) -> None:
    secret = "abababab"
    assert masked(secret, text, size).replace(MARK, b"") == masked(secret, text).replace(MARK, b"")
