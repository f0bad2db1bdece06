"""A container as `docker inspect` describes it, and its failure and notes. No I/O."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from artisan_tui.domain.probe_result import Failure
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.span import span_text
from artisan_tui.domain.text.printable import printable
from artisan_tui.sources.restarts import Starts, moment, since

#: Characters of an id that `docker ps` prints. With fewer, an id is more likely a name that no container has.
SHORT_ID = 12
#: Seconds after which Docker considers a started container stable, and resets its restart delay.
SETTLED = 10.0


def is_meant(wanted: str, document: Mapping[str, Any]) -> bool:
    """Whether ``wanted`` is the name or the id of an inspected container.

    A daemon also answers about a container whose id merely begins with ``wanted``. Raises KeyError or ValueError for
    an invalid document.
    """
    if str(document["Name"]).removeprefix("/") == wanted:
        return True
    if not str(document["Id"]).startswith(wanted):
        raise ValueError("the document is about another container")
    return len(wanted) >= SHORT_ID


@dataclass(frozen=True, slots=True)
class Container:
    """One container. ``name`` and ``log`` are printable. Times are Unix seconds, ``start_period`` is in seconds."""

    name: str
    state: str
    health: str
    log: str
    start_period: float
    exit_code: int
    trouble: str
    image: str
    starts: Starts
    finished: float | None
    body: Mapping[str, object]

    @classmethod
    def read(cls, doc: Mapping[str, Any]) -> Container:
        """Raises KeyError, TypeError, AttributeError or ValueError for an invalid document."""
        state, health = doc["State"], doc["State"].get("Health") or {}
        log = health.get("Log") or []
        status = str(state["Status"])
        sick = "" if health.get("Status") in {None, "none"} else str(health["Status"])
        trouble = "out of memory" if state.get("OOMKilled") else printable(str(state.get("Error") or ""), 200)
        starts = Starts(int(doc.get("RestartCount") or 0), moment(state.get("StartedAt")), moment(doc.get("Created")))
        body = {
            "name": printable(str(doc["Name"]).lstrip("/"), 255),
            "id": printable(str(doc["Id"]), 64),
            "state": printable(status, 40),
            "health": printable(sick, 40) or None,
            "restarts": starts.count,
            "failing_streak": int(health.get("FailingStreak") or 0),
            "exit_code": int(state.get("ExitCode") or 0),
            "oom_killed": bool(state.get("OOMKilled")),
            "image": printable(str(doc["Config"]["Image"]), 300),
            "started_at": printable(str(state.get("StartedAt") or ""), 40),
        }
        return cls(
            name=str(body["name"]),
            state=str(body["state"]),
            health=printable(sick, 40),
            log=printable(str(log[-1].get("Output") or ""), 2000, lines=True, cut=True).strip() if log else "",
            start_period=int((doc["Config"].get("Healthcheck") or {}).get("StartPeriod") or 0) / 1e9,
            exit_code=int(state.get("ExitCode") or 0),
            trouble=trouble,
            image=str(body["image"]),
            starts=starts,
            finished=moment(state.get("FinishedAt")),
            body=body,
        )

    def failure(self, recent: int, most: int, within: float, now: float) -> Failure | None:
        """The reason why the container is not well, or None.

        ``recent`` restarts happened within ``within`` seconds, ``most`` are accepted. ``now`` is Unix seconds.
        """
        code = f"exit code {self.exit_code}" + (f", {self.trouble}" if self.trouble else "")
        if self.state == "restarting":
            return Failure(Reason.RESTARTING, f"{self.name} is in a restart loop: {code}")
        if self.state in {"paused", "removing"}:
            return Failure(Reason.EXITED, f"{self.name} is {'paused' if self.state == 'paused' else 'being removed'}")
        if self.state == "created":
            why = f": {self.trouble}" if self.trouble else ""
            return Failure(Reason.EXITED, f"{self.name} was created and never started{why}")
        if self.state != "running":
            return Failure(Reason.EXITED, f"{self.name} has {self.state}, {code}{since(self.finished)}")
        if self.health == "unhealthy":
            said = f": {' '.join(self.log.split())}" if self.log else ""
            return Failure(Reason.HEALTH, f"{self.name} is unhealthy{said[:300]}")
        if recent > most and self.starts.started is not None and now - self.starts.started < SETTLED:
            return Failure(Reason.RESTARTING, self._restarted(recent, most, within))
        return None

    def notes(self, recent: int, most: int, within: float) -> Iterator[str]:
        """The notes that degrade the check. The arguments are those of `failure`."""
        if self.health == "starting":
            period = f", start period {span_text(self.start_period)}" if self.start_period else ""
            yield f"{self.name} is starting: its health check has not succeeded yet{period}"
        if recent > most:
            yield self._restarted(recent, most, within)

    def _restarted(self, recent: int, most: int, within: float) -> str:
        return f"{self.name} restarted {recent} times within {span_text(within)}, at most {most} expected"
