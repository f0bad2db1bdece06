"""`artisan-tui serve` without a browser: who gets in, what hand-made messages can do, and what is left when it ends."""

from __future__ import annotations

import asyncio
import json
import random
import signal
import socket
import string
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import psutil
import pytest
from yarl import URL

from support.forked import run_program
from support.program import Runner
from support.servers import until
from support.serving import Serving, Viewer, new_home, note, places, serving, viewing

PATHS = ("/", "/alive", "/ws", "/textual/js/textual.js", "/page/board.js", "/page/board.html", "/nothing", "/textual/")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """Read-only, for two viewers."""
    with serving(new_home(tmp_path_factory.mktemp("serve")), "--viewers", "2") as started:
        yield started


def ended(processes: list[psutil.Process]) -> bool:
    return not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in processes)


async def test_without_the_token_there_is_nothing(server: Serving) -> None:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        for path in PATHS:
            for query in ("", "?token=", "?token=wrong", f"?token={server.token[:-1]}", f"?Token={server.token}"):
                async with http.get(f"{server.origin}{path}{query}") as answer:
                    assert (path, query, answer.status) == (path, query, 403)
                    assert server.token not in await answer.text()
        async with http.post(f"{server.origin}/?token=wrong", data=b"x") as answer:
            assert answer.status == 403
        # A wrong token counts also where the cookie would do.
        async with http.get(server.url) as answer:
            assert answer.status == 200
        async with http.get(f"{server.origin}/alive?token=wrong") as answer:
            assert answer.status == 403


