"""The pages of the manual that are written from the code are up to date, and every page says what is there."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from bench.manual import DOCS, pages
from support.servers import require

TOP = Path(__file__).parents[1]
PAGES = sorted(page for page in DOCS.rglob("*.md") if page.name != "seeds.md")


def test_written_pages_are_up_to_date() -> None:
    """`make docs` writes them."""
    assert [path.name for path, text in pages().items() if not path.exists() or path.read_text("utf-8") != text] == []


def keys_of(node: object, found: set[str]) -> set[str]:
    if isinstance(node, dict):
        if isinstance(node.get("properties"), dict):
            found |= set(node["properties"])
        for each in node.values():
            keys_of(each, found)
    elif isinstance(node, list):
        for each in node:
            keys_of(each, found)
    return found


def test_every_key_of_the_schemas_is_described() -> None:
    from artisan_tui.engine.settings import schema, schema_of_runbooks, schema_of_scenarios

    for name, document in (
        ("configuration", schema()),
        ("runbook-keys", schema_of_runbooks()),
        ("scenario-keys", schema_of_scenarios()),
    ):
        text = (DOCS / f"{name}.md").read_text("utf-8")
        written = set(re.findall(r"^\| `([\w-]+)` \|", text, re.MULTILINE)) | {"kind"}
        assert keys_of(document, set()) - written == set(), name


def test_the_man_page_has_no_warning() -> None:
    require("man")
    page = DOCS / "artisan-tui.1"
    done = subprocess.run(
        ["man", "--warnings", "-l", str(page)],
        capture_output=True,
        text=True,
        env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin", "MANWIDTH": "80", "MANPAGER": "cat"},
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "artisan-tui incident ack" in done.stdout
    if shutil.which("groff"):
        formatted = subprocess.run(
            ["groff", "-man", "-Tutf8", "-ww", str(page)], capture_output=True, text=True, check=False
        )
        assert (formatted.returncode, formatted.stderr) == (0, "")


def test_links_between_pages_lead_somewhere() -> None:
    wrong = [
        f"{page.relative_to(DOCS)}: {target}"
        for page in PAGES
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
        if not (page.parent / target).exists()
    ]
    assert wrong == []


def constants(room: Path) -> set[str]:
    """Every text of the code, with ``…`` for what is put into it."""
    found = set()
    for path in room.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(re.sub(r"\{[^{}]*\}", "…", node.value))
            elif isinstance(node, ast.JoinedStr):
                said = "".join(str(each.value) if isinstance(each, ast.Constant) else "…" for each in node.values)
                found.add(re.sub(r"\{[^{}]*\}", "…", said))
    return found


def test_every_message_of_the_page_of_errors_is_in_the_code() -> None:
    text = (DOCS / "errors.md").read_text("utf-8")
    messages = re.findall(r"^### `(.+)`$", text, re.MULTILINE)
    known = "\n".join(each.replace("\n", " ") for each in constants(TOP / "artisan_tui"))
    assert len(messages) >= 25
    assert [each for each in messages if not re.search(".*".join(map(re.escape, each.split("…"))), known)] == []
    parts = re.split(r"^### .+$", text, flags=re.MULTILINE)[1:]
    assert [each for each, part in zip(messages, parts, strict=True) if "Mend:" not in part] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))
def test_a_page_names_its_topic_and_says_what_the_wheel_has(page: Path) -> None:
    assert page.read_text("utf-8").startswith("<!-- topic: ")


@pytest.mark.parametrize("language", ["", "ko/"])
@pytest.mark.parametrize(
    ("page", "action", "said"),
    [
        ("handoff.md", "handoff.next", "`{key}` writes the step"),
        ("handoff.md", "handoff.note", "`{key}` a note for the next shift"),
        ("handoff.md", "handoff.sign", "leaves presses `{key}`"),
        ("handoff.md", "handoff.accept", "comes presses `{key}`"),
        ("handoff.md", "handoff.acted", "`{key}` somebody had to act"),
        ("handoff.md", "handoff.no-action", "`{key}` nothing was to be done"),
        ("handoff.md", "handoff.needs-work", "`{key}` its alert has to be mended"),
        ("paged.md", "incident.acknowledge", "Press `{key}`. Now others see"),
        ("paged.md", "incident.escalate", "`{key}` pages the next level now"),
        ("paged.md", "incident.severity", "`{key}` changes it"),
        ("paged.md", "journal.note", "`{key}` writes a note"),
        ("paged.md", "runbook.start", "`{key}` starts it"),
        ("paged.md", "run.back", "`{key}` rolls back"),
        ("paged.md", "incident.status", "In the room press `{key}`"),
        ("paged.md", "incident.message", "`{key}` writes the message to others"),
        ("paged.md", "incident.resolve", "Press `{key}` and write what helped"),
        ("drill.md", "view.tour", "then `{key}`: your first page"),
    ],
)
def test_keys_that_a_page_names_are_those_of_the_program(page: str, action: str, said: str, language: str) -> None:
    from artisan_tui.config.key_ids import KEY_IDS

    key = next(each.key for each in KEY_IDS if each.id == action)
    text = (DOCS / "drill.md").with_name(page).read_text("utf-8")
    assert said.format(key=key) in text, f"{page} names another key for {action}, which is {key}"
    # The Korean page names the same keys in the same order: its sentences are others, its keys are not.
    keys = re.compile(r"(?<![\w`])`([^\s`])`(?!`)")
    assert sorted(set(keys.findall((DOCS / language / page).read_text("utf-8")))) == sorted(set(keys.findall(text)))
