"""The one small protocol behind every check kind.

To add a kind, put one file into `sources/checks/` that holds a `CheckSpec` subclass with its own
`target` and `endpoint`, a `Probe`, and a `KIND` naming both. Nothing else needs to know.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from artisan_tui.config.checks import CheckSpec
from artisan_tui.domain.probe_result import ProbeResult

if TYPE_CHECKING:
    from artisan_tui.sources.probe_context import ProbeContext


class Probe(Protocol):
    """Looks at one target, again and again. Opened once per configuration, closed on reload."""

    async def probe(self) -> ProbeResult:
        """One look. Returns within the check's timeout and a little, and never raises for what the target does."""
        ...

    async def aclose(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Kind:
    """``open(spec, world)`` makes the probe; it must be cheap and do no I/O."""

    name: str
    spec: type[CheckSpec]
    open: Callable[[Any, ProbeContext], Probe]
