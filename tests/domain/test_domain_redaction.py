"""A secret that was used is in no text of ours, however it comes back."""

from __future__ import annotations

import base64
import html
import json
import time
import unicodedata
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artisan_tui.domain.text import redaction
from artisan_tui.domain.text.printable import json_text, printable
from artisan_tui.domain.text.redaction import MARK, hide, longest, redacted

TOKEN = "s3cret/+t0ken&\\42"


@pytest.fixture(autouse=True)
def nothing_hidden() -> Iterator[None]:
    redaction.forget_all()
    yield
    redaction.forget_all()


def basic(user: str) -> str:
    return base64.b64encode(f"{user}:{TOKEN}".encode()).decode()


@pytest.mark.parametrize(
    "echo",
    [
        TOKEN,
        quote(TOKEN, safe=""),
        quote(TOKEN),
        json.dumps(TOKEN),
        repr(TOKEN),
        repr(TOKEN.encode()),
        base64.b64encode(TOKEN.encode()).decode(),
        base64.urlsafe_b64encode(TOKEN.encode()).decode(),
        *(basic(user) for user in ("", "a", "ab", "abc", "j.park", "ops@artisan")),
        f"\x1b[31m{TOKEN[:5]}\x1b[0m{TOKEN[5:]}",
        f"{TOKEN[:5]}\u200b{TOKEN[5:]}",
        f"{TOKEN[:5]}\0{TOKEN[5:]}",
    ],
)
def test_every_spelling_of_it_goes(echo: str) -> None:
    text = f"your header was <{echo}> thanks"
    assert MARK not in printable(text)
    hide(TOKEN)
    shown = printable(text)
    assert MARK in shown
    assert shown.startswith("your header was <")
    assert shown.endswith("> thanks")
    # Base64 keeps at most the letters that are decided by its neighbours too.
    assert len(shown) <= len("your header was <> thanks") + len(MARK) + 20
    for part in (TOKEN, quote(TOKEN), basic("")[4:16]):
        assert part not in shown


@pytest.mark.parametrize("limit", range(8, 40))
def test_no_cut_leaves_half_of_it(limit: int) -> None:
    hide(TOKEN)
    for text in (f"the token is {TOKEN} indeed", f"{TOKEN}{TOKEN}{TOKEN} the token"):
        shown = printable(text, limit)
        assert len(shown) <= limit
        assert TOKEN[:6] not in shown


def test_a_text_that_was_cut_before_keeps_no_half() -> None:
    hide(TOKEN)
    # Everything but the token is dropped, so the cut at eight times the limit is what shows.
    text = "\0" * (100 * 8 - 10) + TOKEN
    assert printable(text, 100) == MARK


def test_what_merely_ends_alike_stays() -> None:
    hide("production-password")
    assert printable("the environment is production") == "the environment is production"
    hide("postgresql://ops:Str4tegic@db/artisan")
    assert printable("the store is postgresql") == "the store is postgresql"


def test_short_ones_are_words() -> None:
    hide("admin")
    hide("")
    assert longest() == 0
    assert printable("admin") == "admin"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://ops:hunter2hunter2@db/artisan", "hunter2hunter2"),
        ("postgresql+psycopg://ops:p%40ss%2Fword@db/artisan", "p@ss/word"),
        ("postgresql://ops:p@ss/word@db/artisan", "p@ss/word"),
        ("postgresql://db/artisan?user=ops&password=hunter2hunter2", "hunter2hunter2"),
    ],
)
def test_the_password_of_a_url_alone_goes_too(url: str, said: str) -> None:
    hide(url)
    assert redacted(f'FATAL: password "{said}" is wrong') == f'FATAL: password "{MARK}" is wrong'
    assert redacted(f"cannot parse {url}!").count(MARK) == 1
    assert redacted("postgresql://db/artisan") == "postgresql://db/artisan"


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("Bearer hunter2hunter2", "hunter2hunter2"),
        ("Basic " + base64.b64encode(b"ops:hunter2hunter2").decode(), "hunter2hunter2"),
        ("session=hunter2hunter2; theme=d", "hunter2hunter2"),
    ],
)
def test_of_a_whole_header_the_credentials_alone_go_too(header: str, said: str) -> None:
    hide(header)
    assert redacted(f"{header} is wrong") == f"{MARK} is wrong"
    assert redacted(f"it is {said} indeed") == f"it is {MARK} indeed"


