"""The stream of a terminal, split into keys and pastes: nothing lost, nothing out of order, nothing waited for in vain."""

from __future__ import annotations

import random

import pytest
from textual import events
from textual._xterm_parser import XTermParser

from artisan_tui.tui.key_decoder import EditingKey, KeyDecoder

BEGIN, END = "\x1b[200~", "\x1b[201~"


class Clock:
    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def said(*pieces: str, clock: Clock | None = None) -> list[str]:
    """What the pieces mean, read one after the other, and then nothing more: keys by name, pastes as they are."""
    decoder = KeyDecoder(XTermParser(), 0.015, clock or Clock())
    found = []
    for piece in pieces:
        found += list(decoder.feed(piece))
    assert (decoder.patience is None) == (not decoder._held and decoder._paste is None)
    if decoder.patience is not None:
        found += list(decoder.expired())
    assert decoder.patience is None
    out = []
    for each in found:
        if isinstance(each, EditingKey):
            out.append(f"alt+{each.then.key}")
        elif isinstance(each, events.Key):
            out.append(each.key)
        elif isinstance(each, events.Paste):
            out.append(f"<{each.text}>")
        else:
            out.append(type(each).__name__)
    return out


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("\x1b", ["escape"]),
        ("\x1bj", ["escape", "j"]),
        ("\x1bJ", ["escape", "J"]),
        ("\x1b1", ["escape", "1"]),
        ("\x1b?", ["escape", "question_mark"]),
        ("\x1b\r", ["escape", "enter"]),
        ("\x1b\t", ["escape", "tab"]),
        ("\x1b\x1b", ["escape", "escape"]),
        ("\x1b\x1b\x1bq", ["escape", "escape", "escape", "q"]),
        ("\x1b\x1b[A", ["escape", "up"]),
        ("\x1b\x03", ["escape", "ctrl+c"]),
        ("\x1bO", ["escape", "O"]),
        ("\x1bOk", ["escape", "O", "k"]),
        ("\x1bP", ["escape", "P"]),
        ("\x1bP\r", ["escape", "P", "enter"]),
        ("\x1b[", ["escape", "left_square_bracket"]),
        ("\x1b[\x1b", ["escape", "left_square_bracket", "escape"]),
        ("\x1b[\r", ["escape", "left_square_bracket", "enter"]),
        ("\x1b]", ["escape", "right_square_bracket"]),
        ("j\x1bk", ["j", "escape", "k"]),
        ("\x1b한", ["escape", "한"]),
        ("\x1bb", ["alt+b"]),
        ("\x1bf", ["alt+f"]),
        ("\x1b\x7f", ["alt+backspace"]),
    ],
)  # fmt: skip
def test_d1_esc_and_a_key_in_one_packet_are_both_heard(text: str, keys: list[str]) -> None:
    assert said(text) == keys
    if text != "\x1bb":
        assert said(*text) == keys


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("\x1b[A", ["up"]),
        ("\x1bOA", ["up"]),
        ("\x1bOP", ["f1"]),
        ("\x1b[[A", ["f1"]),
        ("\x1b[15~", ["f5"]),
        ("\x1b[Z", ["shift+tab"]),
        ("\x1b[1;5C", ["ctrl+right"]),
        ("\x1b[27u", ["escape"]),
        ("\x1b[I\x1b[O", ["AppFocus", "AppBlur"]),
        ("\x1b[<0;5;4M\x1b[<0;5;4m", ["MouseDown", "MouseUp"]),
        ("\x1b[M !!", []),
        ("\x1b[?2026;2$y", ["TerminalSupportsSynchronizedOutput"]),
        ("\x1b]11;rgb:0000/0000/0000\x07", []),
        ("\x1bP>|xterm(390)\x1b\\", []),
        ("\x1b[?62;4c", []),
        ("\x1b[99;99;99;99x", []),
    ],
)  # fmt: skip
def test_d1_a_sequence_is_one_thing_and_the_keys_behind_it_are_heard(text: str, keys: list[str]) -> None:
    for split in range(len(text)):
        pieces = (text[:split], text[split:] + "j") if split else (text + "j",)
        assert said(*pieces) == [*keys, "j"], pieces


