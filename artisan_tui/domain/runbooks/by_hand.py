"""What a person reads of a step that is done by hand, from its body."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def instructions_of(body: Mapping[str, Any], *, korean: bool) -> str:
    """The instructions of a manual step; whoever shows them shows its checklist beside them."""
    return str((korean and body.get("instructions_ko")) or body.get("instructions", ""))


def checklist_of(body: Mapping[str, Any], *, korean: bool) -> tuple[str, ...]:
    """The items to tick off."""
    return tuple(map(str, (korean and body.get("checklist_ko")) or body.get("checklist", ())))


def question_of(body: Mapping[str, Any], *, korean: bool) -> str:
    """The question of a choice and its options, each on a line. An answer is the English label."""
    asked = str((korean and body.get("question_ko")) or body.get("question", ""))
    lines = [asked] if asked else []
    for each in body.get("options", ()):
        beside = f" ({each['label_ko']})" if korean and each.get("label_ko") else ""
        lines.append(f"{each['label']}{beside}")
    return "\n".join(lines)


def shown_by_hand(kind: str, body: Mapping[str, Any], *, korean: bool) -> str:
    """All of a manual step or a choice."""
    if kind == "choice":
        return question_of(body, korean=korean)
    items = [f"[ ] {each}" for each in checklist_of(body, korean=korean)]
    return "\n".join([instructions_of(body, korean=korean), *items])
