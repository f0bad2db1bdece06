"""The names of components at each platform."""

from __future__ import annotations

import re
from typing import Any, Final

from artisan_tui.drill.actions.protocol import ActAnswer, ActRefused, Estate
from artisan_tui.drill.model.outcome import Outcome

#: Service of Compose, name of a deployment, release of helm: component.
NAMES: Final = {
    "app": "app",
    "artisan-api": "app",
    "artisan": "app",
    "judgment": "app",
    "worker-llm": "worker-llm",
    "worker-rl": "worker-rl",
    "postgres": "database",
    "redis": "redis",
    "qwen-llm": "qwen",
    "mistral-llm": "mistral",
    "llama-llm": "llama",
    "nginx": "proxy",
}
#: Services of the Compose file.
SERVICES: Final = ("app", "worker-llm", "worker-rl", "postgres", "redis", "qwen-llm", "nginx")
SCALED: Final = ("app", "worker-llm", "worker-rl")
IMAGE: Final = "fragrance-ai"
STARTED: Final = "2026-01-01T00:00:00Z"


def component(name: str) -> str:
    """Raises ActRefused."""
    if name not in NAMES:
        raise ActRefused(f"the stack has no {name[:60]}: it has {', '.join(NAMES)}")
    return NAMES[name]


def of_container(name: str) -> str:
    """The component of a container such as artisan-app-1. Raises ActRefused."""
    found = re.fullmatch(r"(?:[a-z0-9]+[-_])?(.+?)(?:[-_]\d+)?", name)
    return component(found[1] if found and found[1] in NAMES else name)


def image(estate: Estate, name: str) -> str:
    """The image of a component with its tag."""
    found = estate.releases(name)
    return f"{IMAGE}:{found[-1].version}" if found else f"{name}:latest"


def answered(outcome: Outcome, **values: Any) -> ActAnswer:
    return ActAnswer(outcome.ok, 0 if outcome.ok else 1, outcome.output, {**outcome.values, **values})
