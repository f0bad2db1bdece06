"""``runbook import FILE.md``: a document as runbooks. Every fence becomes a manual step that nobody has reviewed yet."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from artisan_tui.config.runbooks.lint_commands import seems_to_change
from artisan_tui.config.runbooks.templates import CLOSE, OPEN
from artisan_tui.domain.runbooks.definition import MOST_STEPS

#: Characters of a document that is read.
LARGEST = 1_000_000
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})\s*([\w+-]*)")
_HEADING = re.compile(r"^(#{1,6})\s+(.*?)\s*#*$")
_NUMBERED = re.compile(r"^ {0,3}\d+[.)]\s+(.+)$")
_ID = re.compile(r"\*\*\s*Runbook ID\s*:?\s*\*\*\s*:?\s*`?([A-Za-z0-9_-]+)`?", re.IGNORECASE)
_SEVERITY = re.compile(r"\*\*\s*(?:Severity|심각도|등급)\s*:?\s*\*\*\s*:?\s*(Sev[1-4]|P[0-4])\b", re.IGNORECASE)
_EXPECTED = re.compile(
    r"\*\*[^*]*(?:recovery time|expected|복구 시간|예상)[^*]*\*\*\s*:?\s*(\d{1,3})\s*(분|min|시간|h|초|s)",
    re.IGNORECASE,
)
_COUNT = re.compile(
    r"(?:수동\s*확인|manual(?:ly)?\s+confirm\w*|confirmations?)\s*:?\s*(\d{1,2})\s*(?:단계|steps?|회|$|\))",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"수동\s*확인|manual(?:ly)?\s+confirm|confirmation required|approval required|승인 필요", re.IGNORECASE
)
_ROLLBACK = re.compile(r"롤백\s*(?:절차|방법)?$|^roll\s?back(?:\s+(?:procedure|steps|plan))?$", re.IGNORECASE)
_STEP = re.compile(r"^(?:step|단계)\s*\d+\s*[:.)-]?\s*", re.IGNORECASE)
_NUMBER = re.compile(r"^\d+[.)]\s*")
_UNITS = {"분": "m", "min": "m", "시간": "h", "h": "h", "초": "s", "s": "s"}


@dataclass(slots=True)
class ImportedStep:
    """``rollback``: it stood in a section about rolling back, and is skipped until somebody has read it."""

    title: str
    text: str
    asks: bool = False
    rollback: bool = False


@dataclass(slots=True)
class ImportedRunbook:
    """A section of the document with what it says about itself."""

    id: str
    title: str
    severity: str = ""
    expected: str = ""
    confirmations: int | None = None
    steps: list[ImportedStep] = field(default_factory=list)
    items: list[ImportedStep] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ImportedDocument:
    """``toml`` is what `runbooks.toml` would have; ``notes`` are for the person, ``steps`` by runbook."""

    toml: str
    notes: tuple[str, ...]
    steps: dict[str, int]


class NothingToImport(ValueError):
    """The document has no fence and no numbered step."""


def import_markdown(text: str, name: str) -> ImportedDocument:
    """The runbooks of a Markdown document; ``name`` is its file's. Raises NothingToImport."""
    if len(text) > LARGEST:
        raise NothingToImport(f"{name} has more than {LARGEST} characters: divide it")
    notes: list[str] = []
    made: dict[str, ImportedRunbook] = {}
    sections = list(_sections(text))
    for section in sections:
        one = _runbook(section, name, made)
        # Beside runbooks that say their id, a list is a table of contents or the like.
        named = len(sections) == 1 or any(_ID.search(line) for line in section)
        one.steps = one.steps or (one.items if named else [])
        if not one.steps:
            continue
        if one.severity.upper().startswith("P"):
            notes.append(f"{one.id}: {one.severity} is of another scale: write severity = Sev1 to Sev4 yourself")
            one.severity = ""
        if len(one.steps) > MOST_STEPS:
            notes.append(f"{one.id}: only the first {MOST_STEPS} of {len(one.steps)} steps were taken")
            del one.steps[MOST_STEPS:]
        made[one.id] = one
    if not made:
        raise NothingToImport(f"{name} has no fenced block and no numbered step")
    toml = "\n".join(_toml(each) for each in made.values())
    return ImportedDocument(toml, tuple(notes), {name: len(each.steps) for name, each in made.items()})


def _sections(text: str) -> Iterator[list[str]]:
    """The lines of each runbook: divided at the headings of the level that says a runbook's id, else all of them."""
    lines = text.splitlines()
    level, latest, inside = 0, 0, ""
    for line in lines:
        inside = _inside(line, inside)
        heading = None if inside else _HEADING.match(line)
        if heading is not None:
            latest = len(heading[1])
        elif not inside and _ID.search(line):
            level = level or latest
    if not level:
        yield lines
        return
    section: list[str] = []
    inside = ""
    for line in lines:
        inside = _inside(line, inside)
        heading = None if inside else _HEADING.match(line)
        if heading is not None and len(heading[1]) <= level:
            yield section
            section = []
        section.append(line)
    yield section


