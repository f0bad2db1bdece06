"""A mistake anywhere else in the file names its line, its key and the mend."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.config_stubs import SOUND, problems
from support.mistake_measures import MEASURE

TOP: list[tuple[str, int | None, str, str, str]] = [
    ("services = []\n" + SOUND, 1, "services", "did you mean `service`?", "write service"),
    ('path = "x"\n' + SOUND, 1, "path", "unknown key `path`", "allowed keys"),
    ('digest = "x"\n' + SOUND, 1, "digest", "unknown key `digest`", "allowed keys"),
    ("theme = 'neon'\n" + SOUND, 1, "theme", "'neon' is not an allowed", "auto, dark, light, ansi"),
    ("runbooks = 'a.toml'\n" + SOUND, 1, "runbooks", "must be a list", "[ ]"),
    ("runbooks = ['']\n" + SOUND, 1, "runbooks", "not a path", "path of a file"),
    ("artisan = 3\n" + SOUND, 1, "artisan", "must be a table, not 3", "[header]"),
    ("database = 'mysql://h/d'\n" + SOUND, 1, "database", "SQLite or PostgreSQL", "sqlite:"),
    ("[service]\nid = 'a'\n", 1, "service", "list of tables", "[[service]] with two brackets"),
    (SOUND.replace("http://127.0.0.1:8000/metrics", "h"), 2, "metrics.scrape", "'h' is not an http URL", "http://h"),
    (SOUND.replace("scrape = [", "scrap = ["), 2, "metrics.scrap", "did you mean `scrape`?", "write scrape"),
    (SOUND.replace("[metrics]", "[metrics]\ntimeout='1m'"), 2, "metrics.timeout", "longer than the 15s", '"15s"'),
    (SOUND.replace('scrape = ["http://127.0.0.1:8000/metrics"]', ""), 1, "metrics", "no backend", "scrape"),
    (
        SOUND.replace("[metrics]", "[metrics]\nusername='u'"),
        2,
        "metrics.username",
        "without a password",
        "add password",
    ),
    (
        SOUND.replace("[metrics]", "[metrics]\nusername='u'\npassword='env:P'\nbearer_token='env:T'"),
        4,
        "metrics.bearer_token",
        "two ways to log in",
        "keep",
    ),
    ("name = 3", 1, "name", "unknown key `name`", "allowed keys"),
    ("[artisan]\n", None, "", "no [[service]] is configured", "config init"),
    ("service = []\n", None, "", "no [[service]] is configured", "config init"),
    (
        "[[service]]\nid='a'\n" + MEASURE + "measure={value='a'}",
        5,
        "service.check.kind",
        "there is no [metrics]",
        "add [metrics]",
    ),
]


@pytest.mark.parametrize(("text", "line", "key", "what", "mend"), TOP)
def test_a_mistake_anywhere_else(tmp_path: Path, text: str, line: int | None, key: str, what: str, mend: str) -> None:
    found = problems(tmp_path, text)
    hits = [p for p in found if p.key == key and what in p.what]
    assert hits, [str(p) for p in found]
    assert hits[0].line == line
    assert mend in hits[0].mend
