"""Korean: complete, current, and on the screen at once when the configuration says so."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from rich.cells import cell_len

from artisan_tui import i18n
from artisan_tui.domain.state import State
from artisan_tui.engine.access import Session
from artisan_tui.engine.checks.slice import CheckView
from artisan_tui.engine.commands import COMMANDS
from artisan_tui.i18n import use_language
from artisan_tui.reports.checks.words import state_word
from artisan_tui.tui.app import ArtisanApp
from artisan_tui.tui.board.journal import JournalPane
from artisan_tui.tui.checks.detail import Detail
from artisan_tui.tui.checks.services import Services
from artisan_tui.tui.keyboard import actions_for
from artisan_tui.tui.kit.bars import KeyBar, Title, keybar_runs
from artisan_tui.tui.kit.header import Header
from artisan_tui.tui.registry import registry_of, wing_places
from support.screens import drawn, settled, show, visible
from support.snapshots import (
    DEMO,
    FAULTS,
    OPERATOR,
    READ_ONLY,
    FakeHost,
    check,
    check_samples,
    happenings,
    make_app,
    newer,
    scene,
    session_status,
    snapshot,
)

SOURCES = Path(i18n.__file__).parent
REGISTRY = registry_of(wing_places())
KOREAN = i18n.LOCALES / "ko" / "LC_MESSAGES" / "artisan_tui.po"
HANGUL = re.compile("[가-힣]")
#: Names, abbreviations and placeholders only: the same in both languages.
SAME = {
    "DNS",
    "TLS",
    "{rotation}: {person}, {span}",
    "{outgoing} → {incoming}",
    "{state} {n}",
    "{check} {to}: {why}",
    "{title}: {choices}",
    "{time} {who}",
    "{sender}: {text}",
}


@pytest.fixture(scope="module")
def korean() -> Catalog:
    with KOREAN.open("rb") as file:
        return read_po(file, locale="ko")


def extracted() -> Iterator[str | tuple[str, ...]]:
    keywords = {**DEFAULT_KEYWORDS, "_": None, "N_": None, "ngettext": (1, 2)}
    # As `make messages` does: also what stands inside of an f-string.
    ways = extract_from_dir(str(SOURCES), [("**.py", "bench.messages:extract")], keywords=keywords)
    for _file, _line, message, _comments, _context in ways:
        yield message


def placeholders(text: str) -> list[str]:
    return sorted(name for _text, name, _spec, _conversion in string.Formatter().parse(text) if name is not None)


# -- the catalogue ----------------------------------------------------------------


def test_there_is_something_to_translate() -> None:
    found = {message if isinstance(message, str) else message[0] for message in extracted()}
    assert {"Services", "check now", "Write a note", "all up", "{n}/{of} failing", "timeout"} <= found
    assert {"Began", "nothing was found"} <= found, "what is marked inside of an f-string"


def test_every_message_is_said_in_korean_with_the_same_places(korean: Catalog) -> None:
    missing, wrong, english = [], [], []
    for message in extracted():
        entry = korean.get(message if isinstance(message, str) else message[0])
        said = entry.string if entry else ""
        texts = list(said) if isinstance(said, list | tuple) else [said]
        originals = [message] if isinstance(message, str) else list(message)
        if not entry or not all(texts) or entry.fuzzy:
            missing.append(message)
            continue
        wrong += [(message, text) for text in texts if placeholders(text) != placeholders(originals[-1])]
        english += [text for text in texts if not HANGUL.search(text) and text not in SAME]
    assert missing == [], "run `make messages` and translate"
    assert wrong == []
    assert english == []


def test_the_catalogue_holds_nothing_that_is_no_longer_said(korean: Catalog) -> None:
    found = {message if isinstance(message, str) else message[0] for message in extracted()}
    held = {entry.id if isinstance(entry.id, str) else entry.id[0] for entry in korean if entry.id}
    assert held - found == set()


def test_the_compiled_catalogue_is_the_written_one(korean: Catalog) -> None:
    compiled = read_mo(BytesIO(KOREAN.with_suffix(".mo").read_bytes()))

    def held(catalogue: Catalog) -> dict[object, object]:
        return {
            (each.id if isinstance(each.id, str) else tuple(each.id)): [each.string]
            if isinstance(each.string, str)
            else list(each.string)
            for each in catalogue
            if each.id
        }

    assert held(compiled) == held(korean), "run `make messages`"


def test_leading_and_trailing_blanks_survive(korean: Catalog) -> None:
    """Pieces that are put together need the blanks between them."""
    for entry in korean:
        if entry.id and isinstance(entry.id, str):
            assert entry.id.startswith(" ") == str(entry.string).startswith(" "), entry.id


def test_every_declared_word_changes_with_the_language() -> None:
    use_language("ko")
    for action in REGISTRY.actions:
        for text in filter(None, (action.title, action.help, action.hint)):
            assert HANGUL.search(i18n._(text)), text
    for command in COMMANDS.values():
        assert HANGUL.search(i18n._(command.title))
        assert HANGUL.search(i18n._(command.help))
        for parameter in command.parameters:
            assert HANGUL.search(i18n._(parameter.title))
    for state in State:
        assert HANGUL.search(state_word(state))


# -- the screen ----------------------------------------------------------------------


def english_on(app: ArtisanApp) -> set[str]:
    """Words of our own that are still English on the screen."""
    ours = {"up", "down", "degraded", "unknown", "stale", "maintenance", "services", "journal", "note", "open", "filter",
            "command", "help", "quit", "back", "live", "starting", "opened", "conditions", "latency", "target", "every",
            "schedule", "changes", "response", "last", "since", "keys", "here", "everywhere", "signs", "enter"}  # fmt: skip
    words = set(re.findall(r"[a-z]+", " ".join(visible(app)).lower()))
    return words & ours


def told() -> tuple[CheckView, ...]:
    """Checks whose own data has no English word of ours in it."""
    return tuple(
        check(f"x{n}.y", state, detail="", target="http://127.0.0.1/", kind="http", stale=n == 5)
        for n, state in enumerate((*State, State.UP))
    )


async def test_the_language_changes_while_it_runs_and_everything_follows() -> None:
    app = make_app(DEMO)
    async with app.run_test(size=(140, 40)) as pilot:
        before = await show(pilot, snapshot(told(), happenings()[4:], faults=FAULTS))
        assert english_on(app) >= {"up", "down", "services", "journal", "note", "filter", "help", "live"}
        await show(pilot, newer(before, session_status=session_status(language="ko")))
        await pilot.pause()
        # The names of keys stay: they stand on the keyboard.
        assert english_on(app) == {"enter"}
        assert "서비스" in drawn(app.query_one("#services-title", Title))[0]
        assert "저널" in drawn(app.query_one("#journal-title", Title))[0]
        assert "실시간" in drawn(app.query_one(Header))[0]
        assert "도움말" in drawn(app.query_one(KeyBar))[0]
        assert "장애" in drawn(app.query_one(Services))[0]
        assert "정상 복귀" in drawn(app.query_one(JournalPane))[0]
        await show(pilot, newer(before, session_status=session_status(language="en")))
        await pilot.pause()
        assert not HANGUL.search("\n".join(visible(app)))


async def test_every_other_screen_is_korean_too() -> None:
    app = make_app(DEMO, host=FakeHost(DEMO, samples=check_samples("x2.y")))
    async with app.run_test(size=(140, 90)) as pilot:
        before = await show(pilot, snapshot(told(), (), faults=FAULTS))
        await pilot.press("enter")
        await settled(pilot)
        assert "since" in drawn(app.screen.query_one(Detail))[0]
        # The language changes while the check is open, and while it lies on the board.
        await show(pilot, newer(before, session_status=session_status(language="ko")))
        await pilot.pause()
        assert english_on(app) == set()
        title = drawn(app.screen.query_one("#check-title", Title))[0]
        assert title.startswith(" x2.y ─")  # and not the catalogue's header, which is what "" translates to
        await pilot.press("question_mark")
        await pilot.pause()
        assert english_on(app) == {"up", "down"}  # what stands on the keys
        await pilot.press("escape", "n")
        await pilot.pause()
        assert "메모 남기기" in "\n".join(visible(app))
        await pilot.press("escape", "colon")
        for _ in range(100):
            await pilot.pause()
            if "종료" in "\n".join(visible(app)):
                break
        assert "명령, 서비스, 체크, SLO를 이름으로 찾기" in "\n".join(visible(app))
        assert english_on(app) - {"enter"} == set()
        await pilot.press("escape", "escape")
        await pilot.pause()
        assert english_on(app) == {"enter"}


async def test_a_refusal_comes_in_the_language_of_the_person() -> None:
    app = make_app(READ_ONLY)
    async with app.run_test(size=(120, 40)) as pilot:
        await show(pilot, snapshot(scene(), session_status=session_status(language="ko", read_only=True)))
        await pilot.press("n")
        await settled(pilot)
        assert [n.message for n in app._notifications] == [
            "읽기 전용 세션에서는 '메모 남기기' 명령을 실행할 수 없습니다"
        ]


async def test_a_dialog_under_which_the_language_changes_leaves_a_right_board() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        before = await show(pilot, snapshot(scene()))
        await pilot.press("question_mark")
        await show(pilot, newer(before, session_status=session_status(language="ko")))
        await pilot.press("escape")
        await pilot.pause()
        bar = drawn(app.query_one(KeyBar))[0]
        assert "esc" not in bar  # there is nowhere to go back to from the board
        assert "? 도움말" in bar


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("session", [OPERATOR, READ_ONLY, DEMO], ids=["operator", "read-only", "demo"])
@pytest.mark.parametrize("width", [60, 80, 100, 120, 270])
def test_hints_are_whole_or_not_there(language: str, session: Session, width: int) -> None:
    use_language(language)
    for place in ("board", "check"):
        actions = [a for a in actions_for(REGISTRY, session) if a.belongs_to(place) and a.hint]
        runs = keybar_runs(actions, width)
        text = "".join(part for part, _role in runs)
        assert cell_len(text) <= width
        shown = [a for a in actions if f" {a.shown_key or a.key} {i18n._(a.hint)} " in text]
        assert text == "".join(f" {a.shown_key} {i18n._(a.hint)} " for a in sorted(shown, key=lambda a: -a.rank))
        # What goes first is what is needed least; help and quit never do.
        assert {a.rank for a in shown} == set(sorted(a.rank for a in actions)[: len(shown)])
        assert {"view.help", "view.quit"} <= {a.id for a in shown}
        if width >= 270:
            assert len(shown) == len(actions)


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("width", [60, 80, 100, 120, 200])
async def test_hints_on_the_screen_are_not_cut(language: str, width: int) -> None:
    app = make_app(DEMO)
    async with app.run_test(size=(width, 24)) as pilot:
        await show(pilot, snapshot(scene(), faults=FAULTS, session_status=session_status(language=language)))
        bar = drawn(app.query_one(KeyBar))[0]
        assert bar.endswith("? " + i18n._("help"))
        assert bar.strip() in visible(app)[-1]
