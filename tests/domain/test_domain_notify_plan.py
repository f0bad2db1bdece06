"""What leaves when: in order, bundled in a storm, not at all when it is over; and nothing is lost on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from artisan_tui.domain.notify.fallback import failed_pages, late_at, owed, undelivered
from artisan_tui.domain.notify.message import FAILED, SENDING, SENT, UNSURE, WAITING, Message
from artisan_tui.domain.notify.outcome import SENT as ACCEPTED
from artisan_tui.domain.notify.outcome import Came, SendOutcome, held_until, next_try
from artisan_tui.domain.notify.plan import Known, given_up_at, plan
from support.messages import AT, PlainOutbox, after, message


def test_inc_case_26_a_held_trigger_and_its_acknowledgement_leave_in_order() -> None:
    outbox = PlainOutbox({"ops": "pagerduty"})
    outbox.held["ops"] = after(30)
    page = message(1, by="pagerduty", due=after(30), tries=1)
    outbox.queue(page, message(2, "acknowledged", at=5, by="pagerduty"))
    outbox.run(5, 29)
    assert outbox.requests == []
    outbox.run(30, 32)
    assert outbox.said() == [["page"], ["acknowledged"]]
    assert outbox.dropped == {}


def test_inc_case_26_what_is_resolved_before_any_try_is_never_sent_and_recorded() -> None:
    outbox = PlainOutbox({"ops": "pagerduty"})
    outbox.held["ops"] = after(30)
    for number, purpose in enumerate(("page", "acknowledged", "resolved")):
        outbox.queue(message(number, purpose, at=number, by="pagerduty"))
    outbox.run(3, 40)
    assert outbox.requests == []
    assert set(outbox.dropped.values()) == {"resolved before it was sent"}
    assert len(outbox.dropped) == 3


def test_a_resolve_is_sent_where_the_page_was_or_perhaps_was() -> None:
    for state, maybe in ((SENT, False), (UNSURE, True), (WAITING, True)):
        outbox = PlainOutbox()
        outbox.queue(message(1, state=state, maybe=maybe), message(2, "resolved", at=5))
        outbox.run(5, 8)
        assert outbox.said()[-1][-1] == "resolved", (state, maybe)


def test_a_page_of_the_re_fired_incident_is_sent_after_its_resolve() -> None:
    outbox = PlainOutbox()
    outbox.queue(message(1, state=SENT), message(2, "resolved", at=5), message(3, at=6))
    outbox.run(6, 9)
    assert outbox.said() == [["resolved"], ["page"]]


def test_an_update_that_a_person_wrote_is_sent_although_the_incident_is_over() -> None:
    outbox = PlainOutbox()
    outbox.queue(message(1), message(2, "comms", at=1), message(3, "resolved", at=2))
    outbox.run(3, 8)
    assert outbox.said() == [["comms"], ["resolved"]]
    assert list(outbox.dropped.values()) == ["resolved before it was sent"]


def test_an_acknowledgement_ends_the_paging_but_not_the_page_that_it_answers() -> None:
    outbox = PlainOutbox()
    outbox.held["ops"] = after(9)
    outbox.queue(
        message(1), message(2, rung=1, at=1), message(3, "reminder", at=2), message(4, "acknowledged", at=3),
        message(5, at=4),
    )  # fmt: skip
    outbox.run(4, 20)
    assert [purpose for request in outbox.said() for purpose in request] == ["page", "acknowledged", "page"]
    assert set(outbox.dropped.values()) == {"acknowledged before it was sent"}


def test_a_page_of_a_clock_that_is_ahead_leaves_at_once_and_what_was_held_back_does_not() -> None:
    """Another machine queued it, or the clock was set back meanwhile."""
    outbox = PlainOutbox()
    outbox.queue(message(1, at=300), message(2, "inform", at=301), message(3, incident="INC-2", due=after(30), tries=1))
    outbox.run(0, 5)
    assert sorted(each.seq for _, messages in outbox.requests for each in messages) == [1, 2]


def test_inc_case_28_others_go_on_and_twenty_that_wait_leave_as_one() -> None:
    outbox = PlainOutbox({"ops": "slack", "pd": "pagerduty"})
    outbox.queue(message(0, incident="INC-0"))
    outbox.step(AT)
    outbox.held["ops"] = after(30)
    arrivals = [message(n, at=1, incident=f"INC-{n}") for n in range(1, 21)]
    arrivals += [message(100 + n, at=1, incident=f"INC-{n}", channel="pd", by="pagerduty") for n in range(5)]
    outbox.run(1, 29.8, arrivals=arrivals)
    assert {each.channel for _, messages in outbox.requests[1:] for each in messages} == {"pd"}
    assert len(outbox.requests) == 6
    outbox.run(30, 31)
    assert [len(messages) for _, messages in outbox.requests[6:]] == [20]


def test_inc_case_36_three_hundred_alerts_in_a_minute() -> None:
    kinds = {"ops": "slack", "mail": "email", "pd": "pagerduty", "own": "webhook"}
    outbox = PlainOutbox(kinds)
    alerts = range(300)
    arrivals = [
        message(n * 10 + k, at=n / 5, incident=f"INC-{n % 40}", channel=channel, by=by)
        for n in alerts
        for k, (channel, by) in enumerate(kinds.items())
    ]
    outbox.run(0, 200, arrivals=arrivals)
    for channel in kinds:
        requests = [messages for _, messages in outbox.requests if messages[0].channel == channel]
        pages: list[str] = [each.incident for messages in requests for each in messages if each.purpose == "page"]
        # The last of an incident comes eight seconds after the one before it: all within a minute of the first.
        assert len(pages) == len(set(pages)) == 40, channel
        if channel != "pd":
            within = [
                sum(len(m) > 1 and m[0].channel == channel and start <= at < start + timedelta(seconds=60)
                    for at, m in outbox.requests)
                for start in (after(0), after(20), after(60))
            ]  # fmt: skip
            assert max(within) <= 3, channel
            assert len(requests) <= 6
    assert {each.state for each in outbox.messages.values()} <= {SENT, "dropped"}


def test_a_burst_leaves_as_one_and_something_worse_does_not_wait() -> None:
    outbox = PlainOutbox()
    outbox.queue(*(message(n, incident=f"INC-{n}", severity="Sev3") for n in range(50)))
    outbox.step(AT)
    assert [len(messages) for _, messages in outbox.requests] == [50]
    outbox.queue(message(60, at=2, incident="INC-60", severity="Sev3"))
    outbox.run(2, 5)
    assert len(outbox.requests) == 1
    outbox.queue(message(61, at=5, incident="INC-61", severity="Sev1"))
    outbox.run(5, 6)
    assert [len(messages) for _, messages in outbox.requests] == [50, 2]


def test_one_mailbox_that_is_slow_holds_up_nobody_else() -> None:
    outbox = PlainOutbox({"ops": "email"})
    outbox.queue(message(1, person="alice", by="email", due=after(60)), message(2, person="bob", by="email"))
    outbox.step(AT)
    assert [messages[0].person for _, messages in outbox.requests] == ["bob"]


def test_inc_case_37_in_a_drill_nothing_is_sent() -> None:
    for outbox, drill in ((PlainOutbox(drill=True), False), (PlainOutbox(), True)):
        outbox.queue(message(1, drill=drill), message(2, drill=drill, wanted=True, incident="INC-2"))
        outbox.step(AT)
        assert outbox.requests == []
        assert set(outbox.dropped.values()) == {"a drill: nothing leaves this machine"}
        assert len(outbox.dropped) == 2


def test_a_claim_of_a_session_that_is_gone_is_given_up_and_holds_its_order_until_then() -> None:
    claimed = message(1, state=SENDING)
    known = Known([claimed, message(2, "acknowledged", at=1)], {"ops": "slack"})
    early = plan(known, after(20))
    assert (early.sends, early.lost, early.wake) == ((), (), given_up_at(claimed))
    (lost,) = plan(known, given_up_at(claimed)).lost
    assert (lost.message, lost.possibly) == (claimed, True)


def test_a_channel_that_is_gone_fails_what_waits_for_it() -> None:
    (lost,) = plan(Known([message(1)], {}), AT).lost
    assert (lost.possibly, lost.why) == (False, "the channel is not configured any more")


# -- trying again -----------------------------------------------------------------------


def test_what_is_tried_again_and_when() -> None:
    busy, wrong = SendOutcome(Came.FAILED, retry=True), SendOutcome(Came.FAILED)
    unsure = SendOutcome(Came.UNSURE)

    def again(outcome: SendOutcome, tries: int, repeatable: bool = False, age: float = 0) -> float | None:
        found = next_try(outcome, tries, AT, after(age), repeatable=repeatable, delays=(5.0, 30.0))
        return None if found is None else (found - after(age)).total_seconds()

    assert [again(busy, tries) for tries in (1, 2, 3, 9)] == [5, 30, 30, 30]
    assert again(SendOutcome(Came.FAILED, retry=True, after=7), 1) == 7
    assert again(busy, 4, age=3580) is None
    assert again(wrong, 1) is None
    assert again(unsure, 1) is None
    assert again(unsure, 1, repeatable=True) == 5
    assert again(ACCEPTED, 1) is None
    assert (held_until(SendOutcome(Came.HELD, after=30), AT), held_until(SendOutcome(Came.HELD), AT)) == (
        after(30),
        after(60),
    )
    assert held_until(SendOutcome(Came.HELD, after=1e9), AT) == after(3600)
    assert held_until(SendOutcome(Came.HELD, after=-5), AT) == after(1)


# -- another way --------------------------------------------------------------------------


def paged(*states: str, **changes: object) -> list[Message]:
    return [
        replace(message(n, state=state, page="p", channel=f"c{n}"), **changes)  # type: ignore[arg-type]
        for n, state in enumerate(states)
    ]


def test_a_page_takes_the_other_way_when_every_channel_failed_or_nobody_knows() -> None:
    for states, wanted in (
        ([FAILED], True), ([FAILED, UNSURE], True), ([FAILED, SENT], False), ([FAILED, WAITING], False),
        ([FAILED, "shown"], True), (["dropped"], False), ([FAILED, "dropped"], False),
    ):  # fmt: skip
        assert bool(list(undelivered(paged(*states), after(1)))) is wanted, states
    assert list(undelivered(paged(WAITING), after(60)))
    assert list(undelivered(paged(WAITING, tries=3), after(1)))
    assert late_at(paged(WAITING, SENT), after(1)) is None
    assert late_at(paged(WAITING), after(1)) == after(60)
    taken = [*paged(FAILED), message(9, state=FAILED, page="p", fallback=True)]
    assert not list(undelivered(taken, after(1)))
    assert (failed_pages(taken), failed_pages(paged(FAILED, SENT))) == (1, 0)


def test_a_page_is_said_again_when_it_is_worse_goes_to_others_or_comes_a_minute_later() -> None:
    for changes, again in (
        ({}, False), ({"severity": "Sev1"}, True), ({"severity": "Sev3"}, False), ({"rung": 1}, True),
        ({"to": ("bob",)}, True), ({"at": 61}, True), ({"wanted": True}, True),
    ):  # fmt: skip
        outbox = PlainOutbox()
        outbox.queue(message(1, state=SENT), message(2, **{"at": 5, **changes}))  # type: ignore[arg-type]
        outbox.run(61, 62)
        assert bool(outbox.requests) is again, changes


def test_an_answer_is_owed_once_to_each_fallback_that_took_the_page() -> None:
    page = message(1, state=SENT, fallback=True, channel="mail")
    answers = [message(3, "acknowledged"), message(4, "resolved"), message(5, "resolved", incident="INC-2")]
    assert [(answer.seq, taken.seq) for answer, taken in owed([page], answers)] == [(3, 1), (4, 1)]
    followed = message(6, "acknowledged", fallback=True, channel="mail")
    assert [answer.seq for answer, _ in owed([page, followed], answers)] == [4]
    assert list(owed([replace(page, state=FAILED)], answers)) == []
    assert list(owed([replace(page, seq=9)], answers)) == []


# -- whatever happens ------------------------------------------------------------------------

PURPOSES = st.sampled_from(["page", "acknowledged", "resolved", "update", "reminder"])
STEP = st.tuples(PURPOSES, st.integers(0, 2), st.integers(0, 3), st.sampled_from(["sent", "again", "unsure"]))


@given(st.lists(STEP, max_size=25), st.sampled_from(["slack", "pagerduty", "email"]))
def test_nothing_overtakes_nothing_is_lost_and_nothing_goes_twice(
    steps: list[tuple[str, int, int, str]], kind: str
) -> None:
    """Any order of messages and answers: every message ends, each is sent once, in the order of its incident."""
    outbox = PlainOutbox({"ops": kind})
    left: list[Message] = []
    answers: dict[str, str] = {}

    def answer(messages: Sequence[Message], now: datetime) -> Sequence[Message]:
        """One answer to the whole request."""
        came = answers[messages[0].id]
        if came == "again" and messages[0].tries == 0:
            return [replace(each, tries=1, due=now + timedelta(seconds=5)) for each in messages]
        if came == "unsure":
            return [replace(each, state=UNSURE, maybe=True) for each in messages]
        left.extend(messages)
        return [replace(each, state=SENT) for each in messages]

    outbox.answer = answer
    moment = 0
    for number, (purpose, incident, wait, came) in enumerate(steps):
        moment += wait
        made = message(number, purpose, at=moment, by=kind, incident=f"INC-{incident}")
        answers[made.id] = came
        outbox.queue(made)
        outbox.step(after(moment))
    outbox.run(moment, moment + 300, every=1)
    states = {each.state for each in outbox.messages.values()}
    assert states <= {SENT, UNSURE, "dropped"}
    assert len({each.id for each in left}) == len(left)
    for incident in range(3):
        places = [each.seq for each in left if each.incident == f"INC-{incident}"]
        assert places == sorted(places)
    for each in outbox.messages.values():
        assert each.state != "dropped" or each.purpose not in ("update", "comms")
