"""The kind systemd: the state of a unit, as systemctl shows it.

systemctl is run, without a shell. It is on every machine with systemd and its output for programs is stable; a package
for D-Bus would only repeat its call.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import signal
import time
from decimal import Decimal
from typing import TYPE_CHECKING

from artisan_tui.domain.condition import examine
from artisan_tui.domain.probe_result import Failure, ProbeResult
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.span import span_text
from artisan_tui.domain.text.printable import printable
from artisan_tui.sources.checks.command.child_process import ChildProcess
from artisan_tui.sources.checks.systemd.spec import SystemdSpec
from artisan_tui.sources.checks.systemd.unit import PROPERTIES, Unit, last_words
from artisan_tui.sources.errors import failure
from artisan_tui.sources.kind import Kind
from artisan_tui.sources.lookup import search
from artisan_tui.sources.restarts import Restarts

if TYPE_CHECKING:
    from artisan_tui.sources.probe_context import ProbeContext

#: Lines of a failed unit's log that are read.
LINES = 10
_INHERITED = re.compile(r"PATH|HOME|USER|LOGNAME|XDG_RUNTIME_DIR|DBUS_S[A-Z]+_BUS_ADDRESS")
#: Times in UTC and words in English, because both are parsed.
_FIXED = {"LC_ALL": "C", "TZ": "UTC", "SYSTEMD_COLORS": "0", "SYSTEMD_PAGER": "", "SYSTEMD_URLIFY": "0"}
_PATH = "/usr/local/bin:/usr/bin:/bin"


class SystemdProbe:
    """Runs systemctl for every probe."""

    def __init__(self, spec: SystemdSpec, probe_context: ProbeContext) -> None:
        self._spec, self._connections = spec, probe_context.connections
        self._restarts = Restarts(spec.restarts_within)
        inherited = {name: value for name, value in probe_context.environ.items() if _INHERITED.fullmatch(name)}
        self._env = {"PATH": _PATH, **inherited, **_FIXED}
        self._query = printable(" ".join((*spec.argv, "status", "--", spec.full_name)), 300)

    async def probe(self) -> ProbeResult:
        spec = self._spec
        try:
            async with asyncio.timeout(spec.timeout):
                program = await self._connections.off_loop(shutil.which, "systemctl", path=self._env["PATH"])
                if program is None:
                    return self._failed(_MISSING)
                began = time.monotonic()
                shown = ["show", f"--property={','.join(PROPERTIES)}", "--", spec.full_name]
                code, text, said = await self._run(program, *shown)
                took = Decimal(str(round(time.monotonic() - began, 6)))
                unit = Unit.read(spec.full_name, text)
                if code or not unit.get("ActiveState"):
                    return self._failed(self._refusal(said, code))
                words, log = await self._log(program) if unit.get("ActiveState") == "failed" else ("", "")
        except TimeoutError:
            limit = span_text(spec.timeout)
            return self._failed(Failure(Reason.TIMEOUT, f"systemctl did not answer within {limit}", blind=True))
        except Exception as error:  # noqa: BLE001 - no process can be started, or no free file descriptor
            why = failure(error)
            return self._failed(Failure(why.reason, why.detail, blind=True))
        return self._result(unit, took, words, log)

    async def aclose(self) -> None:
        """No program outlives its probe."""

    def _failed(self, why: Failure) -> ProbeResult:
        return ProbeResult(why, query=self._query)

    async def _run(self, program: str, *args: str) -> tuple[int, str, str]:
        """(exit status, stdout, stderr)."""
        child = ChildProcess()
        try:
            await child.start(program, (*self._spec.argv, *args), "/", self._env)
            await child.exited.wait()
        except BaseException:
            if child.started:
                child.signal(signal.SIGKILL)
                await child.finish(child.exited)
            raise
        await child.finish(child.silent)
        out, said = (child.out[fd].decode("utf-8", "replace") for fd in (1, 2))
        return child.exit or 0, out, said

    async def _log(self, program: str) -> tuple[str, str]:
        """The last line of a failed unit, and all that are shown. It is empty where its log cannot be read."""
        args = ("status", "--no-pager", "--full", f"--lines={LINES}", "--output=cat", "--", self._spec.full_name)
        try:
            # The journal may be slow to search, and the state is known without it.
            async with asyncio.timeout(self._spec.timeout / 3):
                _, text, _ = await self._run(program, *args)
        except TimeoutError:
            return "", ""
        return last_words(self._spec.full_name, text)

    def _refusal(self, said: str, code: int) -> Failure:
        """Blind: without systemd the state of the unit is unknown."""
        first = printable(said.strip().splitlines()[0] if said.strip() else f"exit status {code}", 200)
        if "not been booted with systemd" in said:
            mend = "run artisan-tui on the machine of the unit, and not in a container"
            return Failure(Reason.UNREACHABLE, f"systemd does not run here: {mend}", blind=True)
        if "Failed to connect to bus" in said or "XDG_RUNTIME_DIR" in said:
            mend = "is dbus running, and its socket in this container?"
            if self._spec.user:
                mend = "this user has no session: loginctl enable-linger, and XDG_RUNTIME_DIR=/run/user/UID"
            return Failure(Reason.UNREACHABLE, f"systemd cannot be reached ({first}): {mend}", blind=True)
        denied = "denied" in said.lower() or "authenti" in said.lower()
        return Failure(Reason.DENIED if denied else Reason.QUERY, f"systemctl: {first}", blind=True)

    def _result(self, unit: Unit, took: Decimal, words: str, log: str) -> ProbeResult:
        spec, now = self._spec, time.time()
        if not unit.is_named:
            other = unit.get("Id") or "a unit without a name"
            what = f"systemctl answered about {other}, not about {unit.name}"
            return self._failed(Failure(Reason.PROTOCOL, what, blind=True))
        recent = self._restarts.count({unit.name: unit.starts}, now)[unit.name]
        body = unit.body(recent)
        shown = "\n".join(f"{name} {value}" for name, value in body.items() if value not in ("", None))
        why = unit.failure(recent, spec.restarts, spec.restarts_within, now)
        seen = ProbeResult(
            latency=took,
            answers={"body": body, "value": recent},
            excerpt=printable(f"{shown}\n{log}".strip(), lines=True),
            notes=tuple(unit.notes(recent, spec.restarts, spec.restarts_within)),
            noted=Reason.RESTARTING if recent > spec.restarts else Reason.NOT_READY,
            query=self._query,
        )
        if why is None or (not why.blind and self._accepted(seen)):
            return seen
        if words:
            why = Failure(why.reason, printable(f"{why.detail}: {words}", 500), blind=why.blind)
        return ProbeResult(why, None, seen.answers, seen.excerpt, query=self._query)

    def _accepted(self, seen: ProbeResult) -> bool:
        """Whether the conditions ask for just this state, such as inactive for a substitute."""
        conditions = [each for each in self._spec.expect if each.root == "body"]
        return self._spec.accepts_other_states() and all(examine(each, seen, search).ok for each in conditions)


_MISSING = Failure(
    Reason.NOT_INSTALLED,
    'systemctl is not installed here: run artisan-tui on the machine of the unit, or write kind = "command"',
    blind=True,
)

__all__ = ["KIND", "SystemdProbe", "SystemdSpec"]

KIND = Kind("systemd", SystemdSpec, SystemdProbe)
