"""An OpenSSH server of our own on loopback: its own keys, its own configuration, and where it is asked for its own logins.

As root it runs in a mount namespace: its privilege separation folder, and the logins, are there and nowhere else.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from support.processes import with_us
from support.servers import free_port, require, until

_CONFIG = """
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/authorized_keys
PidFile none
StrictModes no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
UsePAM {pam}
AcceptEnv EFFECTS
LogLevel VERBOSE
"""
_NAMESPACE = """
set -e
mount --make-rprivate /
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/sshd
if [ -e {folder}/passwd ]; then mount --bind {folder}/passwd /etc/passwd; mount --bind {folder}/shadow /etc/shadow; fi
exec {sshd} -D -e -f {folder}/sshd_config
"""


@dataclass(frozen=True)
class SshServer:
    """``folder`` may be entered by everybody. ``become`` starts a command as root whoever is logged in."""

    process: subprocess.Popen[bytes]
    folder: Path
    port: int

    @property
    def become(self) -> str:
        return f"{self.folder}/become --reuid 0 --regid 0 --clear-groups --"

    def options(self, known: Path | None = None, key: Path | None = None) -> list[str]:
        """Those of a client that knows this server only."""
        known, key = known or self.folder / "known_hosts", key or self.folder / "key"
        settings = (f"UserKnownHostsFile={known}", "GlobalKnownHostsFile=/dev/null", "IdentitiesOnly=yes")
        return ["-F", "none", "-p", str(self.port), "-i", str(key), *(f"-o{each}" for each in settings)]

    def said(self) -> str:
        return (self.folder / "log").read_text("utf-8", "replace")

    def drop(self) -> int:
        """Kill every connection, not the server and not what was started through them; how many processes that were."""
        found = [each for each in psutil.Process(self.process.pid).children(recursive=True) if each.name() == "sshd"]
        for each in found:
            with contextlib.suppress(psutil.NoSuchProcess):
                each.send_signal(signal.SIGKILL)
        return len(found)


def new_key(path: Path) -> str:
    """A key pair without a passphrase; the public half."""
    subprocess.run(
        [require("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", path], check=True, stdin=subprocess.DEVNULL
    )
    return path.with_name(f"{path.name}.pub").read_text()


@contextlib.contextmanager
def ssh_server(logins: Mapping[str, int] | None = None) -> Iterator[SshServer]:
    """``logins`` are accounts that exist in this server only, with their uids; their logins are recorded by the kernel."""
    sshd, root = _sshd(), os.geteuid() == 0
    if logins and not root:
        pytest.skip("logins of its own need root")
    folder = Path(tempfile.mkdtemp(prefix="artisan-sshd-"))
    try:
        folder.chmod(0o755)
        port = free_port()
        public = new_key(folder / "host_key")
        (folder / "known_hosts").write_text(f"[127.0.0.1]:{port} {public}")
        (folder / "authorized_keys").write_text(new_key(folder / "key"))
        (folder / "sshd_config").write_text(
            _CONFIG.format(port=port, folder=folder, pam="yes" if logins else "no"), "utf-8"
        )
        if logins:
            _accounts(folder, logins)
        command = [sshd, "-D", "-e", "-f", str(folder / "sshd_config")]
        if root:
            script = _NAMESPACE.format(folder=folder, sshd=shlex.quote(sshd))
            command = [require("unshare"), "--mount", "sh", "-c", script]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                with_us(command), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        server = SshServer(process, folder, port)
        try:
            until(lambda: "Server listening" in server.said() or process.poll() is not None, what="sshd")
            assert process.poll() is None, server.said()
            yield server
        finally:
            server.drop()
            process.kill()
            process.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sshd() -> str:
    """It is not on everybody's PATH."""
    return shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin") or require("sshd")


def _accounts(folder: Path, logins: Mapping[str, int]) -> None:
    lines, shadows = Path("/etc/passwd").read_text(), Path("/etc/shadow").read_text()
    for name, uid in logins.items():
        lines += f"{name}:x:{uid}:{uid}::{folder}:/bin/sh\n"
        shadows += f"{name}:*:19000:0:99999:7:::\n"
    (folder / "passwd").write_text(lines)
    (folder / "shadow").write_text(shadows)
    (folder / "shadow").chmod(0o600)
    shutil.copy(require("setpriv"), folder / "become")
    (folder / "become").chmod(0o4755)
