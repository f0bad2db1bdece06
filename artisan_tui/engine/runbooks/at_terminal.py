"""Runs without a running session: the command line acts on a run, and carries it out until a person is waited for."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from artisan_tui.domain.journal_body import BodyError
from artisan_tui.domain.runbooks import acts
from artisan_tui.domain.runbooks.acting import RunActor, RunRefused
from artisan_tui.domain.runbooks.children import innermost, root_of
from artisan_tui.domain.runbooks.effects import Effect, Wait
from artisan_tui.domain.runbooks.events import RunEnded
from artisan_tui.domain.runbooks.run import InFlight
from artisan_tui.engine.clock import SystemClock
from artisan_tui.engine.command import CommandRefused
from artisan_tui.engine.commands import confirmed, decide, entitled, permit
from artisan_tui.engine.identity import OBSERVER
from artisan_tui.engine.launch import GlobalOptions, session_of, state_dir
from artisan_tui.engine.offline import with_journal
from artisan_tui.engine.runbooks.driving import Drive, ports_of
from artisan_tui.engine.runbooks.families import adopt_line
from artisan_tui.engine.runbooks.following import HearsLine, OutputFollower
from artisan_tui.engine.runbooks.journaled import JournaledRuns, RunGone, run_store
from artisan_tui.engine.runbooks.lost_run import lost_run
from artisan_tui.engine.runbooks.notices import with_notices
from artisan_tui.engine.runbooks.owner import owner_gone, owner_label
from artisan_tui.engine.runbooks.records import RunRecord, read_record
from artisan_tui.engine.runbooks.rules import RunRules
from artisan_tui.i18n import _

if TYPE_CHECKING:
    from artisan_tui.domain.event import Event
    from artisan_tui.domain.runbooks.run import Run
    from artisan_tui.engine.decision import Present
    from artisan_tui.engine.settings import Config
    from artisan_tui.store.store import Store

#: Hears each event of the run as it is written; ``whole``: all that its attempt printed was told before.
HearsEvent = Callable[["Event", bool], None]


@dataclass(frozen=True, slots=True)
class Carried:
    """``record`` is the run after it. ``said`` is what the act came to. ``elsewhere`` is who carries it out, "" for nobody."""

    record: RunRecord
    said: str = ""
    elsewhere: str = ""

    @property
    def run(self) -> Run:
        return self.record.run


def act_and_drive(
    options: GlobalOptions,
    command_id: str,
    arguments: Mapping[str, str],
    told: HearsEvent,
    printed: HearsLine,
    *,
    typed: str = "",
    drives: bool = True,
) -> Carried:
    """Carry out a command on a run, and carry the run out if nobody else does.

    ``printed`` hears what steps print, line by line as it comes. ``typed`` answers a question for the typed target.
    Raises CommandRefused, ConfigError and StoreError.
    """
    command = permit(command_id, arguments, session_of(options))

    def work(present: Present, config: Config, store: Store) -> Carried:
        present.state(RunRules).state = state_dir(options)
        entitled(command, config.access, present.actor)
        confirmed(command, config.artisan.environment, arguments)
        decision = decide(command, present, arguments)
        assert decision.change is not None
        if decision.ready is not None:
            decision.ready()
        done = decision.change(store)
        follower = OutputFollower(state_dir(options), printed)
        terminal = _Terminal(options, present, store, told, follower)
        terminal.tell(done.written)
        elsewhere = terminal.drive(_first(store, done.subject), command_id, typed) if drives else ""
        return Carried(read_record(store, arguments.get("run") or done.subject), done.said, elsewhere)

    return with_journal(options, work, read_only=False)


def _first(store: Store, subject: str) -> str:
    """The run that is carried out: the one that a person started, unless that is over."""
    runs = run_store(store)
    root = runs.get(root_of(subject))
    return subject if root is None or root.over else root.id


class _Terminal:
    def __init__(
        self, options: GlobalOptions, present: Present, store: Store, told: HearsEvent, follower: OutputFollower
    ) -> None:
        self._options, self._present, self._store, self._told = options, present, store, told
        self._follower = follower
        self._rules: RunRules = present.state(RunRules)
        self._clock = SystemClock()
        self._seen = 0
        self._last: Run | None = None

    def tell(self, events: Any) -> None:
        for event in events:
            if event.seq > self._seen:
                self._seen = event.seq
                self._told(event, event.kind == RunEnded.KIND and self._finished(event))

    def _finished(self, event: Event) -> bool:
        """Its last lines come before the news that it ended."""
        try:
            body = RunEnded.read(event)
        except BodyError:
            return False
        return self._follower.finish(event.subject, InFlight(body.step, body.part, body.number, event.recorded_at).name)

    def drive(self, wanted: str, command_id: str, typed: str) -> str:
        """Until a person is waited for or it is over; who carries it out, if that is somebody else."""
        run = run_store(self._store).get(wanted)
        assert run is not None
        if run.over:
            return ""
        if run.owner != self._rules.session:
            if not owner_gone(run.owner):
                return owner_label(run.owner)
            self._adopt(run, command_id)
        store = JournaledRuns(
            lambda work, writes: work(self._store),
            self._clock.now,
            lambda run, entries: with_notices(self._rules, run, entries),
            self.tell,
        )
        ports = ports_of(self._rules, store, state_dir(self._options), os.environ, self._clock)
        driver = Drive(ports, self._rules.session)
        lost: set[str] = set()
        with _hung_up():
            while True:
                try:
                    effect = driver.until_waiting(wanted, self._follow, self._follower.follow)
                    if not self._typed(wanted, effect, typed):
                        break
                except RunGone as gone:
                    if gone.run in lost:
                        raise CommandRefused(str(gone)) from None
                    lost.add(gone.run)
                    self._lose(gone.run, run)
            driver.clean_up(wanted)
        return owner_label(store.load(wanted).owner) if effect == Wait("other") else ""

    def _lose(self, gone: str, run: Run) -> None:
        """Written down. The run itself is refused with that; of one below it, its parent says what that means."""
        known = next((each for each in (self._last, run) if each is not None and each.id == gone), None)
        body = lost_run(gone, known, state_dir(self._options))
        self._store.append([body.entry(self._clock.now(), OBSERVER, gone)], at=self._clock.now())
        if gone == run.id:
            said = _("the database lost {run}: nothing of it starts any more; see {folder} for what its steps did")
            raise CommandRefused(said.format(run=gone, folder=body.folder))

    def _adopt(self, run: Run, command_id: str) -> None:
        """Its session has ended, and the person who acts on it here carries it on."""
        by = RunActor(self._present.actor, self._clock.now(), self._rules.session)
        why = f"{owner_label(run.owner)} is gone; {command_id.removeprefix('runbook.')} at a terminal"
        runs = run_store(self._store)
        self.tell(runs.commit(run, adopt_line(runs.get, run, by, why), at=by.now))

    def _follow(self, run: Run) -> None:
        """Tell what others wrote about it, too."""
        self._last = run
        newer = self._store.journal.page(500, after=self._seen, subject=run.id) if self._seen < run.last_seq else ()
        self.tell(sorted(newer, key=lambda event: event.seq))

    def _typed(self, wanted: str, effect: Effect, typed: str) -> bool:
        """Answer a question for the typed target with what was typed at the start; whether there was one."""
        found = run_store(self._store).get(wanted)
        run = None if found is None else innermost(found, run_store(self._store).get)
        asks = run is not None and run.asked is not None and run.asked.what == "type"
        if run is None or not asks or not typed or not isinstance(effect, Wait):
            return False
        by = RunActor(self._present.actor, self._clock.now(), self._rules.session)
        try:
            entries = acts.confirm(run, by, typed=typed)
        except RunRefused as refused:
            raise CommandRefused(str(refused)) from None
        self.tell(run_store(self._store).commit(run, entries, at=by.now))
        return True


class _hung_up:
    """A terminal that hangs up ends this process, whatever it inherited: the step goes on in its own session."""

    def __enter__(self) -> None:
        self._before = signal.getsignal(signal.SIGHUP)
        signal.signal(signal.SIGHUP, signal.SIG_DFL)

    def __exit__(self, *what: object) -> None:
        signal.signal(signal.SIGHUP, self._before)
