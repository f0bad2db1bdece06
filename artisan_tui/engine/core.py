"""The engine: wires source to judge to keeper to snapshot, and lives until it is told to stop."""

from __future__ import annotations

import asyncio
import gc
import uuid
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import TYPE_CHECKING

from artisan_tui.domain.event import Entry, Event
from artisan_tui.domain.journal_body import Body
from artisan_tui.domain.lease import BEAT_EVERY, Holder, Lease
from artisan_tui.domain.probe_result import ProbeResult
from artisan_tui.domain.session.events import LeadershipTaken, SessionStarted, SessionStopped
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.checks.evaluator import CheckDefinition, Evaluator
from artisan_tui.engine.checks.history import recent_looks
from artisan_tui.engine.checks.prober import Prober
from artisan_tui.engine.clock import Clock, SystemClock
from artisan_tui.engine.commands import CommandRefused, Reply, permit
from artisan_tui.engine.config_file import ConfigFile, config_entry
from artisan_tui.engine.journal_follower import JournalFollower
from artisan_tui.engine.journal_writer import JournalWriter
from artisan_tui.engine.launch import Options
from artisan_tui.engine.leadership import Leadership, SessionRole
from artisan_tui.engine.maintenance.orders import Orders
from artisan_tui.engine.process import holder
from artisan_tui.engine.publisher import Publisher
from artisan_tui.engine.slo.burn_alerts import BurnAlerts
from artisan_tui.engine.slo.service import SloService
from artisan_tui.engine.snapshot import SessionStatus, SloSlice, Snapshot
from artisan_tui.engine.ticker import Ticker
from artisan_tui.i18n import _
from artisan_tui.store.opening import last_known
from artisan_tui.store.place import StorePlace

if TYPE_CHECKING:
    from artisan_tui.config.models import Config
    from artisan_tui.steps.drills import SimulatedPlatform


