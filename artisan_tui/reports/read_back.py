"""What probes, the store and the engine say, in the reader's language.

Their sentences are English when they are made, and stay so in the journal, in the store and in JSON: a journal has
several readers, and scripts parse. Whoever shows one to a person reads it back here: its pattern is found in the
catalogue ``details``, and what stood in its places is put into the Korean pattern. What is not found stays as it is:
a server's own words, and sentences of other versions. A place that holds a target's word is never read: `_OURS` lists
the others.
"""

from __future__ import annotations

import re
from functools import lru_cache
from string import Formatter

from artisan_tui.i18n import details, language
from artisan_tui.reports.moments import since_text

#: Sentences that a place of another one may hold, like the reason after a colon.
_DEPTH = 4
#: Signs that a pattern must have besides its places. With fewer it would match anything.
_LEAST = 4

_COLON = re.compile(": ")

#: Places that hold a sentence of ours, or a piece of one. Every other place holds what a target, a file or a person
#: wrote, and stays as it is.
_OURS = {
    "ahead", "at", "created", "describe_failure", "detail", "error", "expected", "hint", "how", "INIT", "least", "left",
    "mend", "MEND", "on", "period", "phase", "problems", "remark", "SCHEMA", "served", "since", "subject", "times",
    "what", "where", "whom", "whose", "why", "WRITE",
}  # fmt: skip
#: The same for places whose name is used for both: what the sentence begins with -> the places.
_OURS_OF = {
    "no response within": {"name"},
    "no result for": {"value"},
    "no call for": {"last"},
    "no pod runs: ": {"failed"},
    "the answer is ": {"kind"},
    "the session of ": {"host"},
    "the server has no ": {"name"},
}
_OURS_WITH = {
    ", keeps data for ": {"said"},
    " is probing, but has no ": {"who"},
    " has exited, ": {"code"},
    " has dead, ": {"code"},
    " restart loop: ": {"code"},
    "killed by ": {"code"},
    " reports its health as ": {"state"},
    "JOURNAL VERIFICATION FAILED": {"join"},
    " cannot be closed: ": {"join"},
    " changed meanwhile: ": {"said"},
    ", column ": {"sub"},
    "this must be {wanted}, not {value}": {"wanted", "value"},
    "{value} is not {wanted}": {"wanted"},
    " can be written by ": {"who"},
    " can replace it": {"who"},
}
#: A condition and what it found, perhaps after the status that explains it: `domain.checks.outcome` writes so.
_CONDITION = re.compile(
    r"(?:HTTP \d+: |exit -?\d+: )?((?:status|latency|body|header|value|rows|exit|stdout|tls)(?:[.\[][^\n]*|) .*, expected )"
)
#: Letters of a sentence below which any server may have written it by chance, where it begins with one of these places:
#: who does something, or to what.
_FEW = 24
_SUBJECTS = {"actor", "given", "holder", "id", "new", "owner", "person", "started", "step", "wanted", "who"}
#: What such places hold: ids that this program makes, names without a blank, words of ours.
_ID = re.compile(r"(?:INC|RUN)-\d[\d-]*")
_NAME = re.compile(r"\S{1,80}")
_KINDS = {
    **dict.fromkeys(("id", "id2", "new", "source", "target"), _ID),
    **dict.fromkeys(("actor", "holder", "owner", "person", "given", "step", "wanted", "who", "started_by"), _NAME),
    "severity": re.compile(r"[1-4]"),
    "after": re.compile(r"[1-4]|[a-z_ ]{1,20}"),
    "role": _NAME,
    "state": re.compile("[a-z_ ]{1,24}"),
}
#: What a key of the configuration has to be: `config.explain` says so.
_WANTED = re.compile("an id|a binding's id|a key's name")
#: Letters before its first place by which a sentence is known for sure.
_BEGINNING = 7
#: Where what a server wrote is quoted from its beginning to its end.
_QUOTED = ("stderr: ", "stdout: ")
#: One word is a word of ours in these places only. Anybody may write "timeout" or "up".
_WORD_IN = {"ahead", "name", "phase", "subject", "value", "wanted"}
#: Places with several sentences, each of which may be a pattern that would reach into the next.
_LISTED = {"join", "said"}
#: What a condition found, where that was not written by the target.
_FOUND = re.compile(r"(?:object|list) of \d+")


