"""One board in front of everything a network can do to it: each row tells its own truth, and nothing else suffers."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from artisan_tui.domain.event import Entry
from artisan_tui.store.place import StorePlace
from artisan_tui.store.store import Store
from support.forked import Forked
from support.hostile import MARK, SEEN, SEQUENCES, SURROGATES, TEXTS, floods, unfit, unfit_bytes
from support.hostile_targets import answer, checks_on, named_by, toml_text, write_config
from support.program import Opener, Runner
from support.rows import Rows, changes
from support.servers import Talk, http_answer, saying, talking, until
from support.services import config_text, http_check, service
from support.stopwatch import Stopwatch
from support.terminal import Terminal

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
def speaking(talks: dict[str, Talk]) -> Iterator[dict[str, str]]:
    """The talks as servers in a thread of their own; gives the URL of each."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    servers = contextlib.AsyncExitStack()

    async def start() -> dict[str, str]:
        return {
            name: f"http://127.0.0.1:{await servers.enter_async_context(talking(talk))}" for name, talk in talks.items()
        }

    try:
        yield asyncio.run_coroutine_threadsafe(start(), loop).result(10)
    finally:
        asyncio.run_coroutine_threadsafe(servers.aclose(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


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


# -- the whole corpus, from everywhere, to everywhere ----------------------------------

#: Names that a file may have.
FILE_NAMES = {name: TEXTS[name].replace("/", "_") for name in ("title", "colour", "c1 csi", "bidi", "lines")}
#: What the program asks of a terminal besides drawing: its colours, and the shape of the pointer. No title, no clipboard.
OUR_COMMANDS = {b"10", b"11", b"22"}


def fit(done: subprocess.CompletedProcess[str]) -> subprocess.CompletedProcess[str]:
    """What a command wrote, which no terminal may act on."""
    for said in (done.stdout, done.stderr):
        assert unfit(said) == [], said[-2000:]
        # JSON is data, which is whole; what a person reads is not flooded.
        assert said.startswith("{") or list(floods(said)) == []
        assert "Traceback" not in said
    return done


@contextlib.contextmanager
def hostile_folder() -> Iterator[str]:
    with speaking({"target": answer}) as urls:
        yield urls["target"]


def test_whatever_a_check_hears_the_command_line_says_plainly(home: Path, run: Runner) -> None:
    with hostile_folder() as url:
        checks = [*checks_on(url), *named_by(url)]
        write_config(home, url, *checks, name=f"{SEEN} {SEQUENCES['title']}")
        fit(run("config", "check"))
        plain, document = fit(run("check")), fit(run("check", "--json"))
        doctor, findings = fit(run("doctor")), fit(run("doctor", "--json"))
    assert plain.stdout.count(SEEN) > 500
    # One line for each: nothing said makes another.
    assert len(plain.stdout.splitlines()) == len(checks) + 1
    assert len(json.loads(document.stdout)["checks"]) == len(checks)
    assert doctor.stdout.count(SEEN) > 500
    assert json.loads(findings.stdout)["findings"]


def test_whatever_a_configuration_holds_its_problems_are_said_plainly(home: Path, run: Runner) -> None:
    keys: list[str] = []
    for text in (toml_text(text) for text in TEXTS.values()):
        inner = text[1:-1]
        keys += [
            f"{text} = 1",
            *(f"{key} = {text}" for key in ("method", "every", "bearer_token", "ca_file", "body", "fall")),
            f'expect = [{text}, "body.{inner} == x", "body ~ ({inner}", "{inner} == 1"]',
            f'headers = {{ {text} = "x", "X-Y" = {text}, "Authorization" = {text} }}',
            f"freshness = {{ path = {text}, within = {text} }}",
        ]
    head = '[artisan]\nname = "Test"\nenvironment = "staging"\n\n'
    check = '[[service.check]]\nid = "c{n}"\nkind = "http"\nurl = "http://127.0.0.1:1/"\n{key}\n'
    tables = [check.format(n=n, key=key) for n, key in enumerate(keys)]
    for n, text in enumerate(toml_text(text) for text in TEXTS.values()):
        inner = text[1:-1]
        tables += [
            f'[[service.check]]\nid = {text}\nkind = "tcp"\naddress = {text}\n',
            f'[[service.check]]\nid = "k{n}"\nkind = {text}\n',
            f'[[service.check]]\nid = "u{n}"\nkind = "http"\nurl = "http://{inner}"\n',
            f'[[service.check]]\nid = "p{n}"\nkind = "promql"\nquery = {text}\n',
            f'[[service.check]]\nid = "m{n}"\nkind = "measure"\nmeasure = {{ value = {text} }}\n',
        ]
    (home / "artisan.toml").write_text(head + '[[service]]\nid = "s"\n' + "\n".join(tables), "utf-8")
    told = fit(run("config", "check"))
    assert told.returncode == 2
    assert told.stderr.count(SEEN) > 200
    for name in ("title", "bidi", "c1 csi"):
        text = toml_text(TEXTS[name])
        for key in ("environment", "timezone", "language", "name", TEXTS[name][:5]):
            (home / "artisan.toml").write_text(f"[artisan]\n{toml_text(key)} = {text}\n{text} = {text}\n", "utf-8")
            fit(run("config", "check"))
    for raw in (*(text.encode() for text in (TEXTS["title"], TEXTS["bidi"])), b"\xff\x9b31m", b'x = "\xe2\x80\xae\n'):
        (home / "artisan.toml").write_bytes(b"[artisan]\n" + raw + b"\n")
        assert fit(run("check")).returncode == 2


@pytest.mark.parametrize("name", FILE_NAMES)
def test_whatever_is_asked_is_said_back_plainly(home: Path, run: Runner, name: str) -> None:
    said = FILE_NAMES[name]
    (home / "artisan.toml").write_text(config_text(http_check("one", "http://127.0.0.1:1/")), "utf-8")
    for arguments in (
        ("check", said),
        (said,),
        (f"--{said}",),
        ("audit", "log", "-n", said),
        ("config", "init", said),
        ("config", "init", said),
        ("config", "init", "x.toml", "--language", said),
        ("--state", str(home / said), "audit", "verify"),
        ("--state", str(home / said), "doctor"),
        ("--config", str(home / f"no-{said}"), "check"),
    ):
        fit(run(*arguments))


def nasty_entries(at: datetime) -> Iterator[Entry]:
    """What another program may write into the journal, with a chain that holds."""
    kinds = ("note", "check.state", "config.refused", "config.loaded", "drill.break", "session.stood-still")
    kinds += ("store.replaced", "watch.taken", "check.muted", "maintenance.declared", "check.flapping", "clock.jumped")
    words = ("text", "from", "to", "reason", "detail", "title", "title_ko", "seconds", "why", "was", "until", "notice")
    for number in (1e308, -1e308, 10**400, True, None, [], {}):
        for kind in kinds:
            yield Entry(at, "x", kind, "s", dict.fromkeys((*words, "count", "changes", "covers", "of"), number))
    for text in (*TEXTS.values(), *SURROGATES.values()):
        body: dict[str, object] = dict.fromkeys((*words, "count", "changes", "covers", text[:50]), text[:2000])
        yield Entry(at, text[:200], text[:200], text[:200], body)
        for kind in kinds[:: 1 + len(text) % 3]:
            yield Entry(at, text[:200], kind, text[:200], {**body, "covers": [text[:100]]})


def nasty_journal(home: Path) -> int:
    with Store.open(StorePlace(home / "state")) as store:
        return len(store.append(list(nasty_entries(datetime.now(UTC))), at=datetime.now(UTC)))


def test_whatever_another_program_wrote_into_the_journal_is_said_plainly(home: Path, run: Runner) -> None:
    count = nasty_journal(home)
    log = fit(run("audit", "log", "-n", "100000"))
    assert log.returncode == 0
    assert len(log.stdout.splitlines()) == count, "an event forged lines of others"
    assert log.stdout.count(SEEN) > 200
    document = fit(run("audit", "log", "-n", "100000", "--json"))
    found = json.loads(document.stdout)["events"]
    assert len(found) == count
    assert {TEXTS["bidi"], TEXTS["every c1"], TEXTS["title"]} <= {event["actor"] for event in found}, "data is whole"
    fit(run("audit", "verify"))
    fit(run("audit", "verify", "--json"))
    with service() as one:
        (home / "artisan.toml").write_text(config_text(http_check("one", one.url)), "utf-8")
        fit(run("doctor"))


@pytest.mark.parametrize("option", [[], ["--json"]], ids=["plain", "json"])
def test_whatever_happens_the_watch_tells_plainly(home: Path, option: list[str]) -> None:
    """Checks whose state changes to a nasty reason, and a session beside it that writes nasty events."""
    with hostile_folder() as url:
        write_config(home, url, *checks_on(url, ("json", "location"), prometheus=False))
        arguments = ["--config", home / "artisan.toml", "--state", home / "state", "watch", *option]
        with (home / "out").open("wb") as out, (home / "err").open("wb") as err:
            watch = Forked(arguments, stdout=out, stderr=err, cwd=home)
        try:
            until(lambda: (home / "out").read_text("utf-8").count(SEEN) > 60, 30)
            nasty_journal(home)
            until(lambda: "maintenance" in (home / "out").read_text("utf-8"), 30)
        finally:
            watch.terminate()
            watch.wait(30)
    text, complaints = ((home / name).read_text("utf-8") for name in ("out", "err"))
    assert unfit(text) == []
    assert unfit(complaints) == []
    assert "Traceback" not in complaints
    assert text.count(SEEN) > 100
    if option:
        assert all(json.loads(line)["seq"] for line in text.splitlines())
    else:
        assert all(re.match(r"\d{4}-\d\d-\d\dT", line) for line in text.splitlines()), "an event forged lines"


def plain_screen(terminal: Terminal) -> None:
    """What was written so far is printable text and the program's own sequences."""
    raw = terminal.raw()
    assert unfit_bytes(raw) == []
    said = terminal.emulator.osc
    assert not [command for command in said if MARK.encode() in command or command.split(b";")[0] not in OUR_COMMANDS]


def left_plainly(terminal: Terminal) -> None:
    terminal.press("ctrl+c")  # from anywhere, also where letters are typed
    assert terminal.wait_exit(15) == 0
    assert not terminal.left_behind()
    plain_screen(terminal)


def test_whatever_a_check_hears_the_board_shows_plainly(home: Path, board: Opener) -> None:
    with hostile_folder() as url:
        places = ("json", "location", "body", "charset")
        checks = [*checks_on(url, places, prometheus=False), *named_by(url)]
        write_config(home, url, *checks, name=f"{SEEN} {SEQUENCES['title']}{TEXTS['bidi']}")
        with board(cols=180, rows=450) as terminal:
            terminal.wait_for(re.compile(r"\d{3} down"), 30)
            terminal.wait_for(lambda: terminal.screen_text().count(SEEN) > 200, 30)
            left_plainly(terminal)


def test_whatever_a_check_hears_its_own_screen_shows_plainly(home: Path, board: Opener) -> None:
    with hostile_folder() as url:
        checks = checks_on(url, ("body", "header"), prometheus=False)
        checks += [check for check in checks_on(url, ()) if "warning-" in check or "info-" in check]
        write_config(home, url, *checks[::3])
        with board(cols=100, rows=40) as terminal:
            terminal.wait_for(re.compile(rf"\b{len(checks[::3])} down"), 30)
            terminal.press("enter")  # those that say the same were one line
            terminal.wait_for(lambda: re.match(r"  ✖ \w+ in body ", terminal.row(3)) is not None)
            seen = 0
            for _ in range(len(checks[::3])):
                terminal.press("down")  # the first line is the service that they are of
                terminal.press("enter")
                terminal.wait_for(lambda: "esc back" in terminal.row(-1))
                seen += SEEN in terminal.screen_text()
                terminal.press("escape")
                terminal.wait_for(lambda: "esc back" not in terminal.row(-1))
            assert seen > 30
            left_plainly(terminal)


def test_whatever_another_program_wrote_the_board_shows_plainly(home: Path, board: Opener) -> None:
    nasty_journal(home)
    with service() as one:
        (home / "artisan.toml").write_text(config_text(http_check("one", one.url)), "utf-8")
        with board(cols=150, rows=240) as terminal:
            terminal.wait_for("1 up")
            nasty_journal(home)  # while it runs, too
            terminal.wait_for(lambda: terminal.screen_text().count(SEEN) > 100)
            terminal.press("tab", "end")
            terminal.wait_quiet(0.5)
            terminal.press("home")
            terminal.wait_quiet(0.5)
            left_plainly(terminal)


def test_whatever_is_typed_or_pasted_into_a_note_is_written_plainly(home: Path, board: Opener) -> None:
    with service() as one:
        (home / "artisan.toml").write_text(config_text(http_check("one", one.url)), "utf-8")
        with board(cols=120, rows=40) as terminal:
            terminal.wait_for("only session entries so far")  # the store is open
            for number, text in enumerate(text for name, text in TEXTS.items() if name != "long"):
                terminal.press("n")
                terminal.wait_for("Write a note")
                terminal.send(f"n{number} ")
                terminal.send(b"\x1b[200~" + text.encode("utf-8", "replace") + b"\x1b[201~")
                terminal.wait_for(f"n{number} ")
                terminal.press("enter")
                terminal.wait_gone("Write a note")
                terminal.wait_for(lambda: any(f" n{number}" in line for line in terminal.screen_text().split("\n")))  # noqa: B023
            # A paste that pretends to end, and goes on in keys; and the filter.
            terminal.send("/")
            terminal.send(b"\x1b[200~" + TEXTS["title"].encode() + b"\x1b[201~")
            terminal.press("enter", "escape", "escape")
            left_plainly(terminal)
    with Store.open(StorePlace(home / "state"), read_only=True) as store:
        notes = [str(event.body["text"]) for event in store.journal.page(1000, kind="note")]
    assert len(notes) == len(TEXTS) - 1
    assert [unfit(note) for note in notes if unfit(note)] == []
    assert not (home / "pwn-by-shell").exists()


def test_whatever_the_simulated_stack_calls_its_parts_the_panel_shows_plainly(home: Path) -> None:
    faults: list[dict[str, Any]] = [
        {
            "id": text[:80],
            "active": False,
            **dict.fromkeys(("title", "title_ko", "description", "description_ko"), text),
        }
        for text in (*TEXTS.values(), *SURROGATES.values())
    ]

    async def admin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        if b"GET /admin/faults" in request:
            writer.write(http_answer(json.dumps(faults)))
        else:
            writer.write(http_answer(json.dumps({"error": TEXTS["title"]}), status="409 Conflict"))
        await writer.drain()

    (home / "artisan.toml").write_text(config_text(http_check("one", "http://127.0.0.1:1/")), "utf-8")
    code = (
        "import sys\nfrom pathlib import Path\nfrom artisan_tui.engine.drills.stack import Stack, demo_options\n"
        "from artisan_tui.engine.launch import GlobalOptions, awake\nfrom artisan_tui.main import open_board\n"
        "awake()\nstack = Stack(sys.argv[1], None)\n"
        "raise SystemExit(open_board(demo_options(GlobalOptions(Path(sys.argv[2])), stack, Path(sys.argv[3]))))"
    )
    with speaking({"admin": admin}) as urls:
        command = [sys.executable, "-c", code, urls["admin"], str(home / "artisan.toml"), str(home / "state")]
        with Terminal(command, size=(120, 150)) as terminal:
            terminal.wait_for(re.compile("1 down|1 unknown"), 20)
            terminal.press("b")
            terminal.wait_for(lambda: terminal.screen_text().count(SEEN) > 40)
            terminal.press("enter")
            terminal.wait_quiet(0.5)
            terminal.press("end")
            terminal.wait_quiet(0.5)
            terminal.press("escape")
            terminal.wait_for("Services")
            left_plainly(terminal)


@pytest.mark.parametrize("name", FILE_NAMES)
def test_whatever_its_folder_is_called_the_board_shows_plainly(tmp_path: Path, name: str) -> None:
    home = tmp_path / FILE_NAMES[name][:100]
    home.mkdir()
    (home / "artisan.toml").write_text(config_text(http_check("one", "http://127.0.0.1:1/")), "utf-8")
    (home / "state").mkdir(mode=0o755)
    (home / "state").chmod(0o777)  # told on the screen, with its path
    arguments = ["--config", home / "artisan.toml", "--state", home / "state"]
    with Terminal(arguments, size=(120, 40), forked=True) as terminal:
        terminal.wait_for("NOT SAVED", 20)
        (home / "artisan.toml").write_text("nonsense", "utf-8")
        terminal.wait_for("artisan.toml:1")
        left_plainly(terminal)
