"""What the journal says is in force: the same in every session, however its own entries and those of others mix."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artisan_tui.domain.checks.events import CheckMuted, CheckUnmuted
from artisan_tui.domain.event import Entry
from artisan_tui.domain.maintenance.events import MaintenanceDeclared, MaintenanceEnded
from artisan_tui.domain.slo.events import DeploymentsOverridden, OverrideEnded
from artisan_tui.engine.checks.mutes import Mutes
from support.journal_follow import Journal, Reader, entry, in_force


async def test_what_a_session_decides_is_in_force_before_it_is_written() -> None:
    reader = Reader(Journal())
    reader.follower.tell(entry(1, CheckMuted.KIND, "db.ping"))
    assert reader.muted()
    assert reader.changed == [frozenset({Mutes})]
    await reader.commit()
    assert reader.changed == [frozenset({Mutes})], "it comes back, and changes nothing"


async def test_an_own_entry_that_comes_back_does_not_undo_the_later_one() -> None:
    journal = Journal()
    reader = Reader(journal)
    journal.append([entry(0, "note")])
    reader.follower.tell(entry(1, CheckMuted.KIND, "db.ping"))
    journal.append(reader.writer.waiting)
    reader.follower.tell(entry(2, CheckUnmuted.KIND, "db.ping"))
    await reader.follower.catch_up()
    assert not reader.muted(), "the unmute is the later word"


async def test_what_another_session_wrote_before_is_not_the_last_word() -> None:
    """Another's unmute was written first; this session heard of it only after its own mute."""
    journal = Journal()
    reader = Reader(journal)
    journal.append([entry(1, CheckUnmuted.KIND, "db.ping", "s.lee")])
    reader.follower.tell(entry(2, CheckMuted.KIND, "db.ping"))
    await reader.commit()
    assert reader.muted()


async def test_what_another_session_wrote_afterwards_is() -> None:
    journal = Journal()
    reader = Reader(journal)
    reader.follower.tell(entry(2, CheckMuted.KIND, "db.ping"))
    await reader.commit()
    # By a clock that is behind: the order of the journal decides.
    journal.append([entry(1, CheckUnmuted.KIND, "db.ping", "s.lee")])
    await reader.follower.hear(2, "2")
    assert not reader.muted()


# -- a standby that lacks the last events ---------------------------------------


@pytest.mark.parametrize("others", [0, 1, 2, 3, 5])
async def test_what_a_promoted_standby_lacks_is_not_in_force_any_more(others: int) -> None:
    """However much was written since: fewer events than were lost, as many, or more."""
    journal = Journal()
    reader = Reader(journal)
    journal.append([entry(0, CheckMuted.KIND, "kept"), entry(1, "note"), entry(2, CheckMuted.KIND, "db.ping")])
    await reader.follower.catch_up()
    journal.promote(1)
    journal.append([entry(9 + n, "note") for n in range(others)])
    await reader.follower.hear(*journal.head(None))
    await reader.follower.hear(*journal.head(None))
    assert [[event.seq for event in lost.loss.events] for lost in reader.lost] == [[2, 3]]
    assert not reader.muted()
    assert reader.muted("kept")
    assert list(reversed(reader.publisher.written)) == journal.written


@pytest.mark.parametrize("kept", [2, 1])
async def test_an_own_entry_after_the_failover_tells_it_too(kept: int) -> None:
    journal = Journal()
    reader = Reader(journal)
    journal.append([entry(0, "note"), entry(1, CheckMuted.KIND, "db.ping"), entry(2, "note")])
    await reader.follower.catch_up()
    journal.promote(kept)
    if kept == 1:
        journal.append([entry(5, "note"), entry(6, "note")])
    reader.follower.tell(entry(8, CheckMuted.KIND, "own"))
    await reader.commit()
    assert [lost.loss.last for lost in reader.lost] == [3]
    assert reader.muted("own")
    assert reader.muted() is (kept == 2)
    assert list(reversed(reader.publisher.written)) == journal.written


async def test_an_own_entry_that_was_written_and_lost_before_others_were_read_is_lost_too() -> None:
    journal = Journal()
    reader = Reader(journal)
    journal.append([entry(0, "note")])
    await reader.follower.catch_up()
    journal.append([entry(1, "note")])  # another's, which is not read before the server is gone
    reader.follower.tell(entry(2, CheckMuted.KIND, "db.ping"))
    assert reader.follower.wrote(journal.append(reader.writer.waiting))
    journal.promote(1)
    await reader.follower.catch_up()
    assert [(lost.loss.first, lost.loss.last, lost.loss.whole) for lost in reader.lost] == [(3, 3, False)]
    assert not reader.muted()


async def test_a_pulse_that_was_read_before_an_own_entry_is_no_loss() -> None:
    journal = Journal()
    reader = Reader(journal)
    journal.append([entry(0, "note")])
    await reader.follower.catch_up()
    before = journal.head(None)
    reader.follower.tell(entry(1, CheckMuted.KIND, "db.ping"))
    await reader.commit()
    await reader.follower.hear(*before)
    assert reader.lost == []
    assert reader.muted()


DECIDED = st.sampled_from(
    (
        CheckMuted.KIND,
        CheckUnmuted.KIND,
        MaintenanceDeclared.KIND,
        MaintenanceEnded.KIND,
        DeploymentsOverridden.KIND,
        OverrideEnded.KIND,
    )
)


@st.composite
def schedules(draw: st.DrawFn) -> list[tuple[str, Entry]]:
    """Who does what, one after the other: tell, commit and catch up here, or write as another session."""
    steps, declared = [], list[str]()
    for second in range(draw(st.integers(0, 14))):
        step = draw(st.sampled_from(("tell", "tell", "commit", "catch up", "other", "other")))
        kind = draw(DECIDED)
        subject = draw(st.sampled_from("abc"))
        if kind == MaintenanceDeclared.KIND:
            declared.append(f"w{second}")  # an id is used once
            subject = declared[-1]
        elif kind == MaintenanceEnded.KIND:
            subject = draw(st.sampled_from(declared or ["?"]))
        actor = "j.park" if step == "tell" else "s.lee"
        steps.append((step, entry(second, kind, "" if kind.startswith("slo") else subject, actor)))
    return steps


@given(schedules())
async def test_every_interleaving_ends_as_the_journal_says(steps: list[tuple[str, Entry]]) -> None:
    journal = Journal()
    reader = Reader(journal)
    for step, each in steps:
        if step == "tell":
            reader.follower.tell(each)
        elif step == "other":
            # Another session can end only a window that it has read of.
            if each.kind != MaintenanceEnded.KIND or each.subject in {event.subject for event in journal.written}:
                journal.append([each])
        elif step == "commit":
            await reader.commit()
        else:
            await reader.follower.catch_up()
    await reader.commit()
    await reader.follower.catch_up()
    fresh = Reader(journal)
    await fresh.follower.begin()
    assert in_force(reader.states) == in_force(fresh.states)
