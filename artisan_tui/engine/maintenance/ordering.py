"""How an order is given: what was typed becomes one journal entry, or is refused with the mend.

Board and command line give orders the same way; `orders` says what they lead to.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from artisan_tui.domain.checks.events import CheckMuted, CheckUnmuted
from artisan_tui.domain.event import Entry
from artisan_tui.domain.maintenance.events import MaintenanceDeclared, MaintenanceEnded
from artisan_tui.domain.slo.events import DeploymentsOverridden, OverrideEnded
from artisan_tui.domain.span import parse_span, span_text
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.commands import CommandRefused
from artisan_tui.engine.maintenance.orders import Orders
from artisan_tui.i18n import _

#: Seconds. Whoever forgets an order must be paged again one day.
LONGEST_MUTE = 7 * 86400.0
LONGEST_WINDOW = 30 * 86400.0
#: An exception that lasts longer is a new policy, and belongs into the file.
LONGEST_OVERRIDE = 3 * 86400.0

Arguments = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Present:
    """When, by whom, about which checks, and what is in force already."""

    now: datetime
    actor: str
    check_ids: Sequence[str]
    orders: Orders


@dataclass(frozen=True, slots=True)
class Ordered:
    """The entry to write down, and what to tell the person."""

    entry: Entry
    said: str


def mute(present: Present, arguments: Arguments) -> Ordered:
    check_id = _check(present, arguments)
    seconds = _seconds(arguments, LONGEST_MUTE)
    body = CheckMuted(until=present.now + timedelta(seconds=seconds), reason=_reason(arguments))
    said = _("{check} muted for {span}").format(check=check_id, span=span_text(seconds))
    return Ordered(body.entry(present.now, present.actor, check_id), said)


def unmute(present: Present, arguments: Arguments) -> Ordered:
    check_id = _check(present, arguments)
    if present.orders.mute(check_id, present.now) is None:
        raise CommandRefused(_("{check} is not muted").format(check=check_id))
    said = _("paging resumed for {check}").format(check=check_id)
    return Ordered(CheckUnmuted().entry(present.now, present.actor, check_id), said)


def declare(present: Present, arguments: Arguments) -> Ordered:
    now = present.now
    known = {name for check_id in present.check_ids for name in (check_id, check_id.partition(".")[0])}
    words = arguments["covers"].replace(",", " ").split()
    covers = () if words == ["*"] else tuple(dict.fromkeys(words))
    for name in covers:
        if name not in known:
            raise CommandRefused(_("there is no service or check {name}").format(name=printable(name, 80)))
    seconds = _seconds(arguments, LONGEST_WINDOW)
    body = MaintenanceDeclared(covers=covers, until=now + timedelta(seconds=seconds), reason=_reason(arguments))
    window_id = f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
    said = _("maintenance declared for {span}").format(span=span_text(seconds))
    return Ordered(body.entry(now, present.actor, window_id), said)


def end(present: Present, arguments: Arguments) -> Ordered:
    window_id = arguments["window"].strip()
    if not present.orders.declared(window_id, present.now):
        raise CommandRefused(_("no active declared maintenance window has this id"))
    return Ordered(MaintenanceEnded().entry(present.now, present.actor, window_id), _("maintenance ended"))


def override(present: Present, arguments: Arguments) -> Ordered:
    seconds = _seconds(arguments, LONGEST_OVERRIDE)
    body = DeploymentsOverridden(until=present.now + timedelta(seconds=seconds), reason=_reason(arguments))
    said = _("deployments allowed for {span}").format(span=span_text(seconds))
    return Ordered(body.entry(present.now, present.actor), said)


def end_override(present: Present, arguments: Arguments) -> Ordered:
    if present.orders.override(present.now) is None:
        raise CommandRefused(_("no deployment override is active"))
    return Ordered(OverrideEnded().entry(present.now, present.actor), _("deployment override removed"))


#: By the id of the command that gives the order.
ORDERS: Mapping[str, Callable[[Present, Arguments], Ordered]] = {
    "check.mute": mute,
    "check.unmute": unmute,
    "maintenance.declare": declare,
    "maintenance.end": end,
    "slo.override": override,
    "slo.override-end": end_override,
}


def _check(present: Present, arguments: Arguments) -> str:
    check_id = arguments["check"]
    if check_id not in present.check_ids:
        raise CommandRefused(_("there is no check {check}").format(check=printable(check_id, 80)))
    return check_id


def _reason(arguments: Arguments) -> str:
    return printable(arguments["reason"].strip(), 300)


def _seconds(arguments: Arguments, longest: float) -> float:
    text = arguments["for"].strip()
    try:
        seconds = float(parse_span(text))
    except ValueError:
        said = _("{text} is not a duration: write a number and a unit, like 30m or 2h")
        raise CommandRefused(said.format(text=printable(text, 20))) from None
    if not 0 < seconds <= longest:
        raise CommandRefused(_("write more than 0s and at most {span}").format(span=span_text(longest)))
    return seconds
