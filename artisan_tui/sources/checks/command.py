"""Runs a program, never a shell, and says what came of it."""

from __future__ import annotations

import asyncio
import errno
import os
import re
import shlex
import shutil
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field, PlainSerializer, PlainValidator, ValidationInfo, WithJsonSchema

from artisan_tui.config.checks import CheckSpec
from artisan_tui.config.models import PathText
from artisan_tui.config.problems import Mistake
from artisan_tui.config.secret import Secret, parse_secret
from artisan_tui.domain.condition import Condition, parse_condition
from artisan_tui.domain.probe_result import Failure, ProbeResult, Reason
from artisan_tui.domain.span import span_text
from artisan_tui.domain.text.printable import printable
from artisan_tui.sources.blocking import Blocking, StillBlocked
from artisan_tui.sources.body import Body, NotJson, parse_json
from artisan_tui.sources.errors import failure
from artisan_tui.sources.kind import Kind

if TYPE_CHECKING:
    from artisan_tui.sources.probe_context import ProbeContext

#: Bytes of each output that are kept; the rest is read and dropped, so that the program can go on.
LARGEST = 65_536
#: Characters of them that are shown.
EXCERPT = 8192
#: Seconds between "please end" and the end by force, after a timeout and when we are leaving ourselves.
GRACE, LEAVING = 1.0, 0.2
#: Seconds for output to arrive after the program has ended; its children may hold the pipe for ever.
LAST_WORDS = 0.2
#: What a child is given of our own environment; the rest may hold secrets that are none of its business.
_INHERITED = re.compile(r"PATH|HOME|USER|LOGNAME|LANG|LC_[A-Z]+|TZ|TMPDIR")
_DEFAULT = (parse_condition("exit == 0"),)
_ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_SENSITIVE = re.compile(r"(token|secret|passw|api_?key|credential)(?!.*_(file|path|dir)$)", re.IGNORECASE)
#: "env:prod" may also be a tag: behind a "=" only a name in capitals is taken for a reference.
_REFERENCE = re.compile(r"env:[A-Za-z_]\w*|file:(?!//).+|[^=]+=(env:[A-Z_][A-Z0-9_]*|file:(?!//).+)", re.ASCII)
_OPTION = re.compile(r"--?[\w-]*(token|secret|passw(or)?d|api[-_]?key)=.+", re.IGNORECASE | re.DOTALL)
_NUMBER = re.compile(r"[+-]?(\d{1,60}(\.\d{0,60})?|\.\d{1,60})([eE][+-]?\d{1,3})?|nan|[+-]?inf(inity)?", re.IGNORECASE)
_BY_ENV = 'pass it by env: env = { TOKEN = "env:TOKEN" }'


def _argv(value: object) -> tuple[str, ...]:
    if isinstance(value, str) or not isinstance(value, list | tuple):
        raise Mistake("the program must be a list, not a shell command line", 'write run = ["pg_isready", "-h", "db"]')
    if not value:
        raise Mistake("there is nothing to run", 'write run = ["pg_isready", "-h", "db"]')
    for index, each in enumerate(value):
        if not isinstance(each, str) or "\0" in each:
            raise Mistake("an argument is text", 'put it in quotes, numbers too: ["sleep", "1"]', (index,))
        if _REFERENCE.fullmatch(each):
            raise Mistake("all users of this machine can read program arguments, including secrets", _BY_ENV, (index,))
        if _OPTION.fullmatch(each):
            raise Mistake("the file must not contain a literal secret", _BY_ENV, (index,))
    if not value[0].strip():
        raise Mistake("the program has no name", "write its name or path first", (0,))
    return tuple(value)


def _environment(value: object, info: ValidationInfo) -> dict[str, str | Secret]:
    if not isinstance(value, Mapping):
        raise Mistake("env is a table", 'write env = { PGUSER = "artisan" }')
    return {str(name): _variable(str(name), each, info) for name, each in value.items()}