async def test_the_first_visit_trades_the_token_for_a_cookie(server: Serving) -> None:
    jar = aiohttp.CookieJar(unsafe=True)  # cookies of an address, as a browser keeps them
    async with aiohttp.ClientSession(cookie_jar=jar) as http:
        async with http.get(f"{server.url}&font=18", allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Location"]) == (303, "/?font=18")
            cookie = answer.headers["Set-Cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert server.token not in cookie
        for path in ("/", "/textual/js/textual.js", "/page/board.js"):
            async with http.get(f"{server.origin}{path}") as answer:
                assert answer.status == 200
                assert server.token not in await answer.text()
                assert answer.headers["Referrer-Policy"] == "no-referrer"
                assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        for path in ("/textual/..%2fserver.py", "/page/../server.py", "/textual/", "/page/%2e%2e/gate.py"):
            async with http.get(URL(f"{server.origin}{path}", encoded=True)) as answer:
                assert answer.status in (403, 404)
        for origin in ("http://evil.example", "http://127.0.0.1:1", "null"):
            with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
                await http.ws_connect(f"{server.origin}/ws", origin=origin)
        async with http.ws_connect(f"{server.origin}/ws", origin=server.origin) as board:
            assert (await board.receive(15)).type is aiohttp.WSMsgType.BINARY
    until(lambda: server.token not in server.errors.read_text("utf-8"), what="no token in what is logged")


async def test_a_viewer_more_than_allowed_is_told_so(server: Serving) -> None:
    async with viewing(server) as first, viewing(server) as second:
        await first.wait_for("READ-ONLY")
        async with viewing(server) as third:
            assert await third.closed() == 4002
        await second.wait_for("READ-ONLY")
    until(lambda: server.boards() == [], what="the boards end with their viewers")
    async with viewing(server) as again:
        await again.wait_for("결제 창구")


async def handled(viewer: Viewer) -> None:
    """Until the board has handled every key before: it comes home, and shows what is typed into its filter."""
    for key in (*["\x1b"] * 10, "1", "/", "wxyz"):
        await viewer.type(key)
    await viewer.wait_for("wxyz")
    for key in ("\x1b", "\x1b"):
        await viewer.type(key)
    await viewer.wait_for(lambda screen: "wxyz" not in screen)


async def test_no_hand_made_message_changes_anything(server: Serving) -> None:
    home = server.errors.parent

    def everything() -> tuple[object, ...]:
        listed = sorted(
            str(path.relative_to(home))
            for path in home.rglob("*")
            if not path.name.endswith(("-wal", "-shm")) and path != server.errors
        )
        return run_program(*places(home), "audit", "head", cwd=home).stdout, listed

    before = everything()
    chance = random.Random(14)
    async with viewing(server) as viewer:
        await viewer.wait_for("결제 창구")
        # What a person would do to write: a note, an incident, maintenance, a drill, a command by its name.
        for keys in ("n", "D", "p", "W", "O", ":Write a note\r"):
            for key in (keys, "words", "\r", "\r", "\x1b", "\x1b", "1"):
                await viewer.type(key)
            await handled(viewer)
        # No q and no Ctrl-C, which only close the board.
        letters = [*sorted(set(string.printable) - set("q\x0b\x0c")), "\x1b", "\x1b[A", "\x1b[B", "\t", "\r"]
        for _message in range(12):
            await viewer.type("".join(chance.choices(letters, k=12)))
        await handled(viewer)
        await viewer.type("\x1b[200~" + "D한글\x1b]0;x\x07\r" * 300 + "\x1b[201~")
        await viewer.type("\x1b[200~no end")
        for message in (
            *(
                ["resize", {"width": chance.randrange(-5, 10**6), "height": chance.randrange(-5, 10**6)}]
                for _n in range(300)
            ),
            *(["resize", {"width": "x"}], ["quit"], ["exit", {}], ["stdin", None], ["run", "sh"], {}, 7, None, "x"),
        ):
            await viewer.socket.send_json(message)
        await viewer.socket.send_str("no json")
        await viewer.socket.send_bytes(b"D\0\0\0\1q")
        await viewer.socket.send_json(["resize", {"width": 120, "height": 40}])
        await viewer.type("\x1b[201~")
        await handled(viewer)
        assert len(server.boards()) == 1
        await viewer.socket.send_str(json.dumps(["stdin", "x" * 200_000]))
        # The second where our own unread rest made the kernel reset the connection.
        assert await viewer.closed() in (aiohttp.WSCloseCode.MESSAGE_TOO_BIG, aiohttp.WSCloseCode.ABNORMAL_CLOSURE)
    assert server.process.poll() is None
    until(lambda: server.boards() == [], what="its board ends")
    assert everything() == before


async def test_a_change_is_followed(server: Serving) -> None:
    async with viewing(server) as viewer:
        await viewer.wait_for("결제 창구")
        await asyncio.to_thread(note, server.errors.parent, "창고를 점검합니다")
        await viewer.wait_for("창고를 점검합니다", seconds=2)


async def test_who_may_write_writes_as_the_login(tmp_path: Path) -> None:
    with serving(new_home(tmp_path), "--write") as server:
        assert server.told["read_only"] is False
        login = server.told["actor"]
        assert f"acts as {login}" in server.errors.read_text("utf-8")
        async with viewing(server) as viewer:
            await viewer.wait_for("결제 창구")
            await viewer.type("n")
            await viewer.wait_for("Write a note")
            await viewer.type("from the browser")
            await viewer.type("\r")
            await viewer.wait_for(lambda screen: "from the browser" in screen and "Write a note" not in screen)
    said = run_program(*places(tmp_path), "audit", "log", "--json", cwd=tmp_path).stdout
    written = [event["actor"] for event in json.loads(said)["events"] if event["text"] == "from the browser"]
    assert written == [login]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
async def test_no_board_outlives_the_server(tmp_path: Path, number: signal.Signals) -> None:
    with serving(new_home(tmp_path)) as server:
        async with viewing(server) as viewer:
            if number is not signal.SIGKILL:  # also boards that have hardly begun
                await viewer.wait_for("결제 창구")
            else:
                await asyncio.to_thread(until, lambda: len(server.boards()) == 1)
            boards = server.boards()
            assert len(boards) == 1
            server.process.send_signal(number)
            code = await asyncio.to_thread(server.process.wait, 10)
            assert code == (-9 if number is signal.SIGKILL else 0)
            assert await viewer.closed() in (aiohttp.WSCloseCode.GOING_AWAY, aiohttp.WSCloseCode.ABNORMAL_CLOSURE)
        await asyncio.to_thread(until, lambda: ended(boards), 10.0, "the board's end")
        assert "Traceback" not in server.errors.read_text("utf-8")


def test_what_cannot_be_served_is_said(home: Path, run: Runner) -> None:
    missing = run("serve", "--port", "0")
    assert (missing.returncode, missing.stdout) == (2, "")
    assert "artisan.toml" in missing.stderr
    (home / "artisan.toml").write_text("[artisan]\nnaem = 'x'\n", "utf-8")
    broken = run("serve", "--port", "0")
    assert (broken.returncode, broken.stdout) == (2, "")
    assert "naem" in broken.stderr
    new_home(home)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        taken = run("serve", "--port", str(port))
    assert (taken.returncode, taken.stdout) == (1, "")
    assert f"port {port} of 127.0.0.1 is taken" in taken.stderr
    assert "--port 0" in taken.stderr
    for host in ("no.such.host.invalid", "192.0.2.1"):
        nowhere = run("serve", "--port", "0", "--host", host)
        assert (nowhere.returncode, nowhere.stdout) == (1, "")
        assert f"--host {host} is no address of this machine" in nowhere.stderr
    both = run("--read-only", "serve", "--write")
    assert both.returncode == 2
    assert "exclude each other" in both.stderr
    assert run("serve", "--port", "70000").returncode == 2
    assert run("serve", "--viewers", "0").returncode == 2


def test_an_address_that_others_reach_is_warned_about(tmp_path: Path) -> None:
    with serving(new_home(tmp_path), "--host", "0.0.0.0", "--write") as server:
        said = server.errors.read_text("utf-8")
        assert "WARNING: other machines reach 0.0.0.0" in said
        assert "act as" in said
        assert server.told["ssh"] is None
        assert socket.gethostname() in server.url
    with serving(tmp_path) as server:
        said = server.errors.read_text("utf-8")
        port = server.told["port"]
        assert "WARNING" not in said
        assert f"ssh -N -L {port}:127.0.0.1:{port} " in said
        assert server.told["ssh"] in said
        assert server.token not in said