class Engine:
    """``publish`` is called on the engine's loop with each new snapshot."""

    def __init__(self, options: Options, publish: Callable[[Snapshot], None], clock: Clock | None = None) -> None:
        self.options = options
        self.clock = clock or SystemClock()
        self.config: Config | None = None
        session = options.session
        self.evaluator = Evaluator(self.clock)
        session_status = SessionStatus(
            config_path=str(options.config_path), read_only=session.read_only, actor=session.actor, demo=session.demo
        )
        self.publisher = Publisher(self.clock, self.evaluator, session_status, publish)
        self.journal_writer = JournalWriter(
            options.place,
            self.clock,
            self._written,
            self._store_troubled,
            self._store_anew,
            self.evaluator.check_statuses,
            read_only=session.read_only,
        )
        self.orders = Orders()
        self.burn_alerts = BurnAlerts()
        self.journal_follower = JournalFollower(
            self.journal_writer, self.publisher, self.orders, self.burn_alerts, self._ordered, self._show_alerts
        )
        self.slo_service = SloService(
            self.journal_writer,
            self.clock,
            self.orders,
            self.burn_alerts,
            self.journal_follower.begun,
            self._show_budgets,
            self._paged,
        )
        self.prober = Prober(self.clock, self._heard, options.environ)
        self.leadership = Leadership(
            self.journal_writer,
            self.clock,
            holder(uuid.uuid4().hex, session.actor, str(options.config_path)),
            self._take_duty,
            self._news,
            self._asked,
            self._took_over,
            read_only=session.read_only,
        )
        self.ticker = Ticker(self)
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
        self.tell(SessionStarted(config=config.digest).entry(self.clock.now(), self.options.session.actor))
        tasks = [
            asyncio.create_task(self.prober.scheduler.run(), name="scheduler"),
            asyncio.create_task(self._keep(), name="keeper"),
            asyncio.create_task(self._lead(), name="lease"),
            asyncio.create_task(self.ticker.run(), name="beat"),
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
            await self.slo_service.rest()
            await self._write_the_rest()
            self.publisher.now()
            await self.prober.rest()
            if self._platform is not None:
                await self._platform.aclose()

    async def _write_the_rest(self) -> None:
        """Whatever waits, also where the store was lost a moment ago; that this session ended comes last."""
        await self.journal_writer.store_thread.mend(at_once=True)
        # What looking led to is written under the lease only: a store begun anew has nobody's yet.
        await self.leadership.look()
        await self.journal_writer.flush()
        self.tell(SessionStopped().entry(self.clock.now(), self.options.session.actor))
        await self.journal_writer.close()

    def stop(self) -> None:
        self._stop.set()

    def _settle_place(self, config: Config) -> None:
        """The store may be elsewhere than in the state folder; only the configuration knows."""
        from artisan_tui.engine.settings import place_of

        place = place_of(config, self.options.place.state_dir, self.options.environ)
        if place != self.journal_writer.store_thread.place:
            self.journal_writer.store_thread.place = place
            self.evaluator.forget()
            self.orders.forget()
            self.burn_alerts.forget()
            self.journal_follower.open_with(())
            self._open_with_last_known(place)

    def _open_with_last_known(self, place: StorePlace) -> None:
        opening = last_known(place)
        self.leadership.foresee(Lease() if opening is None else opening.lease)
        if opening is None:
            return
        self.evaluator.restore(opening.check_statuses)
        self.journal_follower.open_with(opening.events)
        self.publisher.checks_changed()
        self.publisher.now()

    async def _keep(self) -> None:
        await self._recall_strips()
        await self.journal_writer.run()

    async def _lead(self) -> None:
        await self.journal_writer.store_thread.open()
        await self.journal_follower.begin()
        await self.leadership.run()

    async def _recall_strips(self) -> None:
        """The strips go on where an earlier session left them."""
        await self.journal_writer.store_thread.open()
        past = await self.journal_writer.store_thread.ask(
            lambda store: recent_looks(store, self.evaluator.views(), self.clock.now())
        )
        if past and self.evaluator.recall(past):
            self.publisher.checks_changed()

    # -- several sessions ---------------------------------------------------

    async def _take_duty(self, session_role: SessionRole) -> None:
        """This session looks from now on, or shows what another sees."""
        if session_role is SessionRole.FOLLOWER:
            await self.slo_service.rest()
            await self.prober.rest()
            self._pulse_read = -1
            if self.config is not None:
                self._follow_budgets(self.config)
        elif not self.prober.out and self.config is not None:
            await self._set_out(self.config)
            self.arrange()
        self._show_poller()

    async def _news(self, events: int, lease: Lease) -> None:
        """The store has moved."""
        await self.journal_follower.hear(events)
        if self.leadership.session_role is SessionRole.FOLLOWER and lease.beat != self._pulse_read:
            after = self._pulse_read
            check_statuses = await self.journal_writer.store_thread.ask(lambda store: store.check_statuses(after=after))
            if check_statuses is not None:
                self._pulse_read = lease.beat
                self.evaluator.follow(check_statuses)
                self.publisher.checks_changed()
        self._show_poller()

    def _show_poller(self) -> None:
        other = self.leadership.leader
        said = "" if other is None else _name_of(other)
        ours = str(self.options.config_path)
        notice = ""
        if other is not None and other.config and other.config != ours:
            notice = _("the leader {who} uses another configuration, {file}: checks that are not in it are not probed")
            notice = notice.format(who=said, file=printable(other.config, 200))
        self.publisher.update_session(leader=said, watch_notice=notice)

    def _took_over(self, vanished: Holder) -> None:
        body = LeadershipTaken(before=_name_of(vanished))
        self.journal_follower.find([body.entry(self.clock.now(), self.options.session.actor)])

    def _asked(self, check_ids: Sequence[str]) -> None:
        self.prober.hurry(check_ids)

    # -- configuration ------------------------------------------------------

    async def _adopt(self, config: Config) -> None:
        from artisan_tui.sources.lookup import search

        await self.slo_service.rest()
        await self.prober.rest()
        self.config = config
        self.evaluator.configure(
            (
                CheckDefinition(check_id, service.name or service.id, spec)
                for check_id, service, spec in config.checks()
            ),
            search,
            config.flapping.rule,
        )
        self.orders.configure(*config.windows())
        self._pulse_read = -1
        self.publisher.update_session(
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
        if self.leadership.session_role is not SessionRole.FOLLOWER:
            await self._set_out(config)
        else:
            self._follow_budgets(config)
        # What is here now is here to stay: to look through it again and again would hold the screen.
        gc.unfreeze()
        gc.freeze()

    async def _set_out(self, config: Config) -> None:
        await self.slo_service.rest()
        await self.prober.set_out(config, lambda past: self.slo_service.prepare(config, past, following=False))
        self.slo_service.begin()
        self.journal_writer.pace = min((spec.every for _, _, spec in config.checks()), default=BEAT_EVERY)
        # What the first round sees is there for readers soon, who cannot ask for it.
        self.journal_writer.hasten(1.5)

    def _follow_budgets(self, config: Config) -> None:
        from artisan_tui.sources.probe_context import ProbeContext

        # Never asked, only to know what would be read: another session asks.
        past = ProbeContext.open(config.metrics, self.options.environ).past
        self.slo_service.prepare(config, past, following=True)
        self.slo_service.begin()

    def _note_config(self, body: Body) -> None:
        self.tell(config_entry(self.options, self.clock.now(), body))

    # -- looking ------------------------------------------------------------

    def _heard(self, check_id: str, probe_result: ProbeResult) -> None:
        if check_id not in self.evaluator:
            return
        evaluation = self.evaluator.hear(check_id, probe_result)
        self.journal_writer.note_sample(evaluation.sample, quiet=evaluation.quiet)
        if evaluation.entries:
            self.journal_follower.find(evaluation.entries, (check_id,))
        if evaluation.ask:
            self.prober.hurry(evaluation.ask)
        self.publisher.checks_changed(quiet=evaluation.quiet)

    def _ordered(self) -> None:
        self.arrange()
        self.slo_service.evaluate()

    def arrange(self) -> None:
        """Apply the maintenance windows and mutes that are in force now."""
        now = self.clock.now()
        # A session that shows what another sees is told about windows by it.
        windows = () if self.leadership.session_role is SessionRole.FOLLOWER else self.orders.windows(now)
        over, changed = self.evaluator.arrange(windows, lambda check_id: self.orders.mute(check_id, now))
        if over:
            self.prober.hurry(over)
        if changed:
            self.publisher.checks_changed()
        self.publisher.update_session(windows=self.orders.listed(now))

    # -- remembering --------------------------------------------------------

    def tell(self, *entries: Entry) -> None:
        self.journal_follower.tell(*entries)

    def _written(self, events: Sequence[Event]) -> None:
        if self.journal_follower.wrote(events):
            self._aside(self.journal_follower.catch_up())
        self.journal_follower.show_unwritten()

    def _store_troubled(self, problem: str) -> None:
        self.publisher.update_session(store_problem=problem)
        self.journal_follower.show_unwritten()

    def _store_anew(self, notice: str) -> None:
        self.journal_follower.restart()
        self.slo_service.store_anew()
        self.publisher.update_session(store_notice=notice)

    def _show_budgets(self, budgets: SloSlice) -> None:
        self.publisher.budgets_are(budgets)
        self._show_alerts()

    def _show_alerts(self) -> None:
        self.publisher.alerts_are(self.burn_alerts.book.firing)

    def _paged(self, entries: Sequence[Entry]) -> None:
        self.journal_follower.find(entries)

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
        except CommandRefused as refused:
            return Reply(False, str(refused))

    async def check_now(self, check_ids: Sequence[str]) -> bool:
        """Look now, or have the session that polls do so; whether anybody will."""
        if self.prober.out:
            await asyncio.gather(*self.prober.hurry(check_ids), return_exceptions=True)
            return True
        return await self.leadership.pass_on(check_ids)

    @property
    def check_ids(self) -> tuple[str, ...]:
        return () if self.config is None else tuple(check_id for check_id, _, _ in self.config.checks())

    # -- the simulated stack ------------------------------------------------

    async def _meet_platform(self, url: str) -> None:
        from artisan_tui.steps.drills import SimulatedPlatform

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
