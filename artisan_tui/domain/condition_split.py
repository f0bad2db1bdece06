"""Where the operator of a condition is.

``body`` can be followed by a JMESPath, which has operators, quotes, brackets and pipes of its own:
``body.services[?name=='db'].state | [0] == up``. The operator of the condition is the first one outside of them.
"""

from __future__ import annotations

import re

_WORD = re.compile(r"\s*(\w+)")
_OPERATORS = ("==", "!=", "<=", ">=", "<", ">", "~")
_MEND = "write names with dots between, like body.services.database, and close what is opened"
_CLOSING = {"[": "]", "(": ")", "{": "}"}


def split_condition(text: str) -> tuple[str, str, str]:
    """(subject, operator, literal), stripped. Raises ValueError; its text says how to correct the condition."""
    word = _WORD.match(text)
    at = _operator(text, expression=word is not None and word[1] == "body")
    op = next((op for op in _OPERATORS if at is not None and text.startswith(op, at)), "")
    subject, literal = ("", "") if at is None else (text[:at].strip(), text[at + len(op) :].strip())
    if not subject or not literal:
        lone = re.fullmatch(r"[^=!<>~]+=[^=].*", text, re.DOTALL)
        mend = "write == to compare" if lone else "write SUBJECT OP LITERAL, like 'status == 200'"
        raise ValueError(f"{text!r} is not a condition: {mend}")
    if op in ("==", "!=") and literal[0] == "=":
        raise ValueError(f"{text!r} is not a condition: write {op}, and quotes around text that begins with =")
    return subject, op, literal


def path_of_body(subject: str) -> str | None:
    """The JMESPath in a subject that begins with ``body``, "" for the whole body, None when it is another word."""
    rest = subject.removeprefix("body")
    if not rest or rest[0] == "[":
        return rest
    if rest[0] == ".":
        return rest[1:].strip() or None
    # A pipe or an "or" after the whole body: JMESPath calls the body @.
    return f"@ {rest.strip()}" if rest.lstrip().startswith(("|", "&&")) else None


def _operator(text: str, *, expression: bool) -> int | None:
    """The position of the operator. ``expression``: not inside of quotes and brackets. Raises ValueError."""
    inside: list[str] = []
    at = 0
    while at < len(text):
        sign = text[at]
        if expression and sign in "'\"`":
            at = _after_quoted(text, at)
            continue
        if expression and sign in _CLOSING:
            inside.append(_CLOSING[sign])
        elif inside and sign == inside[-1]:
            inside.pop()
        elif not inside and text.startswith(_OPERATORS, at):
            return at
        at += 1
    if inside:
        raise ValueError(f"{text!r} is not a JMESPath with a comparison, {inside[-1]!r} is missing: {_MEND}")
    return None


def _after_quoted(text: str, at: int) -> int:
    """The position after the quoted text that begins ``at``; a backslash takes its meaning from the next sign."""
    end = at + 1
    while end < len(text):
        if text[end] == text[at]:
            return end + 1
        end += 2 if text[end] == "\\" else 1
    raise ValueError(f"{text!r} is not a JMESPath with a comparison, the {text[at]} is not closed: {_MEND}")
