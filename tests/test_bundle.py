"""The archive for machines without a network: what is in it, what its install.sh refuses, and once for real."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from bench import bundle
from support.servers import require

NAME = "artisan-tui-test"
SH = "/bin/sh"


def tiny_wheel(folder: Path) -> Path:
    """A wheel of the program's name that only knows its version."""
    about = "artisan_tui-0.1.0.dist-info"
    files = {
        "artisan_tui_stub.py": "def main():\n    print('artisan-tui 0.1.0')\n",
        f"{about}/METADATA": "Metadata-Version: 2.1\nName: artisan-tui\nVersion: 0.1.0\n",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{about}/entry_points.txt": "[console_scripts]\nartisan-tui = artisan_tui_stub:main\n",
    }
    record = "".join(
        f"{name},sha256={base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b'=').decode()},{len(text)}\n"
        for name, text in files.items()
    )
    path = folder / "artisan_tui-0.1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as packed:
        for name, text in {**files, f"{about}/RECORD": f"{record}{about}/RECORD,,\n"}.items():
            packed.writestr(name, text)
    return path


@pytest.fixture
def unpacked(tmp_path: Path) -> Path:
    """A small archive, unpacked."""
    wheels = tmp_path / "made"
    wheels.mkdir()
    files = dict(bundle.contents([tiny_wheel(wheels)], NAME))
    with tarfile.open(fileobj=io.BytesIO(bundle.archive(files, NAME))) as tar:
        tar.extractall(tmp_path, filter="data")
    return tmp_path / NAME


