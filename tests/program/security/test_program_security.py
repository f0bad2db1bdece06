"""What must not get out: secrets in no byte that is written anywhere."""

from __future__ import annotations

import base64
import json
import os
import re
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from support.processes import with_us
from support.secret_leaks import PROGRAM, SECRETS, Echo, run
from support.servers import free_port, until
from support.services import config_text, http_check
from support.terminal import Terminal

USER = "ops@artisan"


def forms(secret: str) -> Iterator[bytes]:
    """Every way in which it could have been written down."""
    data = secret.encode()
    for shown in (secret, quote(secret), quote(secret, safe=""), json.dumps(secret)[1:-1]):
        yield shown.encode()
    yield base64.b64encode(data).rstrip(b"=")
    yield base64.b64encode(f"{USER}:{secret}".encode()).rstrip(b"=")
    # Half of it is no better: cut where a screen or a log cuts.
    yield data[: max(10, len(data) * 2 // 3)]


def leaks(where: str, data: bytes) -> list[str]:
    """Which secrets stand in ``data``, also spread over the cells of a screen."""
    flat = re.sub(rb"\x1b\[[0-9;]*[Hm]", b"", data)
    found = []
    for name, secret in {**SECRETS, "whole": "whole-55ee12aa", "basic": "hunter2-hunter2"}.items():
        for form in forms(secret):
            found += [f"{name} as {form!r} in {where}: {_near(text, form)!r}" for text in (data, flat) if form in text][
                :1
            ]
    return found


def _near(text: bytes, form: bytes) -> bytes:
    at = text.index(form)
    return text[max(0, at - 60) : at + 60]


@pytest.fixture
def secrets(home: Path) -> dict[str, str]:
    """The environment that holds half of them; files hold the others."""
    for name in ("password", "broken"):
        (home / name).write_text(SECRETS[name] + "\n")
    named = {f"KEPT_{name.upper()}": secret for name, secret in SECRETS.items() if name not in ("password", "broken")}
    named["KEPT_BASIC"] = "Basic " + base64.b64encode(b"proxy:hunter2-hunter2").decode()
    named["KEPT_DATABASE"] = f"postgresql://ops:{SECRETS['database']}@127.0.0.1:{free_port()}/artisan"
    return named


def configure(home: Path, url: str, *, database: bool = False) -> None:
    told = 'expect = ["body.status == healthy"]'
    header = 'expect = ["header.x-echo == fine"]'
    sent = {
        "bearer": 'bearer_token = "env:KEPT_BEARER"',
        "header": 'headers = { X-Api-Key = "env:KEPT_HEADER" }',
        "whole": 'headers = { Authorization = "env:KEPT_WHOLE" }',
        "basic": 'headers = { Authorization = "env:KEPT_BASIC" }',
        "file": 'bearer_token = "file:password"',
        "broken": 'bearer_token = "file:broken"',
    }
    checks = []
    for name, keys in sent.items():
        for path, expect in (
            *(("json", told), ("json", header), ("text", 'expect = ["body ~ ^fine$"]'), ("location", "")),
            *(("reason", ""), ("reason", header), ("torn", ""), ("json", 'freshness = { path = "at", within = "1h" }')),
        ):
            checks.append(
                http_check(f"{name}-{len(checks)}", f"{url}/{path}", every="5s", more=f"{keys}\n{expect}\n", fall=1)
            )
    checks += [
        f'id = "prom-{how}"\nkind = "promql"\nquery = "{how}"\nexpect = ["value > 5"]\nevery = "2s"\ntimeout = "2s"\n'
        for how in ("error", "warn")
    ]
    shown = "import os; print(os.environ['T'], os.environ['T'].encode().hex())"
    checks.append(
        f'id = "command"\nkind = "command"\nrun = [{json.dumps(sys.executable)}, "-c", {json.dumps(shown)}]\n'
        'env = { T = "env:KEPT_COMMAND" }\nexpect = ["stdout ~ ^fine$"]\nevery = "5s"\ntimeout = "4s"\nfall = 1\n'
    )
    metrics = f'[metrics]\nprometheus = "{url}"\nusername = "{USER}"\npassword = "file:password"\ntimeout = "2s"\nevery = "5s"\n'
    text = config_text(*checks, head=metrics)
    (home / "artisan.toml").write_text(('database = "env:KEPT_DATABASE"\n' if database else "") + text, "utf-8")


def on_disk(folder: Path) -> list[str]:
    found = []
    for path in folder.rglob("*"):
        if path.is_file():
            found += leaks(str(path.name), path.read_bytes() + os.fsencode(path))
    return found


def arguments_of(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


@pytest.mark.parametrize("database", [False, True], ids=["", "database"])
def test_no_command_says_a_secret_that_a_server_says_back(
    home: Path, echo: tuple[str, Echo], secrets: dict[str, str], database: bool
) -> None:
    url, server = echo
    configure(home, url, database=database)
    for arguments in (
        *(("check",), ("check", "--json"), ("doctor",), ("doctor", "--json"), ("config", "check")),
        *(("audit", "verify"), ("audit", "log")),
    ):
        done = run(home, secrets, *arguments)
        said = done.stdout + done.stderr
        assert leaks(" ".join(arguments), said) == []
        assert b"Traceback" not in said
        if arguments == ("check",):
            assert said.count("•••".encode()) > 20, "the servers said them back, and it shows that they did"
    heard = b"".join(server.heard)
    # They were really sent, or nothing above means anything.
    for name in ("bearer", "whole"):
        assert SECRETS[name].encode() in heard
    assert base64.b64encode(f"{USER}:{SECRETS['password']}".encode()) in heard
    assert on_disk(home / "state") == []


def test_neither_the_watch_nor_its_journal_holds_one(
    home: Path, echo: tuple[str, Echo], secrets: dict[str, str]
) -> None:
    configure(home, echo[0])
    out, err = home / "out", home / "err"
    command = [*PROGRAM, "--config", str(home / "artisan.toml"), "--state", str(home / "state"), "watch", "--json"]
    with out.open("wb") as stdout, err.open("wb") as stderr:
        watch = subprocess.Popen(
            with_us(command), stdout=stdout, stderr=stderr, cwd=home, env={**os.environ, **secrets}
        )
    try:
        until(lambda: out.read_text("utf-8").count("•••") > 15, 30)
        # While it runs, before SQLite tidies up.
        assert (home / "state" / "artisan.db-wal").stat().st_size > 0
        assert on_disk(home / "state") == []
        assert leaks("ps", arguments_of(watch.pid)) == []
    finally:
        watch.send_signal(signal.SIGTERM)
        watch.wait(30)
    assert leaks("watch", out.read_bytes() + err.read_bytes()) == []
    assert on_disk(home / "state") == []


@pytest.mark.parametrize("database", [False, True], ids=["", "database"])
def test_no_screen_shows_one(home: Path, echo: tuple[str, Echo], secrets: dict[str, str], database: bool) -> None:
    configure(home, echo[0], database=database)
    command = [*PROGRAM, "--config", str(home / "artisan.toml"), "--state", str(home / "state")]
    with Terminal(command, size=(160, 60), env=secrets, cwd=home) as terminal:
        terminal.wait_for(re.compile(r"\d\d down"), 20)
        terminal.wait_for(lambda: terminal.screen_text().count("•••") > 5, 20)
        if database:
            terminal.wait_for("NOT SAVED", 20)
        terminal.press("enter")  # those that say the same were one line
        terminal.wait_for(lambda: all(f"  ✖ {name} " in terminal.screen_text() for name in ("bearer-4", "header-12")))
        for _ in range(25):
            terminal.press("down")  # the first line is the service that they are of
            terminal.press("enter")
            terminal.wait_for(lambda: "esc back" in terminal.row(-1))
            terminal.wait_quiet(0.1)
            terminal.press("escape")
            terminal.wait_for(lambda: "esc back" not in terminal.row(-1))
        children = [os.fsencode(" ".join(process.cmdline())) for process in terminal._tree()]
        assert leaks("ps", b"\n".join(children)) == []
        terminal.press("q")
        assert terminal.wait_exit(15) == 0
        assert leaks("the terminal", terminal.raw()) == []
        assert "•••" in terminal.raw().decode("utf-8", "replace")
    assert on_disk(home / "state") == []


def test_a_defect_of_ours_writes_none_into_its_file(home: Path) -> None:
    """A traceback quotes what the code held; what was revealed is hidden there too."""
    code = (
        "import os, sys\nfrom datetime import datetime, UTC\nfrom pathlib import Path\n"
        "os.umask(0)\n"
        "from artisan_tui.config.secret import Secret\nfrom artisan_tui.tui.crash import write_crash\n"
        "token = Secret('env', 'KEPT').reveal(os.environ)\n"
        "try:\n    raise ValueError(f'cannot send {token}')\n"
        "except ValueError as error:\n    print(write_crash(Path(sys.argv[1]), datetime.now(UTC), error))\n"
    )
    env = {**os.environ, "KEPT": SECRETS["bearer"]}
    done = subprocess.run(
        [sys.executable, "-c", code, str(home / "state")], capture_output=True, env=env, timeout=60, check=True
    )
    (file,) = (home / "state").iterdir()
    assert b"cannot send" in file.read_bytes()
    assert leaks("the crash file", file.read_bytes() + done.stdout) == []
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
