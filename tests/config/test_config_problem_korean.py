"""An error in the configuration is Korean where the person reads Korean; keys, values and files stay as written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from artisan_tui.i18n import use_language
from artisan_tui.reports.config_problem import problem_text
from config import test_config_circumstances as circumstances
from config import test_config_mistakes as mistakes
from config import test_config_mistakes_elsewhere as elsewhere
from config.config_stubs import problems

HANGUL = re.compile("[가-힣]")
TEXTS = [
    *(mistakes.SOUND + bad[0] for bad in mistakes.BAD),
    *(top[0] for top in elsewhere.TOP),
    *(circumstances.SOUND + bad[0] for bad in circumstances.BAD),
]


@pytest.fixture(autouse=True)
def _english_afterwards() -> Iterator[None]:
    yield
    use_language("en")


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_d8_every_mistake_is_korean_with_its_key_and_its_mend(tmp_path: Path, text: str) -> None:
    found = problems(tmp_path, text)
    use_language("ko")
    for problem in found:
        said = problem_text(str(problem))
        what, _sign, mend = said.rpartition(" — ")
        place = str(problem).partition(": ")[0]
        assert said.startswith(f"{place}: {problem.key}" if problem.key else place)
        assert HANGUL.search(what), said
        assert HANGUL.search(mend), said


@pytest.mark.parametrize(
    ("english", "korean"),
    [
        ("/a/b.toml:3: service.check.url: 'ftp://x' is not an http URL — write it in quotes",
         "/a/b.toml:3: service.check.url: 'ftp://x'은(는) http URL이 아닙니다 — 따옴표 안에 쓰세요"),
        ("b.toml: there is no such file — correct it", "b.toml: 파일이 없습니다 — 고치세요"),
        ("b.toml:1: not TOML: Invalid value, column 5 — correct it",
         "b.toml:1: TOML이 아닙니다: 잘못된 값, 5열 — 고치세요"),
        ("b.toml:2: a.b: this must be a list, not 'timeout' — put it in [ ]",
         "b.toml:2: a.b: 목록 형식이어야 하며 'timeout'은(는) 안 됩니다 — [ ] 안에 쓰세요"),
        ("b.toml:2: a.b: this must be a list, not a table — put it in [ ]",
         "b.toml:2: a.b: 목록 형식이어야 하며 테이블은(는) 안 됩니다 — [ ] 안에 쓰세요"),
        ("this was said by a newer version", "this was said by a newer version"),
    ],
)  # fmt: skip
def test_d8_a_problem_that_was_kept_as_text_is_read_too(english: str, korean: str) -> None:
    assert problem_text(english) == english
    use_language("ko")
    assert problem_text(english) == korean
