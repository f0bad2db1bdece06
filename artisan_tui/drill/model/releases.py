"""Versions of the app, and which share of the requests each one serves."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final

VERSION: Final = "0.2.0"
PREVIOUS_VERSION: Final = "0.1.0"
#: What a shipped image may be called beside its number.
_PREFIXES: Final = ("v",)


@dataclass(frozen=True, slots=True)
class Release:
    """How a version behaves: the share of requests that end in a 500, the factor of its own time, what else fails.

    ``needs`` is the number of schema revisions that it needs. Without them three of ten requests fail.
    """

    errors: float = 0.0
    slow: float = 1.0
    parse_failures: float = 0.001
    workflow_failures: float = 0.002
    needs: int = 0


@dataclass(frozen=True, slots=True)
class Revision:
    """One entry of the history, as Helm keeps it."""

    number: int
    version: str


_OTHERS: Final = ("qwen", "mistral", "llama", "worker-llm", "worker-rl")


def _first() -> list[Revision]:
    return [Revision(1, PREVIOUS_VERSION), Revision(2, VERSION)]


def plain_version(text: str) -> str:
    """A version without the prefix of a tag."""
    return text[1:] if text[:1] in _PREFIXES and text[1:2].isdigit() else text


@dataclass(slots=True)
class Releases:
    """``stable`` serves all but ``share`` of the requests, which the ``canary`` serves."""

    stable: str = VERSION
    canary: str | None = None
    share: float = 0.0
    history: list[Revision] = field(default_factory=_first)
    known: dict[str, Release] = field(default_factory=dict)
    #: The versions of components that have no canary. A new one is in force after a restart.
    others: dict[str, list[Revision]] = field(default_factory=lambda: {name: _first() for name in _OTHERS})
    #: The version on which the fault `errors_5xx` lies.
    broken: str | None = None

    def of(self, version: str) -> Release:
        """How a version behaves; an unknown one is good."""
        return self.known.get(version, _GOOD)

    @property
    def parts(self) -> tuple[tuple[str, float], ...]:
        """(version, share of the requests)."""
        if self.canary is None:
            return ((self.stable, 1.0),)
        return ((self.stable, 1.0 - self.share), (self.canary, self.share))

    def deploy(self, version: str, share: float) -> None:
        """Serve ``share`` of the requests with ``version``, or all."""
        if share < 1.0:
            self.canary, self.share = version, share
            return
        self.stable, self.canary, self.share = version, None, 0.0
        self.history.append(Revision(self.history[-1].number + 1, version))

    def errors(self, version: str, applied: int, broken: float) -> float:
        """The share of a version's requests that end in a 500. ``broken`` is the level of `errors_5xx`."""
        release = self.of(version)
        missing = 0.3 if applied < release.needs else 0.0
        return 1.0 - (1.0 - release.errors) * (1.0 - missing) * (1.0 - (broken if version == self.broken else 0.0))

    @property
    def parse_failures(self) -> float:
        """The share of answers that cannot be parsed, over all versions."""
        return math.fsum(self.of(version).parse_failures * share for version, share in self.parts)

    @property
    def workflow_failures(self) -> float:
        """The share of workflows that fail, over all versions."""
        return math.fsum(self.of(version).workflow_failures * share for version, share in self.parts)

    @property
    def slow(self) -> float:
        """The factor of the time of a request, over all versions."""
        return math.fsum(self.of(version).slow * share for version, share in self.parts)


_GOOD: Final = Release()
