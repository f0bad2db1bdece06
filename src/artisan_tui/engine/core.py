"""The engine: wires source to judge to keeper to snapshot, and lives until it is told to stop."""

from __future__ import annotations

import asyncio
import gc
import uuid
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import TYPE_CHECKING

from artisan_tui.domain.event import Entry, Event
from artisan_tui.domain.lease import BEAT_EVERY, Holder, Lease
from artisan_tui.domain.plain import printable
from artisan_tui.domain.sighting import Sighting
from artisan_tui.engine.budgets.desk import Desk
from artisan_tui.engine.budgets.paging import Pages
from artisan_tui.engine.chronicle import Chronicle
from artisan_tui.engine.clock import Clock, SystemClock
from artisan_tui.engine.commands import Refused, Reply, permit
from artisan_tui.engine.config_file import ConfigFile, config_entry
from artisan_tui.engine.heart import Heart
from artisan_tui.engine.history import recent_looks
from artisan_tui.engine.judge import Charge, Judge
from artisan_tui.engine.keeper import Keeper
from artisan_tui.engine.launch import Options
from artisan_tui.engine.leadership import Duty, Leadership
from artisan_tui.engine.lookout import Lookout
from artisan_tui.engine.orders import Orders
from artisan_tui.engine.process import holder
from artisan_tui.engine.publisher import Publisher
from artisan_tui.engine.snapshot import Budgets, Site, Snapshot
from artisan_tui.engine.target import endpoint, target
from artisan_tui.i18n import _
from artisan_tui.store.opening import last_known
from artisan_tui.store.place import Place

if TYPE_CHECKING:
    from artisan_tui.config.models import Config
    from artisan_tui.steps.simulated import SimulatedPlatform


