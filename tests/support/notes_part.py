"""A part of the store as a wing would declare one: its table counts the notes of each person, from the events alone."""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import Connection, MetaData, insert, select, update
from sqlmodel import Field, SQLModel

from artisan_tui.domain.event import Event
from artisan_tui.store import parts
from artisan_tui.store.model import table
from artisan_tui.store.part import Part
from artisan_tui.store.projection import Projection

CREATE = "CREATE TABLE notes_of (actor TEXT PRIMARY KEY, notes INTEGER NOT NULL, words TEXT NOT NULL)"
OWN = parts.registered


class NotesOf(SQLModel, table=True):
    """Not in `model.Model`: no migration makes it."""

    metadata: ClassVar[MetaData] = MetaData()
    __tablename__ = "notes_of"
    actor: str = Field(primary_key=True)
    notes: int
    words: str


_NOTES = table(NotesOf)


def count(connection: Connection, event: Event) -> None:
    """``words`` tells a body apart that was not read as it is stored."""
    words = repr(event.body.get("text"))
    known = connection.execute(select(_NOTES.c.notes).where(_NOTES.c.actor == event.actor)).scalar()
    if known is None:
        connection.execute(insert(_NOTES).values(actor=event.actor, notes=1, words=words))
    else:
        change = update(_NOTES).where(_NOTES.c.actor == event.actor)
        connection.execute(change.values(notes=known + 1, words=words))


class NotesStore(Part):
    projections = (Projection("notes", ("note",), (_NOTES,), count),)

    def counts(self) -> dict[str, int]:
        with self._store.reading() as connection:
            return {actor: notes for actor, notes in connection.execute(select(_NOTES.c.actor, _NOTES.c.notes))}


def registered() -> tuple[type[Part], ...]:
    """For `parts.registered`, as if a wing had this part."""
    return (*OWN(), NotesStore)
