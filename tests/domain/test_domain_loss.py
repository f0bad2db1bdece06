"""Which events a journal lost, told from the events that a session knows and the hashes that are still there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from artisan_tui.domain.event import GENESIS, Entry, Event, seal
from artisan_tui.domain.session.events import EventsLost
from artisan_tui.domain.session.loss import Loss, completed, is_same, loss_among

AT = datetime(2026, 7, 1, 2, 58, tzinfo=UTC)


def chain(texts: Sequence[str], after: Sequence[Event] = ()) -> list[Event]:
    """Events with these texts, after others; one a minute."""
    events = list(after)
    for text in texts:
        at = AT + timedelta(minutes=len(events))
        head = events[-1].hash if events else GENESIS
        events.append(seal(Entry(at, "kim", "note", "", {"text": text}), len(events) + 1, at, head))
    return events


KEPT = chain(["one", "two"])
LOST = chain(["three", "four", "five"], KEPT)


def hashes(events: Sequence[Event]) -> dict[int, str]:
    return {event.seq: event.hash for event in events}


def body(known: Sequence[Event], there: Sequence[Event], saved: str = "") -> EventsLost:
    loss = loss_among(known, hashes(there))
    assert loss is not None
    return loss.body(saved, "db1")


def test_nothing_is_lost_while_every_event_is_there() -> None:
    assert loss_among(LOST, hashes(chain(["six"], LOST))) is None


def test_a_shorter_journal_lost_what_comes_after_its_end() -> None:
    loss = loss_among(tuple(reversed(LOST)), hashes(KEPT))
    assert loss == Loss(tuple(LOST[2:]), KEPT[-1].hash, True)
    assert (loss.first, loss.last, loss.count) == (3, 5, 3)
    assert (loss.began, loss.ended) == (AT + timedelta(minutes=2), AT + timedelta(minutes=4))


def test_a_journal_that_has_grown_past_the_lost_ones_lost_them_all_the_same() -> None:
    other = chain(["3", "4", "5", "6", "7"], KEPT)
    assert loss_among(LOST, hashes(other)) == Loss(tuple(LOST[2:]), KEPT[-1].hash, True)


def test_who_knows_lost_events_only_knows_whether_there_were_more_before_them() -> None:
    known = LOST[3:]
    assert loss_among(known, hashes(KEPT)) == Loss(tuple(known), LOST[2].hash, False)
    assert loss_among(LOST[2:], hashes(KEPT)) == Loss(tuple(LOST[2:]), KEPT[-1].hash, True)
    assert loss_among(LOST, {}) == Loss(tuple(LOST), GENESIS, True), "the first of all has none before it"


def test_sessions_that_knew_more_or_less_speak_of_one_loss_and_the_most_is_told() -> None:
    all_of_it, less, late = body(LOST, KEPT, "/a"), body(LOST[:4], KEPT, "/b"), body(LOST[4:], KEPT, "/c")
    assert is_same(all_of_it, less)
    assert is_same(less, all_of_it)
    assert is_same(all_of_it, late)
    assert completed(all_of_it, less) is None
    assert completed(all_of_it, all_of_it) is None
    assert completed(all_of_it, late) is None
    assert completed(less, all_of_it) == all_of_it
    more = completed(late, all_of_it)
    assert more is not None
    assert (more.first, more.last, more.whole, more.before_hash) == (3, 5, 1, KEPT[-1].hash)


def test_a_second_loss_is_another_one_although_its_numbers_overlap() -> None:
    after = chain(["3"], KEPT)
    again = chain(["4", "5", "6"], after)
    assert not is_same(body(LOST, KEPT), body(again, after))
