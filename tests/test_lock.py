"""The lock says what is installed, and it is what the project asks for.

Whether a version has a known hole needs the network and is not claimed here.
"""

from __future__ import annotations

import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

TOP = Path(__file__).resolve().parents[1]
LOCK = (TOP / "requirements.lock").read_text("utf-8")
#: "name==version ; marker" -> its hashes.
_ENTRY = re.compile(
    r"^(?P<name>[\w.-]+)(?:\[[\w,-]+\])?==(?P<version>\S+)(?: ; (?P<marker>[^\\\n]+?))? \\\n", re.MULTILINE
)


def entries() -> list[tuple[str, str, str, str]]:
    """(name, version, marker, the text up to the next entry)."""
    found = list(_ENTRY.finditer(LOCK))
    ends = [match.start() for match in found[1:]] + [len(LOCK)]
    return [
        (canonicalize_name(match["name"]), match["version"], match["marker"] or "", LOCK[match.end() : end])
        for match, end in zip(found, ends, strict=True)
    ]


def wanted() -> dict[str, Requirement]:
    """What pyproject.toml names: the dependencies, every extra, the development group, what builds it."""
    project = tomllib.loads((TOP / "pyproject.toml").read_text("utf-8"))
    listed = [*project["project"]["dependencies"], *project["build-system"]["requires"]]
    for extra in project["project"]["optional-dependencies"].values():
        listed += extra
    for group in project["dependency-groups"].values():
        listed += group
    found = [Requirement(line) for line in listed]
    return {canonicalize_name(each.name): each for each in found if each.name != project["project"]["name"]}


def here(marker: str) -> bool:
    return not marker or Marker(marker).evaluate()


def test_every_line_is_an_entry_with_hashes_and_nothing_else() -> None:
    rest = _ENTRY.sub("", LOCK)
    assert re.fullmatch(r"(?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)*", rest), rest[:500]
    for name, version, _, hashes in entries():
        assert "--hash=sha256:" in hashes, f"{name}=={version} has no hash"
        assert hashes.rstrip().endswith(tuple("0123456789abcdef")), f"{name}=={version} runs into the next"


def test_it_names_no_place() -> None:
    """Where packages come from is the business of whoever installs: a mirror of ours must not be in it."""
    assert not re.search(
        r"://|@ |--(?:index|extra-index|find-links|trusted)|(?:^|\s)-[ifcre]\s|localhost|\.(?:com|org|io|net)\b", LOCK
    )


@pytest.mark.parametrize("name", sorted(wanted()))
def test_what_the_project_asks_for_is_locked_and_installed_as_locked(name: str) -> None:
    asked = wanted()[name]
    locked = [(version, marker) for found, version, marker, _ in entries() if found == name]
    assert locked, f"{name} is not in requirements.lock; run `make lock`"
    assert [version for version, marker in locked if here(marker)] == [metadata.version(name)]
    for version, _ in locked:
        assert asked.specifier.contains(Version(version), prereleases=True), f"{asked} is locked at {version}"


def test_everything_locked_for_this_machine_is_installed_as_locked() -> None:
    wrong = []
    for name, version, marker, _ in entries():
        if not here(marker):
            continue
        try:
            found = metadata.version(name)
        except metadata.PackageNotFoundError:
            found = "not installed"
        if Version(version) != (Version(found) if found[0].isdigit() else found):
            wrong.append(f"{name}: locked {version}, here {found}")
    assert wrong == []


def test_what_is_installed_fits_together() -> None:
    """What `pip check` looks at: every installed distribution's requirements are met by what is here."""
    broken = []
    for distribution in metadata.distributions():
        for line in distribution.requires or ():
            need = Requirement(line)
            if need.marker is not None and not need.marker.evaluate({"extra": ""}):
                continue
            try:
                found = metadata.version(need.name)
            except metadata.PackageNotFoundError:
                found = ""
            if not found or not need.specifier.contains(found, prereleases=True):
                broken.append(f"{distribution.metadata['Name']} needs {need}, here is {found or 'none'}")
    assert broken == []
