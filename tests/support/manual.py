"""The pages of the manual as tests read them: what is to be run, what the program said, and a home to run it in.

A fence says in its first line what it is::

    ```console            commands after ``$``, with lines that the program really prints below them
    ```console exit=4     the same; the last command ends with this exit code
    ```console later      commands that do not exist yet: delete the word to have them run
    ```console live       commands that need a terminal of their own; only that they exist is tested
    ```screen press=3     lines that the board shows after these keys, at 100x30
    ```toml file=NAME     a file that the commands below find

A line that the program prints may be left out. Numbers, names of persons and the width of gaps may differ.
"""

from __future__ import annotations

import re
import shlex
import shutil
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
EXAMPLE = DOCS / "example"
_FENCE = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_ID = re.compile(r"(?:INC|RUN|OVR|SWP)-\d{8}-\d{6}(?:-\d+)?")


@dataclass(frozen=True)
class Block:
    """A fence. ``words`` are those beside its kind, ``line`` is where it begins in its page."""

    kind: str
    words: tuple[str, ...]
    text: str
    line: int

    def value(self, name: str) -> str:
        return next((word.partition("=")[2] for word in self.words if word.startswith(name + "=")), "")


@dataclass(frozen=True)
class Asked:
    """A command of a page with what it is said to print and its exit code."""

    line: int
    words: tuple[str, ...]
    said: tuple[str, ...]
    code: int


def blocks(page: Path) -> Iterator[Block]:
    text = page.read_text("utf-8")
    for found in _FENCE.finditer(text):
        yield Block(found[1], tuple(found[2].split()), found[3], text.count("\n", 0, found.start()) + 1)


def commands(block: Block) -> Iterator[Asked]:
    pieces = re.split(r"^\$ ", block.text, flags=re.MULTILINE)
    assert not pieces[0].strip(), f"line {block.line}: a console block begins with a command"
    asked = [(shlex.split(piece.split("\n")[0]), piece.split("\n")[1:]) for piece in pieces[1:]]
    for index, (words, said) in enumerate(asked):
        code = int(block.value("exit") or 0) if index == len(asked) - 1 else 0
        yield Asked(block.line, tuple(words), tuple(line for line in said if line.strip()), code)


def alike(text: str) -> str:
    """``text`` without what differs from one day, machine or person to the next."""
    text = re.sub(r"\b(alice|bob)\b", "alice", text)
    text = re.sub(r"<(?=\d)", "", text)
    text = re.sub(r"\d+", "0", text)
    text = re.sub(r"\b0(?:ms|h|m|s|d)(?: 0(?:m|s))?\b", "0m", text)
    return re.sub(r"─+", "─", re.sub(r"\s+", " ", text)).strip()


@dataclass
class Ids:
    """Which id of this day stands for one of a page."""

    known: dict[str, str] = field(default_factory=dict)

    def put_into(self, word: str) -> str:
        return _ID.sub(lambda found: self.known.get(found[0], found[0]), word)

    def learn(self, written: str, printed: str) -> None:
        self.known.update(zip(_ID.findall(written), _ID.findall(printed), strict=False))


def not_said(said: tuple[str, ...], printed: str, ids: Ids) -> list[str]:
    """The lines of a page that the program did not print in this order."""
    rows = printed.splitlines()
    missing = []
    at = 0
    for line in said:
        wanted = alike(line).removesuffix("…")
        found = next((n for n in range(at, len(rows)) if wanted in alike(rows[n])), None)
        if found is None:
            missing.append(line)
        else:
            ids.learn(line, rows[found])
            at = found + 1
    return missing


class _Api(BaseHTTPRequestHandler):
    """The service of the example: broken until somebody switches to the spare."""

    server: ExampleServer

    def do_GET(self) -> None:
        self._answer(200 if self.server.spare else 503)

    def do_POST(self) -> None:
        self.server.spare = self.path == "/use/spare"
        self._answer(200)

    def _answer(self, status: int) -> None:
        body = b'{"status": "healthy"}' if status == 200 else b'{"status": "unhealthy"}'
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words: object) -> None:
        pass


class ExampleServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Api)
        self.spare = False


def furnish(home: Path, port: int, login: str, *, language: str = "en") -> None:
    """Put the example into ``home``, with this ``port`` for its service and this ``login`` for alice."""
    replaced: Mapping[str, str] = {
        "127.0.0.1:8000": f"127.0.0.1:{port}",
        'logins = ["alice"]': f'logins = ["alice", "{login}"]',
        'environment = "staging"': f'environment = "staging"\nlanguage = "{language}"',
        '"messages.jsonl"': f'"{home / "messages.jsonl"}"',
    }
    for path in sorted(EXAMPLE.glob("*.toml")):
        text = path.read_text("utf-8")
        for old, new in replaced.items():
            text = text.replace(old, new)
        (home / path.name).write_text(text, "utf-8")
    (home / "state").mkdir(mode=0o700, exist_ok=True)


def as_written(printed: str, login: str) -> str:
    """What was ``printed``, with alice at the bastion as in the pages."""
    host = re.escape(socket.gethostname())
    return re.sub(rf"\b{re.escape(login)}\b(?! cause)", "alice", re.sub(rf"@{host}\b", "@bastion", printed))


def extended(page: Path, package: Path, home: Path) -> None:
    """Do what a page about extending says: its files and additions in a copy of the ``package``, its tables in ``home``."""
    shutil.copytree(DOCS.parent / "artisan_tui", package / "artisan_tui", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("artisan.toml", "runbooks.toml"):
        shutil.copy(DOCS.parent / name, package / name)
    for block in blocks(page):
        new, old = block.value("file"), block.value("in")
        if new:
            (package / new).parent.mkdir(exist_ok=True)
            (package / new).write_text(block.text, "utf-8")
        elif old.endswith(".py"):
            _add(package / old, block)
        elif old:
            path = home / old
            path.write_text(f"{path.read_text('utf-8')}\n{block.text}", "utf-8")


def _add(path: Path, block: Block) -> None:
    lines = block.text.splitlines()
    context = "\n".join(line for line in lines if not line.startswith("+"))
    added = "\n".join(line[1:] for line in lines if line.startswith("+"))
    text = path.read_text("utf-8")
    assert text.count(context) == 1, f"line {block.line}: {context!r} is {text.count(context)} times in {path.name}"
    before, after = text.split(context)
    path.write_text(f"{before}{context}\n{added}{'' if after.startswith(chr(10)) else chr(10)}{after}", "utf-8")
