"""The engine: makes the wings and what they share, starts and stops them, and carries out commands."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from artisan_tui.domain.event import Entry
from artisan_tui.domain.journal_body import Body
from artisan_tui.domain.lease import Lease, SessionRole
from artisan_tui.domain.session.events import LeadershipTaken, SessionStarted, SessionStopped
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.bus import (
    Bus,
    CommandRequested,
    EventsWritten,
    LeaderVanished,
    QueryFailed,
    RoleTaken,
    StoreMoved,
    StoreReplaced,
    StoreTroubled,
    Ticked,
)
from artisan_tui.engine.carry_on import carry_on
from artisan_tui.engine.clock import Clock, SystemClock
from artisan_tui.engine.command import CommandRefused
from artisan_tui.engine.commands import COMMANDS, confirmed, decide, entitled, permit
from artisan_tui.engine.config_file import ConfigFile, config_entry
from artisan_tui.engine.decision import Present
from artisan_tui.engine.garbage import GARBAGE
from artisan_tui.engine.journal_follower import JournalFollower
from artisan_tui.engine.journal_states import JournalStates
from artisan_tui.engine.journal_writer import JournalWriter
from artisan_tui.engine.launch import Options
from artisan_tui.engine.leadership import Leadership
from artisan_tui.engine.past.keeping import Showing
from artisan_tui.engine.past.snapshots import PastSnapshots
from artisan_tui.engine.process import holder, name_of, other_config
from artisan_tui.engine.publisher import GATHER, Publisher
from artisan_tui.engine.reply import Reply
from artisan_tui.engine.snapshot import SessionStatus, Snapshot
from artisan_tui.engine.ticker import Ticker
from artisan_tui.engine.wing import Wing
from artisan_tui.engine.wing_runner import WingRunner
from artisan_tui.i18n import _
from artisan_tui.store.opening import last_known
from artisan_tui.store.place import StorePlace
from artisan_tui.wings import modules

if TYPE_CHECKING:
    from artisan_tui.config.models import Config
    from artisan_tui.store.store import Store

T = TypeVar("T")


class Engine:
    """Implements `engine.wing.Core`. ``publish`` is called on the engine's loop with each new snapshot."""

    def __init__(self, options: Options, publish: Callable[[Snapshot], None], clock: Clock | None = None) -> None:
        self.options = options
        self.clock = clock or SystemClock()
        self.bus = Bus()
        self.config: Config | None = None
        session = options.session
        status = SessionStatus(
            config_path=str(options.config_path), read_only=session.read_only, actor=session.actor, demo=session.demo
        )
        kinds: list[type[Wing]] = [module.WING for module in modules("engine", "wing")]
        self._showing, self.past = Showing(Snapshot(self.clock.now()), publish), PastSnapshots(self)
        self._publisher = Publisher(self.clock, status, self._showing.take)
        self.writer = JournalWriter(options.place, self.clock, self.bus, read_only=session.read_only)
        self._showing.keep_in(self.writer, self.bus)
        self.states = JournalStates(state for kind in kinds for state in kind.STATES)
        self._follower = JournalFollower(self.writer, self._publisher, self.bus, self.states)
        me = holder(uuid.uuid4().hex, session.actor, str(options.config_path))
        self._leadership = Leadership(self.writer, self.clock, self.bus, me, read_only=session.read_only)
        self._config_file = ConfigFile(options, self._publisher, self._adopt, self._note_config)
        self._ticker = Ticker(self.clock, self.bus, self.find)
        self._subscribe()
        self._wings = WingRunner(self, kinds, lambda: self.role is SessionRole.FOLLOWER)
        # After the wings: what time changed is written down under the configuration that was in use.
        self.bus.on(Ticked, lambda tick: self._config_file.check())
        self._stop = asyncio.Event()
        self._ending = False
        self._side: set[asyncio.Future[None]] = set()

    def _subscribe(self) -> None:
        self.bus.on(RoleTaken, self._role_taken)
        self.bus.on(StoreMoved, self._store_moved)
        self.bus.on(LeaderVanished, self._leader_vanished)
        self.bus.on(CommandRequested, self._command_requested)
        self.bus.on(EventsWritten, self._written)
        self.bus.on(StoreTroubled, self._store_troubled)
        self.bus.on(QueryFailed, lambda failed: self.update_session(store_notice=failed.said))
        self.bus.on(StoreReplaced, self._store_replaced)

    # -- life ---------------------------------------------------------------

    async def run(self) -> None:
        """Until `stop`. Raises ConfigError when the configuration is broken at the start."""
        self._open_with_last_known(self.options.place)
        config = await self._config_file.read()
        self._settle_place(config)
        await self._adopt(config)
        await self._wings.enter()
        self.tell(SessionStarted(config=config.digest).entry(self.clock.now(), self.options.session.actor))
        tasks = [
            *self._wings.tasks(),
            asyncio.create_task(self._write(), name="writer"),
            asyncio.create_task(self._lead(), name="lease"),
            asyncio.create_task(self._ticker.run(), name="ticker"),
        ]
        stopped = asyncio.create_task(self._stop.wait())
        try:
            done, _ = await asyncio.wait([*tasks, stopped], return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            stopped.cancel()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._end()

    async def _end(self) -> None:
        """Write down whatever waits, also where the store was lost a moment ago; that this session ended comes last.

        Connections are closed after that: one that hangs must not cost the journal its last entries.
        """
        self._ending = True
        await self._wings.leave()
        await self.writer.store_thread.mend(at_once=True)
        # What probing led to is written under the lease only: no session holds a new store's yet.
        await self._leadership.poll()
        await self.writer.close([SessionStopped().entry(self.clock.now(), self.options.session.actor)])
        self._publisher.now()
        await self._wings.aclose()

    def stop(self) -> None:
        self._stop.set()

    def _settle_place(self, config: Config) -> None:
        """The store may be elsewhere than in the state folder; only the configuration knows."""
        from artisan_tui.engine.settings import place_of

        find = partial(place_of, config, self.options.place.state_dir, self.options.environ)
        if self.writer.store_thread.settle(find, config.database):
            self.states.forget()
            self._wings.restore(None)
            self._follower.open_with(())
            self._open_with_last_known(self.writer.store_thread.place)

    def _open_with_last_known(self, place: StorePlace) -> None:
        opening = last_known(place)
        self._leadership.foresee(Lease() if opening is None else opening.lease)
        if opening is None:
            return
        self._wings.restore(opening)
        self._follower.open_with(opening.events)
        self._publisher.now()

    async def _write(self) -> None:
        await self.writer.store_thread.open()
        await self._wings.store_opened()
        await self.writer.run()

    async def _lead(self) -> None:
        await self.writer.store_thread.open()
        await self._follower.begin()
        await self._leadership.run()

    async def _adopt(self, config: Config) -> None:
        """Take on a configuration that was read, and start again with it."""
        await self._wings.rest()
        self.config = config
        self.update_session(
            name=printable(config.artisan.name, 60),
            environment=config.artisan.environment,
            zone=str(config.zone),
            language=config.artisan.language,
            theme=config.theme,
            glyphs=config.glyphs,
            mouse=config.mouse,
            keys=tuple(sorted(config.bindings.items())),
            loaded_at=self.clock.now(),
            config_problems=(),
        )
        self._wings.configure(config, self.states)
        self._publisher.now()
        await self._wings.start(config)
        GARBAGE.keep()

    # -- several sessions -----------------------------------------------------

    async def _role_taken(self, taken: RoleTaken) -> None:
        """This session probes from now on, or shows what the leader finds."""
        if self._ending:
            return
        if self.config is not None and (taken.role is SessionRole.FOLLOWER) == self._wings.probing:
            await self._wings.start(self.config)
        self._show_leader()

    async def _store_moved(self, moved: StoreMoved) -> None:
        await self._follower.hear(moved.events, moved.head)
        self._show_leader()

    def _show_leader(self) -> None:
        leader = self._leadership.leader
        said = "" if leader is None else name_of(leader)
        self.update_session(leader=said, watch_notice=other_config(leader, self.options.config_path))

    def _leader_vanished(self, vanished: LeaderVanished) -> None:
        body = LeadershipTaken(before=name_of(vanished.holder))
        self._follower.find([body.entry(self.clock.now(), self.options.session.actor)])

    async def pass_on(self, check_ids: Sequence[str]) -> bool:
        return await self._leadership.pass_on(check_ids)

    @property
    def role(self) -> SessionRole:
        return self._leadership.role

    # -- remembering ----------------------------------------------------------

    @property
    def journal_read(self) -> asyncio.Event:
        return self._follower.begun

    def tell(self, *entries: Entry) -> None:
        self._follower.tell(*entries)

    def find(self, entries: Sequence[Entry], changed: Sequence[str] = ()) -> None:
        # What a follower notices, the leader has noticed too.
        if self.role is not SessionRole.FOLLOWER:
            self._follower.find(entries, changed)

    async def ask(self, query: Callable[[Store], T]) -> T | None:
        return await self.writer.store_thread.ask(query)

    def _written(self, written: EventsWritten) -> None:
        if self._follower.wrote(written.events):
            self.aside(self._follower.catch_up())
        self._follower.show_unwritten()

    def _store_troubled(self, troubled: StoreTroubled) -> None:
        self.update_session(store_problem=troubled.problem)
        self._follower.show_unwritten()

    def _store_replaced(self, replaced: StoreReplaced) -> None:
        self._follower.restart()
        self.update_session(store_notice=replaced.notice)

    def _note_config(self, body: Body) -> None:
        self.tell(config_entry(self.options, self.clock.now(), body))

    def aside(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._side.add(task)
        task.add_done_callback(self._side.discard)

    # -- showing --------------------------------------------------------------

    @property
    def shown(self) -> Snapshot:
        return self._showing.newest

    def publish(self, value: object) -> None:
        self._publisher.put(value)

    def offer(self, kind: type[T], make: Callable[[], T]) -> None:
        self._publisher.offer(kind, make)

    def changed(self, kind: type, *, within: float = GATHER) -> None:
        self._publisher.changed(kind, within=within)

    @property
    def session_status(self) -> SessionStatus:
        return self._publisher.session_status

    def update_session(self, **changes: object) -> None:
        self._publisher.update_session(**changes)

    # -- wings ----------------------------------------------------------------

    def state(self, kind: type[T]) -> T:
        return self.states.get(kind)

    def wing(self, kind: type[T]) -> T:
        return self._wings.get(kind)

    # -- commands -------------------------------------------------------------

    def _command_requested(self, request: CommandRequested) -> None:
        command = COMMANDS.get(request.command_id)
        if command is not None and command.relayed:
            self.aside(self._carry_out(request))

    async def _carry_out(self, request: CommandRequested) -> None:
        await self.execute(request.command_id, {}, actor=printable(request.actor, 60))

    async def execute(self, command_id: str, arguments: Mapping[str, str], actor: str = "") -> Reply:
        """Carry out one declared command for ``actor``, "" for the person at this session; or say why not. Never raises."""
        try:
            command = permit(command_id, arguments, self.options.session)
            if self.config is None:
                # Which environment this is, and what is dangerous there, is not known yet.
                raise CommandRefused(_("still starting: try again in a moment"))
            who = actor or self.options.session.actor
            entitled(command, None if self.options.session.demo else self.config.access, who)
            confirmed(command, self.config.artisan.environment, arguments)
            if barred := self._wings.bars(command, who):
                raise CommandRefused(barred)
            present = Present(self.clock.now(), who, self._wings.ids(), self.states.by_type)
            decision = await carry_on(self, decide(command, present, arguments))
        except CommandRefused as refused:
            return Reply(False, str(refused))
        self.tell(*decision.entries)
        return Reply(decision.ok, decision.said)

    async def reload_config(self) -> Reply:
        return await self._config_file.reload()
