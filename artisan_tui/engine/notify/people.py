"""How a channel reaches the people of the configuration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from artisan_tui.config.models import Config


def contacts(config: Config, person: str) -> Mapping[str, str]:
    """The contacts of ``[[person]]`` with that id, by kind of channel; empty for somebody who is not in the file."""
    found = next((each.contacts for each in config.people if each.id == person), ())
    return {kind: address for kind, address in found if address}


def reached(config: Config, people: Sequence[str], by: str) -> tuple[str, ...]:
    """How the channels of kind ``by`` know these people; who has no such contact is left out."""
    return tuple(dict.fromkeys(found for each in people if (found := contacts(config, each).get(by, ""))))
