"""Runs in the store: rows that follow from the journal, locks that nobody gets twice, writers that were replaced."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import pytest

from artisan_tui.domain.event import Entry
from artisan_tui.domain.runbooks import acts, acts_undo, locks
from artisan_tui.domain.runbooks.acting import Entries, RunActor, RunRefused
from artisan_tui.domain.runbooks.acts import StartRequest
from artisan_tui.domain.runbooks.approval import KernelLogin
from artisan_tui.domain.runbooks.definition import Runbook
from artisan_tui.domain.runbooks.events import RunEnded, RunFinished, RunIntended
from artisan_tui.domain.runbooks.fold import fold
from artisan_tui.domain.runbooks.ports import EXITED, NOT_STARTED, ActPlan, Observed, StaleCommit
from artisan_tui.domain.runbooks.run import InFlight, Run
from artisan_tui.domain.runbooks.runner import Runner, RunnerPorts
from artisan_tui.store.journal import JournalStore
from artisan_tui.store.place import StorePlace
from artisan_tui.store.runbooks.part import RunbookStore, RunView
from artisan_tui.store.store import Store
from support.run_line import sim_book, sim_step

BOOK = sim_book(sim_step("a", approval=True), sim_step("b"), resources=("deploy/api",))


#: What holds of a store holds wherever it is.
DIALECTS = ("sqlite", "postgresql")


def start(store: Store, at: datetime, book: Runbook = BOOK, actor: str = "alice", target: str = "production") -> str:
    def decide(view: RunView) -> Sequence[Entry]:
        request = StartRequest(target=target, resources=book.resources)
        holders = view.holders(locks.wanted(book.id, target, book.resources))
        known = view.definition(book.digest) is not None
        return acts.start(view.free_id(at), book, RunActor(actor, at, "s1"), request, holders=holders, known=known)

    return store.part(RunbookStore).act(decide, at=at)[-1].subject


def act(store: Store, wanted: str, at: datetime, decide: Callable[[Run], Entries]) -> Run:
    runs = store.part(RunbookStore)
    run = runs.get(wanted)
    assert run is not None
    runs.commit(run, decide(run), at=at)
    found = runs.get(wanted)
    assert found is not None
    return found


class Instant:
    """A spawner whose attempts are over at once, a planner, and a clock that stands still."""

    def __init__(self, at: datetime) -> None:
        self.at, self.started = at, set[str]()

    def now(self) -> datetime:
        return self.at

    def plan(self, run: Run, definition: Runbook, step: str, part: str) -> ActPlan:
        return ActPlan(f"{part} {step}", f"undo {step}", "before", f"binding {step}")

    def spawn(self, run: Run, attempt: InFlight, act: str) -> None:
        self.started.add(attempt.name)

    def observe(self, run: Run, attempt: InFlight) -> Observed:
        return Observed(EXITED, "ok", 0) if attempt.name in self.started else Observed(NOT_STARTED)

    seal = observe

    def terminate(self, run: Run, attempt: InFlight) -> None: ...

    kill = terminate


class Stored:
    """The store as the runner's port."""

    def __init__(self, store: Store, at: datetime) -> None:
        self.runs, self.at = store.part(RunbookStore), at

    def load(self, run: str) -> Run:
        found = self.runs.get(run)
        assert found is not None
        return found

    def definition(self, digest: str) -> Runbook:
        found = self.runs.definition(digest)
        assert found is not None
        return found

    def intent(self, run: str, seq: int):  # type: ignore[no-untyped-def]
        return self.runs.intent(run, seq)

    def commit(self, run: Run, entries: Sequence[Entry]) -> None:
        self.runs.commit(run, entries, at=self.at)


def turns(store: Store, wanted: str, at: datetime, session: str = "s1", count: int = 30) -> Run:
    outside = Instant(at)
    runner = Runner(RunnerPorts(Stored(store, at), outside, outside, outside), session)
    for _ in range(count):
        runner.turn(wanted)
    found = store.part(RunbookStore).get(wanted)
    assert found is not None
    return found


def test_a_run_its_locks_its_definition_and_its_approvals_follow_from_the_journal(store: Store, at: datetime) -> None:
    runs = store.part(RunbookStore)
    wanted = start(store, at)
    run = turns(store, wanted, at)
    assert (run.state, runs.active()) == ("waiting", (run,))
    assert runs.definition(run.definition) == BOOK
    assert set(runs.holders(("deploy/api", "nobody's"))) == {"deploy/api"}
    bob = RunActor("bob", at, "s2")
    act(store, wanted, at, lambda run: acts.approve(run, bob, KernelLogin("bob", 1002)))
    run = turns(store, wanted, at)
    assert (run.state, run.over) == ("succeeded", True)
    (approval,) = runs.approvals(wanted)
    assert (approval.step, approval.login, approval.binding) == ("a", "bob", "binding a")
    assert runs.holders(run.resources) == {}
    (summary,) = runs.recent("example")
    assert (summary.id, summary.state, summary.over, summary.seconds) == (wanted, "succeeded", True, 0.0)
    assert runs.recent("other") == ()
    assert fold(reversed(runs.events(wanted))) == run
    assert store.projections.compare() == []
    store.projections.rebuild()
    assert runs.get(wanted) == run


