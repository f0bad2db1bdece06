"""A configuration that somebody else can write is not obeyed; a secret that others can read is none."""

from __future__ import annotations

import grp
import os
import pwd
import shlex
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from artisan_tui.config.access import check_access
from artisan_tui.config.load import load
from artisan_tui.config.problems import ConfigError
from artisan_tui.config.secret import Secret, SecretMissing
from config.config_stubs import KINDS, SOUND, write

NOBODY = 65534
root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody may enter, below nothing that keeps them out."""
    with tempfile.TemporaryDirectory(prefix="artisan-access-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


def groups(monkeypatch: pytest.MonkeyPatch, gid: int, name: str, members: list[str]) -> None:
    """Makes us a user "kim" whose first group is ``gid``, called ``name``."""
    kim = pwd.struct_passwd(("kim", "x", os.geteuid(), 4242, "", "/", "/bin/sh"))
    monkeypatch.setattr(pwd, "getpwuid", lambda uid: kim)
    monkeypatch.setattr(grp, "getgrgid", lambda asked: grp.struct_group((name, "x", asked, members)))


def test_a_file_of_our_own_is_fine(tmp_path: Path) -> None:
    path = write(tmp_path, SOUND)
    for mode in (0o600, 0o644, 0o400, 0o755):
        path.chmod(mode)
        assert check_access(path) is None
    assert load(path, KINDS).chosen is None
    assert check_access(tmp_path / "none.toml") is None


@pytest.mark.parametrize(("mode", "who"), [(0o602, "any user"), (0o666, "any user"), (0o660, "the group")])
def test_a_file_that_others_can_write(tmp_path: Path, mode: int, who: str, monkeypatch: pytest.MonkeyPatch) -> None:
    groups(monkeypatch, 100, "users", [])
    path = write(tmp_path, SOUND)
    path.chmod(mode)
    with pytest.raises(ConfigError) as caught:
        load(path, KINDS)
    (found,) = caught.value.problems
    assert found.file == str(path)
    assert found.what.startswith(f"it can be written by {who}")
    assert found.mend == f"chmod go-w {path}"
    subprocess.run(shlex.split(found.mend), check=True)
    assert load(path, KINDS).services


def test_a_mend_can_be_pasted_whatever_the_folder_is_called(tmp_path: Path) -> None:
    folder = tmp_path / "my conf; echo x"
    folder.mkdir()
    path = write(folder, SOUND)
    path.chmod(0o666)
    found = check_access(path)
    assert found is not None
    subprocess.run(found.mend, shell=True, check=True)
    assert check_access(path) is None


def test_a_group_of_one_is_nobody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, SOUND)
    path.chmod(0o664)
    tmp_path.chmod(0o775)
    if os.geteuid() == 0:
        os.chown(path, 0, 4242)
        os.chown(tmp_path, 0, 4242)
        groups(monkeypatch, 4242, "kim", [])
        assert check_access(path) is None
        groups(monkeypatch, 4242, "kim", ["kim"])
        assert check_access(path) is None
    groups(monkeypatch, 4242, "kim", ["lee"])
    assert check_access(path) is not None
    groups(monkeypatch, 4242, "staff", [])
    assert check_access(path) is not None


@root_only
def test_another_group_than_our_own_first_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, SOUND)
    path.chmod(0o664)
    os.chown(path, 0, 4243)
    groups(monkeypatch, 4242, "kim", [])
    found = check_access(path)
    assert found is not None
    assert "the group kim" in found.what


@root_only
def test_a_file_of_somebody_else(tmp_path: Path) -> None:
    path = write(tmp_path, SOUND)
    os.chown(path, NOBODY, -1)
    found = check_access(path)
    assert found is not None
    assert f"owned by {pwd.getpwuid(NOBODY).pw_name}" in found.what
    subprocess.run(found.mend.partition(": ")[2], shell=True, check=True)
    assert check_access(path) is None


def test_a_folder_where_others_can_replace_it(tmp_path: Path) -> None:
    path = write(tmp_path, SOUND)
    tmp_path.chmod(0o777)
    found = check_access(path)
    assert found is not None
    assert found.what == f"it is in {tmp_path}, where any user can replace it"
    subprocess.run(shlex.split(found.mend), check=True)
    assert check_access(path) is None
    # Like /tmp: what is ours stays ours.
    tmp_path.chmod(0o1777)
    assert check_access(path) is None


@root_only
def test_a_folder_of_somebody_else(tmp_path: Path) -> None:
    folder = tmp_path / "theirs"
    folder.mkdir()
    path = write(folder, SOUND)
    for mode in (0o755, 0o1777):
        folder.chmod(mode)
        os.chown(folder, NOBODY, -1)
        found = check_access(path)
        assert found is not None
        assert "who could replace it" in found.what
        assert "move it" in found.mend


def test_a_link_is_evaluated_by_what_it_leads_to(tmp_path: Path) -> None:
    home, links = tmp_path / "home", tmp_path / "links"
    home.mkdir()
    links.mkdir()
    real = home / "real.toml"
    real.write_text(SOUND)
    link = links / "artisan.toml"
    link.symlink_to("../home/real.toml")
    assert load(link, KINDS).path == link
    real.chmod(0o666)
    found = check_access(link)
    assert found is not None
    assert (found.file, found.mend) == (str(link), f"chmod go-w {real}")
    assert f"it leads to {real}" in found.what
    real.chmod(0o644)
    home.chmod(0o777)
    assert check_access(link) is not None


def test_what_may_not_be_obeyed_is_not_repeated_either(tmp_path: Path) -> None:
    path = write(tmp_path, "[artisan]\nname = 7\n# attention")
    path.chmod(0o666)
    with pytest.raises(ConfigError) as caught:
        load(path, KINDS)
    assert [p.key for p in caught.value.problems] == [""]
    assert caught.value.__context__ is None


def test_a_pipe_is_read_like_a_file() -> None:
    receiver, sender = os.pipe()
    os.write(sender, SOUND.encode())
    os.close(sender)
    try:
        assert load(Path(f"/dev/fd/{receiver}"), KINDS).services
    finally:
        os.close(receiver)


@pytest.mark.parametrize("mode", [0o644, 0o604])
def test_a_secret_that_everybody_can_read(open_folder: Path, mode: int) -> None:
    token = open_folder / "token"
    token.write_text("hunter2\n")
    token.chmod(mode)
    secret = Secret("file", str(token))
    with pytest.raises(SecretMissing) as caught:
        secret.reveal({})
    sentence = str(caught.value)
    assert "readable by any user" in sentence
    assert "hunter2" not in sentence
    subprocess.run(shlex.split(sentence.rpartition(": ")[2]), check=True)
    assert secret.reveal({}) == "hunter2"


def test_a_secret_that_our_group_can_read(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    token = open_folder / "token"
    token.write_text("hunter2\n")
    token.chmod(0o640)
    groups(monkeypatch, 100, "users", [])
    with pytest.raises(SecretMissing, match="readable by the group users"):
        Secret("file", str(token)).reveal({})
    if os.geteuid() == 0:
        os.chown(token, 0, 4242)
        groups(monkeypatch, 4242, "kim", [])
        assert Secret("file", str(token)).reveal({}) == "hunter2"


@root_only
def test_a_secret_that_root_lends_to_a_group(open_folder: Path) -> None:
    """As Kubernetes mounts them: root's, and the pod's group may read."""
    token = open_folder / "token"
    token.write_text("hunter2\n")
    os.chown(token, 0, NOBODY)
    token.chmod(0o440)
    secret = Secret("file", str(token))
    os.setegid(NOBODY)
    os.seteuid(NOBODY)
    try:
        assert secret.reveal({}) == "hunter2"
    finally:
        os.seteuid(0)
        os.setegid(0)
    token.chmod(0o444)
    with pytest.raises(SecretMissing, match="any user"):
        secret.reveal({})


def test_a_shut_folder_protects_what_is_in_it(open_folder: Path) -> None:
    inner = open_folder / "shut" / "inner"
    inner.mkdir(parents=True)
    token = inner / "token"
    token.write_text("hunter2\n")
    token.chmod(0o644)
    (open_folder / "shut").chmod(0o700)
    assert Secret("file", str(token)).reveal({}) == "hunter2"
    (open_folder / "shut").chmod(0o711)
    with pytest.raises(SecretMissing, match="any user"):
        Secret("file", str(token)).reveal({})
