"""One attempt of a step as the dashboard sees it: started once, watched by whoever comes, ended on request."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any, Final

from artisan_tui.engine.runbooks.shim import folder as files
from artisan_tui.engine.runbooks.shim.log import CAP, tail_of
from artisan_tui.engine.runbooks.shim.masking import forms
from artisan_tui.engine.runbooks.shim.processes import ProcessId, boot_id, session_of

#: Seconds within which a shim that was started records that its program begins.
STARTS_WITHIN: Final = 10.0
_POLL: Final = 0.002


class AttemptExists(Exception):
    """This attempt was started before. It is never started twice."""


class AttemptFailed(Exception):
    """Nothing was executed. The message says why."""


class AttemptState(Enum):
    """What is known about an attempt. ``ORPHANED``: its shim was killed, and something that it started still lives.
    ``LOST``: it began, nothing of it lives, and how it ended is not recorded. ``SEALED``: it never begins.
    """

    NOT_STARTED = "not started"
    SEALED = "sealed"
    STARTING = "starting"
    RUNNING = "running"
    ORPHANED = "orphaned"
    ENDED = "ended"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Action:
    """What is executed. ``environ`` is added to the dashboard's; secrets come apart from it. Times in seconds."""

    argv: tuple[str, ...]
    environ: Mapping[str, str] = field(default_factory=dict)
    cwd: str | None = None
    timeout: float = 300.0
    grace: float = 10.0
    pty: bool = False
    cap: int = CAP


@dataclass(frozen=True, slots=True)
class Secrets:
    """What must not be on disk: ``environ`` by name, ``masks`` are values to mask in the output, ``input`` for its stdin."""

    environ: Mapping[str, str] = field(default_factory=dict)
    masks: Sequence[str] = ()
    input: str | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """``code`` is the exit code, None when a ``signal`` ended it or it could not be executed (``error``).

    ``survivors`` are processes that it left behind. ``output`` counts bytes printed and kept.
    """

    code: int | None
    signal: int | None
    error: str
    timed_out: bool
    aborted: bool
    lasted: float
    survivors: tuple[ProcessId, ...]
    output: Mapping[str, Any]

    @property
    def ok(self) -> bool:
        return self.code == 0 and not (self.timed_out or self.aborted)