def _inside(line: str, fence: str) -> str:
    """The fence that is open after ``line``, "" for none."""
    found = _FENCE.match(line)
    if found is None:
        return fence
    if not fence:
        return found[1]
    closes = found[1][0] == fence[0] and len(found[1]) >= len(fence) and not found[2]
    return "" if closes else fence


def _runbook(lines: list[str], name: str, taken: dict[str, ImportedRunbook]) -> ImportedRunbook:
    one = ImportedRunbook("", "")
    heading, lead, fence = "", "", ""
    rollback = asked = False
    rollback_level = 0
    block: list[str] = []
    for line in lines:
        after = _inside(line, fence)
        if fence and not after:
            text = "\n".join(block).strip("\n")
            if text.strip():
                title = heading if lead in ("", heading) else f"{heading}: {lead}" if heading else lead
                asks = not asked and _ASKS.search(heading) is not None
                asked = asked or asks
                one.steps.append(ImportedStep(_clean(title), text, asks, rollback))
            lead = ""
        elif after and not fence:
            block = []
        elif fence:
            block.append(line)
        elif (found := _HEADING.match(line)) is not None:
            depth = len(found[1])
            heading, lead, asked = found[2].strip(), "", False
            one.title = one.title or _NUMBER.sub("", heading)
            if rollback and depth <= rollback_level:
                rollback = False
            if _ROLLBACK.search(_NUMBER.sub("", heading)):
                rollback, rollback_level = True, depth
        else:
            lead = _about(one, line, heading, lead)
        fence = after
    one.title = _clean(one.title) or name
    one.id = _free(one.id or _slug(one.title) or _slug(name.rpartition(".")[0]) or "imported", taken)
    return one


def _about(one: ImportedRunbook, line: str, heading: str, lead: str) -> str:
    """Take in what a line says about the runbook. The words that lead to the next fence."""
    if (found := _ID.search(line)) is not None:
        one.id = _slug(found[1])
    if (found := _SEVERITY.search(line)) is not None:
        one.severity = found[1].capitalize()
    if (found := _EXPECTED.search(line)) is not None:
        one.expected = f"{int(found[1])}{_UNITS[found[2].lower()]}"
    if one.confirmations is None and (found := _COUNT.search(line)) is not None:
        one.confirmations = int(found[1])
    if (numbered := _NUMBERED.match(line)) is not None:
        one.items.append(ImportedStep(_clean(numbered[1]), _clean(numbered[1]), bool(_ASKS.search(line))))
        return _clean(numbered[1])
    return lead


def _clean(text: str) -> str:
    plain = re.sub(r"[*_`]{1,3}", "", text).strip(" :")
    return _STEP.sub("", _NUMBER.sub("", plain)).strip()[:200]


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9_-]+", "_", text.lower()).strip("_-")[:50]


def _free(wanted: str, taken: dict[str, ImportedRunbook]) -> str:
    found, number = wanted, 1
    while found in taken:
        number += 1
        found = f"{wanted}_{number}"
    return found


def _string(text: str) -> str:
    """A TOML string. Its escapes are those of JSON."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _block(text: str) -> str:
    """A text of several lines, readable where that is possible."""
    plain = "'''" not in text and not text.endswith("'") and all(each.isprintable() or each in "\n\t" for each in text)
    return f"'''\n{text}\n'''" if plain and "\n" in text else _string(text)


def _literal(text: str) -> str:
    """A template that renders to ``text``."""
    inert = re.sub(r"\{\{|\{%|\{#|\}\}|%\}|#\}", lambda found: f"{{{{ {found[0]!r} }}}}", text)
    return inert.replace(OPEN, "[").replace(CLOSE, "]")


def _toml(one: ImportedRunbook) -> str:
    lines = ["[[runbook]]", f"id = {_string(one.id)}", f"title = {_string(_literal(one.title))}"]
    if one.severity:
        lines.append(f"severity = {_string(one.severity)}")
    if one.expected:
        lines.append(f"expected = {_string(one.expected)}")
    if one.confirmations is not None:
        lines.append(f"confirmations = {one.confirmations}")
    for number, step in enumerate(one.steps, 1):
        lines += [
            "",
            "[[runbook.step]]",
            f"id = {_string(f'step_{number}')}",
            f"title = {_string(_literal(step.title))}",
        ]
        lines += ['kind = "manual"', "unreviewed = true"]
        if step.asks:
            lines.append('confirm = "ask"')
        if seems_to_change(step.text):
            lines.append("mutates = true")
        if step.rollback:
            lines += ['when = "false"', 'note = "from a section about rolling back: make it the rollback of its step"']
        lines.append(f"instructions = {_block(_literal(step.text))}")
    return "\n".join(lines) + "\n"
