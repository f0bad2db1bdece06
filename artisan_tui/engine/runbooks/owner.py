"""Which session carries a run out, as text in the journal, and whether its process has ended."""

from __future__ import annotations

import uuid

from artisan_tui.domain.lease import Holder
from artisan_tui.engine.process import gone, holder


def own_name(who: str) -> str:
    """This session as the owner of runs: who, where, and what tells its process from every other. Never the same twice."""
    me = holder("", who, "")
    parts = (f"{me.actor}@{me.host}".replace("|", ""), str(me.pid), me.born, me.machine.replace("|", ""))
    return "|".join((*parts, uuid.uuid4().hex[:8]))


def owner_label(owner: str) -> str:
    """Such as "alice@build-3"; "nobody" for no owner."""
    return owner.partition("|")[0] or "nobody"


def owner_gone(owner: str) -> bool:
    """Whether the owner's process has ended beyond doubt; False when that cannot be known from here."""
    parts = owner.split("|")
    if len(parts) != 5 or not parts[1].isdecimal():
        return not owner
    who, _at, host = parts[0].rpartition("@")
    other = Holder(parts[4], who, host, int(parts[1]), parts[2], parts[3], "")
    here = holder("", "", "")
    if host == here.host and parts[3].split(" ")[0] != here.machine.split(" ")[0]:
        return bool(parts[3]) and bool(here.machine)  # the machine was started anew since
    return gone(other)
