"""Reads every source of alerts at once, and the silences of the cluster."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from artisan_tui.domain.alerts.listed import SourceReading
from artisan_tui.domain.alerts.silence import Silence

if TYPE_CHECKING:
    from datetime import datetime

    from artisan_tui.config.models import Config
    from artisan_tui.sources.alerts.alertmanager import Alertmanager


@dataclass(frozen=True, slots=True)
class Gathered:
    """One round. ``silences_problem`` says why silences are not known, "" when they are.

    ``silences_whole``: every member said which it knows, so that what is not among them is nowhere.
    """

    readings: tuple[SourceReading, ...] = ()
    silences: tuple[Silence, ...] = ()
    silences_problem: str = ""
    silences_whole: bool = False

    @property
    def unheard(self) -> bool:
        """Whether there are sources, and none answered."""
        return bool(self.readings) and not any(each.answered for each in self.readings)


class AlertReader:
    """Cheap to make: no I/O, and nothing heavy is imported before the first round."""

    def __init__(self, config: Config, environ: Mapping[str, str], now: Callable[[], datetime]) -> None:
        from artisan_tui.sources.alerts.opening import open_members, open_prometheus
        from artisan_tui.sources.connections import Connections

        self._connections = Connections()
        alerts = config.alerts
        self.members: tuple[Alertmanager, ...] = ()
        self._prometheus = None
        if alerts is not None:
            self.members = open_members(alerts, environ, self._connections, now)
            self._prometheus = open_prometheus(alerts, config.metrics, environ, self._connections, now)

    @property
    def urls(self) -> tuple[tuple[str, str], ...]:
        """(URL, kind) of every source, as it is shown."""
        members = tuple((each.url, "alertmanager") for each in self.members)
        return members if self._prometheus is None else (*members, (self._prometheus.url, "prometheus"))

    async def read(self) -> Gathered:
        """Never raises: what did not answer says so."""
        sources = (*self.members, *(() if self._prometheus is None else (self._prometheus,)))
        if not sources:
            return Gathered()
        *readings, found = await asyncio.gather(*(each.read() for each in sources), self._silences())
        problems = [problem for _silences, problem in found if problem]
        # One member is enough to know them: they tell each other.
        problem = "; ".join(problems) if len(problems) == len(found) else ""
        return Gathered(
            tuple(readings), _merged(each for each, _problem in found), problem, bool(found) and not problems
        )

    async def _silences(self) -> list[tuple[Sequence[Silence], str]]:
        return await asyncio.gather(*map(silences_or_error, self.members))

    async def aclose(self) -> None:
        await self._connections.aclose()


async def silences_or_error(member: Alertmanager) -> tuple[Sequence[Silence], str]:
    from artisan_tui.sources.alerts.call import SourceError

    try:
        return await member.silences(), ""
    except SourceError as error:
        return (), f"{member.url}: {error}"


def _merged(told: Iterable[Sequence[Silence]]) -> tuple[Silence, ...]:
    """By id, the newest word of each."""
    merged: dict[str, Silence] = {}
    for silences in told:
        for silence in silences:
            known = merged.get(silence.id)
            if known is None or (silence.updated_at or silence.starts_at) > (known.updated_at or known.starts_at):
                merged[silence.id] = silence
    return tuple(merged.values())
