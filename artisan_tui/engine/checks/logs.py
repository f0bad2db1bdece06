"""The last lines of a check's log, read when a person asks for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from artisan_tui.domain.checks.log_tail import LogTail
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.checks.about import logs_of

if TYPE_CHECKING:
    from artisan_tui.engine.wing import Core


@dataclass(frozen=True, slots=True)
class CheckLogs:
    """The query. Any session may ask it: a log is read, and nothing of it is written down. None: it has no log."""

    check_id: str

    async def run(self, core: Core) -> LogTail | None:
        from artisan_tui.sources.logs import log_reader
        from artisan_tui.sources.probe_context import ProbeContext

        found = next((each for each in core.config.checks() if each[0] == self.check_id), None) if core.config else None
        if found is None:
            return None
        _, service, spec = found
        context = ProbeContext.open(None, core.options.environ)
        try:
            reader = log_reader(logs_of(service, spec), spec, context)
            return None if reader is None else await reader.tail()
        except Exception as error:  # noqa: BLE001 - a fault of ours must be one sentence, too
            return LogTail("", problem=printable(f"{type(error).__name__}: {error}", 200))
        finally:
            await context.aclose()
