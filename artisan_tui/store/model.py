"""What the tables of every part have in common.

A part declares its tables beside its statements. A change to a table needs a migration; a test compares the
declared tables with those that the migrations make. Moments and durations are integer microseconds, except in
the journal, whose text is what was hashed.
"""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import MetaData, Table
from sqlmodel import Field, SQLModel


class Model(SQLModel):
    """Keeps these tables apart from any other SQLModel tables in the process."""

    metadata: ClassVar[MetaData] = MetaData()


class Meta(Model, table=True):
    """Single facts about the store: the end of the journal, the versions of the projections."""

    __tablename__ = "meta"
    key: str = Field(primary_key=True)
    value: str


def table(model: type[SQLModel]) -> Table:
    """The table that ``model`` declares, typed."""
    found: Any = model
    return found.__table__  # type: ignore[no-any-return]
