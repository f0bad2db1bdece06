"""Which model serves a mode: downshifts and circuit breakers, and nothing of why an operator set them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MODELS: Final = ("qwen", "mistral", "llama")
MODES: Final = ("fast", "balanced", "creative")  # from the lowest quality to the highest
HOME: Final = {"fast": "llama", "balanced": "mistral", "creative": "qwen"}
# Where a request goes when the breaker of its model is open.
_FALLBACKS: Final = {
    "qwen": ("qwen", "mistral", "llama"),
    "mistral": ("mistral", "llama"),
    "llama": ("llama", "mistral"),
}


@dataclass(frozen=True, slots=True)
class Route:
    """``model`` serves ``mode`` as if it were ``served_as``; None when every breaker on the way is open."""

    mode: str
    served_as: str
    model: str | None
    rejected: tuple[str, ...]


class Routing:
    """The state of the breakers and of the downshifts."""

    def __init__(self) -> None:
        self.open_breakers: set[str] = set()
        self.downshifts: dict[str, str] = {}

    def route(self, mode: str) -> Route:
        """Where a request of ``mode`` ends up now."""
        served_as = mode
        while served_as in self.downshifts:  # a downshift only ever leads to a lower mode, so this ends
            served_as = self.downshifts[served_as]
        rejected: list[str] = []
        for model in _FALLBACKS[HOME[served_as]]:
            if model not in self.open_breakers:
                return Route(mode, served_as, model, tuple(rejected))
            rejected.append(model)
        return Route(mode, served_as, None, tuple(rejected))
