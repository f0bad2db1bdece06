"""Commands without a running engine: the command line writes into the same journal, and every session obeys."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeVar

from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.clock import SystemClock
from artisan_tui.engine.command import Command, CommandRefused
from artisan_tui.engine.commands import confirmed, decide, entitled, permit
from artisan_tui.engine.decision import Decision, Present
from artisan_tui.engine.journal_states import JournalStates, read_in_force
from artisan_tui.engine.launch import GlobalOptions, config_path, session_of, state_dir
from artisan_tui.engine.leadership import relay
from artisan_tui.engine.process import gone
from artisan_tui.engine.settings import place_of, read
from artisan_tui.i18n import _
from artisan_tui.store.errors import StoreError
from artisan_tui.wings import modules

if TYPE_CHECKING:
    from artisan_tui.engine.settings import Config
    from artisan_tui.engine.wing import Wing
    from artisan_tui.store.store import Store

__all__ = ["StoreError", "carry_out", "give", "with_journal"]

T = TypeVar("T")


def give(options: GlobalOptions, command_id: str, arguments: Mapping[str, str]) -> str:
    """Carry out a command, and hear what to tell the person. Every session on this store obeys it within a second.

    Raises CommandRefused, ConfigError and StoreError.
    """
    return carry_out(options, command_id, arguments).said


def carry_out(options: GlobalOptions, command_id: str, arguments: Mapping[str, str]) -> Decision:
    """Like `give`; with the subject of what was written."""
    command = permit(command_id, arguments, session_of(options))

    def write(present: Present, config: Config, store: Store) -> Decision:
        entitled(command, config.access, present.actor)
        confirmed(command, config.artisan.environment, arguments)
        decision = decide(command, present, arguments)
        if decision.act is not None and command.relayed:
            return Decision(said=_asked_leader(store, command, present.actor, read_only=options.read_only))
        if decision.act is not None:
            raise CommandRefused(_("{title} needs a running session").format(title=_(command.title)))
        store.append(decision.entries, at=present.now)
        if decision.ready is not None:
            decision.ready()
        return decision if decision.change is None else decision.change(store)

    return with_journal(options, write, read_only=False)


def _asked_leader(store: Store, command: Command, actor: str, *, read_only: bool) -> str:
    """Ask the running session that is the leader; what to tell the person."""
    lease = store.leases.read()
    if lease.holder is None or gone(lease.holder):
        raise CommandRefused(_("{title} needs a running session").format(title=_(command.title)))
    if read_only:
        raise CommandRefused(_("this session is read-only: {title} is not allowed").format(title=_(command.title)))
    relay(store, lease, command.id, actor)
    who = printable(f"{lease.holder.actor or '?'}@{lease.holder.host or '?'}", 60)
    return _("asked the leader {who}: {title}").format(who=who, title=_(command.title))


def with_journal(options: GlobalOptions, work: Callable[[Present, Config, Store], T], *, read_only: bool) -> T:
    """Do ``work`` with the configuration, the open store, and what the journal says is in force.

    Raises ConfigError and StoreError.
    """
    from artisan_tui.store.store import Store  # heavy

    config = read(config_path(options), options.overlay)
    wings: list[type[Wing]] = [module.WING for module in modules("engine", "wing")]
    states = JournalStates(state for wing in wings for state in wing.STATES)
    for wing in wings:
        wing.configure_states(config, states)
    with Store.open(place_of(config, state_dir(options), os.environ), read_only=read_only) as store:
        states.apply(read_in_force(store, states.kinds))
        now = SystemClock().now()  # opening the store takes a moment
        ids = {kind: found for wing in wings for kind, found in wing.known_ids(config, states, now).items()}
        return work(Present(now, session_of(options).actor, ids, states.by_type), config, store)
