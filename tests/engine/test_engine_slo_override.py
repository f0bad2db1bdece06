"""An override that has ended stays ended."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from artisan_tui.config.load import load
from artisan_tui.domain.slo.events import DeploymentsOverridden, OverrideEnded
from artisan_tui.engine.slo import once
from artisan_tui.engine.slo.override import Overrides
from artisan_tui.sources.checks import KINDS
from artisan_tui.store.place import StorePlace
from artisan_tui.store.store import Store

AT = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
ENTRY = DeploymentsOverridden(until=AT + HOUR, reason="fix").entry(AT, "alice")


def overrides() -> Overrides:
    made = Overrides()
    made.apply([ENTRY])
    return made


def test_c4_once_expired_it_stays_expired_when_the_clock_goes_back() -> None:
    made = overrides()
    assert made.override(AT + HOUR / 2) is not None
    assert made.override(AT + HOUR) is None
    made.passed(AT + HOUR)
    assert made.override(AT + HOUR / 2) is None
    assert made.expired(AT + HOUR / 2) is not None


def test_c4_a_later_time_that_anybody_knows_of_counts() -> None:
    made = overrides()
    made.passed(AT + HOUR)
    assert made.override(AT + HOUR / 2) is None


def test_c4_a_clock_from_before_it_was_granted_does_not_use_it() -> None:
    assert overrides().override(AT - HOUR) is None
    assert overrides().override(AT - timedelta(minutes=1)) is not None


def test_c4_its_end_in_the_journal_needs_no_clock_and_the_past_stays_known() -> None:
    made = overrides()
    made.apply([OverrideEnded().entry(AT + HOUR / 4, "alice")])
    assert made.override(AT + HOUR / 8) is None
    assert made.expired(AT + 2 * HOUR) is None
    assert made.override_at(AT + HOUR / 8) is not None
    assert made.override_at(AT + HOUR / 2) is None
    assert made.override_at(AT - HOUR / 8) is None
    made.apply([DeploymentsOverridden(until=AT + 3 * HOUR, reason="again").entry(AT + 2 * HOUR, "bob")])
    found = made.override(AT + 2 * HOUR)
    assert found is not None
    assert found.actor == "bob"


class _Clock(datetime):
    """What this machine takes for now."""

    here = AT

    @classmethod
    def now(cls, tz: object = None) -> datetime:
        return cls.here


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "artisan.toml").write_text(
        """
[[service]]
id = "here"
[[service.check]]
id = "memory"
kind = "memory"
[[slo]]
id = "own"
objective = "99%"
window = "7d"
sli = { kind = "checks", checks = ["here.memory"] }
"""
    )
    return tmp_path


async def gate_open(folder: Path, monkeypatch: pytest.MonkeyPatch, here: datetime) -> bool:
    config = load(folder / "artisan.toml", {name: kind.spec for name, kind in KINDS.items()})
    monkeypatch.setattr(_Clock, "here", here)
    monkeypatch.setattr(once, "datetime", _Clock)
    return (await once.evaluate_once(config, folder / "state", {})).gate.open


async def test_c4_the_gate_forgets_no_expiry_from_one_process_to_the_next(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store.open(StorePlace(folder / "state")) as store:
        store.append([ENTRY], at=AT)
    assert await gate_open(folder, monkeypatch, AT + HOUR / 2)
    assert not await gate_open(folder, monkeypatch, AT + HOUR)
    assert not await gate_open(folder, monkeypatch, AT + HOUR / 2)
    with Store.open(StorePlace(folder / "state")) as store:
        assert [event.kind for event in store.journal.page(5)] == [OverrideEnded.KIND, DeploymentsOverridden.KIND]


async def test_c4_any_later_event_of_the_journal_is_proof_enough(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Store.open(StorePlace(folder / "state")) as store:
        store.append([ENTRY], at=AT)
        later = AT + 2 * HOUR
        from artisan_tui.domain.slo.events import BudgetStatusChanged

        store.append([BudgetStatusChanged(to="healthy").entry(later, "observer", "own")], at=later)
    assert not await gate_open(folder, monkeypatch, AT + HOUR / 2)
