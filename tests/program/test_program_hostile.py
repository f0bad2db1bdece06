"""One board in front of everything a network can do to it: each row tells its own truth."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import socket
import struct
from collections.abc import Iterator
from pathlib import Path

from support.hostile_program import speaking
from support.program import Opener, Runner
from support.rows import Rows, changes
from support.servers import Talk, http_answer, saying
from support.services import config_text, http_check, service
from support.stopwatch import Stopwatch

FLOOD = 50 * 1024 * 1024
EVIL = (
    "\x1b[2J\x1b[38;5;201mEVIL\x1b]0;owned\x07\x1b]52;c;b3duZWQ=\x07\x1bP1;2|owned\x1b\\"
    "\x9b31m \x1b[?1049l\x1b[5n[bold red]markup[/] \u202eRTL\r\nsecond line\x1b[99;99H"
)


#: What of it would show that a terminal was told something by a body.
TRACES = (b"\x1b[38;5;201m", b"owned", b"b3duZWQ", b"\x1b[5n", b"\x1b[99;99H", b"\xc2\x9b")


class Flood:
    """Sends 50 MB without saying so before; ``most`` is how much a client let it send."""

    most = 0

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n")
        for sent in range(0, FLOOD, 65536):
            writer.write(b"x" * 65536)
            await writer.drain()
            self.most = max(self.most, sent + 65536)


async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Takes the connection and the request, and never answers."""
    await reader.read()


async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Resets the connection in the middle of its answer's head."""
    await reader.readuntil(b"\r\n\r\n")
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@contextlib.contextmanager
def closed_port() -> Iterator[str]:
    """A port that refuses, and that nobody else can take meanwhile."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{held.getsockname()[1]}"


#: Check -> (its reason, how the row begins to say it, its condition).
TOLD = {
    "mute": ("timeout", "timeout", ""),
    "flood": ("too large", "too large: ", "body ~ never"),
    "moved": ("redirect", "redirect: 302 to https://login.example/", ""),
    "evil": ("body", "body EVIL [bold red]markup[/] RTL", "body ~ ^fine$"),
    "bytes": ("encoding", "encoding: ", "body.status == healthy"),
    "nan": ("not a number", "not a number: body.queue NaN", "body.queue <= 100"),
    "bare": ("missing", "body.database missing", "body.database == healthy"),
    "closed": ("refused", "refused: ", ""),
    "nameless": ("dns", "dns: ", ""),
    "cut": ("reset", "reset: ", ""),
}
IDS = {name: f"s.{name}" for name in TOLD}


@contextlib.contextmanager
def hostile_targets(home: Path, flood: Flood, healthy_url: str) -> Iterator[None]:
    """All servers, and the configuration that probes them."""
    talks: dict[str, Talk] = {
        "mute": mute,
        "flood": flood.talk,
        "moved": saying(http_answer("", status="302 Found", more="Location: https://login.example/?token=s3cret\r\n")),
        "evil": saying(http_answer(EVIL, kind="text/plain")),
        "bytes": saying(http_answer(b'{"status": "\xff\xfe"}')),
        "nan": saying(http_answer('{"queue": NaN}')),
        "bare": saying(http_answer('{"status": "healthy"}')),
        "cut": cut,
    }
    with speaking(talks) as urls, closed_port() as refusing:
        urls |= {"closed": refusing, "nameless": "http://nonexistent.invalid"}
        checks = [
            http_check(name, urls[name], more=f"expect = ['{expect}']\nrequired = true\n" if expect else "")
            for name, (_, _, expect) in TOLD.items()
        ]
        checks.insert(5, http_check("healthy", healthy_url))
        (home / "artisan.toml").write_text(config_text(*checks), "utf-8")
        yield


def test_each_hostile_server_has_its_own_reason_and_the_board_stays_live(home: Path, board: Opener) -> None:
    flood = Flood()
    with service() as healthy, hostile_targets(home, flood, healthy.url), board() as terminal:
        rows, well = Rows(terminal, *TOLD), Rows(terminal, "healthy")

        def told() -> bool:
            well.states()
            return rows.all("DOWN") and all(
                re.match(rf"\S+ {re.escape(words)}", rows.rest(name))  # behind how long it is so
                for name, (_, words, _) in TOLD.items()
            )

        terminal.wait_for(told, 15)
        terminal.wait_for(lambda: "10 down" in terminal.row(0))
        # Only what fails is shown below the service, until somebody asks for the rest.
        assert well.states() == {}
        terminal.press("enter")
        terminal.wait_for(lambda: well.states() == {"healthy": "up"})
        for _ in range(3):
            probes = healthy.requests
            asked = terminal.press("?")
            assert terminal.wait_for("All screens", 5) - asked < 2
            terminal.press("escape")
            terminal.wait_gone("All screens")
            terminal.wait_for(lambda: told() and healthy.requests > probes)  # noqa: B023  it is asked in this round
        terminal.send("/evil")
        terminal.wait_for("1 of 11 match evil")
        terminal.wait_for(lambda: terminal.row(-2).strip() == "evil")
        terminal.press("enter")
        terminal.wait_for(lambda: not terminal.row(-2).strip())  # the list has the focus again
        terminal.wait_for(re.compile(r"^✖ s +DOWN +\S+ body EVIL", re.MULTILINE))
        terminal.press("enter")
        terminal.wait_for("Last response")
        terminal.wait_for("second line")
        terminal.press("escape")
        terminal.wait_for("match evil")
        terminal.press("escape")
        terminal.wait_for(told)
        clock = Stopwatch()
        terminal.press("q")
        assert terminal.wait_exit() == 0
        assert clock.seconds < 2
        assert not terminal.left_behind()
        raw = terminal.raw()
        for fingerprint in TRACES:
            assert fingerprint not in raw
        assert all(b"owned" not in command and not command.startswith(b"52") for command in terminal.emulator.osc)
        assert b"s3cret" not in raw
        assert raw.count(b"\x1b[?1049l") == 1  # our own, at the end
    assert well.said["healthy"][-1] == "up"
    assert set(well.said["healthy"]) <= {"UNKNOWN", "up"}
    assert well.said["healthy"].count("up") == 1
    journal = changes(home / "state")
    assert sorted(journal) == sorted((IDS[name], "unknown", "down", TOLD[name][0]) for name in TOLD)
    assert 0 < flood.most < FLOOD / 2


def test_one_round_from_the_command_line_gives_the_same_reasons(home: Path, run: Runner) -> None:
    flood = Flood()
    with service() as healthy, hostile_targets(home, flood, healthy.url):
        done = run("check", "--json")
        plain = run("check")
    assert done.returncode == 1, done.stdout + done.stderr
    seen = {check["id"]: (check["state"], check["reason"]) for check in json.loads(done.stdout)["checks"]}
    assert seen == {f"s.{name}": ("down", reason) for name, (reason, _, _) in TOLD.items()} | {
        "s.healthy": ("up", "ok")
    }
    assert plain.returncode == 1
    for said in (done.stdout, plain.stdout):
        assert "[bold red]markup[/]" in said
        assert not [char for char in said if char != "\n" and not char.isprintable()]
        assert "\\u001b" not in said.lower()
        assert "owned" not in said
        assert "s3cret" not in said
    assert 0 < flood.most < FLOOD / 2
