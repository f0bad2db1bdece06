"""The board as a person uses it: real services, a real terminal, real faults."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import threading
from pathlib import Path

import pytest

from support.program import Opener, Runner
from support.servers import until
from support.services import config_text, http_check, service
from support.stopwatch import Stopwatch
from support.terminal import Terminal


def write(home: Path, text: str) -> None:
    (home / "artisan.toml").write_text(text, encoding="utf-8")


def events(home: Path, kind: str = "check.state") -> list[str]:
    with sqlite3.connect(f"file:{home / 'state' / 'artisan.db'}?mode=ro", uri=True) as db:
        return [row[0] for row in db.execute("SELECT body FROM event WHERE kind = ? ORDER BY seq", (kind,))]


def has_begun(home: Path) -> bool:
    """Whether the journal says so: the screen shows checks before the store is open."""
    try:
        return bool(events(home, "session.start"))
    except sqlite3.Error:
        return False


def leave(terminal: Terminal) -> None:
    terminal.press("q")
    assert terminal.wait_exit() == 0
    assert not terminal.left_behind()


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50)])
def test_a_service_goes_down_and_comes_back(home: Path, board_afresh: Opener, size: tuple[int, int]) -> None:
    with service() as one, service() as two:
        write(home, config_text(http_check("one", one.url), http_check("two", two.url)))
        with board_afresh(cols=size[0], rows=size[1]) as terminal:
            terminal.wait_for("2 up")
            terminal.wait_for("all up")
            assert terminal.bells == 0
            one.status = 503
            terminal.wait_for("1 down")
            terminal.wait_for("s.one DOWN: status 503")
            # The service says why, and below it stands the check that fails; the one that is up does not.
            terminal.wait_for(lambda: re.match(r"✖ s +DOWN +\S+ status 503", terminal.row(2)) is not None)
            terminal.wait_for(lambda: re.match(r"  ✖ one +DOWN +\S+ status 503", terminal.row(3)) is not None)
            assert not re.search(r"^ *\S two ", terminal.screen_text(), re.MULTILINE)
            one.status = 200
            terminal.wait_for("2 up")
            assert terminal.bells == 1
            leave(terminal)
    assert [('"to":"down"' in body, '"to":"up"' in body) for body in events(home)] == [(True, False), (False, True)]


def test_kill_nine_loses_nothing_that_was_written(home: Path, board: Opener, run: Runner) -> None:
    with service() as one:
        write(home, config_text(http_check("one", one.url)))
        with board() as terminal:
            terminal.wait_for("1 up")
            one.status = 500
            terminal.wait_for("s.one DOWN")
            terminal.kill(signal.SIGKILL)
            terminal.wait_exit()
        assert len(events(home)) == 1
        # At once: after a few seconds more nobody could say that it is still the same outage.
        with board() as terminal:
            # The outage that was known is known still: the same line, no second one, no second bell.
            terminal.wait_for("1 down")
            terminal.wait_for("live")
            leave(terminal)
            assert terminal.bells == 0
        assert len(events(home)) == 1
    verified = run("audit", "verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_signals_end_it_within_a_second_with_the_terminal_restored(home: Path, board: Opener, number: int) -> None:
    with service() as one:
        write(home, config_text(http_check("one", one.url)))
        with board() as terminal:
            terminal.wait_for("1 up")
            until(lambda: has_begun(home))
            clock = Stopwatch()
            terminal.kill(number)
            assert terminal.wait_exit() == 128 + number
            assert clock.seconds < 1.5
            assert not terminal.left_behind()
    assert len(events(home, "session.stop")) == 1


@pytest.mark.parametrize("ignored", [False, True])
def test_a_closed_terminal_ends_it_without_spinning(home: Path, board: Opener, ignored: bool) -> None:
    with service() as one:
        write(home, config_text(http_check("one", one.url)))
        before = signal.signal(signal.SIGHUP, signal.SIG_IGN) if ignored else None
        try:
            terminal = board()
        finally:
            if before is not None:
                signal.signal(signal.SIGHUP, before)
        with terminal:
            terminal.wait_for("1 up")
            until(lambda: has_begun(home))
            clock = Stopwatch()
            terminal.hang_up()
            terminal.wait_exit(5)
            assert clock.seconds < 2
    assert len(events(home, "session.stop")) == 1


def test_stopped_and_continued_it_says_so_and_is_right_again(home: Path, board: Opener, run: Runner) -> None:
    with service() as one:
        write(home, config_text(http_check("one", one.url)))
        with board() as terminal:
            terminal.wait_for("1 up")
            terminal.kill(signal.SIGSTOP)
            # The one wait that must be real time: standing still is what is tested.
            threading.Event().wait(12.5)
            one.status = 503
            terminal.kill(signal.SIGCONT)
            terminal.wait_for("suspended for")
            terminal.wait_for("1 down")
            leave(terminal)
    assert run("audit", "verify").returncode == 0


def test_a_broken_edit_keeps_the_old_configuration_and_says_so(home: Path, board: Opener) -> None:
    with service() as one:
        good = config_text(http_check("one", one.url))
        write(home, good)
        with board() as terminal:
            terminal.wait_for("1 up")
            write(home, good.replace("every", "intervall"))
            terminal.wait_for("did you mean")
            terminal.wait_for("1 up")
            write(
                home,
                good
                + config_text(http_check("two", one.url))
                .partition("[[service]]")[2]
                .partition("\n")[2]
                .partition("\n")[2],
            )
            terminal.wait_for("2 up")
            terminal.wait_gone("did you mean")
            leave(terminal)
    assert len(events(home, "config.refused")) == 1
    assert len(events(home, "config.loaded")) == 1


def test_filter_detail_help_palette_and_note(home: Path, board: Opener) -> None:
    with service() as one, service(status=404) as two:
        write(home, config_text(http_check("one", one.url), http_check("two", two.url, fall=1)))
        with board(cols=100, rows=30) as terminal:
            terminal.wait_for("1 down")
            terminal.send("/one")
            terminal.wait_for("1 of 2 match one")
            terminal.wait_for(lambda: terminal.row(28).strip() == "one")
            terminal.press("enter")
            terminal.wait_for(lambda: not terminal.row(28).strip())
            terminal.press("enter")
            terminal.wait_for("status < 300")
            terminal.press("end")  # below the plot and the days, where there is no failure to explain
            terminal.wait_for("Last response")
            terminal.press("escape")
            terminal.wait_for("Journal")
            terminal.press("escape")
            terminal.wait_gone("match one")
            terminal.send("?")
            terminal.wait_for("All screens")
            terminal.press("escape")
            terminal.wait_gone("All screens")
            terminal.send(":")
            terminal.wait_for("Find a command, a service, a check or an SLO by its name")
            terminal.send("everything")
            terminal.wait_for("Check everything now")
            terminal.press("escape")
            terminal.wait_gone("Check everything now")
            terminal.send("n")
            terminal.wait_for("Write a note")
            terminal.send("교대 메모 handover")
            terminal.press("enter")
            terminal.wait_gone("Write a note")  # else the next key is still the dialog's, whose line has the same words
            terminal.wait_for("교대 메모 handover")
            leave(terminal)
    assert "교대 메모 handover" in events(home, "note")[0]


def test_read_only_changes_nothing(home: Path, board: Opener) -> None:
    with service() as one:
        write(home, config_text(http_check("one", one.url)))
        with board("--read-only") as terminal:
            terminal.wait_for("READ-ONLY")
            terminal.wait_for("1 up")
            terminal.send("n")
            terminal.wait_for("read-only")
            one.status = 503
            terminal.wait_for("s.one DOWN")
            terminal.wait_for("not saved")
            leave(terminal)
    assert not list((home / "state").iterdir())


def test_hostile_text_reaches_no_terminal(home: Path, board: Opener) -> None:
    evil = b'{"status": "\\u001b[31mEVIL\\u001b]0;owned\\u0007 [bold red]markup[/] \\u202eRTL \xea\xb0\x80"}'
    with service(body=evil) as one:
        write(home, config_text(http_check("one", one.url, fall=1, more='expect = ["body.status == healthy"]')))
        with board() as terminal:
            terminal.wait_for("1 down")
            terminal.wait_for("EVIL [bold red]markup")
            terminal.press("enter")
            terminal.wait_for("Last response")
            leave(terminal)
            raw = terminal.raw()
    assert b"\x1b]0;owned" not in raw
    assert b"\x1b[31mEVIL" not in raw


def test_a_korean_board(home: Path, board: Opener) -> None:
    with service() as one:
        text = config_text(http_check("one", one.url)).replace('"Asia/Seoul"', '"Asia/Seoul"\nlanguage = "ko"')
        write(home, text)
        with board(cols=80, rows=24) as terminal:
            terminal.wait_for("정상 1")
            terminal.wait_for("서비스")
            terminal.wait_for("종료")
            one.status = 500
            terminal.wait_for("장애 1")
            leave(terminal)


def test_a_broken_configuration_at_the_start_is_told_and_the_exit_is_2(home: Path, board: Opener) -> None:
    write(home, "[artisan]\nname = 3\n[[service]]\n")
    with board() as terminal:
        assert terminal.wait_exit() == 2
        assert b"artisan.toml:2" in terminal.raw()
        assert not terminal.left_behind()


def test_full_disk_is_said_and_recovers(home: Path, board: Opener) -> None:
    """The store's folder becomes unwritable under the running board (as root: a file limit does it)."""
    with service() as one:
        write(home, config_text(http_check("one", one.url)))
        with board() as terminal:
            terminal.wait_for("1 up")
            with sqlite3.connect(home / "state" / "artisan.db", isolation_level=None) as blocker:
                blocker.execute("BEGIN IMMEDIATE")
                one.status = 503
                terminal.wait_for("1 down")
                terminal.wait_for("NOT SAVED", 20)
                terminal.wait_for("not saved")
                blocker.execute("ROLLBACK")
            terminal.wait_gone("NOT SAVED", 20)
            leave(terminal)
    assert len(events(home)) == 1


def test_the_store_belongs_to_its_owner_alone(home: Path, board: Opener) -> None:
    with service() as one:
        write(home, config_text(http_check("one", one.url)))
        with board() as terminal:
            terminal.wait_for("only session entries so far: J shows them")
            until(lambda: has_begun(home))
            modes = {p.name: oct(os.stat(p).st_mode & 0o777) for p in (home / "state").iterdir()}
            leave(terminal)
    assert modes
    assert set(modes.values()) == {"0o600"}
