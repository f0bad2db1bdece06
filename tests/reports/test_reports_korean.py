"""Korean: one word for each thing, and every sentence of a probe, of the store and of the engine read back."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from io import BytesIO

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

from artisan_tui import i18n
from artisan_tui.domain.condition import ConditionResult
from artisan_tui.domain.reason import Reason
from artisan_tui.i18n import details, language_of, use_language
from artisan_tui.reports.checks.words import found_text, why
from artisan_tui.reports.read_back import read_back, read_reply
from artisan_tui.store.errors import StoreUnreachable
from bench.sentences import sentences

FOLDER = i18n.LOCALES / "ko" / "LC_MESSAGES"
HANGUL = re.compile("[가-힣]")
#: Names and signs only: as good as the same in both languages.
SAME = {
    *("dns", "tls", " for {name}", "stdout is {error}", " to {location}", "list on pods", "the kubeconfig {join}"),
    *("{status} to {location}", "ca_file {ca_file}: {why}", "Sev1 to Sev4, P0 to P3, critical, high, medium or low"),
}
#: Another word for a thing that has its word already, and that word.
TWINS = {
    "사후 검토": "포스트모템", "사후검토": "포스트모템", "유지보수": "점검", "유지 보수": "점검", "정비": "점검", "메인터넌스": "점검", "검사": "체크", "헬스체크": "헬스 체크",
    "탐침": "프로브", "지연 시간": "응답 시간", "레이턴시": "응답 시간", "에러 버짓": "에러버짓", "오류 예산": "에러버짓",
    "에러 예산": "에러버짓", "번 레이트": "소진 속도", "번레이트": "소진 속도", "상태 변화": "상태 변경", "머신": "장비",
    "뮤트": "음소거", "페이징": "호출", "등급": "심각도", "저장공간": "저장소", "얼럿": "알림", "경보": "알림",
    "커버리지": "관측률", "타겟": "대상", "타깃": "대상", "잠시 뒤": "잠시 후", "임계치": "임계값", "로그인명": "로그인",
}  # fmt: skip
#: The English word, and the Korean one that every sentence with it has.
TERMS = {
    r"\bmaintenance\b": "점검",
    r"\bchecks?\b(?! (that|this|it|them|the|its|first|dmesg|your|bearer|\[)| and )": "체크",
    r"\berror budgets?\b": "에러버짓",
    r"\bburn rate\b": "소진 속도",
    r"\bjournal\b": "저널",
    r"\b(?:the|a|new) store\b": "저장소",
    r"\bcoverage\b": "관측률",
    r"\bincident\b": "인시던트",
}
#: The verb to check, and names.
_OTHER = re.compile(
    r"`[^`]*`|\{[^}]*\}|\[\[[^]]*\]\]|\"[^\"]*\"|\w+ = |promtool check|check rules|check (its|the|their|now|everything)|[Cc]heck (it|now|everything|that)"
    r"|health check|to check|: check|, check|Check, describe|CHECK|\bchecks? (password|database)"
)


def catalogue(name: str) -> Catalog:
    with (FOLDER / f"{name}.po").open("rb") as file:
        return read_po(file, locale="ko")


def entries() -> Iterator[tuple[str, str]]:
    for name in ("artisan_tui", "details"):
        for entry in catalogue(name):
            if entry.id:
                texts = entry.string if isinstance(entry.string, list | tuple) else [entry.string]
                yield from ((entry.id if isinstance(entry.id, str) else entry.id[0], text) for text in texts)


@pytest.fixture(autouse=True)
def _english_afterwards() -> Iterator[None]:
    yield
    use_language("en")


def test_d8_no_twin_of_a_term_is_used() -> None:
    assert [(text, twin, TWINS[twin]) for _msgid, text in entries() for twin in TWINS if twin in text] == []


def test_d8_a_term_has_its_word_in_every_sentence() -> None:
    wrong = []
    for msgid, text in entries():
        plain = _OTHER.sub("", msgid)
        wrong += [(msgid, text, word) for term, word in TERMS.items() if re.search(term, plain) and word not in text]
    assert wrong == []


# -- sentences that are made in English and read in Korean --------------------------


def places(text: str) -> set[str]:
    return {name for _text, name, _spec, _conversion in string.Formatter().parse(text) if name is not None}


def test_d8_every_sentence_is_translated_with_its_places_and_none_is_left_over() -> None:
    held = {str(entry.id): str(entry.string) for entry in catalogue("details") if entry.id}
    said = set(sentences())
    assert {text for text in said if not held.get(text)} == set(), "run `make messages` and translate details.po"
    assert set(held) - said == set(), "run `make messages`"
    assert [text for text, korean in held.items() if places(text) != places(korean)] == []
    assert [text for text, korean in held.items() if not HANGUL.search(korean) and text not in SAME] == []


def test_d8_the_compiled_sentences_are_the_written_ones() -> None:
    compiled = {e.id: e.string for e in read_mo(BytesIO((FOLDER / "details.mo").read_bytes())) if e.id}
    assert compiled == {e.id: e.string for e in catalogue("details") if e.id}, "run `make messages`"
    use_language("ko")
    assert dict(details()) == compiled


def test_d8_every_sentence_is_found_again() -> None:
    """Filled with anything, a sentence keeps what stood in its places and has no English left of its own."""
    use_language("ko")
    lost = []
    for text in sentences():
        said = text.format(**{name: f"<{number}>" for number, name in enumerate(sorted(places(text)))})
        korean = read_reply(said)
        kept = re.findall(r"<\d+>", said)
        if not HANGUL.search(korean) and text not in SAME:
            lost.append(text)
        elif sorted(set(re.findall(r"<\d+>", korean))) != sorted(set(kept)):
            lost.append((text, korean))
    assert lost == []


#: What a server may write, in full or behind a colon, and what looks like a sentence of ours by chance.
SERVERS = [
    "Circuit breaker is open: resolved",
    "The shard is open: closed",
    "Port 22 is open: declared",
    "Ford is commander of the ship",
    "replica is primary of cluster-7",
    "checkout is over",
    "deploy/app is over",
    "Job 7 closed",
    "connection closed",
    "svc-a acknowledged",
    "The client closed it",
    "a worker resolved it",
    "tenant 12 goes on",
    "backup of db is Sev2",
    "backup is Sev2",
    "pool is now acknowledged",
    "operation is not permitted",
    "the connection is not closed",
    "the user is not a member",
    "node-3 resolved",
    "session 12 is cancelled",
]


@pytest.mark.parametrize("said", SERVERS)
@pytest.mark.parametrize("frame", ["{}", "unexpected answer: {}", "stderr: {}", "boom; {}", "{}: boom"])
def test_what_a_server_wrote_is_never_read_as_a_sentence_of_ours(said: str, frame: str) -> None:
    use_language("ko")
    shown = read_back(frame.format(said))
    assert said in shown, shown


@pytest.mark.parametrize(
    "said",
    [
        "INC-20261121-093012 is open: resolved",
        "INC-20261121-093012-2 acknowledged",
        "alice is commander of INC-20261121-093012",
        "RUN-20261121-093012 goes on",
        "INC-20261121-093012 is now mitigated",
    ],
)
def test_what_the_program_says_of_its_own_is_read_wherever_it_stands(said: str) -> None:
    use_language("ko")
    assert HANGUL.search(read_back(said))
    assert read_reply(said) == read_back(said)


@pytest.mark.parametrize(
    ("english", "korean"),
    [
        ("status 503, expected == 200", "상태 코드 503, 기대 조건 == 200"),
        ("connection refused", "연결이 거부되었습니다"),
        (
            "INC-1 cannot be closed: it is not resolved; the resolution is missing; run RUN-1 is not over",
            "INC-1을(를) 종료할 수 없습니다: 해결되지 않았습니다; 해결 방법이 없습니다; 실행 RUN-1이(가) 끝나지 않았습니다",
        ),
        (
            "INC-1 changed meanwhile: bob set it to mitigating; rung 2 was paged",
            "그사이 INC-1이(가) 바뀌었습니다: bob이(가) mitigating(으)로 변경; 2단계를 호출함",
        ),
        ("no response within 5s, waiting for the first byte", "5s 안에 응답 없음, 대기: 첫 바이트"),
        ("http://127.0.0.1:9090: connection refused", "http://127.0.0.1:9090: 연결이 거부되었습니다"),
        (
            "web has exited, exit code 137 (out of memory) since 21 Nov 09:42 UTC",
            "web: 종료됨, 종료 코드 137 (out of memory) (11월 21일 09:42 UTC부터)",
        ),
        (StoreUnreachable.of("/s/a.db", "timed out").args[0],
         "저장소 /s/a.db이(가) 응답하지 않습니다(시간 초과). 데이터베이스가 실행 중인지, 이 계정으로 로그인할 수 있는지 확인하세요"),
        ("no result for 5m, was up", "5m 동안 결과 없음, 이전 상태 정상"),
        ("2026-11-21 09:42 to 2026-12-01 09:44: timed out",
         "2026년 11월 21일 09:42부터 2026년 12월 1일 09:44까지: 시간 초과"),
        ('the body is no JSON object like {"status": "fail", "message": "…"}',
         '본문이 {"status": "fail", "message": "…"} 같은 JSON 객체가 아닙니다'),
    ],
)  # fmt: skip
def test_d8_a_sentence_within_a_sentence_is_read_too(english: str, korean: str) -> None:
    assert read_back(english) == english
    use_language("ko")
    assert read_back(english) == korean


@pytest.mark.parametrize(
    "text", ["CUDA out of memory: tried 2 GiB", "{name} {0} {__class__}", "%s {", "은(는) 장애", "", "stderr: fatal"]
)
def test_d8_the_words_of_others_stay(text: str) -> None:
    use_language("ko")
    assert read_back(text) == text


WORDS = ("timeout", "refused", "up", "down", "healthy", "degraded", "missing", "ok", "stale", "timed out", "the body",
         "connection refused", "out of memory", "no data", "web is paused", "not ready")  # fmt: skip


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize(
    ("sentence", "korean"),
    [
        ("body.status {0}, expected == x", "body.status {0}, 기대 조건 == x"),
        ("body.a missing, expected == {0}", "body.a 필드 없음, 기대 조건 == {0}"),
        ("header.x-state {0}, expected != {0}", "header.x-state {0}, 기대 조건 != {0}"),
        ("HTTP 503: body.status {0}, expected == x", "HTTP 503: body.status {0}, 기대 조건 == x"),
        ("stderr: {0}", "stderr: {0}"),
        ("stderr: worker: {0}", "stderr: worker: {0}"),
        ("HTTP 200, the response reports status {0}", "HTTP 200, 응답이 보고한 상태: {0}"),
        ("the job reports a failure: {0}", "작업이 실패를 보고했습니다: {0}"),
        ("the Docker daemon answered 500: {0}", "Docker 데몬 응답 500: {0}"),
        ("the API server answered 500: {0}", "API 서버 응답 500: {0}"),
        ("unexpected reply to PING: {0}", "PING에 예상 밖의 응답: {0}"),
        ("no series matches {0}", "{0}와 일치하는 시계열이 없습니다"),
        ("{0} is paused", "{0}: 일시 중지됨"),
        ("certificate verification failed: {0}", "인증서 검증 실패: {0}"),
        ('no series matches x{{state="{0}"}}', 'x{{state="{0}"}}와 일치하는 시계열이 없습니다'),
    ],
)
def test_d8_what_a_target_wrote_stays_in_every_place(word: str, sentence: str, korean: str) -> None:
    if word == "missing" and sentence.partition(" {0}, exp")[1]:
        pytest.skip("the sentence alone does not tell who says it: the reason does")
    use_language("ko")
    assert read_back(sentence.format(word)) == korean.format(word)


@pytest.mark.parametrize("word", WORDS)
def test_d8_a_value_that_a_condition_found_stays(word: str) -> None:
    use_language("ko")
    finding = ConditionResult("body.status == x", False, word, Reason.BODY)
    assert found_text(finding) == word
    assert why(Reason.BODY, f"body.status {word}, expected == x") == f"body.status {word}, 기대 조건 == x"


def test_d8_what_we_say_in_place_of_a_value_is_korean() -> None:
    use_language("ko")
    assert found_text(ConditionResult("body.a == x", False, "missing", Reason.MISSING)) == "필드 없음"
    assert found_text(ConditionResult("body.a == x", False, "list of 3", Reason.BODY)) == "목록(3개)"
    assert why(Reason.MISSING, "body.a missing, expected == x") == "body.a 필드 없음, 기대 조건 == x"
    assert read_back("no response within 5s, waiting for connecting") == "5s 안에 응답 없음, 대기: 연결"


@given(st.text(max_size=400))
def test_d8_anything_can_be_read_back(text: str) -> None:
    use_language("ko")
    read_back(text)
    read_back(f"{text}: connection refused, expected {text}")
    use_language("en")
    assert read_back(text) == text


def test_d8_a_reason_and_its_detail_in_korean() -> None:
    use_language("ko")
    assert why(Reason.TIMEOUT, "timed out") == "타임아웃: 시간 초과"
    assert why(Reason.STATUS, "status 503, expected == 200") == "상태 코드 503, 기대 조건 == 200"


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        ({}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "ko_KR.UTF-8"}, "ko"),
        ({"LANGUAGE": "ko"}, "ko"),
        ({"LANGUAGE": "ko:en", "LANG": "en_US.UTF-8"}, "ko"),
        ({"LANG": "ko_KR.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LC_MESSAGES": "ko_KR", "LANG": "en_US.UTF-8"}, "ko"),
        ({"LANG": "kok_IN"}, "en"),
    ],
)
def test_d8_the_environment_says_the_language(environ: dict[str, str], language: str) -> None:
    assert language_of(environ) == language


@pytest.mark.parametrize(
    "change",
    ["root changed the postmortem", "alice acknowledged it", "alice changed the severity; bob changed the postmortem"],
)
def test_what_changed_meanwhile_is_korean_whatever_changed(change: str) -> None:
    use_language("ko")
    try:
        said = read_reply(f"INC-20261130-200316 changed meanwhile: {change}")
    finally:
        use_language("en")
    assert "changed meanwhile" not in said
