"""The kind command: run a program, without a shell, and report its exit status and output."""

from __future__ import annotations

import asyncio
import errno
import os
import re
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING

from artisan_tui.config.secret import Secret
from artisan_tui.domain.probe_result import Failure, ProbeResult
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.span import span_text
from artisan_tui.domain.text.printable import printable
from artisan_tui.sources.blocking import Blocking, StillBlocked
from artisan_tui.sources.body import Body, NotJson, parse_json
from artisan_tui.sources.checks.command.child_process import CANCEL_GRACE, GRACE, LARGEST, ChildProcess
from artisan_tui.sources.checks.command.spec import CommandSpec
from artisan_tui.sources.errors import failure
from artisan_tui.sources.kind import Kind

if TYPE_CHECKING:
    from artisan_tui.sources.probe_context import ProbeContext

#: Characters of the output that are shown.
EXCERPT = 8192
#: Variables that the child inherits. Others may contain secrets that it does not need.
_INHERITED = re.compile(r"PATH|HOME|USER|LOGNAME|LANG|LC_[A-Z]+|TZ|TMPDIR")
_NUMBER = re.compile(r"[+-]?(\d{1,60}(\.\d{0,60})?|\.\d{1,60})([eE][+-]?\d{1,3})?|nan|[+-]?inf(inity)?", re.IGNORECASE)


class CannotStart(Exception):
    """The program could not be started. ``failure`` is blind: this says nothing about the target."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.failure = Failure(reason, printable(detail, 300), blind=True)


class CommandProbe:
    """Runs the program of a command check."""

    def __init__(self, spec: CommandSpec, probe_context: ProbeContext) -> None:
        self._spec, self._probe_context = spec, probe_context
        self._blocking = Blocking(spec.id)
        self._query = printable(spec.query, 500)
        self._expired: ChildProcess | None = None
        self._ending: asyncio.Task[None] | None = None

    async def probe(self) -> ProbeResult:
        spec, child = self._spec, ChildProcess()
        try:
            async with asyncio.timeout(spec.timeout):
                if self._ending is not None:
                    await asyncio.shield(self._ending)
                program, env = await self._blocking.run(spec.timeout, self._prepare)
                began = time.monotonic()
                with _starting():
                    await child.start(program, spec.run, spec.cwd, env)
                await child.exited.wait()
                took = time.monotonic() - began
        except TimeoutError:
            return ProbeResult(self._timed_out(child), query=self._query)
        except asyncio.CancelledError:
            if child.started:
                await child.end(CANCEL_GRACE)
            raise
        except (CannotStart, StillBlocked) as error:
            return ProbeResult(error.failure, query=self._query)
        except Exception as error:  # noqa: BLE001 - an unset secret, or no free file descriptor
            return ProbeResult(failure(error), query=self._query)
        await child.finish(child.silent)
        return self._result(child, took)

    async def aclose(self) -> None:
        """End a program that is still running after its timeout."""
        ending, child = self._ending, self._expired
        if ending is not None and child is not None:
            ending.cancel()
            await asyncio.wait({ending})
            await child.finish(child.exited)  # the task may not have started yet

    def _prepare(self) -> tuple[str, dict[str, str]]:
        """The program's path and its environment. Reads files, so a mount that hangs can block it."""
        environ, folder = self._probe_context.environ, self._spec.cwd
        env = {name: value for name, value in environ.items() if _INHERITED.fullmatch(name)}
        env.setdefault("PATH", "/usr/local/bin:/usr/bin:/bin")
        env |= {n: v.reveal(environ) if isinstance(v, Secret) else v for n, v in self._spec.env.items()}
        if not _check_path(os.path.isdir, folder):
            raise CannotStart(Reason.ABSENT, f"the folder {folder} does not exist: create it, or fix `cwd`")
        name = self._spec.run[0]
        if "/" not in name:
            found = shutil.which(name, path=env["PATH"])
            if found is None:
                raise CannotStart(
                    Reason.ABSENT, f"{name} is not installed: install it, or write its full path in `run`"
                )
            return os.path.abspath(found), env
        place = os.path.normpath(os.path.join(folder, name))
        if not _check_path(os.path.exists, place):
            raise CannotStart(Reason.ABSENT, f"{place} does not exist: fix its path in `run`")
        if os.path.isdir(place) or not os.access(place, os.X_OK):
            raise CannotStart(Reason.DENIED, f"{place} is not executable: chmod +x, or fix its path in `run`")
        return os.path.abspath(place), env

    def _timed_out(self, child: ChildProcess) -> Failure:
        limit = span_text(self._spec.timeout)
        if child.started:
            self._expired = child
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
            self._ending = self._expired = None

    def _result(self, child: ChildProcess, took: float) -> ProbeResult:
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
            remarks.append(printable(f"stderr: {said.splitlines()[-1].strip()}", 300, cut=2 in child.cut))
        failed = None
        if code < 0:
            failed = Failure(Reason.EXIT, f"killed by {_signal_name(-code)}")
        elif 1 in child.cut and self._spec.reads_output():
            failed = Failure(Reason.TOO_LARGE, f"stdout is larger than {LARGEST // 1024} kB")
        return ProbeResult(
            failed,
            Decimal(str(round(took, 6))),
            answers,
            printable("\n".join(part for part in (text, said) if part), EXCERPT, lines=True, cut=bool(child.cut)),
            remarks=tuple(remarks),
            query=self._query,
        )


def _check_path(asked: Callable[[str], bool], path: str) -> bool:
    """Whether ``asked(path)``. Raises CannotStart if permissions prevent the answer."""
    if asked(path):
        return True
    try:
        os.stat(path)
    except PermissionError:
        raise CannotStart(Reason.DENIED, f"{path} cannot be checked: permission denied for its directory") from None
    except OSError:
        pass
    return False


@contextmanager
def _starting() -> Iterator[None]:
    """Turn the system's errors at process start into `CannotStart` with a fix."""
    try:
        yield
    except FileNotFoundError:
        raise CannotStart(Reason.ABSENT, "the interpreter in the first line (#!) does not exist: install it") from None
    except PermissionError:
        raise CannotStart(
            Reason.DENIED, ("permission denied: check the permissions of the file and its mount options")
        ) from None
    except OSError as error:
        if error.errno == errno.ENOEXEC:
            what = "not an executable for this machine: does the script have a first line (#!)?"
            raise CannotStart(Reason.DENIED, what) from None
        if error.errno in (errno.EMFILE, errno.ENFILE):
            raise  # `errors.failure` has the message for this
        raise CannotStart(
            Reason.INTERNAL, f"this machine could not start it: {os.strerror(error.errno or 0)}"
        ) from None


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


__all__ = ["KIND", "CommandProbe", "CommandSpec"]

KIND = Kind("command", CommandSpec, CommandProbe)
