"""Orders given and read without a running engine: the plain-text twin of the board's mutes and windows."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from artisan_tui.engine.clock import SystemClock
from artisan_tui.engine.commands import permit
from artisan_tui.engine.journal_reading import read_kinds
from artisan_tui.engine.launch import GlobalOptions, config_path, session_of, state_dir
from artisan_tui.engine.maintenance.ordering import ORDERS, Present
from artisan_tui.engine.maintenance.orders import Orders
from artisan_tui.engine.settings import place_of, read
from artisan_tui.engine.snapshot import Mute, WindowView
from artisan_tui.store.errors import StoreError

if TYPE_CHECKING:
    from artisan_tui.store.store import Store

__all__ = ["InForce", "StoreError", "give", "in_force"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class InForce:
    """What is ordered now: windows under way and coming, and mutes by check id."""

    windows: tuple[WindowView, ...]
    mutes: Mapping[str, Mute]


def give(global_options: GlobalOptions, command_id: str, arguments: Mapping[str, str]) -> str:
    """Give an order, and hear what to tell the person. Every session on this store obeys it within a second.

    Raises Refused, ConfigError and StoreError.
    """
    permit(command_id, arguments, session_of(global_options))

    def write(present: Present, store: Store) -> str:
        ordered = ORDERS[command_id](present, arguments)
        store.append([ordered.entry], at=present.now)
        return ordered.said

    return _with_store(global_options, write, read_only=False)


def in_force(global_options: GlobalOptions) -> InForce:
    """Raises ConfigError and StoreError."""

    def look(present: Present, store: Store) -> InForce:
        mutes = {name: present.orders.mute(name, present.now) for name in present.check_ids}
        kept = {name: mute for name, mute in mutes.items() if mute is not None}
        return InForce(present.orders.listed(present.now), kept)

    return _with_store(global_options, look, read_only=global_options.read_only)


def _with_store(global_options: GlobalOptions, work: Callable[[Present, Store], T], *, read_only: bool) -> T:
    from artisan_tui.store.store import Store  # heavy

    config = read(config_path(global_options))
    orders = Orders()
    orders.configure(*config.windows())
    with Store.open(place_of(config, state_dir(global_options), os.environ), read_only=read_only) as store:
        orders.obey(read_kinds(store, orders.KINDS))
        check_ids = tuple(check_id for check_id, _, _ in config.checks())
        return work(Present(SystemClock().now(), session_of(global_options).actor, check_ids, orders), store)