def _variable(name: str, value: object, info: ValidationInfo) -> str | Secret:
    if not _ENV_NAME.fullmatch(name):
        raise Mistake("this is not a variable's name", "write letters, digits and _ only", (name,))
    if isinstance(value, Secret):
        return value
    if not isinstance(value, str) or "\0" in value:
        raise Mistake("a variable's value is text", "put it in quotes", (name,))
    try:
        if value.startswith(("env:", "file:")) or _SENSITIVE.search(name):
            return parse_secret(value, info)
    except Mistake as fault:
        raise Mistake(fault.what, fault.mend, (name,)) from None
    return value


Argv = Annotated[
    tuple[str, ...],
    PlainValidator(_argv),
    PlainSerializer(list, return_type=list[str]),
    WithJsonSchema({"type": "array", "items": {"type": "string"}, "minItems": 1, "examples": [["pg_isready"]]}),
]
Environment = Annotated[
    dict[str, str | Secret],
    PlainValidator(_environment),
    PlainSerializer(lambda e: {k: str(v) for k, v in e.items()}, return_type=dict[str, str]),
    WithJsonSchema({"type": "object", "additionalProperties": {"type": "string"}}),
]


class CommandSpec(CheckSpec):
    """A program that must succeed. Without ``expect``, exit 0 will do."""

    kind: Annotated[Literal["command"], Field(description="Run a program")] = "command"
    run: Annotated[Argv, Field(description='The program and its arguments: ["pg_isready", "-h", "db"]; no shell')]
    # Where the board happened to be started must not decide which program a check runs.
    cwd: Annotated[
        PathText, Field(validate_default=True, description="Working directory; default: the directory of this file")
    ] = "."
    env: Environment = Field(
        default_factory=dict,
        description='Environment variables besides PATH, HOME, LANG and TZ; "env:X" and "file:P" reference secrets',
    )

    ANSWERS: ClassVar[frozenset[str]] = frozenset({"exit", "stdout", "body", "value", "latency"})

    def effective(self) -> tuple[Condition, ...]:
        return self.expect or _DEFAULT

    def reads_output(self) -> bool:
        return any(c.root in {"stdout", "body", "value"} for _, c in self.conditions())

    @property
    def target(self) -> str:
        return printable(self.query, 300)

    @property
    def query(self) -> str:
        """The command as a person would type it."""
        return shlex.join(self.run)


class Child(asyncio.SubprocessProtocol):
    """One program under way, leader of its own session: no terminal of ours, and a group that can be ended whole."""

    def __init__(self) -> None:
        self.out: dict[int, bytearray] = {1: bytearray(), 2: bytearray()}
        self.cut: set[int] = set()
        self.exited, self.silent = asyncio.Event(), asyncio.Event()
        self._transport: asyncio.SubprocessTransport | None = None
        self._unwanted = False

    async def start(self, program: str, argv: Sequence[str], cwd: str, env: Mapping[str, str]) -> None:
        """Raises OSError."""
        devnull, pipe = asyncio.subprocess.DEVNULL, asyncio.subprocess.PIPE
        streams = {"stdin": devnull, "stdout": pipe, "stderr": pipe}
        more: dict[str, Any] = {"executable": program, "cwd": cwd, "env": env, "start_new_session": True, **streams}
        try:
            await asyncio.get_running_loop().subprocess_exec(lambda: self, *argv, **more)
        except BaseException:
            # It may run already: asyncio may have failed to watch it, or we were told to leave.
            self._unwanted = True
            self.signal(signal.SIGKILL)
            raise

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.SubprocessTransport)
        self._transport = transport
        if self._unwanted:
            self.signal(signal.SIGKILL)

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        kept = self.out[fd]
        room = LARGEST - len(kept)
        kept += data[:room]
        if len(data) > room:
            self.cut.add(fd)

    def process_exited(self) -> None:
        self.exited.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self.silent.set()

    @property
    def started(self) -> bool:
        return self._transport is not None

    @property
    def exit(self) -> int | None:
        return None if self._transport is None else self._transport.get_returncode()

    def signal(self, number: int) -> None:
        """To the whole group, also to what the program left behind when it ended."""
        if self._transport is not None:
            # Ended between the look and the signal, or changed its user: nothing of ours to end.
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._transport.get_pid(), number)

    async def end(self, grace: float) -> None:
        """TERM, ``grace`` seconds, KILL; returns when it is gone. Cancelled, it kills at once."""
        try:
            self.signal(signal.SIGTERM)
            with suppress(TimeoutError):
                async with asyncio.timeout(grace):
                    await self.exited.wait()
            self.signal(signal.SIGKILL)
            await self.exited.wait()  # a program stuck in the kernel ends when the kernel lets it
        finally:
            await self.finish(self.exited)

    async def finish(self, until: asyncio.Event) -> None:
        """Wait a moment for its exit or its last words, then end whoever is left of its group."""
        try:
            if until is self.exited:
                self.signal(signal.SIGKILL)
            with suppress(TimeoutError):
                async with asyncio.timeout(LAST_WORDS):
                    await until.wait()
        finally:
            self.signal(signal.SIGKILL)
            # asyncio must not reap what its own watcher still waits for.
            if self.exited.is_set() and self._transport is not None:
                self._transport.close()


