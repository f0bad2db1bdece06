"""What a person may look for by its id or name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Destination(NamedTuple):
    """Something that has a screen of its own: ``what`` are the arguments of ``place``'s screen.

    ``kind`` is the name of a command's parameter, like ``check``; ``title`` is what it is called, for `_`.
    """

    kind: str
    id: str
    name: str
    title: str
    place: str
    what: Mapping[str, str]


class PaletteHit(NamedTuple):
    """A line of the palette; ``place`` is opened with ``what``."""

    text: str
    place: str
    what: Mapping[str, str]