def test_nothing_that_is_held_back_is_no_key() -> None:
    """Reading ends when the terminal is handed back, also after a SIGSTOP: nobody pressed Esc."""
    decoder = KeyDecoder(XTermParser(), 0.015, Clock())
    assert list(decoder.expired()) == []
    assert [type(each).__name__ for each in decoder.feed("j")] == ["Key"]
    assert list(decoder.expired()) == []


def test_d1_a_sequence_that_is_cut_off_does_not_take_the_next_one_with_it() -> None:
    assert said("\x1b[12;3\x1b[A") == ["up"]
    assert said("\x1b[12;3") == []


@pytest.mark.parametrize(
    ("inside", "text"),
    [
        ("pod restarted", "pod restarted"),
        ("one\r\ntwo\r\nthree\n", "one\r\ntwo\r\nthree\n"),
        ("red \x1b[31malert\x1b[0m, then\r rm -rf", "red \x1b[31malert\x1b[0m, then\r rm -rf"),
        ("a\x1bb\x1b", "a\x1bb\x1b"),
        ("a\x1b[", "a\x1b["),
        (f"safe{END}\rq", "safe\rq"),
        (f"safe{END}\rq{BEGIN}more", "safe\rqmore"),
        ("nul\0nul", "nulnul"),
        ("", ""),
    ],
)  # fmt: skip
def test_d1_a_paste_is_one_paste_whatever_it_holds_and_wherever_it_is_cut(inside: str, text: str) -> None:
    whole = f"x{BEGIN}{inside}{END}j"
    assert said(whole) == ["x", f"<{text}>", "j"]
    if END in inside:
        return
    for split in range(1, len(whole)):
        assert said(whole[:split], whole[split:]) == ["x", f"<{text}>", "j"], split
    assert said(*whole) == ["x", f"<{text}>", "j"]


def test_d1_a_paste_that_is_never_ended_ends_after_a_while_and_is_no_burden() -> None:
    assert said(f"{BEGIN}half of it\r") == ["<half of it\r>"]
    (paste,) = said(f"{BEGIN}{'x' * 200_000}", "y" * 200_000, END)
    assert len(paste) == 65_536 + 2


@pytest.mark.parametrize(
    "text", ["line one\rline two", "line one\nline two\n", "first line\r\nsecond line\r\n", "a note\r\r\rrm -rf /\r"]
)
def test_d1_lines_that_come_in_one_piece_are_a_paste_also_where_the_terminal_does_not_say_so(text: str) -> None:
    assert said(text) == [f"<{text}>"]


def test_d1_the_rest_of_such_a_paste_is_not_typed_either() -> None:
    clock = Clock()
    assert said("line one\rline two", " and its rest\r", clock=clock) == ["<line one\rline two>", "< and its rest\r>"]
    decoder = KeyDecoder(XTermParser(), 0.015, clock)
    assert len(list(decoder.feed("line one\rline two"))) == 1
    clock.seconds += 0.2
    assert [key.key for key in decoder.feed("q") if isinstance(key, events.Key)] == ["q"]


@pytest.mark.parametrize("text", ["nswapped\r", "/qwen\rj", "reason\r30m\r", "jjjj\r", "yes\rjjkk"])
def test_d1_what_is_typed_ahead_over_a_slow_link_is_typed(text: str) -> None:
    names = {"\r": "enter", "/": "slash"}
    assert said(text) == [names.get(char, char) for char in text]


def test_d1_any_bytes_in_any_pieces_never_raise_and_are_never_held_for_ever() -> None:
    dice = random.Random(4)
    pieces = [BEGIN, END, "\x1b", "\x1b[", "\x1bO", "[", "O", "M", "<", ";", "1", "~", "u", "\r", "\n", "\0", "q", "한", "\x7f", "\x9b", "\x1b]", "\x07", "\udcff"]  # fmt: skip
    for _ in range(3000):
        said(*("".join(dice.choices(pieces, k=dice.randint(1, 6))) for _ in range(dice.randint(1, 5))))
