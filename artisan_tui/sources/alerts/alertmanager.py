"""One member of an Alertmanager cluster, by its v2 API: its alerts, its silences, and since when it runs.

The alerts of members differ, so every member is read. Silences are told by one member to the others.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from artisan_tui.domain.alerts.intents import with_mark, without_mark
from artisan_tui.domain.alerts.listed import AlertState, SeenAlert, SourceKind, SourceReading
from artisan_tui.domain.alerts.matchers import Matchers
from artisan_tui.domain.alerts.silence import Silence
from artisan_tui.domain.event import stamp
from artisan_tui.domain.selector import Matcher
from artisan_tui.sources.alerts.call import JsonCalls, SourceError
from artisan_tui.sources.alerts.reading import moment, objects, strings, texts

_ID = re.compile(r"[0-9a-fA-F-]{8,64}")
_OPS = {(True, False): "=", (False, False): "!=", (True, True): "=~", (False, True): "!~"}


class Alertmanager:
    def __init__(self, calls: JsonCalls, now: Callable[[], datetime]) -> None:
        self._calls, self._now = calls, now
        self.url = calls.url

    async def read(self) -> SourceReading:
        """Its alerts and since when it runs. Never raises: what went wrong is said in the reading."""
        try:
            status = await self._calls.get("/api/v2/status")
            found = objects(await self._calls.get("/api/v2/alerts"), "alerts")
        except SourceError as error:
            return SourceReading(self.url, SourceKind.ALERTMANAGER, self._now(), str(error))
        up_since = moment(status.get("uptime")) if isinstance(status, Mapping) else None
        alerts = tuple(seen for each in found if (seen := _alert(each)) is not None)
        return SourceReading(self.url, SourceKind.ALERTMANAGER, self._now(), "", alerts, up_since)

    async def version(self) -> str:
        """For people. Raises SourceError."""
        status = await self._calls.get("/api/v2/status")
        info = status.get("versionInfo") if isinstance(status, Mapping) else None
        return str(info.get("version", "")) if isinstance(info, Mapping) else ""

    async def silences(self) -> tuple[Silence, ...]:
        """Every silence that it knows, expired ones too. Raises SourceError: an error is not "no silences"."""
        found = objects(await self._calls.get("/api/v2/silences"), "silences")
        return tuple(silence for each in found if (silence := _silence(each)) is not None)

    async def put_silence(
        self,
        matchers: Matchers,
        starts_at: datetime,
        ends_at: datetime,
        created_by: str,
        comment: str,
        id: str = "",
        *,
        mark: str = "",
    ) -> str:
        """Create a silence, or change the one of that id; the id that it has then. Raises SourceError.

        ``mark`` is what finds it again, at the end of its comment.
        """
        body: dict[str, object] = {
            "matchers": [
                {"name": m.label, "value": m.value, "isEqual": m.op in ("=", "=~"), "isRegex": m.op in ("=~", "!~")}
                for m in matchers
            ],
            "startsAt": stamp(starts_at),
            "endsAt": stamp(ends_at),
            "createdBy": created_by,
            "comment": with_mark(comment, mark),
        }
        if id:
            body["id"] = id
        answer = await self._calls.ask("POST", "/api/v2/silences", body)
        found = answer.get("silenceID") if isinstance(answer, Mapping) else None
        if not isinstance(found, str) or not found:
            raise SourceError("Alertmanager did not say the id of the silence", sent=True)
        return found

    async def expire_silence(self, id: str) -> bool:
        """End it now; whether it was known. An ended one may be ended again. Raises SourceError."""
        if not _ID.fullmatch(id):
            return False
        try:
            await self._calls.ask("DELETE", f"/api/v2/silence/{id}")
        except SourceError as error:
            # Versions before 0.27 answer 500 for an id that they do not know.
            if error.status == 404 or (error.status == 500 and "not found" in str(error)):
                return False
            raise
        return True


def _alert(found: Mapping[str, Any]) -> SeenAlert | None:
    labels, since = texts(found.get("labels")), moment(found.get("startsAt"))
    if not labels or since is None:
        return None
    status = found.get("status")
    status = status if isinstance(status, Mapping) else {}
    silenced, inhibited = strings(status.get("silencedBy")), strings(status.get("inhibitedBy"))
    muted = strings(status.get("mutedBy"))  # 0.28 and newer
    suppressed = status.get("state") == "suppressed" or bool(silenced or inhibited or muted)
    state = AlertState.FIRING
    if suppressed:
        state = AlertState.MUTED
        if inhibited and not silenced:
            state = AlertState.INHIBITED
        elif silenced or not muted:
            state = AlertState.SILENCED
    receivers = found.get("receivers")
    names = [each.get("name") for each in receivers if isinstance(each, Mapping)] if isinstance(receivers, list) else []
    return SeenAlert(
        labels,
        state,
        since,
        texts(found.get("annotations")),
        silenced,
        inhibited,
        muted,
        tuple(str(name) for name in names if name),
        moment(found.get("updatedAt")),
        moment(found.get("endsAt")),
        str(found.get("generatorURL") or "")[:2000],
    )


def _silence(found: Mapping[str, Any]) -> Silence | None:
    starts_at, ends_at = moment(found.get("startsAt")), moment(found.get("endsAt"))
    status = found.get("status")
    state = status.get("state") if isinstance(status, Mapping) else None
    if not isinstance(found.get("id"), str) or starts_at is None or ends_at is None:
        return None
    matchers = []
    for each in found.get("matchers") or ():
        if not isinstance(each, Mapping):
            return None
        # Before 0.22 there was no isEqual: every matcher was positive.
        op = _OPS[bool(each.get("isEqual", True)), bool(each.get("isRegex", False))]
        matchers.append(Matcher(str(each.get("name", "")), op, str(each.get("value", ""))))
    comment, mark = without_mark(str(found.get("comment") or ""))
    return Silence(
        found["id"],
        tuple(matchers),
        starts_at,
        ends_at,
        str(found.get("createdBy") or "")[:200],
        comment[:2000],
        str(state or "active"),
        moment(found.get("updatedAt")),
        mark,
    )
