"""Text in cells: never one too many, never half a letter, and a difference is exactly what differs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from artisan_tui.domain.text.printable import printable
from artisan_tui.tui.cells import differing, fit, to_strip, widest, wrapped

#: What outside text is made of once `printable` has had it, the awkward parts often.
letters = st.one_of(
    st.sampled_from(list("ab [/]\\")),
    st.sampled_from(list("가나한국어日本ｗ")),
    st.sampled_from(
        ["🚀", "✔", "✖", "…", "·", "█", "❤\ufe0f", "👩🏽", "🇰🇷", "e\u0301", "\u0301", "\u1112\u1161\u11ab"]
    ),
    st.characters(),
)
texts = st.lists(letters, max_size=30).map("".join).map(printable)
STYLES = {
    "": Style(),
    "-plain": Style.parse("#ffffff on #000000"),
    "-bad": Style.parse("bold red"),
    "-cursor": Style.parse("#ffffff on #333333"),
}
runs = st.lists(st.tuples(texts, st.sampled_from(["", "-bad"])), max_size=5)
widths = st.integers(1, 60)


@given(texts, st.integers(-2, 50), st.sampled_from(["left", "right"]))
def test_fit_gives_exactly_the_width(text: str, width: int, align: str) -> None:
    assert cell_len(fit(text, width, align)) == max(0, width)


@given(texts, st.integers(1, 50))
def test_fit_changes_nothing_that_fits_and_marks_what_does_not(text: str, width: int) -> None:
    made = fit(text, width)
    if cell_len(text) <= width:
        assert made == text + " " * (width - cell_len(text))
    else:
        assert "…" in made
        assert text.startswith(made[: made.rindex("…")].rstrip(" ")[:-1])


def test_fit_does_not_cut_a_letter_in_half() -> None:
    assert fit("가나다", 6) == "가나다"
    assert fit("가나다", 5) == "가나…"
    assert fit("가나다", 4) == "가… "
    assert fit("가나다", 1) == "…"
    assert fit("abc", 5, "right") == "  abc"


@given(runs, widths, st.sampled_from(["-plain", "-cursor"]))
def test_a_line_is_exactly_as_wide_as_its_place(line: list[tuple[str, str]], width: int, base: str) -> None:
    strip = to_strip(line, width, STYLES, base)
    assert strip.cell_length == width
    assert sum(cell_len(segment.text) for segment in strip) == width
    assert all(segment.style.bgcolor == STYLES[base].bgcolor for segment in strip)


@given(st.text(max_size=60).map(printable), st.integers(2, 40))
def test_wrapped_lines_fit_and_lose_no_letter(text: str, width: int) -> None:
    lines = wrapped(text, width)
    assert all(cell_len(line) <= width for line in lines)
    if cell_len(text):
        assert "".join("".join(lines).split(" ")) == "".join(text.split(" ")) or any(
            cell_len(c) == 0 for c in text
        )  # a mark with nothing to stand on may go


def test_wrapped_breaks_between_words_where_it_can() -> None:
    assert wrapped("one two three", 7) == ["one two", "three"]
    assert wrapped("abcdefghij", 4) == ["abcd", "efgh", "ij"]
    assert wrapped("가나다라", 5) == ["가나", "다라"]
    assert wrapped("", 5) == [""]


def grid(strip: Strip) -> list[tuple[str, int, Style | None]]:
    """The cells of a line, told letter by letter; slow and plain, to check the quick one."""
    cells: list[tuple[str, int, Style | None]] = []
    for text, style, _control in strip:
        for letter in text:
            size = cell_len(letter)
            if size == 0 and cells:
                before, half, below = cells[-1]
                cells[-1] = (before + letter, half, below)
            cells += [(letter, half, style) for half in range(size)]
    return cells


simple = st.lists(
    st.tuples(
        st.lists(st.sampled_from([*"ab  ", *"가나", "e\u0301", "x\u0323", "🚀"]), max_size=20).map("".join),
        st.sampled_from(["", "-bad"]),
    ),
    max_size=4,
)


@given(simple, simple, st.integers(1, 50))
def test_the_difference_covers_every_changed_cell_and_whole_letters(
    old: list[tuple[str, str]], new: list[tuple[str, str]], width: int
) -> None:
    before, after = to_strip(old, width, STYLES, "-plain"), to_strip(new, width, STYLES, "-plain")
    was, now = grid(before), grid(after)
    changed = {x for x, (a, b) in enumerate(zip(was, now, strict=True)) if a != b}
    spans = differing(before, after)
    covered = {x for start, count in spans for x in range(start, start + count)}
    assert changed <= covered
    for start, count in spans:
        assert start in changed  # nothing is sent for nothing
        assert start + count - 1 in changed
        for side in (was, now):  # and no letter in part
            assert side[start][1] == 0
            assert start + count == width or side[start + count][1] == 0
    # Putting the differing cells of the new line into the old one makes the new one.
    assert [now[x] if x in covered else was[x] for x in range(width)] == now


@given(runs, widths)
def test_a_line_does_not_differ_from_itself(line: list[tuple[str, str]], width: int) -> None:
    strip = to_strip(line, width, STYLES, "-plain")
    assert differing(strip, to_strip(line, width, STYLES, "-plain")) == []
    in_pieces = Strip([Segment(c, s.style) for s in strip for c in s.text])
    if in_pieces.cell_length == width:
        assert differing(strip, in_pieces) in ([], differing(strip, in_pieces))
        if strip.text.isascii():
            assert differing(strip, in_pieces) == []


def line(text: str, style: str = "-plain") -> Strip:
    return Strip([Segment(text, STYLES[style])])


@pytest.mark.parametrize(
    ("old", "new", "spans"),
    [
        ("abcdef", "abcxef", [(3, 1)]),
        ("abcdef", "xbcdex", [(0, 6)]),  # a short gap is cheaper to send than to jump over
        ("a" + "." * 20 + "b", "x" + "." * 20 + "y", [(0, 1), (21, 1)]),
        ("가나다", "가라다", [(2, 2)]),
        ("가" * 10 + "x", "x" + "가" * 10, [(0, 21)]),
        ("e\u0301bcd", "e\u0301bcx", [(3, 1)]),
        ("abcd", "abc", [(0, 4)]),
    ],
)
def test_differences(old: str, new: str, spans: list[tuple[int, int]]) -> None:
    assert differing(line(old), line(new)) == spans


def test_a_change_of_style_alone_is_a_difference() -> None:
    assert differing(line("abc"), line("abc", "-bad")) == [(0, 3)]


def test_letters_and_their_marks_become_one() -> None:
    """Textual cuts between a letter and its mark; what is composed cannot be cut."""
    assert to_strip([("e\u0301 \u1112\u1161\u11ab", "")], 10, STYLES, "-plain").text == "é 한      "


@given(st.lists(texts, max_size=6), st.integers(0, 10), st.integers(10, 40))
def test_widest_stays_between_its_bounds(given_texts: list[str], least: int, most: int) -> None:
    size = widest(given_texts, least, most)
    assert least <= size <= most
    assert size == most or all(cell_len(text) <= size for text in given_texts)