def read_back(text: str, *, found: bool = False) -> str:
    """``text`` in the reader's language. A pure look-up: nothing is executed or formatted that stood in the text.

    It may hold what a server wrote, from its beginning to its end: a sentence with few letters of its own is read only
    where its places hold what they are for. ``found``: where a condition says "missing", the target wrote that word.
    """
    return text if language() == "en" or not text else _read_back(since_text(text), language(), _DEPTH, found)


def read_reply(text: str) -> str:
    """The same for what the program itself answered to a command: no server wrote a word of it but in a place."""
    if language() == "en" or not text:
        return text
    text = since_text(text)
    said = _read_back(text, language(), _DEPTH, False)
    if said != text:
        return said
    for pattern in _patterns(language()):
        if pattern.weak and (places := pattern.places(text)) is not None:
            return pattern.said(
                {name: _in_place(pattern, name, part, language(), _DEPTH - 1, False) for name, part in places.items()}
            )
    return text


def read_back_found(text: str, *, missing: bool) -> str:
    """What a condition found. The target wrote it, unless it is ``missing`` or too large to be shown."""
    return _found(text, language(), missing=missing) if language() != "en" else text


def _found(text: str, language: str, *, missing: bool) -> str:
    if (missing and text == "missing") or _FOUND.fullmatch(text):
        return details().get(text) or _read_back(text, language, 1, found=True)
    return text


@lru_cache(4096)
def _read_back(text: str, language: str, depth: int, found: bool) -> str:
    known = details()
    if text in known:
        return known[text]
    if text.startswith(_QUOTED):
        return text
    if depth:
        best = _certain(text, language)
        for start in _starts(text)[1:] if best is None else ():
            if text[start:] in known and " " in text[start:]:
                return f"{_read_back(text[: start - 2], language, depth - 1, found)}: {known[text[start:]]}"
        best = best or _best(text, language)
        if best is not None:
            start, pattern, places = best
            head = f"{_of_ours(text[: start - 2], language, depth - 1, found)}: " if start else ""
            return head + pattern.said(
                {name: _in_place(pattern, name, part, language, depth - 1, found) for name, part in places.items()}
            )
        for between in (": ", "; "):
            before, sign, after = text.partition(between)
            if sign:
                said = [_of_ours(part, language, depth - 1, found) for part in (before, after)]
                if said != [before, after]:
                    return sign.join(said)
    return text


def _in_place(pattern: _Pattern, name: str, part: str, language: str, depth: int, found: bool) -> str:
    if name == "actual":
        return _found(part, language, missing=not found)
    if name not in pattern.ours:
        return part
    if name in _WORD_IN and part in details():
        return details()[part]
    if name in _LISTED:
        return "; ".join(_of_ours(each, language, depth, found) for each in part.split("; "))
    return _of_ours(part, language, depth, found)


def _of_ours(part: str, language: str, depth: int, found: bool) -> str:
    """A part of a sentence. A single word is nobody's in particular, and stays."""
    return _read_back(part, language, depth, found) if " " in part.strip() else part


def _starts(text: str) -> list[int]:
    """Where a sentence may begin: at the beginning, and after the first colons."""
    return [0, *(found.end() for found in _COLON.finditer(text))][:8]


def _certain(text: str, language: str) -> tuple[int, _Pattern, dict[str, str]] | None:
    """The pattern that the first words tell, whatever is quoted behind them."""
    start = condition.start(1) if (condition := _CONDITION.match(text)) else 0
    for pattern in _patterns(language):
        if pattern.about_condition if condition else pattern.begins:
            places = pattern.match(text[start:])
            if places is not None:
                return start, pattern, places
    return None


