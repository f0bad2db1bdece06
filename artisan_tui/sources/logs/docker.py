"""The last lines of a container, from the Docker daemon."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from artisan_tui.domain.checks.log_tail import LINES, PATIENCE, LogTail, tail_of
from artisan_tui.domain.probe_result import Failure
from artisan_tui.domain.text.printable import printable
from artisan_tui.sources.blocking import StillBlocked
from artisan_tui.sources.checks.docker import DockerProbe


class DockerLogs(DockerProbe):
    """Of a service's containers, one that is not well."""

    _tail: LogTail | None = None

    async def tail(self) -> LogTail:
        source = printable(f"docker {self._spec.container or self._spec.target}", 300)
        try:
            seen = await self._work.run(PATIENCE, self._read, time.monotonic() + PATIENCE)
        except StillBlocked as blocked:
            return LogTail(source, problem=blocked.failure.detail)
        except TimeoutError:
            return LogTail(source, problem=self._timed_out().detail)
        if isinstance(seen, Failure):
            return LogTail(source, problem=seen.detail)
        what = f"container {self._spec.container}" if self._spec.container else f"container of {self._spec.target}"
        return self._tail or LogTail(source, problem=f"there is no {what}")

    def _ask(self, deadline: float) -> list[Mapping[str, Any]]:
        found = super()._ask(deadline)
        if found:
            chosen = next((each for each in found if not _well(each)), found[0])
            name = printable(str(chosen["Name"]).lstrip("/"), 255)
            api = self._client(self._version, deadline)
            try:
                log = api.logs(str(chosen["Id"]), stdout=True, stderr=True, tail=LINES)
            finally:
                api.close()
            self._tail = tail_of(f"docker {name}", log)
        return found


def _well(document: Mapping[str, Any]) -> bool:
    state = document["State"]
    return state["Status"] == "running" and (state.get("Health") or {}).get("Status") != "unhealthy"
