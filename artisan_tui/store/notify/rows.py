"""The outbox's tables, and their rows as values."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field

from artisan_tui.domain.notify.health import ChannelHealth
from artisan_tui.domain.notify.message import Message
from artisan_tui.store.dialect import BIG
from artisan_tui.store.model import Model, table
from artisan_tui.store.rows import micros, moment


class OutboxRow(Model, table=True):
    """A message: `domain.notify.message.Message`. ``order_key`` is its order. Its text stays in the journal."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("outbox_by_state", "state", "seq"),
        Index("outbox_by_order", "order_key", "seq"),
        Index("outbox_by_page", "page"),
        Index("outbox_by_incident", "incident"),
        Index("outbox_by_queued_at", "queued_at"),
    )
    id: str = Field(primary_key=True)
    seq: int = Field(sa_type=BIG)
    channel: str
    by: str
    incident: str
    purpose: str
    severity: str
    title: str
    to: str
    person: str
    rung: int
    page: str
    fallback: int
    drill: int
    queued_at: int = Field(sa_type=BIG)
    changed_at: int = Field(sa_type=BIG)
    due: int = Field(sa_type=BIG)
    state: str
    tries: int
    maybe: int
    wanted: int
    why: str
    key: str
    order_key: str


class OutboxChannel(Model, table=True):
    """How a channel does: `domain.notify.health.ChannelHealth`."""

    __tablename__ = "outbox_channel"
    channel: str = Field(primary_key=True)
    held_until: int | None = Field(sa_type=BIG)
    broken_since: int | None = Field(sa_type=BIG)
    sent_at: int | None = Field(sa_type=BIG)
    failed_at: int | None = Field(sa_type=BIG)
    why: str


OUTBOX, CHANNEL = table(OutboxRow), table(OutboxChannel)
_MESSAGE = [each.name for each in fields(Message)]
_MOMENTS = ("queued_at", "changed_at", "due")
_FLAGS = ("fallback", "drill", "maybe", "wanted")
_HEALTH = [each.name for each in fields(ChannelHealth)]
#: The columns of a `Message`, and of a `ChannelHealth`, in the order in which the readers take them.
MESSAGE = [OUTBOX.c[name] for name in _MESSAGE]
HEALTH = [CHANNEL.c[name] for name in _HEALTH]


def message_values(message: Message) -> dict[str, object]:
    values: dict[str, object] = {name: getattr(message, name) for name in _MESSAGE}
    for name in _MOMENTS:
        values[name] = micros(getattr(message, name))
    for name in _FLAGS:
        values[name] = int(getattr(message, name))
    return {**values, "to": json.dumps(list(message.to), ensure_ascii=False), "order_key": message.order}


def message_of(row: Sequence[Any]) -> Message:
    """From `MESSAGE`."""
    values: dict[str, Any] = dict(zip(_MESSAGE, row, strict=True))
    for name in _MOMENTS:
        values[name] = moment(values[name])
    for name in _FLAGS:
        values[name] = bool(values[name])
    return Message(**{**values, "to": tuple(json.loads(values["to"]))})


def health_values(health: ChannelHealth) -> dict[str, object]:
    values: Mapping[str, Any] = {name: getattr(health, name) for name in _HEALTH}
    return {name: micros(value) if isinstance(value, datetime) else value for name, value in values.items()}


def health_of(row: Sequence[Any]) -> ChannelHealth:
    """From `HEALTH`."""
    values: dict[str, Any] = {
        name: moment(value) if isinstance(value, int) else value for name, value in zip(_HEALTH, row, strict=True)
    }
    return ChannelHealth(**values)
