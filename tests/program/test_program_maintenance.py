"""Maintenance and mutes from the command line: taken up by a board that is open, listed as text and as a document."""

from __future__ import annotations

import json
from pathlib import Path

from support.program import Opener, Runner
from support.services import config_text, http_check, service


def test_a_command_from_the_command_line_reaches_an_open_board(home: Path, run: Runner, board: Opener) -> None:
    with service() as served:
        check = http_check("web", served.url, more='expect = ["status == 200"]\n')
        (home / "artisan.toml").write_text(config_text(check), encoding="utf-8")
        with board(cols=100, rows=30) as open_board:
            open_board.wait_for("1 up", 20)
            done = run("maintenance", "declare", "s", "--for", "1h", "--reason", "새 디스크")
            assert (done.returncode, done.stderr) == (0, "")
            open_board.wait_for("1 maintenance", 3)
            open_board.wait_for("새 디스크", 3)
            served.status = 500
            listed = json.loads(run("maintenance", "list", "--json").stdout)
            (window,) = listed["windows"]
            assert (window["covers"], window["active"], window["declared"]) == (["s"], True, True)
            assert "1 down" not in open_board.screen_text()
            assert run("maintenance", "end", window["id"]).returncode == 0
            open_board.wait_for("1 down", 10)
            assert run("mute", "s.web", "--for", "2h", "--reason", "known").returncode == 0
            open_board.wait_for("muted 2h", 3)
            assert run("unmute", "s.web").returncode == 0
            open_board.wait_gone("muted 2h", 3)


def test_refusals_say_the_mend_and_write_nothing(home: Path, run: Runner) -> None:
    (home / "artisan.toml").write_text(config_text(http_check("web", "http://127.0.0.1:1/")), encoding="utf-8")
    for arguments, code, said in (
        (("mute", "s.nope", "--for", "1h", "--reason", "x"), 2, "no check s.nope"),
        (("mute", "s.web", "--for", "soon", "--reason", "x"), 2, "not a duration"),
        (("mute", "s.web", "--for", "1h", "--reason", " "), 2, "needs reason"),
        (("unmute", "s.web"), 1, "not muted"),
        (("maintenance", "end", "x", "--yes"), 1, "no active declared maintenance window"),
    ):
        done = run(*arguments)
        assert done.returncode == code, arguments
        assert said in done.stderr
    assert run("mute", "s.web").returncode == 2
    assert run("--read-only", "mute", "s.web", "--for", "1h", "--reason", "x").returncode == 1
    assert json.loads(run("maintenance", "list", "--json").stdout) == {"windows": [], "mutes": []}


def test_d11_ending_a_window_is_confirmed_in_production(home: Path, run: Runner) -> None:
    text = config_text(http_check("web", "http://127.0.0.1:1/"))
    (home / "artisan.toml").write_text(text.replace('environment = "staging"', 'environment = "production"'), "utf-8")
    assert 'environment = "production"' in (home / "artisan.toml").read_text("utf-8")
    assert run("maintenance", "declare", "s", "--for", "1h", "--reason", "disks").returncode == 0
    (window,) = json.loads(run("maintenance", "list", "--json").stdout)["windows"]
    asked = run("maintenance", "end", window["id"])
    assert (asked.returncode, "needs to be confirmed — add --yes" in asked.stderr) == (1, True)
    assert len(json.loads(run("maintenance", "list", "--json").stdout)["windows"]) == 1
    assert run("maintenance", "end", window["id"], "--yes").returncode == 0
    assert json.loads(run("maintenance", "list", "--json").stdout)["windows"] == []
    ended = run("audit", "log", "-n", "1").stdout
    assert "ended maintenance of s: disks" in ended
