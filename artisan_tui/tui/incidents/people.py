"""Who can be asked about an incident: whoever has a level now, then everybody else, each with how they are reached. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from artisan_tui.i18n import _

if TYPE_CHECKING:
    from artisan_tui.engine.oncall.slice import OnCallSlice, PeopleSlice, PersonView
    from artisan_tui.tui.cells import Run


def people_rows(on_call: OnCallSlice, everybody: PeopleSlice) -> Sequence[list[Run]]:
    """A line each, and one below with the addresses, which a narrow column would cut; none where nobody is named."""
    if not everybody.people:
        return []
    rows: list[list[Run]] = []
    known = {each.name: each for each in everybody.people}
    named: set[str] = set()
    for level in on_call.levels:
        for name in level.people:
            named.add(name)
            rows += _person([(f"{level.level} ", "-accent"), (name, "-strong")], known.get(name))
        if not level.people:
            rows.append([(f"{level.level} ", "-accent"), (_("NOBODY"), "-warn")])
    for each in everybody.people:
        if each.name not in named:
            rows += _person([(each.name, "")], each)
    return rows


def _person(name: list[Run], person: PersonView | None) -> list[list[Run]]:
    if person is None:
        return [name]
    # The phone first: of an address that is cut, it is the one that cannot be guessed.
    contacts = sorted(person.contacts, key=lambda each: each[0] != "phone")
    reached = ", ".join(f"{kind} {at}" for kind, at in contacts) or _("no contact")
    return [[*name, (f"  {person.role}" if person.role else "", "-dim")], [(f"  {reached}", "")]]
