"""What a target says of its failure in its own words: the message in its answer, not ours about it."""

from __future__ import annotations

import json
import re

from artisan_tui.domain.reason import Reason
from artisan_tui.domain.text.printable import printable

#: Reasons where the target answered, so that its answer may say why.
_ANSWERED = {Reason.STATUS, Reason.BODY, Reason.MISSING, Reason.EXIT, Reason.HEALTH, Reason.VALUE, Reason.NOT_READY}
#: Keys that hold a message, the most telling first: RFC 9457 problems, gRPC-JSON, common web frameworks.
_KEYS = ("error_message", "error", "message", "detail", "reason", "msg", "description", "title", "cause")
#: Of an answer that was cut: then it is no JSON any more.
_CUT = re.compile(rf'"({"|".join(_KEYS)})"\s*:\s*"((?:[^"\\]|\\.){{3,300}})"')
_TITLE = re.compile(r"<(?:title|h1)[^>]*>([^<]{3,200})<", re.IGNORECASE)
#: Words that say nothing more than the state does.
_EMPTY = {"error", "failed", "failure", "unhealthy", "down", "not ok", "ko", "none", "null", "false", "true"}
LONGEST = 200


def own_words(reason: Reason, excerpt: str, remarks: tuple[str, ...] = ()) -> str:
    """The target's message in one line, "" where it has none. ``excerpt`` is the start of its answer."""
    if reason not in _ANSWERED:
        return ""
    if reason is Reason.EXIT:
        said = next((remark.removeprefix("stderr: ") for remark in remarks if remark.startswith("stderr: ")), "")
        return _clean(said or _last_line(excerpt))
    text = excerpt.strip()
    if text[:1] in "{[":
        return _clean(_of_json(text))
    if text[:1] == "<":
        title = _TITLE.search(text)
        return _clean(title[1] if title else "")
    return _clean(text.split("\n", 1)[0]) if reason is Reason.STATUS else ""


def _of_json(text: str) -> str:
    try:
        document = json.loads(text)
    except ValueError:
        cut = _CUT.search(text)
        if cut is None:
            return ""
        try:
            return str(json.loads(f'"{cut[2]}"'))
        except ValueError:
            return cut[2]
    level: list[object] = [document]
    for _depth in range(4):
        for key in _KEYS:
            for each in level:
                if isinstance(each, dict) and isinstance(each.get(key), str) and _telling(each[key]):
                    return str(each[key])
        below: list[object] = []
        for each in level:
            below += each.values() if isinstance(each, dict) else each if isinstance(each, list) else []
        level = below[:200]
    return ""


def _telling(text: str) -> bool:
    return len(text.strip()) > 2 and text.strip().casefold() not in _EMPTY


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    return lines[-1] if lines else ""


def _clean(text: str) -> str:
    said = printable(" ".join(text.split()), LONGEST)
    return said if _telling(said) else ""
