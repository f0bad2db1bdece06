"""What steps borrow from other rooms: a measure, and our own journal. Used in the process of one step."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from artisan_tui.domain.measure import Measure
from artisan_tui.domain.text.printable import printable
from artisan_tui.steps.runbooks.lent import JOURNAL, MEASURE, MeasureValue, NoValue
from artisan_tui.steps.runbooks.protocol import StepRefused

if TYPE_CHECKING:
    from artisan_tui.domain.event import Event
    from artisan_tui.engine.decision import Present
    from artisan_tui.engine.launch import GlobalOptions
    from artisan_tui.engine.settings import Config
    from artisan_tui.store.store import Store

T = TypeVar("T")
#: Events of our own journal that are looked through for a mark.
_LOOKED = 2000


class Measures:
    """Reads a measure by the backend that ``[metrics]`` names."""

    def read(self, metrics: Mapping[str, Any], measure: Measure, seconds: float) -> MeasureValue:
        """Raises NoValue and TimeoutError."""
        return asyncio.run(self._read(metrics, measure, seconds))

    async def _read(self, metrics: Mapping[str, Any], measure: Measure, seconds: float) -> MeasureValue:
        from artisan_tui.config.metrics import Metrics
        from artisan_tui.sources.errors import explain
        from artisan_tui.sources.metrics import Blind, open_backend

        backend = open_backend(Metrics.model_validate(metrics), os.environ)
        try:
            async with asyncio.timeout(seconds):
                backend.wants([measure])
                await backend.prime()
                reading = await backend.read(measure)
        except Blind as blind:
            raise NoValue(blind.detail) from None
        except TimeoutError:
            raise
        except Exception as error:  # noqa: BLE001 - a library may raise anything for a malformed response
            raise NoValue(explain(error)[1]) from None
        finally:
            await backend.aclose()
        return MeasureValue(reading.value, reading.query, tuple(printable(each, 300) for each in reading.notes))


class OwnJournal:
    """Writes for a step. What it writes has the step's mark, and what is there is not written again."""

    def notify(self, request: Mapping[str, Any], mark: str) -> tuple[str, ...]:
        """Queue the message for every channel that takes it. Raises StepRefused where none does."""
        from artisan_tui.domain.notify.notice import Notice
        from artisan_tui.engine.notify.routing import route

        def work(present: Present, config: Config, store: Store) -> tuple[str, ...]:
            to = [str(each) for each in request.get("to", ())]
            named = tuple(each for each in config.channels if each.id in to)
            people = tuple(each for each in to if each not in {one.id for one in config.channels})
            known = {each.id for each in config.people}
            for person in people:
                if person not in known:
                    raise StepRefused(f"there is no channel and no person {printable(person, 60)}", "correct to")
            message = str(request.get("message", ""))
            title = message.splitlines()[0] if message.strip() else mark
            notice = Notice(
                "inform", str(request.get("incident", "")), str(request.get("severity", "")), title,
                f"{message} [{mark}]", people, dedup=mark,
            )  # fmt: skip
            only = config.model_copy(update={"channels": named}) if named else config
            entries = route(only, notice, present.now, str(request.get("by", present.actor)))
            if not entries:
                raise StepRefused("no channel takes this message", "name a channel in to, or add one to artisan.toml")
            store.append(entries, at=present.now)
            return tuple(str(each.body.get("channel", "")) for each in entries)

        return self._with(request, work)

    def incident(self, request: Mapping[str, Any], mark: str) -> str:
        """Declare, update or resolve; the incident's id. Raises StepRefused."""
        from artisan_tui.engine.command import CommandRefused
        from artisan_tui.engine.offline import carry_out

        fields = {str(name): value for name, value in dict(request.get("fields", {})).items()}
        text = {name: ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
                for name, value in fields.items()}  # fmt: skip
        wanted = str(request.get("incident", ""))
        already = self._marked(request, mark)
        if already is not None:
            return already.subject
        match request.get("verb"):
            case "create":
                command = "incident.declare"
                arguments = {name: text[name] for name in ("title", "severity", "services") if text.get(name)}
                arguments["description"] = f"{text.get('description', '')} [{mark}]".strip()
            case "resolve":
                command = "incident.resolve"
                said = text.get("resolution") or text.get("text") or "resolved by a runbook"
                arguments = {"incident": wanted, "resolution": f"{said} [{mark}]"}
            case _:
                command = "incident.note"
                said = text.get("text") or text.get("status") or "updated by a runbook"
                arguments = {"incident": wanted, "text": f"{said} [{mark}]"}
                if text.get("status"):
                    command, arguments = "incident.status", {**arguments, "status": text["status"]}
        try:
            return carry_out(self._options(request), command, arguments).subject or wanted
        except CommandRefused as refused:
            raise StepRefused(str(refused)) from None

    def written(self, request: Mapping[str, Any], mark: str) -> bool:
        """Whether an act with this mark is in the journal."""
        return self._marked(request, mark) is not None

    def _marked(self, request: Mapping[str, Any], mark: str) -> Event | None:
        from artisan_tui.domain.event import canonical

        def work(present: Present, config: Config, store: Store) -> Event | None:
            for event in store.journal.page(_LOOKED):
                if event.kind.startswith(("incident.", "notify.")) and f"[{mark}]" in canonical(event.body):
                    return event
            return None

        return self._with(request, work)

    def _with(self, request: Mapping[str, Any], work: Callable[[Present, Config, Store], T]) -> T:
        from artisan_tui.engine.offline import with_journal

        return with_journal(self._options(request), work, read_only=False)

    @staticmethod
    def _options(request: Mapping[str, Any]) -> GlobalOptions:
        from artisan_tui.engine.launch import GlobalOptions

        options = dict(request.get("options", {}))
        config, state = options.get("config"), options.get("state")
        return GlobalOptions(Path(config) if config else None, Path(state) if state else None)


LENT: Mapping[str, Any] = {MEASURE: Measures(), JOURNAL: OwnJournal()}
