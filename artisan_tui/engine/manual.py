"""The pages of the manual, as they are shipped: `docs/` at the top of a checkout, the same folder in the wheel.

A page is a Markdown file whose head names it: ``<!-- topic: title | other, names -->``. Its name is the topic's. The page in
another language is a file of the same name in a folder of that language, such as `docs/ko/`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from artisan_tui.config.suggest import closest
from artisan_tui.engine.settings import reference

_HEAD = re.compile(r"<!-- topic: (?P<title>[^|\n]+?)(?: \| (?P<also>[^\n]*?))? -->\n")
_COMMENT = re.compile(r"<!--.*?-->\n?", re.DOTALL)
#: A fence says how the tests run it; a reader needs none of it.
_FENCE = re.compile(r"^```(?:console|screen|python|toml)[^\n]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Topic:
    """A page. ``also`` are other names of it; ``language`` is that of the text."""

    name: str
    title: str
    also: tuple[str, ...]
    path: Path
    language: str

    def text(self) -> str:
        """The page as Markdown, without what only the tests read. Raises OSError."""
        return _FENCE.sub("```", _COMMENT.sub("", self.path.read_text("utf-8"))).strip() + "\n"


def topics(language: str) -> dict[str, Topic]:
    """Every page by its name, in ``language`` where there is one, else in English."""
    folder = reference("docs")
    found = {}
    for path in sorted(folder.glob("*.md")):
        own = folder / language / path.name
        topic = _topic(own, language) if own.exists() else _topic(path, "en")
        if topic is not None:
            found[topic.name] = topic
    return found


def find(word: str, language: str) -> Topic | None:
    """The page that ``word`` names, by its name or one of its other names."""
    wanted = word.strip().lower()
    return next((each for each in topics(language).values() if wanted in (each.name, *each.also)), None)


def near(word: str, others: tuple[str, ...], language: str) -> str | None:
    """What was probably meant by ``word``: a topic, or one of ``others``. None without a likely one."""
    names = {name: each.name for each in topics(language).values() for name in (each.name, *each.also)}
    meant = closest(word, [*names, *others])
    return None if meant is None else names.get(meant, meant)


def _topic(path: Path, language: str) -> Topic | None:
    try:
        with path.open(encoding="utf-8") as file:
            head = _HEAD.match(file.readline())
    except OSError:
        return None
    if head is None:
        return None
    also = tuple(each.strip() for each in (head["also"] or "").split(",") if each.strip())
    return Topic(path.stem, head["title"], also, path, language)
