"""The sampler of `make mutants`: what it changes, and which tests it asks first."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.mutants import ROOMS, ROOT, TESTS, mutants, naming, survives

SOURCE = b'''"""Not 1, and not "a < b"."""
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    COUNT = 9
LIMIT = 10


def late(passed: int, limit: int = LIMIT) -> bool:
    return passed > limit and not False


def name(number: int) -> str:
    return "n" + f"{number + 1}"
'''


def applied(source: bytes) -> dict[str, list[str]]:
    """The changed line of every mutant, by its line as it was."""
    before = source.decode().split("\n")
    found: dict[str, list[str]] = {}
    for mutant in mutants("domain/x.py", source):
        after = mutant.applied(source).decode().split("\n")
        (changed,) = (n for n, (one, other) in enumerate(zip(before, after, strict=True)) if one != other)
        assert changed + 1 == mutant.line
        found.setdefault(before[changed].strip(), []).append(after[changed].strip())
    return found


def test_each_mutant_changes_one_place_and_texts_and_types_none() -> None:
    assert applied(SOURCE) == {
        "LIMIT = 10": ["LIMIT = 11"],
        "return passed > limit and not False": [
            "return passed > limit or not False",
            "return passed >= limit and not False",
            "return passed > limit and False",
            "return passed > limit and not True",
        ],
    }


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a < b", "a <= b"),
        ("a == b", "a != b"),
        ("a is not b", "a is b"),
        ("a not in b", "a in b"),
        ("a or b", "a and b"),
        ("a - b", "a + b"),
        ("2.5", "3.5"),
    ],
)
def test_an_operator_becomes_its_neighbour(before: str, after: str) -> None:
    source = f"가 = {before}\n".encode()  # offsets are in bytes
    assert [mutant.applied(source).decode() for mutant in mutants("x.py", source)] == [f"가 = {after}\n"]


def test_a_condition_that_never_holds_is_tried() -> None:
    found = {mutant.applied(b"if a:\n    b()\n").decode() for mutant in mutants("x.py", b"if a:\n    b()\n")}
    assert found == {"if False:\n    b()\n"}


def test_both_rooms_are_there_and_their_tests_are_found() -> None:
    """The folders that the sampler names moved once, and it sampled nothing."""
    for room in ROOMS:
        files = sorted((ROOT / "artisan_tui" / room).rglob("*.py"))
        assert sum(1 for file in files for _ in mutants(str(file), file.read_bytes())) > 500
    assert naming("artisan_tui/domain/checks/root_cause.py", ROOT)[0] == "tests/domain/test_domain_root_cause.py"
    assert all((ROOT / tests).is_dir() for tests in TESTS)


def test_a_failing_test_notices_and_a_passing_one_does_not(tmp_path: Path) -> None:
    (tmp_path / "rule.py").write_text("LIMIT = 10\n", "utf-8")
    test = tmp_path / "test_rule.py"
    test.write_text("import rule\ndef test_rule():\n    assert rule.LIMIT == 10\n", "utf-8")
    assert survives(tmp_path, ["test_rule.py"])
    (tmp_path / "rule.py").write_text("LIMIT = 11\n", "utf-8")
    assert not survives(tmp_path, ["test_rule.py"])
    test.write_text("def test_rule():\n    while True:\n        pass\n", "utf-8")
    assert not survives(tmp_path, ["test_rule.py"], longest=0.5)