class Engine:
    """``publish`` is called on the engine's loop with each new snapshot."""

    def __init__(self, options: Options, publish: Callable[[Snapshot], None], clock: Clock | None = None) -> None:
        self.options = options
        self.clock = clock or SystemClock()
        self.config: Config | None = None
        session = options.session
        self.judge = Judge(self.clock)
        site = Site(
            config_path=str(options.config_path), read_only=session.read_only, actor=session.actor, demo=session.demo
        )
        self.publisher = Publisher(self.clock, self.judge, site, publish)
        self.keeper = Keeper(
            options.place,
            self.clock,
            self._written,
            self._store_troubled,
            self._store_anew,
            self.judge.standings,
            read_only=session.read_only,
        )
        self.orders = Orders()
        self.pages = Pages()
        self.chronicle = Chronicle(
            self.keeper, self.publisher, self.orders, self.pages, self._ordered, self._show_alerts
        )
        self.desk = Desk(
            self.keeper, self.clock, self.orders, self.pages, self.chronicle.begun, self._show_budgets, self._paged
        )
        self.lookout = Lookout(self.clock, self._heard, options.environ)
        self.leadership = Leadership(
            self.keeper,
            self.clock,
            holder(uuid.uuid4().hex, session.actor, str(options.config_path)),
            self._take_duty,
            self._news,
            self._asked,
            self._took_over,
            read_only=session.read_only,
        )
        self.heart = Heart(self)
        self._pulse_read = -1
        self.config_file = ConfigFile(options, self.publisher, self._adopt, self._note_config)
        self._stop = asyncio.Event()
        self._platform: SimulatedPlatform | None = None
        self._side: set[asyncio.Task[None]] = set()

    # -- life ---------------------------------------------------------------

    async def run(self) -> None:
        """Until `stop`. Raises ConfigError when the configuration is broken at the start."""
        self._open_with_last_known(self.options.place)
        config = await self.config_file.read()
        self._settle_place(config)
        await self._adopt(config)
        if self.options.simulated is not None:
            await self._meet_platform(self.options.simulated)
        self.tell(Entry(self.clock.now(), self.options.session.actor, "session.start", "", {"config": config.digest}))
        tasks = [
            asyncio.create_task(self.lookout.scheduler.run(), name="scheduler"),
            asyncio.create_task(self._keep(), name="keeper"),
            asyncio.create_task(self._lead(), name="lease"),
            asyncio.create_task(self.heart.run(), name="beat"),
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
            await self.desk.rest()
            await self._write_the_rest()
            self.publisher.now()
            await self.lookout.rest()
            if self._platform is not None:
                await self._platform.aclose()

    async def _write_the_rest(self) -> None:
        """Whatever waits, also where the store was lost a moment ago; that this session ended comes last."""
        await self.keeper.vault.mend(at_once=True)
        # What looking led to is written under the lease only: a store begun anew has nobody's yet.
        await self.leadership.look()
        await self.keeper.flush()
        self.tell(Entry(self.clock.now(), self.options.session.actor, "session.stop"))
        await self.keeper.close()

    def stop(self) -> None:
        self._stop.set()

    def _settle_place(self, config: Config) -> None:
        """The store may be elsewhere than in the state folder; only the configuration knows."""
        from artisan_tui.engine.settings import place_of

        place = place_of(config, self.options.place.state_dir, self.options.environ)
        if place != self.keeper.vault.place:
            self.keeper.vault.place = place
            self.judge.forget()
            self.orders.forget()
            self.pages.forget()
            self.chronicle.open_with(())
            self._open_with_last_known(place)

    def _open_with_last_known(self, place: Place) -> None:
        opening = last_known(place)
        self.leadership.foresee(Lease() if opening is None else opening.lease)
        if opening is None:
            return
        self.judge.restore(opening.standings)
        self.chronicle.open_with(opening.events)
        self.publisher.checks_changed()
        self.publisher.now()

    async def _keep(self) -> None:
        await self._recall_strips()
        await self.keeper.run()

    async def _lead(self) -> None:
        await self.keeper.vault.open()
        await self.chronicle.begin()
        await self.leadership.run()

    async def _recall_strips(self) -> None:
        """The strips go on where an earlier session left them."""
        await self.keeper.vault.open()
        past = await self.keeper.vault.ask(lambda store: recent_looks(store, self.judge.views(), self.clock.now()))
        if past and self.judge.recall(past):
            self.publisher.checks_changed()

    # -- several sessions ---------------------------------------------------

    async def _take_duty(self, duty: Duty) -> None:
        """This session looks from now on, or shows what another sees."""
        if duty is Duty.FOLLOWING:
            await self.desk.rest()
            await self.lookout.rest()
            self._pulse_read = -1
            if self.config is not None:
                self._follow_budgets(self.config)
        elif not self.lookout.out and self.config is not None:
            await self._set_out(self.config)
            self.arrange()
        self._show_poller()

    async def _news(self, events: int, lease: Lease) -> None:
        """The store has moved."""
        await self.chronicle.hear(events)
        if self.leadership.duty is Duty.FOLLOWING and lease.beat != self._pulse_read:
            after = self._pulse_read
            standings = await self.keeper.vault.ask(lambda store: store.standings(after=after))
            if standings is not None:
                self._pulse_read = lease.beat
                self.judge.follow(standings)
                self.publisher.checks_changed()
        self._show_poller()

    def _show_poller(self) -> None:
        other = self.leadership.poller
        said = "" if other is None else _name_of(other)
        ours = str(self.options.config_path)
        notice = ""
        if other is not None and other.config and other.config != ours:
            notice = _("{who} watches with another configuration, {file}: a check that is not in it is not looked at")
            notice = notice.format(who=said, file=printable(other.config, 200))
        self.publisher.alter_site(polled_by=said, watch_notice=notice)

    def _took_over(self, vanished: Holder) -> None:
        body = {"from": _name_of(vanished)}
        self.chronicle.find([Entry(self.clock.now(), self.options.session.actor, "watch.taken", "", body)])

    def _asked(self, check_ids: Sequence[str]) -> None:
        self.lookout.hurry(check_ids)

    # -- configuration ------------------------------------------------------

    async def _adopt(self, config: Config) -> None:
        from artisan_tui.sources.lookup import search

        await self.desk.rest()
        await self.lookout.rest()
        self.config = config
        self.judge.charge(
            (
                Charge(check_id, service.name or service.id, spec, target(spec), endpoint(spec))
                for check_id, service, spec in config.checks()
            ),
            search,
            config.flapping.rule,
        )
        self.orders.configure(*config.windows())
        self._pulse_read = -1
        self.publisher.alter_site(
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
        self.arrange()
        self.publisher.checks_changed()
        self.publisher.now()
        if self.leadership.duty is not Duty.FOLLOWING:
            await self._set_out(config)
        else:
            self._follow_budgets(config)
        # What is here now is here to stay: to look through it again and again would hold the screen.
        gc.unfreeze()
        gc.freeze()

    async def _set_out(self, config: Config) -> None:
        await self.desk.rest()
        await self.lookout.set_out(config, lambda past: self.desk.prepare(config, past, following=False))
        self.desk.begin()
        self.keeper.pace = min((spec.every for _, _, spec in config.checks()), default=BEAT_EVERY)
        # What the first round sees is there for readers soon, who cannot ask for it.
        self.keeper.hasten(1.5)

    def _follow_budgets(self, config: Config) -> None:
        from artisan_tui.sources.world import World

        # Never asked, only to know what would be read: another session asks.
        past = World.open(config.metrics, self.options.environ).past
        self.desk.prepare(config, past, following=True)
        self.desk.begin()

    def _note_config(self, kind: str, body: Mapping[str, object]) -> None:
        self.tell(config_entry(self.options, self.clock.now(), kind, body))

    # -- looking ------------------------------------------------------------

    def _heard(self, check_id: str, sighting: Sighting) -> None:
        if check_id not in self.judge:
            return
        ruling = self.judge.hear(check_id, sighting)
        self.keeper.note_sample(ruling.sample, quiet=ruling.quiet)
        if ruling.entries:
            self.chronicle.find(ruling.entries, (check_id,))
        if ruling.ask:
            self.lookout.hurry(ruling.ask)
        self.publisher.checks_changed(quiet=ruling.quiet)

    def _ordered(self) -> None:
        self.arrange()
        self.desk.judge()

    def arrange(self) -> None:
        """Apply the maintenance windows and mutes that are in force now."""
        now = self.clock.now()
        # A session that shows what another sees is told about windows by it.
        windows = () if self.leadership.duty is Duty.FOLLOWING else self.orders.windows(now)
        over, changed = self.judge.arrange(windows, lambda check_id: self.orders.mute(check_id, now))
        if over:
            self.lookout.hurry(over)
        if changed:
            self.publisher.checks_changed()
        self.publisher.alter_site(windows=self.orders.listed(now))

    # -- remembering --------------------------------------------------------

    def tell(self, *entries: Entry) -> None:
        self.chronicle.tell(*entries)

    def _written(self, events: Sequence[Event]) -> None:
        if self.chronicle.wrote(events):
            self._aside(self.chronicle.catch_up())
        self.chronicle.show_unwritten()

    def _store_troubled(self, problem: str) -> None:
        self.publisher.alter_site(store_problem=problem)
        self.chronicle.show_unwritten()

    def _store_anew(self, notice: str) -> None:
        self.chronicle.restart()
        self.desk.store_anew()
        self.publisher.alter_site(store_notice=notice)

    def _show_budgets(self, budgets: Budgets) -> None:
        self.publisher.budgets_are(budgets)
        self._show_alerts()

    def _show_alerts(self) -> None:
        self.publisher.alerts_are(self.pages.book.firing)

    def _paged(self, entries: Sequence[Entry]) -> None:
        self.chronicle.find(entries)

    def _aside(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(work)
        self._side.add(task)
        task.add_done_callback(self._side.discard)

    # -- acting -------------------------------------------------------------

    async def execute(self, command_id: str, arguments: Mapping[str, str]) -> Reply:
        """Carry out one declared command, or say why not. Never raises for what was asked."""
        from artisan_tui.engine.acts import ACTS

        try:
            command = permit(command_id, arguments, self.options.session)
            return await ACTS[command.id](self, arguments)
        except Refused as refused:
            return Reply(False, str(refused))

    async def check_now(self, check_ids: Sequence[str]) -> bool:
        """Look now, or have the session that polls do so; whether anybody will."""
        if self.lookout.out:
            await asyncio.gather(*self.lookout.hurry(check_ids), return_exceptions=True)
            return True
        return await self.leadership.pass_on(check_ids)

    @property
    def check_ids(self) -> tuple[str, ...]:
        return () if self.config is None else tuple(check_id for check_id, _, _ in self.config.checks())

    # -- the simulated stack ------------------------------------------------

    async def _meet_platform(self, url: str) -> None:
        from artisan_tui.steps.simulated import SimulatedPlatform

        self._platform = SimulatedPlatform(url)
        await self.refresh_faults()

    @property
    def platform(self) -> SimulatedPlatform | None:
        return self._platform

    async def refresh_faults(self) -> None:
        from artisan_tui.engine.acts import faults_of

        if self._platform is not None:
            language = self.config.artisan.language if self.config else "en"
            self.publisher.faults_are(await faults_of(self._platform, language))


def _name_of(holder: Holder) -> str:
    return printable(f"{holder.actor or '?'}@{holder.host or '?'}", 60)
