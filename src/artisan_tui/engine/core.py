"""The engine: wires source to judge to keeper to snapshot, and lives until it is told to stop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from artisan_tui.domain.event import Entry, Event
from artisan_tui.engine.clock import Clock, SystemClock
from artisan_tui.engine.commands import Refused, Reply, permit
from artisan_tui.engine.history import recent_looks
from artisan_tui.engine.judge import OBSERVER, Judge, internal_failure
from artisan_tui.engine.keeper import Keeper
from artisan_tui.engine.launch import Options
from artisan_tui.engine.publisher import Publisher
from artisan_tui.engine.scheduler import Scheduler
from artisan_tui.engine.snapshot import Site, Snapshot
from artisan_tui.i18n import _
from artisan_tui.store.opening import last_known
from artisan_tui.store.place import Place

if TYPE_CHECKING:
    from artisan_tui.config.models import Config
    from artisan_tui.engine.settings import Trace
    from artisan_tui.sources.kind import Probe
    from artisan_tui.sources.world import World
    from artisan_tui.steps.simulated import SimulatedPlatform

#: Seconds between looks at the clock and at the configuration file.
BEAT = 2.0
#: A beat later than this many seconds means that we stood still (SIGSTOP, suspend), not the world.
STOOD_STILL = 10.0


class Engine:
    """``publish`` is called on the engine's loop with each new snapshot."""

    def __init__(self, options: Options, publish: Callable[[Snapshot], None], clock: Clock | None = None) -> None:
        self.options = options
        self.clock = clock or SystemClock()
        self.config: Config | None = None
        session = options.session
        self._judge = Judge(self.clock)
        site = Site(
            config_path=str(options.config_path), read_only=session.read_only, actor=session.actor, demo=session.demo
        )
        self.publisher = Publisher(self.clock, self._judge, site, publish)
        self.keeper = Keeper(
            options.place,
            self.clock,
            self._written,
            self._store_troubled,
            read_only=session.read_only,
        )
        self.scheduler = Scheduler(self.clock, self._look)
        self._probes: dict[str, Probe] = {}
        self._world: World | None = None
        self._trace: Trace | None = None
        self._stop = asyncio.Event()
        self._platform: SimulatedPlatform | None = None

    # -- life ---------------------------------------------------------------

    async def run(self) -> None:
        """Until `stop`. Raises ConfigError when the configuration is broken at the start."""
        self._open_with_last_known(self.options.place)
        config, self._trace = await asyncio.to_thread(self._read_config)
        self._settle_place(config)
        await self._adopt(config)
        if self.options.simulated is not None:
            await self._meet_platform(self.options.simulated)
        self.tell(Entry(self.clock.now(), self.options.session.actor, "session.start", "", {"config": config.digest}))
        tasks = [
            asyncio.create_task(self.scheduler.run(), name="scheduler"),
            asyncio.create_task(self._keep(), name="keeper"),
            asyncio.create_task(self._beat(), name="beat"),
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
            self.tell(Entry(self.clock.now(), self.options.session.actor, "session.stop"))
            await self.keeper.close()
            self.publisher.now()
            await self._let_go()
            if self._platform is not None:
                await self._platform.aclose()

    def stop(self) -> None:
        self._stop.set()

    def _settle_place(self, config: Config) -> None:
        """The store may be elsewhere than in the state folder; only the configuration knows."""
        from artisan_tui.engine.settings import place_of

        place = place_of(config, self.options.place.state_dir, self.options.environ)
        if place != self.keeper.place:
            self.keeper.place = place
            self._judge.forget()
            self.publisher.events_replaced(())
            self._open_with_last_known(place)

    def _open_with_last_known(self, place: Place) -> None:
        opening = last_known(place)
        if opening is None:
            return
        self._judge.restore(opening.standings)
        self.publisher.events_replaced(opening.events)
        self.publisher.checks_changed()
        self.publisher.now()

    async def _keep(self) -> None:
        await self.keeper.open()
        if self.keeper.place.sqlite_path is None:
            await self._read_journal()
        await self._recall_strips()
        await self.keeper.run()

    async def _recall_strips(self) -> None:
        """The strips go on where an earlier session left them."""
        past = await self.keeper.ask(lambda store: recent_looks(store, self._judge.views(), self.clock.now()))
        if past and self._judge.recall(past):
            self.publisher.checks_changed()

    async def _read_journal(self) -> None:
        events = await self.keeper.ask(lambda store: store.events())
        if events is not None:
            self.publisher.events_replaced(events)

    # -- configuration ------------------------------------------------------

    def _read_config(self) -> tuple[Config, Trace | None]:
        from artisan_tui.engine.settings import read, trace  # pydantic waits for the first frame

        # Traced before it is read: a change in between is then seen as one.
        seen = trace(self.options.config_path)
        return read(self.options.config_path, self.options.overlay), seen

    async def _adopt(self, config: Config) -> None:
        from artisan_tui.sources.checks import KINDS
        from artisan_tui.sources.lookup import search
        from artisan_tui.sources.world import World

        self.scheduler.plan({})
        await self._let_go()
        self.config = config
        world = World.open(config.metrics, self.options.environ)
        self._world = world
        self._probes = {check_id: KINDS[spec.kind].open(spec, world) for check_id, _, spec in config.checks()}
        self._judge.charge(
            ((check_id, service.name or service.id, spec, target(spec)) for check_id, service, spec in config.checks()),
            search,
        )
        world.start(list(config.checks()))
        self.publisher.alter_site(
            name=config.artisan.name,
            environment=config.artisan.environment,
            zone=str(config.zone),
            language=config.artisan.language,
            theme=config.theme,
            keys=tuple(sorted(config.bindings.items())),
            loaded_at=self.clock.now(),
            config_problems=(),
        )
        self.publisher.checks_changed()
        self.publisher.now()
        self.scheduler.plan({check_id: spec.every for check_id, _, spec in config.checks()})

    async def _let_go(self) -> None:
        for probe in self._probes.values():
            await probe.aclose()
        self._probes = {}
        if self._world is not None:
            await self._world.aclose()
            self._world = None

    async def reload(self) -> Reply:
        """Read the file again; a broken one changes nothing but the notice on screen."""
        from artisan_tui.engine.settings import ConfigError

        try:
            config, self._trace = await asyncio.to_thread(self._read_config)
        except ConfigError as error:
            # The folder is known; on a narrow screen it would push the mend out of sight.
            problems = tuple(str(replace(p, file=Path(p.file).name)) for p in error.problems)
            if problems != self.publisher.site.config_problems:
                self.publisher.alter_site(config_problems=problems)
                self._note_config("config.refused", {"problems": list(problems[:20])})
            return Reply(False, problems[0])
        if self.config is not None and config.digest == self.config.digest:
            self.publisher.alter_site(config_problems=())
            return Reply(True, _("the configuration is unchanged"))
        await self._adopt(config)
        self._note_config("config.loaded", {"digest": config.digest, "checks": len(self._probes)})
        return Reply(True, _("the configuration was read"))

    def _note_config(self, kind: str, body: Mapping[str, object]) -> None:
        self.tell(Entry(self.clock.now(), OBSERVER, kind, self.options.config_path.name, body))

    # -- looking ------------------------------------------------------------

    async def _look(self, check_id: str) -> None:
        probe = self._probes.get(check_id)
        if probe is None:
            return
        try:
            sighting = await probe.look()
        except Exception as error:  # noqa: BLE001 - a probe's own fault is shown as ours, on its row
            sighting = internal_failure(error)
        if self._probes.get(check_id) is not probe:
            return  # the configuration changed under this look
        ruling = self._judge.hear(check_id, sighting)
        self.keeper.note_sample(ruling.sample, ruling.standing)
        if ruling.entry is not None:
            self.tell(ruling.entry, standings=(ruling.standing,))
        self.publisher.checks_changed(quiet=ruling.quiet)

    async def _beat(self) -> None:
        from artisan_tui.engine.settings import trace

        last = self.clock.monotonic()
        while True:
            await asyncio.sleep(BEAT)
            now = self.clock.monotonic()
            missed, last = now - last, now
            stood_still = missed > STOOD_STILL
            entries, changed = self._judge.age(quietly=stood_still)
            if stood_still:
                body = {"seconds": round(missed)}
                entries.append(Entry(self.clock.now(), OBSERVER, "session.stood-still", "", body))
            if entries:
                self.tell(*entries)
            if changed:
                self.publisher.checks_changed()
            seen = trace(self.options.config_path)
            if seen is not None and seen != self._trace:
                self._trace = seen
                await self.reload()

    # -- remembering --------------------------------------------------------

    def tell(self, *entries: Entry, standings: Sequence = ()) -> None:  # type: ignore[type-arg]
        self.keeper.tell(entries, standings)
        self._show_unwritten()

    def _written(self, events: Sequence[Event]) -> None:
        self.publisher.events_came(tuple(reversed(events)))
        self._show_unwritten()

    def _store_troubled(self, problem: str) -> None:
        self.publisher.alter_site(store_problem=problem)
        self._show_unwritten()

    def _show_unwritten(self) -> None:
        self.publisher.unwritten_are(
            [
                Event(e.occurred_at, e.actor, e.kind, e.subject, e.body, e.supersedes)
                for e in reversed(self.keeper.unwritten)
            ]
        )

    # -- acting -------------------------------------------------------------

    async def execute(self, command_id: str, arguments: Mapping[str, str]) -> Reply:
        """Carry out one declared command, or say why not. Never raises for what was asked."""
        from artisan_tui.engine.acts import ACTS

        try:
            command = permit(command_id, arguments, self.options.session)
            return await ACTS[command.id](self, arguments)
        except Refused as refused:
            return Reply(False, str(refused))

    async def check_now(self, check_ids: Sequence[str]) -> None:
        await asyncio.gather(*self.scheduler.hurry(check_ids), return_exceptions=True)

    @property
    def check_ids(self) -> tuple[str, ...]:
        return tuple(self._probes)

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


def target(spec: object) -> str:
    """What a check looks at, in one line, whatever its kind."""
    for name in ("url", "address", "query"):
        value = getattr(spec, name, None)
        if value:
            return str(value)
    measure = getattr(spec, "measure", None)
    if measure is None:
        return ""
    from artisan_tui.domain.measure import to_promql

    return to_promql(measure)
