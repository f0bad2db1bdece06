"""The list of alerts from all sources: merged, resolved only with evidence, and the worst first."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from artisan_tui.domain.alerts.evidence import AlertList, Watch, observe
from artisan_tui.domain.alerts.fingerprint import fingerprint
from artisan_tui.domain.alerts.join import joined
from artisan_tui.domain.alerts.listed import (
    AlertState,
    SeenAlert,
    SourceKind,
    SourceReading,
    incident_of,
    runbook_of,
    worst_first,
)
from support.alert_readings import API, NOW, A, B, P, ago, member, seen

DOG = {"alertname": "Watchdog"}
DOG_WATCH = Watch()


def prom(*alerts: SeenAlert, at: datetime = NOW, **evaluated: datetime) -> SourceReading:
    return SourceReading(P, SourceKind.PROMETHEUS, at, "", alerts, ago(9999), evaluated)


def after(
    *steps: tuple[float, list[SourceReading]], watch: Watch = DOG_WATCH, before: AlertList | None = None
) -> AlertList:
    """The list after readings, each so many seconds after `NOW`."""
    found = before or AlertList()
    for seconds, readings in steps:
        found = observe(found, readings, NOW + timedelta(seconds=seconds), watch)
    return found


def row(found: AlertList, labels: dict[str, str] = API) -> Any:
    return found.rows[fingerprint(labels)]


def test_inc_case_5_one_row_for_an_alert_of_one_member_of_two() -> None:
    (found,) = joined([member(seen(API)), member(url=B)])
    assert (found.sources, found.of) == ((A,), 2)


def test_members_are_merged_by_the_most_important_state_and_the_earliest_start() -> None:
    silenced = seen(API, AlertState.SILENCED, since=900, silenced_by=("s1",))
    (found,) = joined([member(silenced), member(seen(API), url=B)])
    assert (found.state, found.since, found.sources) == (AlertState.FIRING, ago(900), (A, B))
    assert found.reasons == ("silenced by s1",)


def test_inc_case_14_all_reasons_show() -> None:
    both = seen(API, AlertState.SILENCED, silenced_by=("s1",), inhibited_by=("f1",), muted_by=("night",))
    (found,) = joined([member(both)])
    assert found.reasons == ("silenced by s1", "inhibited by f1", "muted by the time interval night")


def test_inc_case_13_an_alert_of_both_is_one_row_naming_both() -> None:
    outside = {**API, "cluster": "seoul"}
    (found,) = joined([member(seen(outside)), prom(seen(API, since=600.4))])
    assert (found.labels, found.sources) == (outside, (A, P))


def test_a_prometheus_alert_that_began_at_another_time_is_another_one() -> None:
    assert len(joined([member(seen({**API, "cluster": "seoul"})), prom(seen(API, since=603))])) == 2
    assert len(joined([member(seen({**API, "cluster": "seoul"})), prom(seen(API, since=597))])) == 2


def test_the_waiting_time_of_a_rule_lies_between_the_two_starts() -> None:
    outside = {**API, "cluster": "seoul"}
    assert len(joined([member(seen(outside, since=300)), prom(seen(API, since=600, within=301))])) == 1
    assert len(joined([member(seen(outside, since=290)), prom(seen(API, since=600, within=301))])) == 2


def test_the_same_labels_are_the_same_alert_whenever_it_began() -> None:
    (found,) = joined([member(seen(API, since=9000)), prom(seen(API, since=60))])
    assert (found.since, found.sources) == (ago(9000), (A, P))


def test_two_alerts_of_prometheus_do_not_take_the_same_row() -> None:
    one, two = {**API, "pod": "1"}, {**API, "pod": "2"}
    found = joined([member(seen(one), seen(two)), prom(seen(one), seen(two))])
    assert sorted(each.sources for each in found) == [(A, P), (A, P)]


def test_gone_while_the_watchdog_is_there_is_resolved() -> None:
    there = [member(seen(API), seen(DOG))]
    found = after((0, there), (15, [member(seen(DOG), at=NOW + timedelta(seconds=15))]))
    assert row(found).state is AlertState.RESOLVED
    found = after((15 + 1801, [member(seen(DOG))]), before=found)
    assert fingerprint(API) not in found.rows


def test_inc_case_3_a_restarted_alertmanager_resolves_nothing_for_90_seconds() -> None:
    found = after((0, [member(seen(API), seen(DOG))]))
    for seconds in (15, 60, 89):
        at = NOW + timedelta(seconds=seconds)
        found = after((seconds, [member(seen(DOG), at=at, up=seconds - 1)]), before=found)
        assert row(found).state is AlertState.NOT_SEEN
        assert row(found).reasons == ("Alertmanager restarted",)
        assert row(found).gone_since == NOW + timedelta(seconds=15)
    back = after((95, [member(seen(API), seen(DOG), up=94)]), before=found)
    assert row(back).state is AlertState.FIRING
    assert row(back).gone_since is None
    at = NOW + timedelta(seconds=95)
    assert row(after((95, [member(seen(DOG), at=at, up=94)]), before=found)).state is AlertState.RESOLVED


def test_inc_case_4_a_dead_prometheus_resolves_nothing_and_is_told() -> None:
    """The alert leaves when its time is over, the Watchdog ten seconds later: it was sent later."""
    dog = seen(DOG, updated_at=ago(20), ends_at=ago(20) + timedelta(seconds=240))
    late, later = NOW + timedelta(seconds=212), NOW + timedelta(seconds=225)
    found = after((0, [member(seen(API), dog)]), (212, [member(dog, at=late)]))
    assert row(found).state is AlertState.NOT_SEEN
    assert found.blind_since is None
    found = after((225, [member(at=later)]), before=found)
    assert row(found).state is AlertState.NOT_SEEN
    assert row(found, DOG).state is AlertState.NOT_SEEN
    assert found.blind_since == late
    assert "Watchdog" in found.blind_reason
    # It returns: what did not return with it is over.
    again = seen(DOG, updated_at=NOW + timedelta(seconds=400), ends_at=NOW + timedelta(seconds=640))
    found = after((405, [member(again, at=NOW + timedelta(seconds=405))]), before=found)
    assert found.blind_since is None
    assert row(found).state is AlertState.RESOLVED


def test_a_watchdog_that_the_file_names_is_missed_from_the_beginning() -> None:
    assert after((0, [member()]), watch=Watch(expected=True)).blind_since == NOW
    assert after((0, [member()]), watch=Watch()).blind_since is None
    assert after((0, [member(up=10)]), watch=Watch(expected=True)).blind_since is None
    assert after((0, [member(seen(DOG))]), (15, [member()]), watch=Watch("")).blind_since is None


def test_inc_case_5_a_member_that_is_down_keeps_its_rows() -> None:
    found = after((0, [member(seen(API), seen(DOG)), member(seen(DOG), url=B)]))
    found = after((15, [member(error="refused"), member(seen(DOG), url=B)]), before=found)
    assert row(found).state is AlertState.NOT_SEEN
    assert row(found).reasons == (f"{A} does not answer",)
    assert row(found, DOG).state is AlertState.FIRING


def test_inc_case_6_all_members_down_keeps_every_row_and_is_blind() -> None:
    found = after((0, [member(seen(API))]), (3600, [member(error="refused")]))
    assert (row(found).state, row(found).was, row(found).seen_at) == (AlertState.NOT_SEEN, AlertState.FIRING, NOW)
    assert found.blind_since is not None
    assert found.blind_reason == "no source of alerts answers"


def test_without_a_watchdog_only_an_early_end_is_evidence() -> None:
    found = after((0, [member(seen(API))]), watch=Watch(""))
    early = after((15, [member(at=NOW + timedelta(seconds=15))]), watch=Watch(""), before=found)
    assert row(early).state is AlertState.RESOLVED
    late = after((300, [member(at=NOW + timedelta(seconds=300))]), watch=Watch(""), before=found)
    assert row(late).state is AlertState.NOT_SEEN


def test_prometheus_that_evaluated_the_rule_since_proves_it() -> None:
    found = after((0, [prom(seen(API), HighErrorRate=NOW)]))
    assert row(after((15, [prom(HighErrorRate=NOW)]), before=found)).state is AlertState.NOT_SEEN
    later = NOW + timedelta(seconds=10)
    assert row(after((15, [prom(HighErrorRate=later)]), before=found)).state is AlertState.RESOLVED


def test_a_pending_alert_leaves_without_a_trace() -> None:
    found = after((0, [prom(seen(API, AlertState.PENDING), HighErrorRate=NOW)]))
    assert row(found).state is AlertState.PENDING
    assert not after((15, [prom(HighErrorRate=NOW + timedelta(seconds=10))]), before=found).rows


def test_a_row_of_prometheus_becomes_that_of_alertmanager_and_back() -> None:
    outside = {**API, "cluster": "seoul"}
    found = after((0, [member(), prom(seen(API))]), (15, [member(seen(outside)), prom(seen(API))]))
    assert [each.labels for each in found.rows.values()] == [outside]
    found = after((30, [member(error="refused"), prom(seen(API))]), before=found)
    (only,) = found.rows.values()
    assert (only.labels, only.state, only.sources) == (outside, AlertState.FIRING, (P,))


EVERYWHERE = {**API, "cluster": "seoul"}
HERE, THERE = fingerprint(API), fingerprint(EVERYWHERE)


def test_an_alert_is_known_by_its_fingerprints_in_every_source() -> None:
    """A Prometheus lacks the labels that it adds for Alertmanager. Whatever an incident has of it, it keeps."""
    both = after((0, [member(seen(EVERYWHERE)), prom(seen(API))]))
    assert row(both, EVERYWHERE).fingerprints == (THERE, HERE)
    assert incident_of(row(both, EVERYWHERE), {HERE: "INC-1"}) == "INC-1"
    alone = observe(both, [member(error="refused"), prom(seen(API))], NOW, DOG_WATCH)
    assert incident_of(row(alone, EVERYWHERE), {HERE: "INC-1"}) == "INC-1"
    apart = after((0, [prom(seen(API))]), (15, [member(seen(EVERYWHERE)), prom(seen(API))]))
    assert list(apart.rows) == [THERE]
    assert incident_of(row(apart, EVERYWHERE), {HERE: "INC-1"}) == "INC-1"
    assert incident_of(row(apart, EVERYWHERE), {"other": "INC-1"}) == ""


def anew() -> SeenAlert:
    """The same alert, from a Prometheus that was restarted."""
    return seen(API, since=-10)


def test_a_prometheus_that_dates_an_alert_anew_still_says_the_same_one() -> None:
    both = after((0, [member(seen(EVERYWHERE)), prom(seen(API))]))
    later = observe(both, [member(seen(EVERYWHERE)), prom(anew())], NOW + timedelta(seconds=20), DOG_WATCH)
    assert list(later.rows) == [THERE]
    assert row(later, EVERYWHERE).sources == (A, P)
    alone = observe(later, [member(error="refused"), prom(anew())], NOW + timedelta(seconds=40), DOG_WATCH)
    assert list(alone.rows) == [THERE]
    assert row(alone, EVERYWHERE).since == NOW + timedelta(seconds=10)


def test_what_was_known_of_an_alert_that_is_over_holds_when_it_comes_back() -> None:
    back = observe(AlertList(), [prom(seen(API))], NOW, DOG_WATCH, {HERE: (THERE,)})
    assert incident_of(row(back), {THERE: "INC-1"}) == "INC-1"
    two = after((0, [member(seen(EVERYWHERE), seen({**API, "cluster": "busan"})), prom(seen(API))]))
    assert [each.also for each in two.rows.values()].count(()) == 1  # one of them is no other's name


def test_what_artisan_watches_itself_is_resolved_at_once() -> None:
    def own(*alerts: SeenAlert) -> SourceReading:
        return SourceReading("artisan:checks", SourceKind.OWN, NOW, "", alerts)

    assert row(after((0, [own(seen(API))]), (2, [own()]))).state is AlertState.RESOLVED


_STEPS = st.lists(
    st.tuples(
        st.integers(1, 200),  # seconds until this reading
        st.sampled_from(["both", "alert", "dog", "none", "error"]),
        st.booleans(),  # restarted just before
    ),
    min_size=1,
    max_size=12,
)


@given(_STEPS)
def test_nothing_is_resolved_without_a_settled_member_and_the_watchdog(steps: list[tuple[int, str, bool]]) -> None:
    found, at, up_since = AlertList(), NOW, ago(3600)
    watch = Watch(expected=True)
    for seconds, what, restarted in steps:
        at += timedelta(seconds=seconds)
        up_since = at - timedelta(seconds=1) if restarted else up_since
        sent = {"updated_at": at, "ends_at": at + timedelta(seconds=240)}
        alerts = [seen(API, **sent)] * (what in ("both", "alert")) + [seen(DOG, **sent)] * (what in ("both", "dog"))
        error = "refused" if what == "error" else ""
        reading = SourceReading(A, SourceKind.ALERTMANAGER, at, error, () if error else tuple(alerts), up_since)
        was = found.rows.get(fingerprint(API))
        found = observe(found, [reading], at, watch)
        now = found.rows.get(fingerprint(API))
        if was is None or was.state is AlertState.RESOLVED:
            continue
        assert now is not None, "what was not resolved stays in the list"
        if now.state is AlertState.RESOLVED:
            assert what == "dog"
            assert (at - up_since).total_seconds() >= 90


def test_the_worst_comes_first() -> None:
    names = {"a": seen({"alertname": "old", "severity": "critical"}, since=900)}
    names["b"] = seen({"alertname": "new", "severity": "critical"}, since=9)
    names["c"] = seen({"alertname": "warn", "severity": "warning"}, since=9999)
    names["d"] = seen({"alertname": "quiet", "severity": "critical"}, AlertState.SILENCED, silenced_by=("x",))
    assert [each.name for each in worst_first(joined([member(*names.values())]))] == ["old", "new", "warn", "quiet"]


def test_a_runbook_is_a_label_or_an_annotation() -> None:
    assert runbook_of({"runbook": "qwen"}, {"runbook_url": "http://x"}) == "qwen"
    assert runbook_of({}, {"runbook_url": "http://x"}) == "http://x"
    assert runbook_of({}, {"playbook": "p"}, "playbook") == "p"
    assert runbook_of({}, {}) == ""


def test_the_watchdog_is_no_trouble_while_it_fires_and_is_missed_by_the_next_session() -> None:
    found = after((0, [member(seen(API), seen(DOG))]))
    ordered = worst_first(list(found.rows.values()))
    assert [each.name for each in ordered] == ["HighErrorRate", "Watchdog"]
    assert [each.counts for each in ordered] == [True, False]
    # What another session reads of it: that it was there, and perhaps when it was seen last.
    known = AlertList(found.rows, watchdog_seen=NOW - timedelta(seconds=5))
    assert after((15, [member()]), before=known).blind_since == NOW - timedelta(seconds=5)
    assert after((15, [member()]), before=AlertList(found.rows)).blind_since == NOW + timedelta(seconds=15)
    silent = AlertList(found.rows, blind_since=NOW - timedelta(hours=2))
    assert after((15, [member(error="refused")]), before=silent).blind_since == NOW - timedelta(hours=2)
