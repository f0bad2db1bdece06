"""Journal entries in words: those of older programs as before, of newer ones as such, and nothing that breaks out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artisan_tui import i18n
from artisan_tui.domain.event import GENESIS, Event, StoredRow, chain_hash, verify
from artisan_tui.domain.journal_kinds import kinds
from artisan_tui.i18n import use_language
from artisan_tui.reports.event_words import event_text, said_event, words_of
from artisan_tui.reports.wording import Tone

AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
#: Written by the program before bodies had a version, with the sentences it said then.
OLD: list[dict[str, str]] = json.loads(Path(__file__).with_name("journal_without_v.json").read_text("utf-8"))


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    before = i18n.language()
    yield
    use_language(before)


def event(kind: str, subject: str = "", body: dict[str, Any] | None = None) -> Event:
    return Event(AT, "x", kind, subject, body or {})


def old_events() -> list[Event]:
    return [
        Event(datetime.fromisoformat(row["at"]), row["actor"], row["kind"], row["subject"], json.loads(row["body"]))
        for row in OLD
    ]


@pytest.mark.parametrize("language", ["en", "ko"])
def test_an_old_journal_says_what_it_said(language: str) -> None:
    use_language(language)
    assert [event_text(each) for each in old_events()] == [row[language] for row in OLD]


def test_the_kinds_of_an_old_journal_are_still_declared_and_its_chain_holds() -> None:
    assert {row["kind"] for row in OLD} <= set(kinds())
    rows, head = [], GENESIS
    for n, row in enumerate(OLD, 1):
        parts = (row["at"], row["at"], row["actor"], row["kind"], row["subject"], row["body"], None)
        rows.append(StoredRow(n, *parts, head, row["hash"]))
        head = chain_hash(head, n, *parts)
    assert verify(rows) == (len(OLD), OLD[-1]["hash"], None)


def test_every_declared_kind_has_words() -> None:
    assert [kind for kind in kinds().values() if kind not in words_of(kind)] == []


@pytest.mark.parametrize(("language", "said"), [("en", "unknown event"), ("ko", "알 수 없는 이벤트")])
@pytest.mark.parametrize("kind", ["check.renamed", "incident.unheard", "x", ""])
def test_a_kind_of_a_newer_program_is_shown_as_such(language: str, said: str, kind: str) -> None:
    use_language(language)
    text = event_text(event(kind, "INC-1", {"v": 3}))
    assert text.startswith(f"{said} {kind} INC-1" if kind else f"{said} INC-1")


@pytest.mark.parametrize(
    ("language", "newer", "unreadable"),
    [
        ("en", "written by a newer artisan-tui", "unreadable body"),
        ("ko", "더 새 버전의 artisan-tui가 기록했습니다", "본문을 읽을 수 없습니다"),
    ],
)
def test_a_body_that_cannot_be_read_is_shown_as_such(language: str, newer: str, unreadable: str) -> None:
    use_language(language)
    assert event_text(event("check.muted", "db.ping", {"v": 2})) == f"check.muted db.ping: {newer}"
    assert event_text(event("check.muted", "db.ping")) == f"check.muted db.ping: {unreadable}"


def test_why_a_store_was_replaced_is_in_the_reader_s_language() -> None:
    use_language("ko")
    body = {"why": "tampered", "last_seq": 7, "last_hash": "x"}
    assert "변조됨" in event_text(event("store.replaced", "artisan.db", body))
    assert "melted" in event_text(event("store.replaced", "artisan.db", {**body, "why": "melted"}))


def test_tones() -> None:
    tones = {to: said_event(event("check.state", "a.b", {"from": "up", "to": to})).tone for to in ("down", "up", "odd")}
    assert tones == {"down": Tone.BAD, "up": Tone.GOOD, "odd": Tone.PLAIN}
    assert said_event(event("config.refused", "artisan.toml")).tone is Tone.WARN
    assert said_event(event("check.state", "a.b", {"to": "down"})).tone is Tone.PLAIN, "unreadable"


@pytest.mark.parametrize(
    ("kind", "body", "said"),
    [
        ("check.state", {"from": "up", "to": "down", "blamed": "db.ping"}, "web.page DOWN: caused by db.ping  status 503"),
        ("check.state", {"from": "up", "to": "down", "past_cause": "db.ping"}, "web.page DOWN: was caused by db.ping  status 503"),
        ("check.state", {"from": "up", "to": "down", "held": "flapping"}, "web.page DOWN: page held: flapping  status 503"),
        ("check.cause", {"to": "db.ping"}, "correction: web.page is down because of db.ping"),
        ("check.cause", {"from": "db.ping", "to": "db.disk"}, "correction: web.page is down because of db.disk, not of db.ping"),
        ("check.cause", {"from": "db.ping"}, "correction: web.page is down by itself, no longer because of db.ping: status 503"),
    ],
)  # fmt: skip
def test_a15_what_the_journal_says_of_causes(kind: str, body: dict[str, Any], said: str) -> None:
    use_language("en")
    assert event_text(event(kind, "web.page", {**body, "reason": "status", "detail": "status 503"})) == said


_HOSTILE = (
    "\x1b[31m\x1b]0;x\x07",
    "[bold red]x[/]",
    "{kind}{0}",
    "a\nb\r\tc",
    "\u202eabc\u200b\u2066",
    "x" * 50_000,
    "\ud800",
)
_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=30)
    | st.sampled_from([*_HOSTILE, 10**400, -(10**4000), "9999-12-31T23:59:59-23:59", "down", "page"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
_KEYS = sorted({key for each in old_events() for key in each.body} | {"v"})


@given(st.data())
def test_a_body_of_another_hand_neither_raises_nor_prints_what_a_terminal_acts_on(data: st.DataObject) -> None:
    old = data.draw(st.sampled_from(old_events()))
    body = {key: value for key, value in old.body.items() if data.draw(st.integers(0, 4))}
    body |= data.draw(st.dictionaries(st.sampled_from(_KEYS), _JSON, max_size=4))
    kind = data.draw(st.sampled_from([old.kind, "check.renamed", *_HOSTILE]))
    use_language(data.draw(st.sampled_from(["en", "ko"])))
    subject = data.draw(st.sampled_from([old.subject, *_HOSTILE]))
    text = event_text(Event(AT, "x", kind, subject, body))
    assert text.isprintable()
    assert len(text) < 3000


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("hostile", _HOSTILE)
def test_hostile_text_in_every_place_of_every_kind(hostile: str, language: str) -> None:
    use_language(language)
    for old in old_events():
        texts = {key: hostile for key, value in old.body.items() if isinstance(value, str) and key != "until"}
        for body in (dict(old.body) | texts, dict(old.body) | {"covers": [hostile]}, dict.fromkeys(old.body, hostile)):
            text = event_text(Event(AT, hostile, old.kind, hostile, body))
            assert text.isprintable(), old.kind
            assert len(text) < 3000


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("check.state", {"from": "up", "to": "down"}),
        ("check.state", {"from": "up", "to": "unknown", "reason": "ok", "detail": ""}),
        ("check.state", {"from": "up", "to": "down", "reason": "of a newer version"}),
        ("check.muted", {"until": "2026-12-01T00:00:00Z"}),
        ("maintenance.declared", {"until": "2026-12-01T00:00:00Z", "reason": " "}),
        ("maintenance.began", {}),
        ("maintenance.ended", {"covers": []}),
        ("maintenance.over", {"covers": ["db"]}),
        ("slo.override", {"until": "2026-12-01T00:00:00Z", "reason": ""}),
    ],
)
def test_d6_no_sentence_ends_where_its_reason_should_be(kind: str, body: dict[str, object]) -> None:
    said = event_text(Event(AT, "artisan", kind, "db.ping", body))
    assert not said.rstrip().endswith(":"), said
    assert "no reason given" in said or "newer version" in said


def test_d6_ended_maintenance_names_what_it_was() -> None:
    def said(kind: str, **body: object) -> str:
        return event_text(Event(AT, "kim", kind, "20261121-094210-abcd", body))

    assert (
        said("maintenance.ended", covers=["db", "api.health"], reason="disks")
        == "ended maintenance of db, api.health: disks"
    )
    assert said("maintenance.ended", covers=[], reason="rack") == "ended maintenance of everything: rack"
    assert said("maintenance.over", covers=["db"], reason="weekly") == "maintenance of db is over: weekly"
    # As earlier versions wrote it.
    assert said("maintenance.ended") == "ended maintenance 20261121-094210-abcd"


def test_one_other_is_no_others() -> None:
    def said(together: int) -> str:
        return event_text(event("notify.sent", body={"messages": ["m"], "channel": "ops", "together": together}))

    assert said(2).endswith("sent, as one with 1 other")
    assert said(3).endswith("sent, as one with 2 others")


@pytest.mark.parametrize(
    ("kind", "body", "words"),
    [
        (
            "silence.intended",
            {"verb": "create", "matchers": 'svc="api"', "comment": "disks", "until": "2026-11-20T10:00:00Z"},
            'about to silence svc="api" until ',
        ),
        (
            "silence.intended",
            {"verb": "end", "matchers": 'svc="api"'},
            'about to end the silence of svc="api"',
        ),
        (
            "silence.unwritten",
            {"verb": "create", "matchers": 'svc="api"', "reason": "refused"},
            'not silenced: svc="api": refused',
        ),
        (
            "silence.unwritten",
            {"verb": "end", "matchers": 'svc="api"', "reason": "refused"},
            'the silence of svc="api" was not ended: refused',
        ),
        (
            "silence.expired",
            {"matchers": 'svc="api"', "found": "yes"},
            'ended the silence of svc="api" (found out at Alertmanager afterwards)',
        ),
    ],
)
def test_what_is_meant_for_a_silence_and_what_it_came_to_is_said(kind: str, body: dict[str, Any], words: str) -> None:
    assert event_text(event(kind, "silence-0123456789ab", body)).startswith(words)