def test_several_lines_come_back_as_one() -> None:
    hide("first-line\nsecond-line")
    assert printable("it said first-line\r\nsecond-line.") == f"it said {MARK}."


def test_one_inside_another_leaves_nothing() -> None:
    hide("abcdef")
    hide("abcdefghij")
    assert redacted("abcdefghij abcdef") == f"{MARK} {MARK}"


@given(st.text(min_size=6, max_size=40), st.text(max_size=60), st.text(max_size=60))
def test_no_text_keeps_it(secret: str, before: str, after: str) -> None:
    redaction.forget_all()
    hide(secret)
    assert secret not in redacted(before + secret + after)
    redaction.forget_all()


@given(st.recursive(st.none() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_json_keeps_the_data_and_nothing_a_terminal_acts_on(document: object) -> None:
    text = json_text(document, indent=1)
    assert json.loads(text) == document
    assert not [c for c in text if c != "\n" and unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}]
    text.encode("utf-8")


def escaped(text: str, *ways: str) -> str:
    for way in ways:
        match way:
            case "url":
                text = quote(text, safe="")
            case "every":
                text = "".join(f"%{byte:02x}" for byte in text.encode())
            case "html":
                text = html.escape(text)
            case "numbers":
                text = "".join(f"&#x{ord(char):x};" for char in text)
            case "json":
                text = json.dumps(text)[1:-1]
            case "php":
                text = json.dumps(text)[1:-1].replace("/", "\\/")
            case "unicode":
                text = "".join(f"\\u{ord(char):04x}" for char in text)
            case "base64":
                text = base64.b64encode(text.encode()).decode()
    return text


@pytest.mark.parametrize(
    "ways",
    [
        *((way,) for way in ("url", "every", "html", "numbers", "json", "php", "unicode", "base64")),
        *(("url",) * count for count in (2, 3, 4)),
        ("every", "url"),
        ("html", "html"),
        ("html", "url", "url"),
        ("php", "url"),
        ("json", "json", "json"),
        ("url", "json", "html"),
        ("html", "json"),
        ("unicode", "url", "url"),
        ("json", "base64"),
        ("url", "base64"),
        ("base64", "base64"),
        ("base64", "url", "url"),
    ],
    ids="+".join,
)
@pytest.mark.parametrize("secret", [TOKEN, "서울-비밀/번호 7", "plain-enough-1234"])
def test_however_often_it_is_escaped_it_goes(secret: str, ways: tuple[str, ...]) -> None:
    said = escaped(secret, *ways)
    hide(secret)
    shown = redacted(f"moved to /login?next=<{said}>&x=1 100%")
    assert shown.startswith("moved to /login?next=<")
    assert shown.endswith(">&x=1 100%")
    assert MARK in shown
    # Base64 keeps at most the letters that its neighbours decide, twice if it is in base64 twice.
    left = shown.removeprefix("moved to /login?next=<").removesuffix(">&x=1 100%").replace(MARK, "")
    assert len(left) <= (16 if "base64" in ways else 0)


@pytest.mark.parametrize("ways", [(), ("url",), ("url", "url"), ("html",), ("json",), ("unicode",)], ids="+".join)
@pytest.mark.parametrize("kept", range(3, len(TOKEN)))
def test_a_cut_leaves_no_few_letters_however_it_is_escaped(kept: int, ways: tuple[str, ...]) -> None:
    hide(TOKEN)
    said = escaped(TOKEN[:kept], *ways)
    before = "moved to /login?next="
    for unfinished in ("", "%", "%2", "%25", "&am", "\\u00"):
        assert redacted(f"{before}{said}{unfinished}", cut=True) == f"{before}{MARK}"
    assert redacted(f"{before}{said}", cut=False).startswith(before)


def test_what_is_escaped_and_no_secret_stays() -> None:
    hide(TOKEN)
    text = "100% of a%20b &amp; c\\n \\u0041 %E3%81 &nosuch; \\ud800 &#x110000; &#55555555;"
    assert redacted(text) == text


def test_json_stays_json_whatever_the_secret_is() -> None:
    hide("nsecret")
    document = {"line": "one\nsecret", "nsecret": ["nsecret", 1]}
    assert json.loads(json_text(document)) == {"line": "one\nsecret", MARK: [MARK, 1]}


def test_many_escapes_are_read_quickly() -> None:
    hide(TOKEN)
    text = "%2525&amp;amp;\\\\u0041" * 400
    began = time.thread_time()
    assert redacted(text) == text
    assert time.thread_time() - began < 0.25
