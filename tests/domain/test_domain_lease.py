"""Who may poll: no clock is compared, and a beat that stands still has stopped."""

from __future__ import annotations

from artisan_tui.domain.lease import (
    BEAT_ALONE,
    BEAT_EVERY,
    PATIENCE,
    PATIENCE_OF_READERS,
    TERM,
    Holder,
    Lease,
    observe,
    vacant,
)

HELD = Lease(3, 40, Holder("a"))


def test_a_free_lease_is_vacant_at_once() -> None:
    assert vacant(observe(None, Lease(), 0.0), 0.0, dead=False)


def test_a_holder_known_dead_is_replaced_at_once() -> None:
    assert vacant(observe(None, HELD, 0.0), 0.0, dead=True)


def test_a_beat_that_stands_still_has_stopped() -> None:
    seen = observe(None, HELD, 100.0)
    seen = observe(seen, HELD, 100.0 + PATIENCE - 0.1)
    assert not vacant(seen, 100.0 + PATIENCE - 0.1, dead=False)
    assert vacant(seen, 100.0 + PATIENCE, dead=False)


def test_every_beat_begins_the_wait_anew() -> None:
    seen = observe(None, HELD, 100.0)
    seen = observe(seen, Lease(3, 41, HELD.holder), 106.0)
    assert not vacant(seen, 100.0 + PATIENCE, dead=False)
    # Another holder with the same beat is news too.
    seen = observe(seen, Lease(4, 41, Holder("b")), 112.0)
    assert not vacant(seen, 118.0, dead=False)


def test_the_longest_gap_in_the_record_fits_the_term() -> None:
    assert BEAT_EVERY + PATIENCE + 0.5 <= TERM


def test_a_reader_outwaits_the_slower_beat() -> None:
    seen = observe(None, HELD, 100.0)
    assert not vacant(seen, 100.0 + BEAT_ALONE + 1.0, dead=False, patience=PATIENCE_OF_READERS)
    assert vacant(seen, 100.0 + PATIENCE_OF_READERS, dead=False, patience=PATIENCE_OF_READERS)
