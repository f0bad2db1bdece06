"""Which model serves a mode, given the downshifts and circuit breakers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MODELS: Final = ("qwen", "mistral", "llama")
MODES: Final = ("fast", "balanced", "creative")  # from the lowest to the highest quality
HOME: Final = {"fast": "llama", "balanced": "mistral", "creative": "qwen"}
# The models to try in order; those with an open breaker are skipped.
_FALLBACKS: Final = {
    "qwen": ("qwen", "mistral", "llama"),
    "mistral": ("mistral", "llama"),
    "llama": ("llama", "mistral"),
}


@dataclass(frozen=True, slots=True)
class Route:
    """``model`` serves ``mode`` like ``served_as``. It is None if all candidates' breakers are open."""

    mode: str
    served_as: str
    model: str | None
    rejected: tuple[str, ...]


class Routing:
    """The state of the breakers and the downshifts."""

    def __init__(self) -> None:
        self.open_breakers: set[str] = set()
        self.downshifts: dict[str, str] = {}

    def route(self, mode: str) -> Route:
        """How a request of ``mode`` is served now."""
        served_as = mode
        while served_as in self.downshifts:  # ends, because a downshift always leads to a lower mode
            served_as = self.downshifts[served_as]
        rejected: list[str] = []
        for model in _FALLBACKS[HOME[served_as]]:
            if model not in self.open_breakers:
                return Route(mode, served_as, model, tuple(rejected))
            rejected.append(model)
        return Route(mode, served_as, None, tuple(rejected))
