"""Who did it: the kernel's word first, sudo's where everybody is root, nobody else's."""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
from pathlib import Path

import pytest

from artisan_tui.engine.identity import actor

UNSET = str(2**32 - 1)
NOBODY = pwd.getpwnam("nobody").pw_uid
DAEMON = pwd.getpwnam("daemon").pw_uid
ROOT = (0, 0)


def who(folder: Path, recorded: str, uids: tuple[int, int], **environ: str) -> str:
    (folder / "loginuid").write_text(recorded)
    return actor(folder / "loginuid", environ, uids)


def test_d11_the_login_that_became_root_is_named(tmp_path: Path) -> None:
    assert who(tmp_path, str(NOBODY), ROOT) == "nobody"
    assert who(tmp_path, str(NOBODY), ROOT, SUDO_USER="daemon") == "nobody"


@pytest.mark.parametrize("recorded", [UNSET, "0", "", "x"])
def test_d11_without_an_audit_uid_root_is_named_by_sudo(tmp_path: Path, recorded: str) -> None:
    assert who(tmp_path, recorded, ROOT, SUDO_USER="daemon") == "daemon"
    assert who(tmp_path, recorded, ROOT, DOAS_USER="daemon") == "daemon"
    assert who(tmp_path, recorded, ROOT) == "root"


@pytest.mark.parametrize("name", ["root", "no such login", "", "a\0b", "\x1b[31m", "daemon "])
def test_d11_what_sudo_cannot_have_said_is_not_taken(tmp_path: Path, name: str) -> None:
    assert who(tmp_path, UNSET, ROOT, SUDO_USER=name, USER="daemon") == "root"


@pytest.mark.parametrize("uids", [(NOBODY, NOBODY), (NOBODY, 0), (0, NOBODY)])
def test_d11_nobody_but_root_can_name_another_person(tmp_path: Path, uids: tuple[int, int]) -> None:
    expected = pwd.getpwuid(uids[0]).pw_name
    assert who(tmp_path, UNSET, uids, SUDO_USER="daemon", USER="daemon", LOGNAME="daemon") == expected
    assert who(tmp_path, str(DAEMON), uids, SUDO_USER="games") == "daemon"


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_d11_a_note_written_under_sudo_has_the_person_s_name(tmp_path: Path) -> None:
    recorded = Path("/proc/self/loginuid")
    if recorded.exists() and recorded.read_text().strip() not in (UNSET, "0"):
        pytest.skip("this machine records who logged in")
    environ = {**os.environ, "SUDO_USER": "daemon"}
    command = [sys.executable, "-m", "artisan_tui", "--state", str(tmp_path)]
    (tmp_path / "artisan.toml").write_text('[[service]]\nid = "a"\n[[service.check]]\nid = "m"\nkind = "memory"\n')
    command += ["--config", str(tmp_path / "artisan.toml")]
    subprocess.run([*command, "note", "hello"], check=True, env=environ, capture_output=True, timeout=60)
    log = subprocess.run([*command, "audit", "log"], check=True, capture_output=True, text=True, timeout=60)
    assert "daemon" in log.stdout
