"""The kind memory: the memory usage of the machine, or of the container if its limit is lower."""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from artisan_tui.config.checks import CheckSpec
from artisan_tui.domain.condition import Condition, parse_condition
from artisan_tui.domain.probe_result import Failure, ProbeResult
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.span import span_text
from artisan_tui.domain.text.printable import printable
from artisan_tui.sources.blocking import Blocking, StillBlocked
from artisan_tui.sources.errors import failure
from artisan_tui.sources.kind import Kind

if TYPE_CHECKING:
    from artisan_tui.sources.probe_context import ProbeContext

_DEFAULT = (parse_condition("value <= 90"),)
_TENTH = Decimal("0.1")
#: The mount point of control groups (version 2), and the file that names this process's group.
_GROUPS, _OURS = Path("/sys/fs/cgroup"), Path("/proc/self/cgroup")


class MemorySpec(CheckSpec):
    """Free memory of this machine or container. Without ``expect``, up to 90 % used is allowed."""

    kind: Annotated[Literal["memory"], Field(description="Read the memory usage")] = "memory"

    ANSWERS: ClassVar[frozenset[str]] = frozenset({"value", "body", "latency"})
    FIELDS: ClassVar[frozenset[str]] = frozenset(
        {"used_percent", "available_bytes", "total_bytes", "swap_used_percent"}
    )

    @property
    def target(self) -> str:
        return "memory of this machine"

    def effective(self) -> tuple[Condition, ...]:
        return self.expect or _DEFAULT


@dataclass(frozen=True, slots=True)
class Limit:
    """The limit of a control group, in bytes. ``used`` excludes inactive file cache, which the kernel can drop at
    once.
    """

    used: int
    limit: int


@dataclass(frozen=True, slots=True)
class Memory:
    """``available`` and ``total`` in bytes; ``swap`` in per cent, 0 without swap."""

    available: int
    total: int
    swap: Decimal
    limited: bool

    @property
    def used(self) -> Decimal:
        """Per cent, to one decimal, rounded up."""
        return (Decimal(100) * (self.total - self.available) / self.total).quantize(_TENTH, ROUND_CEILING)


class MemoryProbe:
    """Reads the memory usage."""

    def __init__(self, spec: MemorySpec, probe_context: ProbeContext) -> None:
        self._spec = spec
        self._blocking = Blocking(spec.id)

    async def probe(self) -> ProbeResult:
        query, timeout = "psutil.virtual_memory()", self._spec.timeout
        began = time.monotonic()
        try:
            memory = await self._blocking.run(timeout, measure)
        except StillBlocked as error:
            return ProbeResult(error.failure, query=query)
        except TimeoutError:
            # Reading /proc should take no time. A timeout shows a shortage on this machine, so the failure is blind.
            return ProbeResult(
                Failure(Reason.TIMEOUT, (f"memory usage not read within {span_text(timeout)}"), blind=True), query=query
            )
        except Exception as error:  # noqa: BLE001 - no failure here is caused by the target
            return ProbeResult(_blind(error), query=query)
        remarks: tuple[str, ...] = ()
        if memory.limited:
            query = "memory.current - inactive_file of memory.max, in the control group of artisan-tui"
            size = f"{Decimal(memory.total) / 2**20:.0f} MiB"
            remarks = (f"of the container limit {size}: the OOM killer uses this limit",)
        body = {
            "used_percent": memory.used,
            "available_bytes": memory.available,
            "total_bytes": memory.total,
            "swap_used_percent": memory.swap,
        }
        return ProbeResult(
            latency=Decimal(str(round(time.monotonic() - began, 6))),
            answers={"value": memory.used, "body": body},
            excerpt=printable("\n".join(f"{name} {value}" for name, value in body.items()), lines=True),
            remarks=remarks,
            query=query,
        )

    async def aclose(self) -> None:
        """A call that hangs keeps its thread; there is nothing else to close."""


def measure() -> Memory:
    """Raises OSError if the kernel's files cannot be read."""
    psutil = _psutil()
    seen = psutil.virtual_memory()
    swap = Decimal(str(psutil.swap_memory().percent))
    tightest = tightest_limit(_GROUPS, _OURS, seen.total)
    if tightest is None:
        return Memory(seen.available, seen.total, swap, False)
    return Memory(max(0, tightest.limit - tightest.used), tightest.limit, swap, True)


def tightest_limit(groups: Path, ours: Path, machine: int) -> Limit | None:
    """The limit closest to being reached, of this process's control group and its ancestors; None without a limit.

    ``machine`` is the machine's memory in bytes. A limit above it has no effect.
    """
    limits = (_limit(group) for group in _around(groups, ours))
    below = [limit for limit in limits if limit is not None and 0 < limit.limit < machine]
    return max(below, key=lambda each: Decimal(each.used) / each.limit, default=None)


def _around(groups: Path, ours: Path) -> Iterator[Path]:
    """This process's control group and its ancestors, innermost first."""
    try:
        lines = ours.read_text("utf-8", "replace").splitlines()
    except FileNotFoundError:  # not Linux
        return
    own = next((line[3:] for line in lines if line.startswith("0::")), None)
    if own is None:
        return
    group = groups / own.lstrip("/")
    # In a container, the path may be the host's; the container's own group is then mounted at the root.
    while groups in group.parents:
        yield group
        group = group.parent
    yield groups


def _limit(group: Path) -> Limit | None:
    try:
        limit = (group / "memory.max").read_text().strip()
        if limit == "max":
            return None
        used = int((group / "memory.current").read_text())
        counts = dict(line.split(maxsplit=1) for line in (group / "memory.stat").read_text().splitlines())
        return Limit(max(0, used - int(counts.get("inactive_file", 0))), int(limit))
    # the root group has no such files, and version 1 has other names
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None


@cache
def _psutil() -> ModuleType:
    import psutil  # imported late, off the loop

    # psutil warns on stderr, which is the screen's terminal, if a container hides the swap counters.
    warnings.filterwarnings("ignore", message=".*swap memory stats", category=RuntimeWarning)
    return psutil


def _blind(error: Exception) -> Failure:
    told = failure(error)
    if told.reason is Reason.INTERNAL and not isinstance(error, PermissionError):
        return told
    return Failure(Reason.INTERNAL, "the memory usage of this machine is not available", blind=True)


KIND = Kind("memory", MemorySpec, MemoryProbe)
