"""Matchers and silences: what they hit, what is refused, and when ours are lost."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artisan_tui.domain.alerts.fingerprint import fingerprint
from artisan_tui.domain.alerts.join import joined
from artisan_tui.domain.alerts.matchers import all_match, by_absence, exactly, matchers_text, parse_matchers
from artisan_tui.domain.alerts.silence import OurSilence, Silence, lost, preview, receivers_missing, refusal, went_quiet
from support.alert_readings import API, NOW, member, seen


def test_inc_case_12_fingerprints_are_those_of_the_server() -> None:
    assert fingerprint({"alertname": "B", "severity": "warning", "svc": "api"}) == "917cd62b7929336b"
    assert fingerprint({"svc": "결제", "alertname": "경보"}) == "422c6d6d3c6d1837"


@pytest.mark.parametrize(
    ("text", "hits"),
    [
        ('svc=~"api"', ["api"]),
        ('svc=~"api.*"', ["api", "api-gw"]),
        ('svc=~"pi|gw"', []),
        ('svc="api"', ["api"]),
        ('{svc!="api"}', ["api-gw"]),
        ("svc=~api.+", ["api-gw"]),
        ('svc!~"api"', ["api-gw"]),
        ('svc=~"(?i)API"', ["api"]),
    ],
)
def test_inc_case_8_matchers_are_anchored(text: str, hits: list[str]) -> None:
    assert [svc for svc in ("api", "api-gw") if all_match(parse_matchers(text), {"svc": svc})] == hits


def test_a_dot_does_not_match_a_line_end_as_on_the_server() -> None:
    assert not all_match(parse_matchers('a=~"x.y"'), {"a": "x\ny"})
    assert all_match(parse_matchers('a=~"x(?s:.)y"'), {"a": "x\ny"})


@pytest.mark.parametrize("text", ["", "svc", 'svc="a', "svc=~(", 'a="b" c="d"', 'svc=~"(?=x)"', "=x"])
def test_what_is_no_matcher_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(ValueError, match=r".{10}"):
        parse_matchers(text)


@given(st.dictionaries(st.from_regex(r"[a-z_]{1,8}", fullmatch=True), st.text(max_size=12), min_size=1, max_size=5))
def test_matchers_of_an_alert_hit_it_and_survive_being_written(labels: dict[str, str]) -> None:
    found = parse_matchers(matchers_text(exactly(labels)))
    assert all_match(found, labels)
    assert found == exactly(labels)


def test_matchers_of_an_alert_leave_out_what_the_next_deployment_changes() -> None:
    assert matchers_text(exactly({**API, "pod": "api-7f"})) == (
        'alertname="HighErrorRate", severity="critical", svc="api"'
    )


def rows_of(*labels: dict[str, str]) -> Any:
    return joined([member(*(seen(each, receivers=("pager", "chat")) for each in labels))])


def test_inc_case_9_hits_by_a_missing_label_are_counted_apart() -> None:
    there = rows_of({"alertname": "X", "team": "a"}, {"alertname": "Y", "team": "b"}, {"alertname": "Z"})
    found = preview(parse_matchers('team!="b"'), there)
    assert ([each.name for each in found.hits], [each.name for each in found.absent], found.of) == (
        ["X", "Z"],
        ["Z"],
        3,
    )
    assert [each.name for each in preview(parse_matchers('team=~"a|"'), there).absent] == ["Z"]
    assert preview(parse_matchers('team=~"a"'), there).absent == ()
    assert by_absence(parse_matchers('team!~"b.+"'), {"alertname": "Z"})


@pytest.mark.parametrize(
    ("matchers", "comment", "seconds", "why"),
    [
        ('team=""', "c", 60, "missing label"),
        ('team=~".*"', "c", 60, "missing label"),
        ('team=~"|a", svc=""', "c", 60, "missing label"),
        ('team="a"', "  ", 60, "comment"),
        ('team="a"', "c", 0, "end after"),
        ('team="a"', "c", -5, "end after"),
        ('team="a"', "c", 7 * 86400 + 1, "7 days"),
    ],
)
def test_inc_case_10_what_is_no_silence_is_refused(matchers: str, comment: str, seconds: float, why: str) -> None:
    assert why in refusal(parse_matchers(matchers), comment, NOW, NOW + timedelta(seconds=seconds))


def test_a_sound_silence_is_not_refused() -> None:
    assert refusal(parse_matchers('team!="b"'), "c", NOW, NOW + timedelta(days=7)) == ""
    assert refusal((), "c", NOW, NOW + timedelta(days=7))


def ours(**more: Any) -> OurSilence:
    return OurSilence("id-1", 'svc="api"', NOW + timedelta(hours=2), "c", "kim", NOW, **more)


def test_inc_case_2_receivers_that_miss_resolved_and_the_end_after_five_quiet_minutes() -> None:
    assert receivers_missing(rows_of(API)) == ("chat", "pager")
    marks: dict[str, datetime] = {}
    mine, api = [ours(until_quiet=True)], seen(API)
    assert went_quiet(mine, [api], marks, NOW) == ()
    assert went_quiet(mine, [], marks, NOW + timedelta(seconds=299)) == ()
    assert [each.id for each in went_quiet(mine, [], marks, NOW + timedelta(seconds=300))] == ["id-1"]
    assert went_quiet([ours()], [], {}, NOW + timedelta(hours=1)) == ()


def test_inc_case_7_ours_is_lost_when_no_member_knows_it() -> None:
    known = Silence("id-1", parse_matchers('svc="api"'), NOW, NOW, state="expired")
    assert lost([ours()], [], NOW) == (ours(),)
    assert lost([ours()], [known], NOW) == ()
    assert lost([ours()], [], NOW + timedelta(hours=3)) == ()
