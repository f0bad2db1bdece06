"""How many small errors in the rules the tests notice: ``python -m bench.mutants --count 60 --seed 7``.

Each mutant is one change in ``domain/`` or ``engine/``: a comparison at its edge, a number one larger, a condition that
never holds. The tests of these two rooms run against it, first those that name its module. A mutant that no test notices
is printed with its line. It is a question, not always a hole: some changes mean the same.

Two tools were looked at first. mutmut 3 changes only what stands inside functions, so never a constant of a module, and
those are many of the rules here; it takes no sample. cosmic-ray takes none either, and writes each mutant into the
working tree, from which an open editor, a demo and other tests read. Here a copy is changed.
"""

from __future__ import annotations

import argparse
import ast
import os
import queue
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROOMS = ("domain", "engine")
TESTS = tuple(f"tests/{room}" for room in ROOMS)
#: A run of tests that takes so many times as long as all of them without a mutant hangs: a loop for ever is noticed.
HANGS = 3.0
_COMPARED: dict[type[ast.cmpop], tuple[str, str]] = {
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.Is: ("is", "is not"),
    ast.IsNot: ("is not", "is"),
    ast.In: ("in", "not in"),
    ast.NotIn: ("not in", "in"),
}


@dataclass(frozen=True, slots=True)
class Mutant:
    """``start`` and ``end`` are offsets in the bytes of the file at ``path``, relative to the project."""

    path: str
    line: int
    start: int
    end: int
    text: str

    def applied(self, source: bytes) -> bytes:
        return source[: self.start] + self.text.encode() + source[self.end :]

    def said(self, source: bytes) -> str:
        before = source[self.start : self.end].decode().strip()
        return f"{self.path}:{self.line}: {before!r} -> {self.text.strip()!r}"


def mutants(path: str, source: bytes) -> Iterator[Mutant]:
    """Every change of one file that is tried."""
    starts = [0]
    for row in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(row))

    def at(node: ast.expr) -> tuple[int, int]:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return starts[node.lineno - 1] + node.col_offset, starts[node.end_lineno - 1] + node.end_col_offset

    def between(left: ast.expr, right: ast.expr, old: str, new: str) -> Iterator[Mutant]:
        low, high = at(left)[1], at(right)[0]
        gap = source[low:high].decode()
        if gap.count(old) == 1:
            yield Mutant(path, left.end_lineno or 0, low, high, gap.replace(old, new))

    def instead(node: ast.expr, text: str) -> Mutant:
        return Mutant(path, node.lineno, *at(node), text)

    for node in _code(ast.parse(source)):
        match node:
            case ast.Compare(left, operators, rights):
                for one, operator, other in zip((left, *rights), operators, rights, strict=False):
                    yield from between(one, other, *_COMPARED[type(operator)])
            case ast.BoolOp(op, values):
                old, new = ("and", "or") if isinstance(op, ast.And) else ("or", "and")
                for one, other in pairwise(values):
                    yield from between(one, other, old, new)
            case ast.BinOp(left, ast.Add() | ast.Sub() as op, right) if not _is_text(left, right):
                yield from between(left, right, *(("+", "-") if isinstance(op, ast.Add) else ("-", "+")))
            case ast.UnaryOp(ast.Not(), operand):
                yield instead(node, source[slice(*at(operand))].decode())
            case ast.Constant(bool() as value):
                yield instead(node, str(not value))
            case ast.Constant(int() | float() as number):
                yield instead(node, repr(number + 1))
            case ast.If(test) | ast.While(test) if not isinstance(test, ast.Constant):
                yield instead(test, "False")


def _is_text(*nodes: ast.expr) -> bool:
    """Joined, not added: the other sign would be no error of a rule but one of the language."""
    return any(
        isinstance(n, ast.JoinedStr) or (isinstance(n, ast.Constant) and isinstance(n.value, str)) for n in nodes
    )


def _code(node: ast.AST) -> Iterator[ast.AST]:
    """What runs: no annotations, no decorators, nothing for the type checker alone."""
    yield node
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.If) and getattr(child.test, "id", "") == "TYPE_CHECKING":
                continue
            if isinstance(child, ast.AST) and not isinstance(child, ast.JoinedStr):
                yield from _code(child)


def naming(path: str, folder: Path) -> list[str]:
    """The test files that name the module at ``path``."""
    module = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    files = (file for tests in TESTS for file in sorted((folder / tests).glob("test_*.py")))
    return [str(file.relative_to(folder)) for file in files if module in file.read_text("utf-8")]


def survives(folder: Path, tests: Sequence[str], longest: float | None = None) -> bool:
    """Whether all of these tests pass in the copy at ``folder``, within ``longest`` seconds."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
    # The same examples each time; and our copy before the checkout that is installed.
    environment = {**os.environ, "CI": "1", "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    environment.pop("PYTEST_ADDOPTS", None)
    run = subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        return run.wait(longest) == 0
    except subprocess.TimeoutExpired:
        return False
    finally:
        run.kill()
        run.wait()


def unnoticed(folder: Path, mutant: Mutant, longest: float) -> bool:
    """Whether ``mutant`` survives the tests that name its module, and then all of these rooms."""
    file = folder / mutant.path
    source = file.read_bytes()
    file.write_bytes(mutant.applied(source))
    try:
        near = naming(mutant.path, folder)
        return (not near or survives(folder, near, longest)) and survives(folder, TESTS, longest)
    finally:
        file.write_bytes(source)


def copied(folder: Path) -> Path:
    """The project in ``folder``, without what is made."""
    ignored = shutil.ignore_patterns("__pycache__", "__snapshots__")
    for name in ("artisan_tui", "tests"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    for name in ("pyproject.toml", "artisan.toml", "runbooks.toml"):
        shutil.copy(ROOT / name, folder / name)
    return folder


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.mutants", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--count", type=int, default=60, help="mutants that are tried (default 60)")
    parser.add_argument("--seed", type=int, default=None, help="of the sample; another one every time without it")
    parser.add_argument("--side-by-side", type=int, default=os.cpu_count() or 1, help="runs at once (default: cores)")
    options = parser.parse_args()
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(10**6)
    files = [file for room in ROOMS for file in sorted((ROOT / "artisan_tui" / room).rglob("*.py"))]
    every = [one for file in files for one in mutants(str(file.relative_to(ROOT)), file.read_bytes())]
    sample = random.Random(seed).sample(every, min(options.count, len(every)))
    print(f"{len(sample)} of {len(every)} mutants, seed {seed}", flush=True)
    waiting: queue.SimpleQueue[Mutant] = queue.SimpleQueue()
    for mutant in sample:
        waiting.put(mutant)
    alive: list[Mutant] = []
    began = time.monotonic()

    def work(folder: Path) -> None:
        while True:
            try:
                mutant = waiting.get_nowait()
            except queue.Empty:
                return
            if unnoticed(folder, mutant, longest):
                alive.append(mutant)
                print("not noticed:", mutant.said((ROOT / mutant.path).read_bytes()), flush=True)

    with tempfile.TemporaryDirectory(prefix="artisan-mutants-") as made:
        folders = [copied(Path(made) / str(number)) for number in range(options.side_by_side)]
        if not survives(folders[0], TESTS):
            print("the tests fail without any mutant: mend that first", file=sys.stderr)
            return 2
        longest = HANGS * (time.monotonic() - began)
        workers = [threading.Thread(target=work, args=(folder,)) for folder in folders]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    noticed = len(sample) - len(alive)
    print(f"{noticed} of {len(sample)} noticed: {noticed / max(1, len(sample)):.0%}, {time.monotonic() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
