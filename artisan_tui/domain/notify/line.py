"""How each kind of channel takes messages: how fast, several in one, and whether a repetition does harm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from artisan_tui.domain.notify.outcome import DELAYS


@dataclass(frozen=True, slots=True)
class Line:
    """``spacing`` in seconds between two requests. ``bundles``: several messages may leave as one.

    ``repeatable``: the receiver knows a repetition by its id. ``purposes`` are those that it carries. ``delays`` see
    `outcome.next_try`. ``local``: it does not leave this machine, so a drill may use it. ``lasts`` in seconds: after this a
    claim whose session says nothing more is given up; longer than a request may take.
    """

    spacing: float
    bundles: bool
    repeatable: bool
    purposes: frozenset[str]
    delays: tuple[float, ...] = DELAYS
    local: bool = False
    lasts: float = 25.0


_TALK = frozenset({"page", "inform", "reminder", "acknowledged", "resolved", "update", "comms"})
#: By kind.
LINES: Mapping[str, Line] = {
    # One a second, and no key: a repetition is a second message.
    "slack": Line(1.0, True, False, _TALK),
    # About 120 a minute for a routing key. Its dedup key makes a repetition harmless; three tries 30 s apart.
    "pagerduty": Line(
        0.5,
        False,
        True,
        frozenset({"page", "acknowledged", "resolved", "change"}),
        (30.0, 30.0, 60.0, 120.0, 300.0),
    ),
    "email": Line(1.0, True, False, _TALK, lasts=60.0),
    "webhook": Line(1.0, True, True, _TALK | {"change"}),
    "command": Line(1.0, True, False, _TALK | {"change"}),
    "terminal": Line(0.0, False, False, frozenset({"page", "inform", "reminder"}), local=True),
    "file": Line(0.0, True, True, _TALK | {"change"}, local=True),
}
