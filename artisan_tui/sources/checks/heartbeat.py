"""The kind heartbeat: a dead man's switch. Others touch a file, or call the running session, and must go on doing so."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from artisan_tui.config.base import MadePathText, Span, duration_text
from artisan_tui.config.checks import CheckSpec
from artisan_tui.config.problems import Mistake
from artisan_tui.domain.probe_result import Failure, ProbeResult
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.span import span_text
from artisan_tui.domain.text.printable import printable
from artisan_tui.sources.blocking import Blocking, StillBlocked
from artisan_tui.sources.errors import failure
from artisan_tui.sources.kind import Kind

if TYPE_CHECKING:
    from artisan_tui.sources.probe_context import ProbeContext

#: Seconds that a file's time may be ahead of ours: file servers have clocks of their own.
AHEAD = 60.0


class HeartbeatSpec(CheckSpec):
    """A job that must report again and again. Its silence is what this check finds."""

    kind: Annotated[Literal["heartbeat"], Field(description="Wait for the calls of a job")] = "heartbeat"
    within: Annotated[Span, Field(description="The longest time between two calls")]
    file: Annotated[MadePathText | None, Field(description="The job touches this file")] = None
    push: Annotated[
        bool, Field(strict=True, description="The job calls POST /heartbeat/service.check, see [heartbeat]")
    ] = False
    every: Annotated[Span, Field(description="Time between two probes")] = 10.0
    # A call is not lost on the way as a packet is, and `within` is the patience.
    fall: Annotated[int, Field(ge=1, le=100, strict=True, description="Failed probes in a row before it is down")] = 1
    rise: Annotated[
        int, Field(ge=1, le=100, strict=True, description="Successful probes in a row before it is up again")
    ] = 1

    ANSWERS: ClassVar[frozenset[str]] = frozenset({"value", "body"})

    @classmethod
    def fields(cls, table: Mapping[str, Any]) -> frozenset[str]:
        return frozenset({"age", "at", "path"} if table.get("file") else {"age", "at", "status", "message"})

    @model_validator(mode="after")
    def _one_way(self) -> HeartbeatSpec:
        if self.push == (self.file is not None):
            key = ("push",) if self.push else ()
            mend = 'write file = "/path" for a job that touches a file, or push = true for one that calls'
            raise Mistake("a heartbeat check needs one of file and push", mend, key)
        return self

    @property
    def target(self) -> str:
        if self.file is not None:
            return printable(self.file, 300)
        return "POST /heartbeat" + (f"/{self.full_id}" if self.full_id != self.id else "")

    @property
    def value_unit(self) -> str:
        return self.unit or "s"

    @property
    def limit(self) -> str:
        return super().limit or f"{self.within:g}"


class HeartbeatProbe:
    """Compares the age of the last call with ``within``."""

    def __init__(self, spec: HeartbeatSpec, probe_context: ProbeContext) -> None:
        self._spec, self._heartbeats = spec, probe_context.heartbeats
        self._blocking = Blocking(spec.id)
        self._query = f'stat("{spec.target}")' if spec.file is not None else spec.target
        self._expected = f"expected every {duration_text(spec.within)}"

    async def probe(self) -> ProbeResult:
        try:
            return await (self._by_file(self._spec.file) if self._spec.file is not None else self._by_call())
        except Exception as error:  # noqa: BLE001 - a defect of this module must be reported as internal
            return self._failed(failure(error))

    async def aclose(self) -> None:
        """Nothing stays open between probes."""

    def _failed(self, why: Failure) -> ProbeResult:
        return ProbeResult(why, query=self._query)

    # -- a file ---------------------------------------------------------------

    async def _by_file(self, file: str) -> ProbeResult:
        path, timeout = printable(file, 200), self._spec.timeout
        try:
            touched = (await self._blocking.run(timeout, os.stat, file)).st_mtime
        except StillBlocked as blocked:
            return self._failed(blocked.failure)
        except TimeoutError:
            said = f"{path} could not be read within {span_text(timeout)}: check the network mount"
            return self._failed(Failure(Reason.TIMEOUT, said, blind=True))
        except (FileNotFoundError, NotADirectoryError):
            return self._failed(Failure(Reason.ABSENT, f"{path} does not exist: nothing has touched it yet"))
        except PermissionError:
            return self._failed(Failure(Reason.DENIED, f"{path}: permission denied", blind=True))
        except OSError as error:
            said = f"{path} cannot be read: {os.strerror(error.errno or 0)}"
            return self._failed(Failure(Reason.UNREACHABLE, said, blind=True))
        age = time.time() - touched
        if age < -AHEAD:
            said = f"the time of {path} is {span_text(-age)} in the future: check the clocks"
            return self._failed(Failure(Reason.STALE, said, blind=True))
        seen = self._seen(age, {"at": _written(datetime.fromtimestamp(touched, UTC)), "path": path})
        if age > self._spec.within:
            return self._late(seen, f"not touched for {span_text(age)}, {self._expected}")
        return seen

    # -- calls ----------------------------------------------------------------

    async def _by_call(self) -> ProbeResult:
        try:
            async with asyncio.timeout(self._spec.timeout):
                await self._heartbeats.complete.wait()
        except TimeoutError:
            said = "the last call has not been read from the store yet"
            return self._failed(Failure(Reason.PENDING, said, blind=True))
        beat, now = self._heartbeats.last(self._spec.full_id), datetime.now(UTC)
        if beat is None:
            said = "no call is known: a board or `artisan-tui watch` must be open to hear them"
            return self._failed(Failure(Reason.NO_DATA, said, blind=True))
        if beat.at is None:
            waited = (now - beat.since).total_seconds()
            if waited <= self._spec.within:
                said = f"no call yet, {self._expected}"
                return self._failed(Failure(Reason.NO_DATA, said, blind=True))
            return self._failed(
                Failure(Reason.STALE, f"no call for {span_text(waited)}, {self._expected}: it never came")
            )
        age = (now - beat.at).total_seconds()
        status = "fail" if beat.failed else "ok"
        seen = self._seen(age, {"at": _written(beat.at), "status": status, "message": beat.message})
        if age > self._spec.within:
            last = ", and the last one reported a failure" if beat.failed else ""
            return self._late(seen, f"no call for {span_text(age)}, {self._expected}{last}")
        if beat.failed:
            said = f"the job reports a failure: {beat.message}" if beat.message else "the job reports a failure"
            return self._late(seen, said, Reason.HEALTH)
        return seen

    def _seen(self, age: float, body: dict[str, object]) -> ProbeResult:
        value = Decimal(str(round(max(age, 0.0), 1)))
        body = {"age": value, **body}
        return ProbeResult(
            answers={"value": value, "body": body},
            excerpt=printable("\n".join(f"{name} {said}" for name, said in body.items() if said != ""), lines=True),
            query=self._query,
        )

    def _late(self, seen: ProbeResult, said: str, reason: Reason = Reason.STALE) -> ProbeResult:
        return ProbeResult(Failure(reason, said), answers=seen.answers, excerpt=seen.excerpt, query=self._query)


def _written(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")


KIND = Kind("heartbeat", HeartbeatSpec, HeartbeatProbe)
