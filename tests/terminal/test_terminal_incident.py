"""A Sev1 from the declaration to the closed incident and its postmortem, at 80x24, by keyboard alone, with the real program."""

from __future__ import annotations

import contextlib
import json
import re
import sqlite3
from pathlib import Path

from artisan_tui.i18n import _, spoken_in
from support.program import Opener
from support.services import Service
from support.terminal import Terminal


def said(tmp_path: Path) -> list[tuple[str, dict[str, object]]]:
    """(kind, body) of what persons did about incidents, as the journal has it."""
    path = tmp_path / "state" / "artisan.db"
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as raw:
        rows = raw.execute(
            "SELECT kind, body FROM event WHERE kind LIKE 'incident.%' AND actor != 'artisan' ORDER BY seq"
        ).fetchall()
    return [(kind, json.loads(body)) for kind, body in rows]


def fill(terminal: Terminal, *lines: str) -> None:
    """Type each line of a form; Enter goes on, the last one carries it out. Several lines at once would be a paste."""
    for line in lines:
        if line:
            terminal.send(line)
            terminal.wait_for(line)
        terminal.send("\r")


def test_a_sev1_is_declared_worked_on_and_closed_by_keyboard_alone(
    board: Opener, watched: Service, tmp_path: Path
) -> None:
    with board() as terminal:
        terminal.wait_for("all up", 20)
        terminal.send("D")
        terminal.wait_for("Declare an incident")
        fill(terminal, "API answers 503", "sev1", "every request fails", "one")
        terminal.wait_for("1 not acknowledged")  # on the board, above the services
        terminal.wait_for("inc 1, 1 not acked")
        terminal.send("a")
        terminal.wait_gone("not acknowledged")
        terminal.send("3")
        terminal.wait_for("Sev1 acknowledged")
        terminal.send("\r")
        terminal.wait_for("next: i tells others")
        terminal.send("i")
        terminal.wait_for("Incident started: API answers 503")
        terminal.send("w")
        terminal.wait_for("Record a communication")
        fill(terminal, "#ops")
        terminal.send("\r")  # through no channel
        terminal.wait_gone("Record a communication")
        terminal.send("\x1b")
        terminal.wait_for("next: s sets the status")
        terminal.send("n")
        terminal.wait_for("Write a note into the incident")
        fill(terminal, "모델 서버를 재시작합니다")
        terminal.wait_for("모델 서버를 재시작합니다")
        terminal.wait_gone("Enter: next field")
        terminal.send(" \x1b[B ")  # to the checklists, one down, ticked
        terminal.wait_for("First 15 minutes 3/4")
        terminal.send("x")
        terminal.wait_for("say what resolved it")
        fill(terminal, "restarted")
        terminal.wait_for("next: u names the root cause")
        terminal.send("u")
        terminal.wait_for("which closing needs")
        fill(terminal, "a leak")
        terminal.wait_for("gives the postmortem an owner")
        terminal.send("S")
        terminal.wait_for("Change the postmortem")
        fill(terminal, "", "kim", "", "", "")
        terminal.wait_for("next: X closes")
        terminal.send("X")
        terminal.wait_for("Remark (may stay empty)")
        fill(terminal, "")
        terminal.wait_for("next: d shows the postmortem draft")
        terminal.send("d")
        terminal.wait_for("# Postmortem: API answers 503")
        terminal.press("ctrl+c")
        assert terminal.wait_exit() == 0, terminal.screen_text()
        assert not terminal.left_behind()
        assert b"Traceback" not in terminal.raw()
    kinds = [kind.removeprefix("incident.") for kind, _body in said(tmp_path)]
    assert kinds == [
        "declared", "acknowledged", "informed", "noted", "checked", "resolved", "postmortem", "root-cause", "postmortem",
        "closed",
    ]  # fmt: skip
    bodies = dict(said(tmp_path))
    assert bodies["incident.noted"]["text"] == "모델 서버를 재시작합니다"
    assert bodies["incident.informed"]["audience"] == "#ops"
    assert bodies["incident.postmortem"]["owner"] == "kim"


#: English of ours that may stand on a Korean screen: ids, keys, and what is typed.
ENGLISH = re.compile(
    r"\b(?:the|is|of|to|who|why|began|lasted|owner|times|nobody|rollback|may|stay|declared|resolved|closed|sent|down)\b"
)


def test_a_sev1_is_carried_in_korean_from_its_declaration_to_its_end(
    board: Opener, watched: Service, tmp_path: Path
) -> None:
    def ko(text: str) -> str:
        with spoken_in("ko"):
            return _(text)

    with board(env={"LANG": "ko_KR.UTF-8", "LC_ALL": None, "LANGUAGE": None}) as terminal:

        def reached(what: str) -> None:
            terminal.wait_for(what)
            left = [line for line in terminal.screen_text().splitlines() if ENGLISH.search(line)]
            assert left == [], (what, left)

        terminal.wait_for("실시간", 20)
        terminal.send("D")
        reached(ko("Declare an incident: whoever is on call is paged at once"))
        fill(terminal, "API가 503을 돌려줍니다", "sev1", "모든 요청 실패", "one")
        reached("미확인 1")
        terminal.send("a")
        terminal.wait_gone("미확인")
        terminal.send("3")
        reached("Sev1 확인됨")
        terminal.send("\r")
        reached(ko("Timeline"))
        terminal.send("s")
        reached(ko("Set the status"))
        fill(terminal, "", "로그를 봅니다")
        terminal.wait_gone(ko("Move the incident on, or write an update in the same status"))
        terminal.send("n")
        reached(ko("Write a note into the incident's timeline"))
        fill(terminal, "재시작합니다")
        terminal.wait_gone(ko("Write a note into the incident's timeline"))
        terminal.send("x")
        reached(ko("It is over for its users: say what resolved it"))
        fill(terminal, "재시작함")
        terminal.wait_gone(ko("It is over for its users: say what resolved it"))
        terminal.send("u")
        reached(ko("Set the root cause"))
        fill(terminal, "메모리 누수")
        terminal.wait_for(re.compile("S .*포스트모템"))
        terminal.send("S")
        reached(ko("Change the postmortem"))
        fill(terminal, "", "kim", "", "", "")
        terminal.wait_for("다음: X")
        terminal.send("X")
        reached(ko("Remark"))
        fill(terminal, "")
        terminal.wait_for("다음: d")
        reached("종료됨")
        terminal.send("d")
        reached(ko("Postmortem"))
        terminal.press("ctrl+c")
        assert terminal.wait_exit() == 0, terminal.screen_text()
        assert b"Traceback" not in terminal.raw()
    kinds = [kind.removeprefix("incident.") for kind, _body in said(tmp_path)]
    assert (kinds[0], kinds[-1]) == ("declared", "closed")
