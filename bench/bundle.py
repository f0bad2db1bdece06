"""``python -m bench.bundle``: one archive that installs the program on a machine without a network.

In it are the wheel, the wheels of everything that it needs on this platform, their hashes, and `install.sh`. The same
commit on the same platform gives the same bytes: names sorted, no times, no users. Which versions, and which hashes are
accepted, is in `requirements.lock` alone.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import os
import platform
import re
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import tomllib
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from artisan_tui import __version__

ROOT = Path(__file__).resolve().parents[1]
#: Everything that a bastion may ask for later, when there is no network to fetch it.
EXTRAS = ("postgres", "calendars")
#: 1980-01-01, the first time that a zip file can have.
EPOCH = 315532800
#: A virtual environment by itself, in bytes.
_VENV = 40 << 20
_README = """artisan-tui {version}, for Python {python} on {machine}

    sha256sum {name}.tar.gz     # compare it with what you were told
    tar xzf {name}.tar.gz
    sh {name}/install.sh        # or: sh {name}/install.sh --bin /usr/local/bin /opt/artisan-tui

It needs Python {python} with venv, {megabytes} MB, and no network. It writes into the target and makes a link;
to remove it, remove both. `artisan-tui help` is the manual.
"""


def needed() -> set[str]:
    """Names of everything that the program needs on this platform, with its extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    waiting = list(project["dependencies"])
    waiting += [each for extra in EXTRAS for each in project["optional-dependencies"][extra]]
    found: dict[str, set[str]] = {}
    asked = [Requirement(each) for each in waiting]
    while asked:
        one = asked.pop()
        if one.marker is not None and not one.marker.evaluate({"extra": ""}):
            continue
        name, extras = canonicalize_name(one.name), set(one.extras)
        if name in found and extras <= found[name]:
            continue
        found[name] = found.get(name, set()) | extras
        try:
            below = [Requirement(each) for each in requires(name) or ()]
        except PackageNotFoundError:
            raise SystemExit(f"{name} is not installed here: run make .venv/.ready") from None
        for each in below:
            marker = each.marker
            if marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *found[name])):
                each.marker = None
                asked.append(each)
    return set(found)


def locked(names: Iterable[str]) -> str:
    """The entries of the lock for ``names``, with their hashes."""
    text = re.sub(r"\\\n\s*", " ", (ROOT / "requirements.lock").read_text("utf-8"))
    entries = {canonicalize_name(line.split("==")[0].split("[")[0]): line for line in text.splitlines() if "==" in line}
    missing = sorted(set(names) - set(entries))
    if missing:
        raise SystemExit(f"the lock has no {', '.join(missing)}: run make lock")
    return "\n".join(entries[name] for name in sorted(names)) + "\n"


def fetch(folder: Path) -> None:
    """The wheels of everything that is needed, into ``folder``; only those whose hash the lock has."""
    wanted = folder.parent / "locked.txt"
    wanted.write_text(locked(needed()), "utf-8")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--only-binary=:all:", "--require-hashes", "-r", str(wanted), "-d", str(folder)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{done.stderr}a wheel could not be fetched; the lock needs one for this platform")


def build(folder: Path) -> None:
    """Our own wheel, into ``folder``."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    environ = {**os.environ, "SOURCE_DATE_EPOCH": str(EPOCH)}
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)


def requirements(wheels: Iterable[Path]) -> str:
    """What pip installs: each wheel with its own hash."""
    lines = []
    for wheel in wheels:
        name, version = wheel.name.split("-")[:2]
        lines.append(f"{canonicalize_name(name)}=={version} --hash=sha256:{digest(wheel.read_bytes())}\n")
    return "".join(sorted(lines))


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def glibc(wheels: Iterable[Path]) -> str:
    """The oldest glibc that all of them run on."""
    tags = [
        [(int(major), int(minor)) for major, minor in re.findall(r"manylinux_(\d+)_(\d+)", wheel.name)]
        + [(2, {"1": 5, "2010": 12, "2014": 17}[old]) for old in re.findall(r"manylinux(1|2010|2014)_", wheel.name)]
        for wheel in wheels
    ]
    major, minor = max((min(each) for each in tags if each), default=(2, 17))
    return f"{major}.{minor}"


def unpacked(wheels: Iterable[Path]) -> int:
    """Bytes of what is in the wheels."""
    return sum(each.file_size for wheel in wheels for each in zipfile.ZipFile(wheel).infolist())


def contents(wheels: list[Path], name: str) -> Iterator[tuple[str, bytes]]:
    """(name, content) of every file of the archive but its SHA256SUMS."""
    needs = unpacked(wheels) * 5 // 4 + _VENV
    told: Mapping[str, str] = {
        "PYTHON": f"{sys.version_info[0]}.{sys.version_info[1]}",
        "MACHINE": platform.machine(),
        "GLIBC": glibc(wheels),
        "KILOBYTES": str(needs // 1024),
    }
    script = (ROOT / "bench" / "install.sh").read_text("utf-8")
    yield "install.sh", re.sub(r"@([A-Z]+)@", lambda found: told[found[1]], script).encode()
    yield "requirements.txt", requirements(wheels).encode()
    about = _README.format(
        version=__version__, python=told["PYTHON"], machine=told["MACHINE"], megabytes=needs >> 20, name=name
    )
    yield "README.txt", about.encode()
    for wheel in wheels:
        yield f"wheels/{wheel.name}", wheel.read_bytes()


def archive(files: Mapping[str, bytes], name: str) -> bytes:
    """A tar.gz of ``files`` in a folder ``name``: the same files give the same bytes."""
    sums = "".join(f"{digest(content)}  {each}\n" for each, content in sorted(files.items()))
    out = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=out, mode="wb", mtime=0, filename="") as packed,
        tarfile.open(fileobj=packed, mode="w") as tar,
    ):
        for each, content in sorted({**files, "SHA256SUMS": sums.encode()}.items()):
            entry = tarfile.TarInfo(f"{name}/{each}")
            entry.size, entry.mtime, entry.mode = len(content), EPOCH, 0o755 if each == "install.sh" else 0o644
            tar.addfile(entry, io.BytesIO(content))
    return out.getvalue()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, default=ROOT / "dist")
    into: Path = parser.parse_args().into.absolute()
    system = sysconfig.get_platform().replace("-", "_").replace(".", "_")
    name = f"artisan-tui-{__version__}-cp{sys.version_info[0]}{sys.version_info[1]}-{system}"
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "wheels"
        folder.mkdir()
        fetch(folder)
        build(folder)
        packed = archive(dict(contents(sorted(folder.glob("*.whl")), name)), name)
    into.mkdir(parents=True, exist_ok=True)
    path = into / f"{name}.tar.gz"
    path.write_bytes(packed)
    print(f"{digest(packed)}  {path.name}")


if __name__ == "__main__":
    main()
