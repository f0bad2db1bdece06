"""What `doctor` says of who is on call: whom the groups of the system stand for."""

from __future__ import annotations

import grp
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from artisan_tui.engine.incidents.on_call import GROUP, OnCallPeople
from artisan_tui.i18n import N_

if TYPE_CHECKING:
    from artisan_tui.config.models import Config
    from artisan_tui.domain.oncall.schedule import Schedule


def group_findings(config: Config) -> Iterator[tuple[str, bool, str, str]]:
    """(what, whether it is well, what is said, what mends it) of each group in `[escalation] levels`."""
    people = OnCallPeople(config)
    for level, names in config.escalation.levels.items():
        for name in names:
            if not name.startswith(GROUP):
                continue
            group, what = name.removeprefix(GROUP), f"escalation {level}"
            found = people.of_group(group)
            if found:
                yield what, True, f"the group {group} stands for {', '.join(found[:20])}", ""
            elif not _there(group):
                yield what, False, f"there is no group {group} on this system", "create it, or name people instead"
            else:
                said = f"nobody in the group {group} can be reached"
                yield what, False, said, "give its members a [[person]] with their logins and contacts"


def on_call_findings(
    config: Config, now: datetime, schedule: Schedule | None = None
) -> Iterator[tuple[str, bool | None, str, str]]:
    """Levels of the ladder with nobody on call now: one finding for all. Not bad where nobody is meant to be paged.

    ``schedule`` has the overrides and swaps of the journal; None where it cannot be read.
    """
    people = OnCallPeople(config, schedule=None if schedule is None else lambda: schedule)
    ladder = config.escalation.ladder
    empty = [level for level in ladder if not people(level, now)]
    what, mend = N_("on call"), "name people with contacts in a [[rotation]], or in [escalation] levels"
    if not empty:
        yield what, True, f"somebody is on call at every level: {', '.join(ladder)}", ""
    elif len(empty) == len(ladder):
        meant = bool(config.people or config.rotations or config.escalation.levels or config.channels)
        said = f"nobody is on call now at any level ({', '.join(ladder)}): a page goes to the fallback channels only"
        yield what, False if meant else None, said, mend
    else:
        said = f"nobody is on call now at {', '.join(empty)}: a page goes on to the next level at once"
        yield what, None, said, mend


def _there(group: str) -> bool:
    try:
        grp.getgrnam(group)
    except KeyError:
        return False
    return True
