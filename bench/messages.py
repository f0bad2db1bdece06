"""Finds the texts for people in a module: `make messages` runs this by `babel.cfg`.

Babel reads tokens, and until Python 3.12 an f-string is a single one: what is marked inside of it is not found.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping
from typing import IO, Any


def extract(
    file: IO[bytes], keywords: Collection[str], comment_tags: Collection[str], options: Mapping[str, Any]
) -> Iterator[tuple[int, str, str | tuple[str, ...], list[str]]]:
    """(line, function, its texts, comments) of each call of a function in ``keywords``, in the order of the lines."""
    calls = [
        node
        for node in ast.walk(ast.parse(file.read()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in keywords
    ]
    for call in sorted(calls, key=lambda node: (node.lineno, node.col_offset)):
        assert isinstance(call.func, ast.Name)
        texts = [each.value for each in call.args if isinstance(each, ast.Constant) and isinstance(each.value, str)]
        if texts:
            yield call.lineno, call.func.id, texts[0] if len(texts) == 1 else tuple(texts), []