def _best(text: str, language: str) -> tuple[int, _Pattern, dict[str, str]] | None:
    """(where it begins, the pattern, what is in its places) of the most telling pattern: of all, or of what follows a colon."""
    best: tuple[int, _Pattern, dict[str, str]] | None = None
    for start in _starts(text):
        for pattern in _patterns(language):
            if best is not None and pattern.letters <= best[1].letters:
                break
            places = pattern.match(text[start:])
            if places is not None:
                best = (start, pattern, places)
                break
        if best is not None and any(name in _LISTED and name in best[1].ours for name in best[2]):
            break  # what follows the colon is in its place, and is read there, however telling it is
    return best


@lru_cache(2)
def _patterns(language: str) -> tuple[_Pattern, ...]:
    """The most telling first."""
    found = [_Pattern(msgid, said) for msgid, said in details().items() if "{" in msgid]
    return tuple(sorted((each for each in found if each.signs >= _LEAST), key=lambda each: -each.letters))


@lru_cache(1)
def _statuses() -> re.Pattern[str]:
    from artisan_tui.domain.incidents.incident import CANCELLED, STATUSES  # not before the first frame

    return re.compile("|".join((*STATUSES, CANCELLED)))


def _is_of_kind(pattern: _Pattern, name: str, part: str) -> bool:
    if name == "status":
        kind: re.Pattern[str] | None = _statuses()
    else:
        kind = _WANTED if name == "wanted" and pattern.names == ["value", "wanted"] else _KINDS.get(name)
    return kind is None or kind.fullmatch(part) is not None


class _Pattern:
    """A sentence with places: what stands between them, and the same in the reader's language."""

    __slots__ = (
        "_longest",
        "_said",
        "_texts",
        "about_condition",
        "begins",
        "letters",
        "names",
        "ours",
        "signs",
        "weak",
    )

    def __init__(self, msgid: str, said: str) -> None:
        self._texts, self.names = _parts(msgid)
        self._said = _parts(said)
        self._longest = max(self._texts, key=len)
        self.signs = sum(not character.isspace() for text in self._texts for character in text)
        self.begins = sum(map(str.isalpha, self._texts[0])) >= _BEGINNING
        self.about_condition = self.names[:2] == ["subject", "actual"]
        #: The places that hold words of ours.
        self.ours = frozenset[str](_OURS).union(
            *(names for text, names in _OURS_OF.items() if msgid.startswith(text)),
            *(names for text, names in _OURS_WITH.items() if text in msgid),
        )
        self.letters = sum(character.isalpha() for text in self._texts for character in text)
        #: It begins with a place that a person or an act of ours fills, and has few letters of its own.
        self.weak = (
            not self._texts[0]
            and self.letters <= _FEW
            and (self.names[0] in _SUBJECTS or "id" in self.names or self.names == ["value", "wanted"])
        )

    def match(self, text: str) -> dict[str, str] | None:
        """What stands in the places; None where it is another sentence, or where it may be one of a server."""
        found = self.places(text)
        if found is None or not self.weak:
            return found
        return found if all(_is_of_kind(self, name, part) for name, part in found.items()) else None

    def places(self, text: str) -> dict[str, str] | None:
        """The same, whoever wrote it. Linear: the text may be anybody's."""
        first, last = self._texts[0], self._texts[-1]
        if not self.names:
            return {} if text == first else None
        if self._longest not in text or not text.startswith(first) or not text.endswith(last):
            return None
        end, at = len(text) - len(last), len(first)
        found: dict[str, str] = {}
        for name, between in zip(self.names, self._texts[1:-1], strict=False):
            stop = text.find(between, at, end)
            if stop < 0:
                return None
            found[name] = text[at:stop]
            at = stop + len(between)
        if at > end:
            return None
        found[self.names[-1]] = text[at:end]
        return found

    def said(self, values: dict[str, str]) -> str:
        texts, names = self._said
        out = [texts[0]]
        for name, text in zip(names, texts[1:], strict=True):
            out += [values.get(name, ""), text]
        return "".join(out)


def _parts(pattern: str) -> tuple[list[str], list[str]]:
    """(the texts around the places, the names of the places)."""
    texts, names = [""], []
    for text, name, _form, _conversion in Formatter().parse(pattern):
        texts[-1] += text
        if name is not None:
            names.append(name)
            texts.append("")
    return texts, names
