"""``command``: a program with arguments. Without a capture it is the attempt's own process; with one, a child of it."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from artisan_tui.domain.runbooks.definition import Action
from artisan_tui.steps.runbooks import ssh
from artisan_tui.steps.runbooks.operands import changed, digests
from artisan_tui.steps.runbooks.programs import asked_program, parsed, run_program
from artisan_tui.steps.runbooks.protocol import (
    FAILED,
    OK,
    UNKNOWN,
    Finding,
    QuietKind,
    Resolved,
    StepChannel,
    StepContext,
    StepOutcome,
    StepRefused,
    has_secrets,
    marked,
    plain,
    resolved_act,
)

_ASKS_OUTPUT = re.compile(r"\s*(stdout|body)\b")
_FAR = "what it starts at the other machine goes on there when the connection ends"
_LACKS_REVISION = re.compile(r"Can't locate revision identified by")


class Command(QuietKind):
    #: Looks at files of this machine only: no process is needed to be sure that it ends.
    PREFLIGHT_HERE: Final = True

    def plan(self, action: Action, context: StepContext) -> Resolved:
        body = action.body
        shell = body.get("shell")
        argv = ("/bin/sh", "-c", plain(shell)) if shell is not None else tuple(map(plain, body["run"]))
        if any(has_secrets(word) for word in argv):
            raise StepRefused("a secret among the arguments is seen by everybody on the machine", "put it into env")
        if any("\0" in word for word in argv) or not argv[0].strip():
            raise StepRefused("the program's name is empty", 'write run = ["program", "argument"]')
        call = ssh.read_call(argv) if shell is None and ssh.is_ssh(argv[0]) else None
        argv = argv if call is None else call.argv()
        cwd = context.folder / os.path.expanduser(plain(body["cwd"])) if body.get("cwd") else context.folder
        env = {name: marked(plain(value)) for name, value in body.get("env", {}).items()}
        run = {"ARTISAN_RUN": context.run, "ARTISAN_STEP": context.step, "ARTISAN_IDEMPOTENCY_KEY": context.mark}
        found = _operands(argv if shell is None else shlex_words(plain(shell)), cwd)
        files = {} if context.stack else digests((*found, *map(plain, body.get("files", ()))), cwd)
        request: dict[str, Any] = {"argv": argv, "cwd": str(cwd), "env": {**run, **env}}
        request |= {"pty": True} if body.get("pty") else {}
        request |= {"stdin": plain(body["stdin"])} if body.get("stdin") is not None else {}
        request |= {"ssh": {"host": call.host, "asks": call.argv(("true",))}} if call is not None else {}
        asked = bool(context.capture) or any(_ASKS_OUTPUT.match(each) for each in action.expect)
        return resolved_act(
            action,
            context,
            shlex.join(argv) if shell is None else plain(shell),
            request,
            argv=argv if body.get("pty") or not asked else (),
            files=files,
            notes=(*_notes(argv, shell is not None), *(() if call is None else (_FAR,))),
        )

    def act(self, resolved: Resolved, before: Mapping[str, Any], channel: StepChannel) -> StepOutcome:
        request = resolved.request
        env = {**channel.environ, **{name: str(each) for name, each in request.get("env", {}).items()}}
        cwd, began = request.get("cwd"), time.monotonic()
        ran = run_program(list(request["argv"]), env, channel, cwd=cwd, given=request.get("stdin"))
        return replace(outcome_of(ran.code, ran.stdout, resolved), latency=time.monotonic() - began)

    def dry(self, resolved: Resolved, channel: StepChannel) -> StepOutcome:
        missing = [each for each in self.preflight(resolved, channel) if each.ok is False]
        if missing:
            return StepOutcome(FAILED, "; ".join(each.what for each in missing))
        return StepOutcome(OK, f"would run: {resolved.shown}")

    def preflight(self, resolved: Resolved, channel: StepChannel) -> tuple[Finding, ...]:
        name, cwd = str(resolved.request["argv"][0]), str(resolved.request["cwd"])
        found = []
        if not Path(cwd).is_dir():
            found.append(Finding(False, f"there is no folder {cwd}", "correct cwd"))
        program = str(Path(cwd, name)) if "/" in name else name
        path = str(resolved.request.get("env", {}).get("PATH") or channel.environ.get("PATH") or os.defpath)
        there = shutil.which(program, path=path)
        missing = Finding(False, f"{name} is not installed, or may not be executed", "install it, or correct its path")
        found.append(Finding(True, f"{there} can be executed") if there else missing)
        if there and "ssh" in resolved.request:
            found.append(_reached(resolved, channel))
        found.extend(Finding(False, f"{each} changed", "confirm again") for each in changed(resolved.files))
        return tuple(found)


def outcome_of(code: int | None, output: str, resolved: Resolved) -> StepOutcome:
    """How a program that ended with ``code`` did; a condition on ``exit`` tells whether that is well."""
    answers = {"exit": code, "stdout": output, "body": parsed(output)}
    if code == ssh.FAILED_ITSELF and "ssh" in resolved.request:
        unsent, why = ssh.why_255(str(resolved.request["ssh"]["host"]), output)
        state = FAILED if unsent or not resolved.mutates else UNKNOWN
        return StepOutcome(state, why, exit=code, answers=answers)
    if code and _LACKS_REVISION.search(output):
        why = "this image lacks the file of the database's revision: downgrade with the new image, then roll the image back"
        return StepOutcome(FAILED, why, exit=code, answers=answers)
    return StepOutcome(OK, exit=code, answers=answers)


def _reached(resolved: Resolved, channel: StepChannel) -> Finding:
    """Whether the other machine lets us in: a login that does nothing."""
    host = str(resolved.request["ssh"]["host"])
    try:
        ran = asked_program(list(resolved.request["ssh"]["asks"]), channel.environ, min(15.0, channel.left))
    except (StepRefused, TimeoutError):
        return Finding(False, f"ssh to {host} does not answer in time", "see that it runs")
    if ran.code == 0:
        return Finding(True, f"{host} lets us in")
    return Finding(False, ssh.why_255(host, ran.stderr)[1])


def shlex_words(line: str) -> list[str]:
    """The words of a shell line as far as they can be told; their files are operands."""
    try:
        return shlex.split(line, comments=True)
    except ValueError:
        return line.split()


def _operands(words: Iterable[str], cwd: Path) -> list[str]:
    """The words that name files: scripts, manifests, dumps. A bare program of the system is none."""
    found: dict[str, None] = {}
    for index, word in enumerate(words):
        inner = shlex_words(word) if index and any(each in word for each in " \n;|&<>") else []
        for each in (word, word.partition("=")[2], word.removeprefix("@"), *inner, *(one.rstrip(";") for one in inner)):
            if not each or (index == 0 and "/" not in each) or len(each) > 4096 or "\0" in each:
                continue
            path = cwd / os.path.expanduser(each)
            try:
                if path.is_file():
                    found[each] = None
            except OSError:
                continue
    return list(found)


def _notes(argv: tuple[str, ...], shell: bool) -> Iterable[str]:
    words = shlex_words(argv[2]) if shell else list(argv)
    if shell:
        yield "it runs in a shell: the exit code is that of the last program of a pipe"
    programs = [each.rpartition("/")[2] for each in words]
    if "alembic" in programs and "downgrade" in programs and any(re.fullmatch(r"-\d+", each) for each in words):
        raise StepRefused(
            "alembic downgrade -1 undoes whichever revision came last, and cannot tell at two heads",
            "name the revision that was captured before the upgrade",
        )
    if "psql" in programs and not any("ON_ERROR_STOP" in each for each in words):
        raise StepRefused(
            "psql without ON_ERROR_STOP exits 0 when a statement failed",
            "add -v ON_ERROR_STOP=1 --single-transaction",
        )


KIND = Command()