class Unable(Exception):
    """The program could not be started; ``failure`` says why, and is blind: it says nothing about the target."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.failure = Failure(reason, printable(detail, 300), blind=True)


class CommandProbe:
    def __init__(self, spec: CommandSpec, probe_context: ProbeContext) -> None:
        self._spec, self._probe_context = spec, probe_context
        self._desk = Blocking(spec.id)
        self._query = printable(spec.query, 500)
        self._late_one: Child | None = None
        self._ending: asyncio.Task[None] | None = None

    async def probe(self) -> ProbeResult:
        spec, child = self._spec, Child()
        try:
            async with asyncio.timeout(spec.timeout):
                if self._ending is not None:
                    await asyncio.shield(self._ending)
                program, env = await self._desk.run(spec.timeout, self._prepare)
                began = time.monotonic()
                with _starting():
                    await child.start(program, spec.run, spec.cwd, env)
                await child.exited.wait()
                took = time.monotonic() - began
        except TimeoutError:
            return ProbeResult(self._late(child), query=self._query)
        except asyncio.CancelledError:
            if child.started:
                await child.end(LEAVING)
            raise
        except (Unable, StillBlocked) as error:
            return ProbeResult(error.failure, query=self._query)
        except Exception as error:  # noqa: BLE001 - a secret that is not set, no file descriptors left
            return ProbeResult(failure(error), query=self._query)
        await child.finish(child.silent)
        return self._seen(child, took)

    async def aclose(self) -> None:
        ending, child = self._ending, self._late_one
        if ending is not None and child is not None:
            ending.cancel()
            await asyncio.wait({ending})
            await child.finish(child.exited)  # the task may not even have begun

    def _prepare(self) -> tuple[str, dict[str, str]]:
        """(the program's path, its environment). Touches files, and with them perhaps a mount that hangs."""
        environ, folder = self._probe_context.environ, self._spec.cwd
        env = {name: value for name, value in environ.items() if _INHERITED.fullmatch(name)}
        env.setdefault("PATH", "/usr/local/bin:/usr/bin:/bin")
        env |= {n: v.reveal(environ) if isinstance(v, Secret) else v for n, v in self._spec.env.items()}
        if not _is(os.path.isdir, folder):
            raise Unable(Reason.ABSENT, f"the folder {folder} does not exist: create it, or fix `cwd`")
        name = self._spec.run[0]
        if "/" not in name:
            found = shutil.which(name, path=env["PATH"])
            if found is None:
                raise Unable(Reason.ABSENT, f"{name} is not installed: install it, or write its full path in `run`")
            return os.path.abspath(found), env
        place = os.path.normpath(os.path.join(folder, name))
        if not _is(os.path.exists, place):
            raise Unable(Reason.ABSENT, f"{place} does not exist: fix its path in `run`")
        if os.path.isdir(place) or not os.access(place, os.X_OK):
            raise Unable(Reason.DENIED, f"{place} is not executable: chmod +x, or fix its path in `run`")
        return os.path.abspath(place), env

    def _late(self, child: Child) -> Failure:
        limit = span_text(self._spec.timeout)
        if child.started:
            self._late_one = child
            self._ending = asyncio.create_task(child.end(GRACE), name=f"end {self._spec.id}")
            self._ending.add_done_callback(self._ended)
            return Failure(Reason.TIMEOUT, f"it did not finish within {limit}")
        if self._ending is not None:
            return Failure(
                Reason.BLOCKED,
                ("the program of the previous probe is still running and could not be killed"),
                blind=True,
            )
        return Failure(
            Reason.TIMEOUT, f"the file could not be read within {limit}: check the network mount", blind=True
        )

    def _ended(self, done: asyncio.Task[None]) -> None:
        if self._ending is done:
            self._ending = self._late_one = None

    def _seen(self, child: Child, took: float) -> ProbeResult:
        code = child.exit
        assert code is not None
        text = child.out[1].decode("utf-8", "replace").rstrip("\r\n")
        said = child.out[2].decode("utf-8", "replace").rstrip()
        answers: dict[str, object] = {"exit": code, "stdout": text}
        remarks = []
        if _NUMBER.fullmatch(text.strip()):
            answers["value"] = Decimal(text.strip())
        try:
            document = parse_json(text)
        except NotJson as error:
            if any(c.root == "body" for _, c in self._spec.conditions()):
                remarks.append(f"stdout is {error}")
        else:
            answers["body"] = Body(text, document) if isinstance(document, dict | list) else document
        if code and said:
            remarks.append(printable(f"stderr: {said.splitlines()[-1].strip()}", 300))
        failed = None
        if code < 0:
            failed = Failure(Reason.EXIT, f"killed by {_signal_name(-code)}")
        elif 1 in child.cut and self._spec.reads_output():
            failed = Failure(Reason.TOO_LARGE, f"stdout is larger than {LARGEST // 1024} kB")
        return ProbeResult(
            failed,
            Decimal(str(round(took, 6))),
            answers,
            printable("\n".join(part for part in (text, said) if part), EXCERPT, lines=True),
            remarks=tuple(remarks),
            query=self._query,
        )


def _is(asked: Callable[[str], bool], path: str) -> bool:
    """What ``asked`` says of ``path``. Raises Unable where we may not look: then nobody knows."""
    if asked(path):
        return True
    try:
        os.stat(path)
    except PermissionError:
        raise Unable(Reason.DENIED, f"{path} may not be looked at: we lack the right to enter its folder") from None
    except OSError:
        pass
    return False


@contextmanager
def _starting() -> Iterator[None]:
    """What the system says when it starts a program, as `Unable` with the mend."""
    try:
        yield
    except FileNotFoundError:
        raise Unable(Reason.ABSENT, "the interpreter in the first line (#!) does not exist: install it") from None
    except PermissionError:
        raise Unable(
            Reason.DENIED, ("permission denied: check the permissions of the file and its mount options")
        ) from None
    except OSError as error:
        if error.errno == errno.ENOEXEC:
            what = "not an executable for this machine: does the script have a first line (#!)?"
            raise Unable(Reason.DENIED, what) from None
        if error.errno in (errno.EMFILE, errno.ENFILE):
            raise  # told in the same words everywhere
        raise Unable(Reason.INTERNAL, f"this machine could not start it: {os.strerror(error.errno or 0)}") from None


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


KIND = Kind("command", CommandSpec, CommandProbe)
