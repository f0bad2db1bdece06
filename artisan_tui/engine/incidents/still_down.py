"""Which checks say that an incident is not over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from artisan_tui.domain.incidents.incident import Incident
from artisan_tui.domain.state import State

if TYPE_CHECKING:
    from artisan_tui.store.store import Store

#: So many are named.
_MOST = 5


def still_down(store: Store, incident: Incident) -> tuple[str, ...]:
    """The ids of the checks of its services that the store has as down; of all checks, where it names no service."""
    from artisan_tui.store.checks.part import CheckStore

    names = {each.casefold() for each in incident.services}
    found = [
        each.check_id
        for each in store.part(CheckStore).statuses()
        if each.health.state is State.DOWN
        and (
            not names
            or {each.check_id.casefold(), each.check_id.partition(".")[0].casefold(), each.service_name.casefold()}
            & names
        )
    ]
    return tuple(found[:_MOST])
