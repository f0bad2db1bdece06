"""Outputs of systemctl that were recorded on machines with systemd."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from artisan_tui.domain.checks.outcome import Outcome
from artisan_tui.domain.probe_result import ProbeResult
from support.probing import run_probe

SCRIPT = """#!/bin/sh
here=$(dirname "$0")
printf '%s\\n' "$@" >> "$here/argv"
env >> "$here/env"
case "$*" in
*status*) cat "$here/status"; exit 3;;
*) cat "$here/said" >&2; cat "$here/show"; exit $(cat "$here/code");;
esac
"""
ACTIVE = {
    "Id": "nginx.service",
    "Names": "nginx.service",
    "LoadState": "loaded",
    "ActiveState": "active",
    "SubState": "running",
    "Result": "success",
    "NRestarts": "0",
    "MainPID": "812",
    "ExecMainStatus": "0",
    "ExecMainCode": "0",
    "ExecMainStartTimestamp": "Sun 2026-11-29 08:00:00 UTC",
    "StateChangeTimestamp": "Sun 2026-11-29 08:00:01 UTC",
    "StatusText": "",
}
FAILED = {**ACTIVE, "ActiveState": "failed", "SubState": "failed", "Result": "exit-code", "ExecMainStatus": "1"}
FAILED |= {"ExecMainCode": "1", "MainPID": "0"}


class Recorded:
    """A ``systemctl`` in ``folder`` that prints what is put here."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        program = folder / "systemctl"
        program.write_text(SCRIPT)
        program.chmod(0o755)
        self.environ = {"PATH": f"{folder}:/usr/bin:/bin", "SECRET": "s3cret"}
        self.put({}, status="")

    def put(self, shown: Mapping[str, str] | str, *, status: str = "", said: str = "", code: int = 0) -> None:
        text = shown if isinstance(shown, str) else "".join(f"{key}={value}\n" for key, value in shown.items())
        for name, content in (("show", text), ("status", status), ("said", said), ("code", str(code))):
            (self._folder / name).write_text(content)

    def read(self, name: str) -> str:
        return (self._folder / name).read_text()

    async def probe(self, **keys: object) -> tuple[ProbeResult, Outcome]:
        return await run_probe("systemd", environ=self.environ, **{"unit": "nginx", "timeout": "5s", **keys})