def install(unpacked: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": "/usr/bin:/bin", "HOME": str(unpacked.parent / "home"), "PYTHON": sys.executable, **environ}
    return subprocess.run(
        [SH, str(unpacked / "install.sh"), *arguments],
        capture_output=True,
        text=True,
        env=env,
        cwd=unpacked.parent,
        timeout=100,
        check=False,
    )


def changed(unpacked: Path, **told: str) -> None:
    """Another machine than this one, as the script sees it."""
    script = unpacked / "install.sh"
    text = script.read_text("utf-8")
    for name, value in told.items():
        text = re.sub(rf"^{name}=.*$", f"{name}={value}", text, flags=re.MULTILINE)
    script.write_text(text, "utf-8")
    sums = unpacked / "SHA256SUMS"
    new = bundle.digest(script.read_bytes())
    sums.write_text(re.sub(r"^\w+(?=  install\.sh$)", new, sums.read_text("utf-8"), flags=re.MULTILINE), "utf-8")


def refused(unpacked: Path, *arguments: str, **environ: str) -> str:
    """Why it was refused; nothing was made."""
    before = {path for path in unpacked.parent.rglob("*") if "__pycache__" not in path.parts}
    done = install(unpacked, *arguments, **environ)
    assert (done.returncode, done.stdout) == (1, "")
    assert {path for path in unpacked.parent.rglob("*") if "__pycache__" not in path.parts} == before
    assert "\n  -> " in done.stderr
    return done.stderr


def test_a_wheel_that_differs_is_not_installed(unpacked: Path) -> None:
    wheel = next((unpacked / "wheels").iterdir())
    wheel.write_bytes(wheel.read_bytes() + b"x")
    assert f"the hash differs or the file is missing: wheels/{wheel.name}" in refused(unpacked, "target")


def test_a_file_that_nobody_listed_is_refused(unpacked: Path) -> None:
    (unpacked / "wheels" / "more-1-py3-none-any.whl").touch()
    assert "files here that SHA256SUMS does not name" in refused(unpacked, "target")


def test_another_python_is_refused_and_named(unpacked: Path) -> None:
    old = unpacked.parent / "python3"
    old.write_text("#!/bin/sh\necho 3.9\n", "utf-8")
    old.chmod(0o755)
    changed(unpacked, WANTED_PYTHON="3.99")
    said = refused(unpacked, "target", PYTHON=str(old))
    assert "Python 3.99 is needed" in said
    assert f"{old} is 3.9;" in said


def test_another_machine_is_refused(unpacked: Path) -> None:
    changed(unpacked, WANTED_MACHINE="riscv64")
    assert f"for riscv64, and this machine is {platform.machine()}" in refused(unpacked, "target")


def test_an_older_c_library_is_refused(unpacked: Path) -> None:
    changed(unpacked, WANTED_GLIBC="9.99")
    assert "older than glibc 9.99" in refused(unpacked, "target")


def test_a_full_disk_is_said_before_anything_is_written(unpacked: Path) -> None:
    changed(unpacked, NEEDED_KB="99999999999")
    assert re.search(r"MB left, and \d+ MB are needed", refused(unpacked, "target"))


def test_a_target_that_exists_is_not_touched(unpacked: Path) -> None:
    (unpacked.parent / "target").mkdir()
    assert "target exists and is not touched" in refused(unpacked, "target")


def test_it_installs_offline_whatever_the_environment_says(unpacked: Path) -> None:
    """Also with pip told to look elsewhere. A wheel with another hash than the requirements say is found by pip, too."""
    elsewhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_NO_INDEX": "0", "PYTHONPATH": str(unpacked)}
    done = install(unpacked, "--bin", "bin", "target", **elsewhere)
    assert (done.returncode, done.stderr) == (0, "")
    link = unpacked.parent / "bin" / "artisan-tui"
    assert subprocess.run([link], capture_output=True, text=True, check=True).stdout == "artisan-tui 0.1.0\n"
    assert "artisan-tui 0.1.0 is installed" in done.stdout


def test_what_fails_on_the_way_leaves_nothing(unpacked: Path) -> None:
    needs = unpacked / "requirements.txt"
    needs.write_text(re.sub(r"sha256:\w+", f"sha256:{'0' * 64}", needs.read_text("utf-8")), "utf-8")
    sums = unpacked / "SHA256SUMS"
    new = bundle.digest(needs.read_bytes())
    sums.write_text(re.sub(r"^\w+(?=  req)", new, sums.read_text("utf-8"), flags=re.MULTILINE), "utf-8")
    done = install(unpacked, "target")
    assert (done.returncode, (unpacked.parent / "target").exists()) == (1, False)
    assert "a wheel differs from its hash" in done.stderr


def test_the_same_files_give_the_same_archive(tmp_path: Path) -> None:
    files: Mapping[str, bytes] = {"b": b"2", "a": b"1", "wheels/c": b"3"}
    assert bundle.archive(files, NAME) == bundle.archive(dict(reversed(files.items())), NAME)


def test_every_wheel_of_it_is_in_the_lock() -> None:
    """Everything that the program imports, on this platform; nothing that only its tests need."""
    names = bundle.needed()
    assert {"textual", "psycopg-binary", "recurring-ical-events", "tzdata"} <= names
    assert names & {"pytest", "mypy", "ruff", "hypothesis"} == set()
    assert bundle.locked(names).count("--hash=sha256:") >= len(names)


@pytest.mark.skipif(not os.environ.get("ARTISAN_FETCH"), reason="fetches every wheel: ARTISAN_FETCH=1 asks for it")
@pytest.mark.timeout(400)
def test_the_real_archive_installs_and_runs_without_a_network(tmp_path: Path) -> None:
    unshare = require("unshare")
    bench = [sys.executable, "-m", "bench.bundle", "--into", str(tmp_path)]
    made = subprocess.run(bench, cwd=bundle.ROOT, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    digest, name = made.stdout.split()
    packed = tmp_path / name
    assert hashlib.sha256(packed.read_bytes()).hexdigest() == digest
    with tarfile.open(packed) as tar:
        tar.extractall(tmp_path, filter="data")
    packed.unlink()
    folder = tmp_path / name.removesuffix(".tar.gz")
    ours = [*folder.glob("*.*"), folder / "SHA256SUMS"]
    said = "".join(each.read_text("utf-8") for each in ours if each.is_file())
    assert not re.search(rf"https?://|file://|{re.escape(str(bundle.ROOT))}", said)
    lines = (
        "set -e",
        f'"{SH}" "{folder}/install.sh" "{tmp_path}/target" >&2',
        f'cd "{tmp_path}"; export PATH="{tmp_path}/target/bin:$PATH"',
        "artisan-tui --version",
        "artisan-tui config init >/dev/null 2>&1; chmod 600 artisan.toml",
        "artisan-tui check || echo check $?",
        "artisan-tui doctor || echo doctor $?",
        "artisan-tui help paged",
        f'test -s "{tmp_path}/target/share/man/man1/artisan-tui.1"',
    )
    env = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "PYTHON": sys.executable, "LANG": "C.UTF-8"}
    done = subprocess.run(
        [unshare, "-n" if os.geteuid() == 0 else "-rn", SH, "-c", "\n".join(lines)],
        capture_output=True,
        text=True,
        env=env,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "artisan-tui 0.1.0" in done.stdout
    assert "web.health" in done.stdout
    assert "configuration" in done.stdout
    assert "# Paged at 03:00" in done.stdout
    shutil.rmtree(tmp_path / "target")
