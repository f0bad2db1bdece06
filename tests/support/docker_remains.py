"""What a killed dockerd leaves: containers, their shims, mounts, folders. ``python docker_remains.py PID FOLDER`` waits.

Containers outlive their dockerd on purpose, so the kernel does not end them with the tests. This program does: it waits
for the end of process PID and then removes what belongs to FOLDER.
"""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import subprocess
import sys
from pathlib import Path

import psutil


def remove(folder: Path) -> None:
    """Everything of the dockerd whose files are in ``folder``, itself included."""
    while _kill(folder):
        pass
    places = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
    for place in sorted((p for p in places if p.startswith(f"{folder}/")), reverse=True):
        subprocess.run(["umount", "--lazy", place], check=False, capture_output=True)
    shutil.rmtree(folder, ignore_errors=True)


def _kill(folder: Path) -> bool:
    """Whether there was something to kill. A shim names the folder, its container does not."""
    found: list[psutil.Process] = []
    for process in psutil.process_iter(["pid", "cmdline"]):
        named = any(f"{folder}/" in part for part in process.info["cmdline"] or ())
        if named and process.info["pid"] != os.getpid():
            with contextlib.suppress(psutil.Error):
                found += [*process.children(recursive=True), process]
    for process in found:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(found, timeout=5)
    return bool(found)


def _wait_for_end(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        descriptor = os.pidfd_open(pid)
        select.select([descriptor], [], [])
        os.close(descriptor)


if __name__ == "__main__":
    _wait_for_end(int(sys.argv[1]))
    remove(Path(sys.argv[2]))
