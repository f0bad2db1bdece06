"""The kind disk: the usage of a filesystem, counted like df."""

from __future__ import annotations

import errno
import os
import time
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from artisan_tui.config.base import PathText
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

#: Percentage of used inodes above which the check is degraded. Without a free inode no file can be created.
INODES = Decimal(95)
_DEFAULT = (parse_condition("value <= 85"),)
_TENTH = Decimal("0.1")


class DiskSpec(CheckSpec):
    """A filesystem with free space. Without ``expect``, up to 85 % used is allowed."""

    kind: Annotated[Literal["disk"], Field(description="Read the usage of a filesystem")] = "disk"
    path: Annotated[
        PathText,
        Field(description="Any path on the filesystem; use `body.mount == /data` to check that the disk is mounted"),
    ] = "/"

    ANSWERS: ClassVar[frozenset[str]] = frozenset({"value", "body", "latency"})
    FIELDS: ClassVar[frozenset[str]] = frozenset(
        {"used_percent", "free_bytes", "total_bytes", "inodes_used_percent", "filesystem", "mount"}
    )

    @property
    def target(self) -> str:
        return printable(self.path, 300)

    def effective(self) -> tuple[Condition, ...]:
        return self.expect or _DEFAULT


@dataclass(frozen=True, slots=True)
class DiskUsage:
    """The usage of one filesystem: ``used`` and ``inodes`` in per cent, ``free`` and ``total`` in bytes.

    ``inodes`` is None for filesystems that create them on demand.
    """

    used: Decimal
    free: int
    total: int
    inodes: Decimal | None
    filesystem: str
    mount: str


class DiskProbe:
    """Reads the usage of one filesystem."""

    def __init__(self, spec: DiskSpec, probe_context: ProbeContext) -> None:
        self._spec = spec
        self._blocking = Blocking(spec.id)
        self._query = f'statvfs("{printable(spec.path, 300)}")'

    async def probe(self) -> ProbeResult:
        path, timeout = printable(self._spec.path, 200), self._spec.timeout
        began = time.monotonic()
        try:
            room = await self._blocking.run(timeout, measure, self._spec.path)
        except StillBlocked as error:
            # Not blind, unlike other kinds: only the kernel is between this process and the filesystem.
            return self._failed(Failure(Reason.BLOCKED, f"{error}: {path} does not respond"))
        except TimeoutError:
            return self._failed(Failure(Reason.TIMEOUT, f"{path} did not respond within {span_text(timeout)}"))
        except OSError as error:
            return self._failed(_why(path, error))
        except Exception as error:  # noqa: BLE001 - a defect of this module must be reported as internal
            return self._failed(failure(error))
        latency = Decimal(str(round(time.monotonic() - began, 6)))
        if room is None:
            return self._failed(Failure(Reason.NO_DATA, f"{path} is on a filesystem without a size", blind=True))
        notes: tuple[str, ...] = ()
        if room.inodes is not None and room.inodes > INODES:
            notes = (f"{room.inodes} % of the inodes are used: new files will soon fail although space is left",)
        body = {
            "used_percent": room.used,
            "free_bytes": room.free,
            "total_bytes": room.total,
            "inodes_used_percent": room.inodes,
            "filesystem": room.filesystem,
            "mount": room.mount,
        }
        return ProbeResult(
            latency=latency,
            answers={"value": room.used, "body": body},
            excerpt=printable("\n".join(f"{name} {value}" for name, value in body.items()), lines=True),
            notes=notes,
            query=self._query,
        )

    async def aclose(self) -> None:
        """A call that hangs keeps its thread; there is nothing else to close."""

    def _failed(self, why: Failure) -> ProbeResult:
        return ProbeResult(why, query=self._query)


def measure(path: str) -> DiskUsage | None:
    """Read the usage. May block without limit. None for a filesystem without blocks, such as /proc. Raises OSError."""
    seen = os.statvfs(path)
    used = seen.f_blocks - seen.f_bfree
    share = percent(used, used + seen.f_bavail)
    if share is None:
        return None
    inodes = seen.f_files - seen.f_ffree
    filesystem, mount = _mounted(os.path.realpath(path))
    return DiskUsage(
        share,
        seen.f_bavail * seen.f_frsize,
        seen.f_blocks * seen.f_frsize,
        percent(inodes, inodes + seen.f_favail) if seen.f_files else None,
        filesystem,
        mount,
    )


def percent(part: int, whole: int) -> Decimal | None:
    """The percentage to one decimal, rounded up like df: 85.04 must exceed 85. None if ``whole`` is 0."""
    if whole <= 0:
        return None
    return (Decimal(100) * part / whole).quantize(_TENTH, ROUND_CEILING)


def _mounted(path: str) -> tuple[str, str]:
    """(filesystem type, mount point), from the kernel's list. The last mount at one place is the visible one."""
    import psutil  # imported late, off the loop

    best = ("", "")
    for each in psutil.disk_partitions(all=True):
        inside = path == each.mountpoint or path.startswith(each.mountpoint.rstrip("/") + "/")
        if inside and len(each.mountpoint) >= len(best[1]):
            best = (each.fstype, each.mountpoint)
    return best


def _why(path: str, error: OSError) -> Failure:
    if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP):
        return Failure(Reason.ABSENT, f"{path} does not exist: mount it, or fix `path`")
    if error.errno in (errno.EACCES, errno.EPERM):
        return Failure(Reason.DENIED, f"{path}: permission denied", blind=True)
    if error.errno in (errno.EMFILE, errno.ENFILE):
        return failure(error)
    if error.errno == errno.ESTALE:
        return Failure(Reason.UNREACHABLE, f"{path} is a stale network mount: unmount it and mount it again")
    return Failure(Reason.UNREACHABLE, f"{path} cannot be read: {os.strerror(error.errno or 0)}")


KIND = Kind("disk", DiskSpec, DiskProbe)
