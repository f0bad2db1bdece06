"""Writing to Alertmanager: the intent is in the journal before the request leaves, and what it came to after the answer.

Whose process ended in between left an intent without an end. Whoever reads Alertmanager next finds out, and writes it down.
"""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from artisan_tui.domain.alerts.events import SilenceIntended
from artisan_tui.domain.alerts.intents import (
    ABSENT,
    END,
    EXTEND,
    HAPPENED,
    UNKNOWN_THERE,
    Intended,
    new_mark,
)
from artisan_tui.domain.event import Entry
from artisan_tui.engine.carry_on import carry_on
from artisan_tui.engine.command import CommandRefused
from artisan_tui.engine.decision import Decision
from artisan_tui.engine.identity import OBSERVER
from artisan_tui.engine.runbooks.owner import owner_gone
from artisan_tui.i18n import _
from artisan_tui.store.errors import StoreError

if TYPE_CHECKING:
    from artisan_tui.engine.alerts.reader import Gathered
    from artisan_tui.engine.wing import Core
    from artisan_tui.sources.alerts.alertmanager import Alertmanager
    from artisan_tui.store.store import Store

T = TypeVar("T")

#: A process that may live still has the end of its intent to itself for so long: longer than a request to every member.
_LEFT_ALONE = timedelta(seconds=60)
#: What a process sent with its last breath is at Alertmanager by then; only after that is nothing there an answer.
_ARRIVED = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class SilenceDesk:
    """Where silences are written: the members of the cluster, and the journal that hears of it before and after.

    ``commit`` writes an entry down and returns when it is; it raises CommandRefused or StoreError where it cannot be, and
    then nothing is asked for. ``owner`` names this process. ``at_work`` are the marks of what is asked for just now.
    """

    members: Sequence[Alertmanager]
    commit: Callable[[Entry], Awaitable[None]]
    owner: str
    at_work: set[str] = field(default_factory=set)

    def intend(self, now: datetime, actor: str, body: SilenceIntended) -> Intended:
        return Intended(new_mark(), now, actor, body)

    async def carry_out(self, intended: Intended, write: Callable[[Alertmanager], Awaitable[T]]) -> T:
        """Write to one member, the first that can be reached: it tells the others. Raises CommandRefused."""
        if not self.members:
            raise CommandRefused(_("no Alertmanager is configured: name it in [alerts]"))
        self.at_work.add(intended.mark)
        try:
            await self.commit(intended.entry)
            return await self._written(intended, write)
        finally:
            self.at_work.discard(intended.mark)

    async def _written(self, intended: Intended, write: Callable[[Alertmanager], Awaitable[T]]) -> T:
        from artisan_tui.sources.alerts.call import SourceError

        problems = []
        for member in self.members:
            try:
                return await write(member)
            except SourceError as error:
                problems.append(f"{member.url}: {error}")
                if error.sent and not error.status:
                    # The intent stays open: whoever reads the silences next finds out.
                    said = _("{problem}; it may have been done: see the silences before you try again")
                    raise CommandRefused(said.format(problem=problems[-1])) from None
                if 400 <= error.status < 500:
                    break  # every member would refuse it
        why = "; ".join(problems)
        with contextlib.suppress(CommandRefused, StoreError):  # then whoever reads the silences next writes it down
            await self.commit(intended.came_to_nothing(intended.at, intended.actor, why[:500]))
        raise CommandRefused(why)


def session_desk(core: Core, members: Sequence[Alertmanager], owner: str, at_work: set[str]) -> SilenceDesk:
    """The desk of a running session: nothing is asked for while nothing can be written down."""

    async def commit(entry: Entry) -> None:
        def write(store: Store) -> Decision:
            return Decision(written=store.append([entry], at=core.clock.now()))

        await carry_on(core, Decision(change=write))

    return SilenceDesk(members, commit, owner, at_work)


def settled(
    intents: Iterable[Intended], gathered: Gathered, now: datetime, at_work: Iterable[str] = ()
) -> tuple[Entry, ...]:
    """What intents came to that nobody wrote down, by what Alertmanager holds. Those of whom that cannot be told stay."""
    entries: list[Entry] = []
    working = frozenset(at_work)
    for each in intents:
        age = now - each.at
        if each.mark in working or (age < _LEFT_ALONE and not owner_gone(each.body.owner)):
            continue
        verdict, id = each.evidence(gathered.silences, now, whole=gathered.silences_whole)
        if verdict == HAPPENED:
            unknown = each.body.verb == END and all(id != silence.id for silence in gathered.silences)
            entries += each.came_to(id, found=True, reason=UNKNOWN_THERE if unknown else "")
        elif verdict == ABSENT and age >= _ARRIVED:
            entries.append(each.came_to_nothing(now, OBSERVER, _ABSENT[each.body.verb in (END, EXTEND)]))
    return tuple(entries)


#: Whether the silence itself is there, with another end.
_ABSENT = {
    False: "the program ended first; Alertmanager knows no silence of it",
    True: "the program ended first; the silence is as it was",
}