def test_the_undo_that_runs_is_the_one_that_was_committed_before_the_step(store: Store, at: datetime) -> None:
    book = sim_book(sim_step("a"), sim_step("b"))
    wanted = start(store, at, book)
    turns(store, wanted, at, count=3)
    act(store, wanted, at, lambda run: acts.abort(run, RunActor("alice", at)))
    run = turns(store, wanted, at)
    assert (run.state, run.undo) == ("aborted", ("a",))
    intent = store.part(RunbookStore).intent(wanted, run.step("a").undo_seq)
    assert intent is not None
    assert (intent.part, intent.undo, intent.before) == ("do", "undo a", "before")
    assert store.part(RunbookStore).intent("RUN-other", run.step("a").undo_seq) is None
    act(store, wanted, at, lambda run: acts_undo.start_rollback(run, book, RunActor("alice", at), holders={}))
    assert turns(store, wanted, at).rollback_state == "done"
    assert store.projections.compare() == []


def test_rb_case_13_the_store_refuses_who_was_replaced(store: Store, at: datetime) -> None:
    wanted = start(store, at)
    runs = store.part(RunbookStore)
    before = runs.get(wanted)
    assert before is not None
    act(store, wanted, at, lambda run: acts.adopt(run, RunActor("bob", at, "s2"), "asleep"))
    count = store.part(JournalStore).count()
    with pytest.raises(StaleCommit):
        runs.commit(before, acts.abort(before, RunActor("alice", at)), at=at)
    turns(store, wanted, at, session="s1")
    assert store.part(JournalStore).count() == count


def race(stores: Sequence[Store], book: Runbook, at: datetime) -> tuple[list[str], list[str]]:
    """(ids of the runs that started, what the others were told) when all begin at once."""
    barrier, won, said = threading.Barrier(len(stores)), list[str](), list[str]()

    def go(store: Store, actor: str) -> None:
        barrier.wait()
        try:
            won.append(start(store, at, book, actor))
        except RunRefused as refused:
            said.append(str(refused))

    threads = [threading.Thread(target=go, args=(each, f"person-{n}")) for n, each in enumerate(stores)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return won, said


def test_rb_case_11_of_two_who_start_the_same_at_once_exactly_one_does(place: StorePlace, at: datetime) -> None:
    with Store.open(place) as first, Store.open(place) as second:
        for number in range(100):
            book = sim_book(sim_step("a"), id=f"book-{number}", resources=(f"deploy/{number}",))
            won, said = race((first, second), book, at + timedelta(seconds=number))
            assert (len(won), len(said)) == (1, 1)
            assert f"locked by {won[0]} of" in said[0]
            assert "at a" in said[0]


def test_rb_case_14_a_definition_is_kept_once_and_only_under_its_own_digest(store: Store, at: datetime) -> None:
    first = start(store, at)
    act(store, first, at, lambda run: acts.abort(run, RunActor("alice", at)))
    assert turns(store, first, at).over
    second = start(store, at + timedelta(seconds=1))
    assert second != first
    kinds = [event.kind for event in store.part(JournalStore).page(100)]
    assert kinds.count("run.defined") == 1
    forged = Entry(at, "eve", "run.defined", "0" * 64, {"v": 1, "text": BOOK.to_json()})
    store.append([forged], at=at)
    assert store.part(RunbookStore).definition("0" * 64) is None


def test_ids_of_one_second_differ_and_are_found_by_their_beginning(store: Store, at: datetime) -> None:
    made = [start(store, at, sim_book(sim_step("a"), id=f"book-{n}", resources=())) for n in range(3)]
    assert made[1] == f"{made[0]}-2"
    assert set(store.part(RunbookStore).ids("RUN-")) == set(made)
    assert store.part(RunbookStore).ids("INC-") == ()


def test_the_list_of_runs_knows_in_which_time_nobody_attended(store: Store, at: datetime) -> None:
    other = sim_book(sim_step("a"), id="other", resources=())
    quiet, busy = start(store, at, other), start(store, at)
    intent = RunIntended(step="b", part="do", number=1, act="x", undo="y").entry(at, "alice", busy)
    store.append([intent], at=at)
    ended = RunEnded(step="b", part="do", number=1, outcome="ok", after="succeeded", lasted=5.0)
    finished = RunFinished(state="succeeded")
    late = at + timedelta(hours=2)
    store.append([ended.entry(late, "bob", busy), finished.entry(late, "bob", busy)], at=late)
    found = {each.id: each for each in store.part(RunbookStore).recent()}
    assert (found[busy].unattended, found[busy].seconds) == (7195.0, 5.0)
    assert found[quiet].unattended == 0
