"""The house keeps its shape: no circles, one meaning per name, wings of the same name in every room, the field's words."""

from __future__ import annotations

import ast
import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from artisan_tui.wings import WINGS

TOP = Path(__file__).parents[1]
PACKAGE = TOP / "artisan_tui"
ROOMS = ("domain", "config", "sources", "steps", "store", "engine", "reports", "drill", "tui", "web", "cli")
FILES = sorted(PACKAGE.rglob("*.py"))

#: What the code used to call things, as names: class names, and names of modules, attributes and parameters.
OLD_NAMES = {
    *("Sighting", "Standing", "Judge", "Case", "Charge", "Ruling", "Lookout", "Keeper", "Vault", "Chronicle"),
    *("Heart", "Duty", "Desk", "Pages", "Filling", "Stood", "Promise", "Own", "Terms", "Doubt", "Account", "Statement"),
    *("Prefix", "Past", "Site", "Asked", "Trace", "Orders", "Versions", "Budgets"),
    *("sighting", "standings", "ruling", "lookout", "keeper", "vault", "chronicle", "duty", "filling", "stood"),
    *("Look", "Looks", "Looked", "Looking", "Told", "Filled", "Newborn"),
    *("look", "looks", "looked", "looking", "look_at", "looked_mono", "standing", "judge", "judged", "newborn"),
    *("telescope", "steady", "blame", "blamed", "promise", "statement", "statements", "standing_orders", "ordering"),
}


def module_of(path: Path) -> str:
    parts = path.relative_to(TOP).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_of(path): path for path in FILES}


def imports_of(path: Path, known: set[str]) -> set[str]:
    """Every module of ours that a file names in an import, those under TYPE_CHECKING and inside functions too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("artisan_tui"):
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                found.add(inner if inner in known else node.module)
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return (found & known) - {module_of(path)}


def circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """The strongly connected components of more than one module (Tarjan)."""
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(name: str) -> None:
        number[name] = low[name] = len(number)
        stack.append(name)
        for other in graph[name]:
            if other not in number:
                visit(other)
                low[name] = min(low[name], low[other])
            elif other in stack:
                low[name] = min(low[name], number[other])
        if low[name] == number[name]:
            at = stack.index(name)
            component, stack[at:] = stack[at:], []
            if len(component) > 1:
                found.append(sorted(component))

    for name in graph:
        if name not in number:
            visit(name)
    return found


def test_circles_are_found() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == [["a", "b", "c"]]
    assert circles({"a": {"b"}, "b": set(), "c": {"a"}}) == []


def test_no_module_imports_itself_in_a_circle_not_even_for_a_type() -> None:
    known = set(MODULES)
    assert circles({name: imports_of(path, known) for name, path in MODULES.items()}) == []


@pytest.mark.parametrize("room", ROOMS)
def test_a_public_class_name_has_one_meaning_in_a_room(room: str) -> None:
    names = Counter(
        node.name
        for path in FILES
        if path.is_relative_to(PACKAGE / room)
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )
    assert [name for name, count in names.items() if count > 1] == []


def test_a_wing_has_the_same_name_in_every_room() -> None:
    """A folder of `engine/` is a wing; so is every folder of the rooms that are divided by wings only."""
    strangers = [
        f"{room}/{path.name}"
        for room, shared in (
            ("engine", ("past",)),
            ("reports", ()),
            ("domain", ("text",)),
            ("tui", ("board", "kit", "css", "past")),
        )
        for path in (PACKAGE / room).iterdir()
        if path.is_dir() and (path / "__init__.py").exists() and path.name not in (*WINGS, *shared)
    ]
    assert strangers == []


def names_in(path: Path) -> set[str]:
    """Every identifier that a file defines or uses."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        for field in ("id", "attr", "name", "arg", "asname"):
            value = getattr(node, field, None)
            if isinstance(value, str):
                found |= set(value.split("."))
    return found


@pytest.mark.parametrize("room", [*ROOMS, "."])
def test_the_old_words_name_nothing(room: str) -> None:
    files = [path for path in FILES if (path.parent == PACKAGE if room == "." else path.is_relative_to(PACKAGE / room))]
    assert {module_of(path): left for path in files if (left := names_in(path) & OLD_NAMES)} == {}
    assert [path.name for path in files if path.stem in {name.lower() for name in OLD_NAMES}] == []


def test_every_slice_that_is_shown_now_is_shown_of_a_past_moment_as_well() -> None:
    """A wing without a `then`, or a slice that its `then` does not name, would be empty in every past moment."""
    missing = []
    for path in sorted((PACKAGE / "engine").glob("*/*.py")):
        if path.name == "then.py" or path.name.startswith("past_") or path.parent.name not in WINGS:
            continue
        past = [*path.parent.glob("then.py"), *path.parent.glob("past_*.py")]
        text = "".join(each.read_text() for each in past if (path.parent / "then.py") in past)
        classes = [each.name for each in ast.parse(path.read_text()).body if isinstance(each, ast.ClassDef)]
        missing += [f"{path.parent.name}: {name}" for name in classes if name.endswith("Slice") and name not in text]
    assert not missing


def test_no_file_is_scrolled_through_twice() -> None:
    long = {module_of(path): n for path in FILES if (n := len(path.read_text("utf-8").splitlines())) > 330}
    assert long == {}


def test_no_test_file_is_scrolled_through_twice() -> None:
    files = sorted((TOP / "tests").rglob("test_*.py"))
    assert {path.stem: n for path in files if (n := len(path.read_text("utf-8").splitlines())) > 330} == {}


def test_nothing_names_a_registry_or_this_machine() -> None:
    hosts = re.compile("|".join(("pypi" + r"\.org", "python" + "hosted", "deb" + r"\.debian\.org")))
    listed = subprocess.run(["git", "ls-files"], cwd=TOP, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a checkout")
    texts = [
        TOP / name for name in listed.stdout.split() if name.endswith((".py", ".toml", ".md", ".lock", "Makefile"))
    ]
    assert [path.name for path in texts if path.exists() and hosts.search(path.read_text("utf-8", "replace"))] == []
