"""Who gets in, and what a hand-made message can ask for."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artisan_tui.web.board_process import environment
from artisan_tui.web.gate import Gate, from_own_page
from artisan_tui.web.page import page_of
from artisan_tui.web.wishes import LARGEST, SMALLEST, Pace, Pinged, Resized, Typed, window_of, wish_of


def test_only_the_token_and_the_cookie_open_the_gate() -> None:
    gate, other = Gate(8717), Gate(8717)
    assert gate.token != other.token
    assert len(gate.token) >= 43  # 256 bits
    assert gate.knows_token(gate.token)
    for wrong in (None, "", gate.token[:-1], gate.token + "x", other.token, gate.cookie, "é\ud800"):
        assert not gate.knows_token(wrong)
    assert gate.knows_cookie({gate.cookie_name: gate.cookie})
    assert not gate.knows_cookie({})
    assert not gate.knows_cookie({gate.cookie_name: gate.token})
    assert gate.cookie_name != Gate(8718).cookie_name


@pytest.mark.parametrize(
    ("origin", "host", "own"),
    [
        ("http://127.0.0.1:8717", "127.0.0.1:8717", True),
        ("http://localhost:9000", "localhost:9000", True),
        ("https://board.example", "board.example", True),
        ("http://board.example", "board.example:80", True),
        ("http://[::1]:8717", "[::1]:8717", True),
        (None, "127.0.0.1:8717", True),  # no browser
        ("http://localhost:3000", "localhost:8717", False),  # another page of this machine: cookies know no port
        ("http://evil.example", "127.0.0.1:8717", False),
        ("http://127.0.0.1:8717.evil.example", "127.0.0.1:8717", False),
        ("null", "127.0.0.1:8717", False),
        ("file://", "127.0.0.1:8717", False),
        ("http://127.0.0.1:x", "127.0.0.1:8717", False),
        ("", "", False),
        ("http://127.0.0.1:8717", "[", False),
        ("http://127.0.0.1:8717", "[::1", False),
        ("http://127.0.0.1:8717", "127.0.0.1:x", False),
        ("http://127.0.0.1:8717", "127.0.0.1]:8717", False),
        ("http://[", "127.0.0.1:8717", False),
        ("http://127.0.0.1:8717", "\u2100.example", False),
    ],
)
def test_a_websocket_of_another_page_is_known(origin: str | None, host: str, own: bool) -> None:
    assert from_own_page(origin, host) is own


@pytest.mark.parametrize(
    ("message", "wish"),
    [
        (["stdin", "j"], Typed(b"j", 1)),
        (["stdin", "\x1b[A\x1b[Bq"], Typed(b"\x1b[A\x1b[Bq", 3)),
        (["stdin", "\x1b[200~" + "x" * 4096 + "\x1b[201~"], Typed(b"\x1b[200~" + b"x" * 4096 + b"\x1b[201~", 17)),
        (["stdin", "\ud800"], Typed(b"?", 1)),
        (["resize", {"width": 120, "height": 40}], Resized(120, 40)),
        (["resize", {"width": 10**9, "height": -3}], Resized(LARGEST[0], SMALLEST[1])),
        (["ping", "1"], Pinged()),
        (["stdin", "j" * 501], None),
        (["stdin", "\x1b[200~" + "x" * 20_000], None),
        (["stdin", 7], None),
        (["stdin"], None),
        (["resize", {"width": True, "height": 1.5}], None),
        (["resize", [1, 2]], None),
        (["quit"], None),
        (["exit", {}], None),
        (["deliver_chunk_request", {"key": "x", "size": 1}], None),
        ({"type": "resize"}, None),
        ([], None),
        ([["stdin"], "x"], None),
    ],
)
def test_a_message_asks_for_keys_and_sizes_only(message: object, wish: object) -> None:
    assert wish_of(json.dumps(message)) == wish


@given(st.text() | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps))
def test_no_message_is_an_error(text: str) -> None:
    wish_of(text)


def test_deeply_nested_json_is_no_error() -> None:
    assert wish_of("[" * 60_000) is None


def test_the_size_in_an_address_is_bounded() -> None:
    assert window_of("120", "40") == Resized(120, 40)
    assert window_of("999999", "0") == Resized(LARGEST[0], SMALLEST[1])
    assert window_of("80;reboot", "24") is None
    assert window_of("٣", "24") is None


def test_a_flood_has_to_wait() -> None:
    now = [0.0]
    pace = Pace(10, 20, lambda: now[0])
    assert pace.take(20) == 0
    assert pace.take(5) == pytest.approx(0.5)
    now[0] = 100
    assert pace.take(20) == 0
    assert pace.take(10) == pytest.approx(1)


def test_a_board_sees_nothing_of_the_terminal_of_its_server() -> None:
    found = environment(
        {
            "PATH": "/bin",
            "LANG": "ko_KR.UTF-8",
            "TMUX": "x",
            "SSH_CONNECTION": "x",
            "TEXTUAL_PRESS": "q",
            "NO_COLOR": "1",
        },
        Resized(120, 40),
    )
    assert found == {
        "PATH": "/bin",
        "LANG": "ko_KR.UTF-8",
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "COLUMNS": "120",
        "ROWS": "40",
        "ARTISAN_IN_BROWSER": "1",
    }


def test_the_page_says_which_board_it_is_and_takes_a_name_as_text() -> None:
    html = page_of("production", "<script>alert(1)</script>", read_only=True).html
    assert "<title>PRODUCTION · &lt;script&gt;" in html
    assert "<script>alert" not in html
    assert "https://" not in html
    assert "http://" not in html
