"""What the lines of budgets say, without their styles."""

from __future__ import annotations


def said(runs: list[tuple[str, str]]) -> str:
    return "".join(text for text, _role in runs)