class Attempt:
    """The attempt in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def start(self, action: Action, secrets: Secrets | None = None) -> None:
        """Start it, and return when it is recorded that it began. Blocks; call it in a thread.

        Raises AttemptExists, and AttemptFailed when nothing was executed; ShortSecret for a secret that cannot be masked.
        """
        given = secrets or Secrets()
        forms(given.masks)
        lock = self._claim(action)
        command = [sys.executable, "-m", "artisan_tui.engine.runbooks.shim", str(self.folder), str(lock)]
        try:
            shim = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=(self.folder / "shim.err").open("wb"),
                pass_fds=(lock,),
                start_new_session=True,
                cwd="/",
            )
        except OSError as error:
            raise AttemptFailed(f"the shim cannot be started: {error.strerror}") from None
        finally:
            os.close(lock)
        assert shim.stdin is not None
        told = {"environ": dict(given.environ), "masks": list(given.masks), "input": given.input}
        try:
            shim.stdin.write(json.dumps(told).encode("utf-8", "surrogateescape"))
            shim.stdin.close()
        except OSError:
            pass  # it has ended: what it left says so
        self._await_start(shim)

    def _claim(self, action: Action) -> int:
        """Make the folder this attempt's alone; the descriptor that holds its lock."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = files.take_lock(self.folder)
        except OSError as error:
            raise AttemptFailed(f"{self.folder} cannot be written: {error.strerror}") from None
        if lock is None:
            raise AttemptExists(str(self.folder))
        try:
            if any((self.folder / name).exists() for name in (files.REQUEST, files.START, files.EXIT, files.SEAL)):
                raise AttemptExists(str(self.folder))
            request = {
                "argv": list(action.argv),
                "environ": dict(action.environ),
                "cwd": action.cwd,
                "timeout": action.timeout,
                "grace": action.grace,
                "pty": action.pty,
                "cap": action.cap,
            }
            files.write_json(self.folder, files.REQUEST, request)
        except OSError as error:
            os.close(lock)
            raise AttemptFailed(f"{self.folder} cannot be written: {error.strerror}") from None
        except AttemptExists:
            os.close(lock)
            raise
        return lock

    def seal(self, why: str = "") -> AttemptState:
        """Make sure that it is never started, if it was not; how it is then. ``why`` is kept. OSError for a full disk."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = files.take_lock(self.folder)
        if lock is None:
            return self.state()  # somebody starts it just now, or it runs
        try:
            begun = any((self.folder / name).exists() for name in (files.START, files.EXIT, files.SEAL))
            if not begun:
                files.write_json(self.folder, files.SEAL, {"why": why})
        finally:
            os.close(lock)
        return self.state()

    def sealed_for(self) -> str:
        """Why it was sealed, "" when nobody said so."""
        found = files.read_json(self.folder, files.SEAL)
        return "" if found is None else str(found.get("why", ""))

    def _await_start(self, shim: subprocess.Popen[bytes]) -> None:
        until = time.monotonic() + STARTS_WITHIN
        while not (self.folder / files.START).exists():
            if shim.poll() is not None and not (self.folder / files.START).exists():
                raise AttemptFailed(f"the shim ended: {self._last_words()}")
            if time.monotonic() > until:
                shim.kill()
                shim.wait()
                if not (self.folder / files.START).exists():
                    raise AttemptFailed(f"the shim did not begin within {STARTS_WITHIN:g} s")
                return
            time.sleep(_POLL)

    def _last_words(self) -> str:
        try:
            said = (self.folder / "shim.err").read_text("utf-8", "replace").strip().splitlines()
        except OSError:
            return "it left no word"
        return said[-1][:300] if said else "it left no word"

    # -- watching

    def state(self) -> AttemptState:
        """What is known now. ValueError for a damaged record."""
        if (self.folder / files.EXIT).exists():
            return AttemptState.ENDED
        begun = files.read_json(self.folder, files.START)
        alive = files.is_locked(self.folder)
        if (self.folder / files.EXIT).exists():
            return AttemptState.ENDED  # between the two looks
        if begun is None and (self.folder / files.SEAL).exists():
            return AttemptState.SEALED
        if begun is None:
            return AttemptState.STARTING if alive else AttemptState.NOT_STARTED
        if not alive or not _of_this_boot(begun):
            return AttemptState.LOST
        return AttemptState.RUNNING if _shim(begun).lives() else AttemptState.ORPHANED

    def ended(self) -> Ended | None:
        """How it ended, None while that is not recorded. ValueError for a damaged record."""
        found = files.read_json(self.folder, files.EXIT)
        if found is None:
            return None
        try:
            survivors = tuple(ProcessId(int(each["pid"]), str(each["start"])) for each in found["survivors"])
            return Ended(
                found["code"],
                found["signal"],
                str(found["error"]),
                bool(found["timed_out"]),
                bool(found["aborted"]),
                float(found["lasted"]),
                survivors,
                dict(found["output"]),
            )
        except (KeyError, TypeError) as error:
            raise ValueError(f"{files.EXIT} is damaged") from error

    def output(self, most: int = 64 * 1024) -> str:
        """The last ``most`` bytes that it printed, masked."""
        return tail_of(self.folder, most).decode("utf-8", "replace")

    # -- ending

    def terminate(self) -> bool:
        """TERM, after the grace KILL; whether there was anything to end. A second press is `kill`."""
        return self._tell(signal.SIGTERM)

    def kill(self) -> bool:
        """KILL at once; also what an ended or lost attempt left behind."""
        return self._tell(signal.SIGUSR1)

    def _tell(self, number: signal.Signals) -> bool:
        begun = files.read_json(self.folder, files.START)
        if begun is None or not _of_this_boot(begun):
            return False
        if self.ended() is None and _shim(begun).send(number):
            return True
        ended = self.ended()
        # Without its shim nobody ends what the program started: its whole session is ended from here.
        left = ended.survivors if ended is not None else session_of(ProcessId(int(begun["pid"]), str(begun["start"])))
        how = signal.SIGKILL if number is signal.SIGUSR1 else number
        sent = [each.send(how) for each in left]  # every one, not only up to the first
        return any(sent)


def _shim(begun: Mapping[str, Any]) -> ProcessId:
    return ProcessId(int(begun["shim"]), str(begun["shim_start"]))


def _of_this_boot(begun: Mapping[str, Any]) -> bool:
    return str(begun.get("boot", "")) == boot_id()
