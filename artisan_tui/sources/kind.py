"""The protocol of a check kind.

A kind is one module or package in `sources/checks/`. It contains a `CheckSpec` subclass with the properties `target`
and `endpoint`, a `Probe`, and `KIND`, which names both. `sources/checks/__init__.py` finds it by `KIND`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from artisan_tui.domain.probe_result import ProbeResult

if TYPE_CHECKING:
    from artisan_tui.config.checks import CheckSpec
    from artisan_tui.sources.probe_context import ProbeContext


class Probe(Protocol):
    """Probes one target repeatedly. Opened once per configuration, closed on reload."""

    async def probe(self) -> ProbeResult:
        """Probe once. Returns shortly after the check's timeout at the latest. Never raises because of the target."""
        ...

    async def aclose(self) -> None:
        """Release what is kept between probes."""
        ...


@runtime_checkable
class Prepared(Protocol):
    """A probe that needs libraries or certificates, which take longer to load than a probe takes."""

    async def prepare(self) -> None:
        """Load them before the first probe. What cannot be loaded is said by the probe."""
        ...


@dataclass(frozen=True, slots=True)
class Kind:
    """``name`` is the value of the key ``kind``. ``open(spec, probe_context)`` creates the probe, cheaply and without
    I/O.
    """

    name: str
    spec: type[CheckSpec]
    open: Callable[[Any, ProbeContext], Probe]
