"""A session in a live drill: it shows what the drill's process says, and writes down what happened.

Every session shows. The leader alone writes, reports what people did, and looks after the real incidents.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

from artisan_tui.domain.drills.events import (
    DrillEnded,
    DrillHintTaken,
    DrillMessageArrived,
    DrillPaused,
    DrillResumed,
    DrillScored,
    DrillStarted,
)
from artisan_tui.domain.event import Entry, Event
from artisan_tui.domain.journal_body import Body, BodyError
from artisan_tui.domain.journal_kinds import read_body
from artisan_tui.domain.lease import SessionRole
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.bus import AlertFires
from artisan_tui.engine.drills.acts import drill_act
from artisan_tui.engine.drills.folders import DrillPlace, NoDrill
from artisan_tui.engine.drills.slice import LiveDrillSlice
from artisan_tui.engine.drills.views import live_slice, truth_of
from artisan_tui.engine.identity import OBSERVER
from artisan_tui.engine.incidents.transaction import incident_store
from artisan_tui.engine.launch import GlobalOptions
from artisan_tui.engine.runbooks.journaled import run_store
from artisan_tui.i18n import _
from artisan_tui.steps.drill_conductor import ConductorClient, ConductorGone, ConductorRefused

if TYPE_CHECKING:
    from artisan_tui.engine.wing import Core

#: Seconds between two looks at the drill, and at the real incidents.
EVERY: Final = 1.0
REAL_EVERY: Final = 5.0
_REAL: Final = "real-incident"
#: An alert that fires as long as alerting works.
_ALWAYS: Final = "Watchdog"


class DrillJournal:
    """What the journal says of the drill already: nothing is written twice, also by the next leader."""

    KINDS: ClassVar[tuple[str, ...]] = (
        DrillStarted.KIND,
        DrillMessageArrived.KIND,
        DrillPaused.KIND,
        DrillResumed.KIND,
        DrillHintTaken.KIND,
        DrillEnded.KIND,
        DrillScored.KIND,
    )

    def __init__(self) -> None:
        self.said: set[tuple[Any, ...]] = set()

    def forget(self) -> None:
        """Drop everything: another journal is read."""
        self.said.clear()

    def apply(self, entries: Iterable[Entry]) -> bool:
        """Take in events of `KINDS`; whether anything is new."""
        before = len(self.said)
        for entry in entries:
            with suppress(BodyError):  # written by another version, or by another hand
                self.said.add(_key(read_body(entry)))
        return len(self.said) != before


def _key(body: object) -> tuple[Any, ...]:
    return (getattr(body, "KIND", ""), getattr(body, "message", None), getattr(body, "tick", None))


class DrillFollower:
    """Follows the drill of a folder for a session."""

    def __init__(self, core: Core, place: DrillPlace) -> None:
        self._core, self.place = core, place
        token = place.token
        self.client = ConductorClient(place.url, token)
        self._conducts = bool(token)
        self._state, self._seen = "", LiveDrillSlice()
        self._reported: set[int] = set()
        self._waiting: list[tuple[Event, str, Any]] = []
        self._players: dict[str, None] = {}
        self._real, self._scored = "", False
        self._look = asyncio.Event()
        self._paging = asyncio.Lock()

    @property
    def shown(self) -> LiveDrillSlice:
        """What was shown last."""
        return self._seen

    @property
    def real(self) -> str:
        """The real incident that is open, "" while there is none."""
        return self._real

    def hear(self, events: Sequence[Event]) -> None:
        """Entries came into the journal, whoever wrote them."""
        for event in events:
            if event.seq in self._reported or not event.seq:
                continue
            self._reported.add(event.seq)
            self._players.setdefault(printable(event.actor, 60))
            act = drill_act(event)
            if act is not None and self._leads and self._seen.state == "runs":
                self._waiting.append((event, *act))
                self._look.set()

    async def page(self, alert: AlertFires) -> None:
        """An alert of the stack pages the players as a real one would: by an incident; one that is open gets the alert."""
        if self._seen.state != "runs" or not self._leads or alert.own or alert.name == _ALWAYS:
            return
        arguments = {
            "title": printable(alert.summary or alert.name, 200),
            "severity": self._seen.severity,
            "alerts": alert.fingerprint,
            "alert_names": alert.name,
            "source": "alert",
        }
        async with self._paging:  # alerts that come together are one page
            open_ones = await self._core.ask(lambda store: incident_store(store).open())
            active = [each for each in open_ones or () if each.active and not each.merged_into]
            if open_ones is not None and not active:
                await self._core.execute("incident.declare", arguments, OBSERVER)
            elif active and not any(alert.fingerprint in each.fingerprints for each in active):
                known = {"incident": active[0].id, "alerts": alert.fingerprint, "alert_names": alert.name}
                await self._core.execute("incident.attach", known, OBSERVER)

    @property
    def _leads(self) -> bool:
        return self._core.role is SessionRole.LEADER

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow())
            if self._conducts:
                group.create_task(self._watch_real())

    async def _follow(self) -> None:
        await self._core.journal_read.wait()
        while True:
            await self.refresh()
            self._look.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._look.wait(), EVERY)

    async def refresh(self) -> None:
        """Ask the drill's process, show what it says, and write down what is new."""
        await self._report()
        korean = self._core.config is not None and self._core.config.artisan.language == "ko"
        try:
            view = await self.client.view()
            seen = live_slice(view, korean=korean)
            truth = None
            if self._core.options.session.facilitates:
                players = tuple(each for each in self._players if each != OBSERVER)
                truth = truth_of(await self.client.truth(), players, korean=korean)
        except (ConductorGone, ConductorRefused, KeyError, TypeError, ValueError):
            # After the end the process leaves: what was seen last stays.
            state = self._seen.state if self._seen.state == "ended" else "gone"
            self._publish(self._seen._replace(id=self._seen.id or self.place.path.name, state=state))
            return
        self._publish(seen._replace(conducts=self._conducts, truth=truth))
        if self._leads:
            self._write_down(view)

    def _publish(self, seen: LiveDrillSlice) -> None:
        scored = seen.state == "ended" and self.place.over
        seen = seen._replace(real=self._real, scored=scored)
        if seen != self._seen:
            self._seen = seen
            self._core.publish(seen)
        if scored and self._leads and not self._scored:
            self._scored = True
            self._score()

    # -- what the journal gets

    def _write_down(self, view: Any) -> None:
        """The view holds both languages; the slice only one."""
        seen = self._seen
        self._tell(DrillStarted(title=str(view["title"]), title_ko=str(view["title_ko"])))
        for each, raw in zip(seen.messages, view["injects"], strict=True):
            self._tell(
                DrillMessageArrived(
                    tick=each.tick,
                    message=each.id,
                    sender=each.sender,
                    to=each.to,
                    text=str(raw["text"])[:1000],
                    text_ko=str(raw["text_ko"])[:1000],
                    answer_by=each.answer_by,
                )
            )
        for tick, text in seen.hints:
            self._tell(DrillHintTaken(tick=tick, text=text))
        if seen.state != self._state:
            if seen.state == "paused":
                self._tell(DrillPaused(tick=seen.tick, why=seen.why))
            elif seen.state == "runs" and self._state:
                self._tell(DrillResumed(tick=seen.tick))
            elif seen.state == "ended":
                self._tell(DrillEnded(tick=seen.tick))
            self._state = seen.state

    def _tell(self, body: Body) -> None:
        journal = self._core.state(DrillJournal)
        if _key(body) not in journal.said:
            journal.said.add(_key(body))
            self._core.tell(body.entry(self._now, OBSERVER, self._seen.id))

    @property
    def _now(self) -> datetime:
        return self._core.clock.now()

    def _score(self) -> None:
        from artisan_tui.domain.drills.score import score

        play = self.place.play
        if play is None:
            return
        try:
            result = score(self.place.scenario, play)
        except NoDrill:
            return
        levels = tuple(f"{each.objective} {each.level}" for each in result.objectives)
        saved = None if result.saved is None else round(result.saved, 3)
        self._tell(DrillScored(tick=play.ticks, levels=levels, saved=saved))

    # -- what people did

    async def _report(self) -> None:
        while self._waiting:
            event, do, arguments = self._waiting[0]
            if do == "run":
                arguments = {**arguments, "runbook": await self._runbook_of(event.subject)}
            try:
                await self.client.act(do, arguments, event.actor)
            except ConductorGone:
                return  # it is told when the process is there again
            except ConductorRefused:
                pass  # it is over, or stands still: then it was no act of the drill
            del self._waiting[0]

    async def _runbook_of(self, run: str) -> str:
        found = await self._core.ask(lambda store: run_store(store).get(run))
        return "" if found is None else found.runbook

    # -- the real world

    async def _watch_real(self) -> None:
        """A real incident that opens ends the practice for now."""
        from artisan_tui.engine.drills.running import DrillRefused, open_trouble

        try:
            about = self.place.about.get("real")
        except NoDrill:
            return
        if not about:
            return
        config = about.get("config")
        real = GlobalOptions(Path(config) if config else None, Path(str(about.get("state", ""))))
        while True:
            try:
                found = printable(await asyncio.to_thread(open_trouble, real), 200)
            except DrillRefused:
                found = self._real  # its store cannot be read at the moment: what was known holds
            if found != self._real:
                self._real = found
                if found:
                    await self._pause()
                await self.refresh()
            await asyncio.sleep(REAL_EVERY)

    async def _pause(self) -> None:
        with suppress(ConductorGone, ConductorRefused):  # it is over already
            await self.client.conduct("pause", why=_REAL)

    async def aclose(self) -> None:
        """Close the connections."""
        await self.client.aclose()


def refusal(error: Exception) -> str:
    """A sentence for the person whose act did not reach the drill."""
    if isinstance(error, ConductorGone):
        return _("the drill does not answer; `artisan-tui drill join` starts it again")
    return str(error)
