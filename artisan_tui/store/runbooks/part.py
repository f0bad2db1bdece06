"""Runs as rows: projections of the journal, and the acts on them, each in one writing transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Index, bindparam, case, delete, insert, select, update
from sqlmodel import Field

from artisan_tui.domain.event import Entry, Event
from artisan_tui.domain.journal_body import BodyError
from artisan_tui.domain.journal_kinds import read_body
from artisan_tui.domain.runbooks.definition import Runbook, digest_of, read_runbook
from artisan_tui.domain.runbooks.events import RunApproved, RunbookDefined, RunIntended
from artisan_tui.domain.runbooks.fold import apply
from artisan_tui.domain.runbooks.ids import run_id
from artisan_tui.domain.runbooks.locks import held
from artisan_tui.domain.runbooks.ports import StaleCommit
from artisan_tui.domain.runbooks.run import Run, read_run
from artisan_tui.domain.runbooks.summary import RunSummary
from artisan_tui.store.dialect import BIG
from artisan_tui.store.errors import StoreCorrupt
from artisan_tui.store.journal import JournalStore
from artisan_tui.store.model import Model, table
from artisan_tui.store.part import Part, Transactions
from artisan_tui.store.projection import Projection
from artisan_tui.store.rows import micros, moment, storable


class RunRow(Model, table=True):
    """`domain.runbooks.run.Run`: ``body`` is all of it, the other columns are for finding it.

    ``over`` is 1 when nothing more happens, ``changed`` the seq of its last event, ``finished_at`` 0 before the end.
    """

    __tablename__ = "run"
    __table_args__ = (Index("run_by_changed", "over", "changed"), Index("run_by_runbook", "runbook", "started_at"))
    id: str = Field(primary_key=True)
    runbook: str
    target: str
    definition: str
    mode: str
    state: str
    rollback_state: str
    incident: str
    over: int
    version: int = Field(sa_type=BIG)
    fence: int = Field(sa_type=BIG)
    changed: int = Field(sa_type=BIG)
    started_at: int = Field(sa_type=BIG)
    finished_at: int = Field(sa_type=BIG)
    body: str


class RunLockRow(Model, table=True):
    """A resource that a run holds. One holder at a time, whatever the program does."""

    __tablename__ = "run_lock"
    resource: str = Field(primary_key=True)
    run: str = Field(index=True)


class RunDefinitionRow(Model, table=True):
    """The canonical text of a definition that a run was started with, by its digest."""

    __tablename__ = "run_def"
    digest: str = Field(primary_key=True)
    text: str


class ApprovalRow(Model, table=True):
    """Every approval that was given: for which step, of exactly what, by whom, until when."""

    __tablename__ = "approval"
    seq: int = Field(primary_key=True, sa_type=BIG)
    run: str = Field(index=True)
    step: str
    binding: str
    login: str
    expires: int = Field(sa_type=BIG)


_RUN, _LOCK = table(RunRow), table(RunLockRow)
_DEFINITION, _APPROVAL = table(RunDefinitionRow), table(ApprovalRow)
_READ = select(_RUN.c.body).where(_RUN.c.id == bindparam("wanted"))
_COLUMNS = tuple(each.name for each in _RUN.columns if each.name != "id")
_PUT = update(_RUN).where(_RUN.c.id == bindparam("wanted")).values({n: bindparam(n) for n in _COLUMNS})
_TEXT = select(_DEFINITION.c.text).where(_DEFINITION.c.digest == bindparam("wanted"))
_FREE = delete(_LOCK).where(_LOCK.c.resource == bindparam("wanted"), _LOCK.c.run == bindparam("holder"))
_GAPS = case((_RUN.c.body.contains('"unattended":'), _RUN.c.body), else_="").label("gaps")
_SUMMARY = ("id", "runbook", "target", "definition", "mode", "state", "rollback_state", "incident", "over")


def _follow(connection: Connection, event: Event) -> None:
    """The projection: the rows of the run that ``event`` is about."""
    if event.kind == RunbookDefined.KIND:
        _define(connection, event)
        return
    text = connection.execute(_READ, {"wanted": event.subject}).scalar()
    before = None if text is None else _read_run(text)
    after = apply(before, event)
    if after is None or after is before:
        return
    values = _values(after)
    if before is None:
        connection.execute(insert(_RUN), {"id": after.id, **values})
    else:
        connection.execute(_PUT, {"wanted": after.id, **values})
    had, has = () if before is None else held(before), held(after)
    for resource in set(had) - set(has):
        connection.execute(_FREE, {"wanted": resource, "holder": after.id})
    taken = [{"resource": each, "run": after.id} for each in has if each not in had]
    if taken:
        connection.execute(insert(_LOCK), taken)
    if event.kind == RunApproved.KIND:
        _approve(connection, event)


def _values(run: Run) -> dict[str, Any]:
    return {
        "runbook": run.runbook,
        "target": run.target,
        "definition": run.definition,
        "mode": run.mode,
        "state": run.state,
        "rollback_state": run.rollback_state,
        "incident": run.incident,
        "over": int(run.over),
        "version": run.version,
        "fence": run.fence,
        "changed": run.last_seq,
        "started_at": micros(run.started_at),
        "finished_at": 0 if run.finished_at is None else micros(run.finished_at),
        "body": run.to_json(),
    }


def _define(connection: Connection, event: Event) -> None:
    text = event.body.get("text")
    if not isinstance(text, str) or digest_of(text) != event.subject:
        return
    if connection.execute(_TEXT, {"wanted": event.subject}).first() is None:
        connection.execute(insert(_DEFINITION), {"digest": event.subject, "text": text})


def _approve(connection: Connection, event: Event) -> None:
    try:
        body = RunApproved.read(event)
    except BodyError:
        return
    row = {"step": body.step, "binding": body.binding, "login": body.login, "expires": micros(body.expires)}
    connection.execute(insert(_APPROVAL), {"seq": event.seq, "run": event.subject, **row})


@dataclass(frozen=True, slots=True)
class GivenApproval:
    """An approval in the record."""

    seq: int
    run: str
    step: str
    binding: str
    login: str
    expires: datetime


class RunView:
    """Runs as one transaction sees them."""

    def __init__(self, connection: Connection, where: str, journal: JournalStore) -> None:
        self._connection, self._where, self._journal = connection, where, journal

    def get(self, wanted: str) -> Run | None:
        text = self._connection.execute(_READ, {"wanted": storable(wanted)}).scalar()
        if text is None:
            return None
        try:
            return _read_run(text)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise StoreCorrupt.of(self._where, f"the row of run {wanted}: {error}") from error

    def free_id(self, at: datetime) -> str:
        """An id that no run has, for one that is started ``at``."""
        return run_id(at, lambda name: self._connection.execute(_READ, {"wanted": name}).scalar() is not None)

    def holders(self, resources: Iterable[str]) -> Mapping[str, Run]:
        """The run that holds each of these locks; those that nobody holds are left out."""
        wanted = [storable(each) for each in resources]
        query = select(_LOCK.c.resource, _LOCK.c.run).where(_LOCK.c.resource.in_(wanted))
        found = [(resource, self.get(name)) for resource, name in self._connection.execute(query)]
        return {resource: run for resource, run in found if run is not None}

    def definition(self, digest: str) -> Runbook | None:
        """The definition that a run was started with."""
        text = self._connection.execute(_TEXT, {"wanted": storable(digest)}).scalar()
        if text is None:
            return None
        try:
            return _read_runbook(text)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise StoreCorrupt.of(self._where, f"the definition {digest[:12]}: {error}") from error

    def intent(self, run: str, seq: int) -> RunIntended | None:
        """What was committed before an attempt was started."""
        return self.intents(run, (seq,)).get(seq)

    def intents(self, run: str, seqs: Iterable[int]) -> Mapping[int, RunIntended]:
        """`intent` of several at once, by seq; those that there are."""
        found = {}
        for event in self._journal.some(self._connection, seqs):
            if event.subject != run:
                continue
            try:
                body = read_body(event)
            except BodyError:
                continue
            if isinstance(body, RunIntended):
                found[event.seq] = body
        return found


#: A text means the same for ever; a long definition takes milliseconds, a run is read at every look at its process.
_read_runbook, _read_run = lru_cache(8)(read_runbook), lru_cache(8)(read_run)
#: What an act decides inside of its transaction: entries to write. It raises whatever refuses it.
DecideRun = Callable[[RunView], Sequence[Entry]]


class RunbookStore(Part):
    """Runs without reading their events, and the way to act on them."""

    projections = (Projection("run", ("run.",), (_RUN, _LOCK, _DEFINITION, _APPROVAL), _follow, version=3),)

    def __init__(self, store: Transactions) -> None:
        super().__init__(store)
        self._journal = JournalStore(store)

    def act(self, decide: DecideRun, *, at: datetime) -> tuple[Event, ...]:
        """Read, decide and write in one transaction that holds the write lock: nobody acts in between.

        ``decide`` may raise: then nothing is written.
        """
        with self._store.writing() as transaction:
            view = RunView(transaction.connection, self._store.where, self._journal)
            return transaction.append(decide(view), at)

    def commit(self, run: Run, entries: Sequence[Entry], *, at: datetime) -> tuple[Event, ...]:
        """Write what follows from ``run`` as it was read. Raises StaleCommit when it changed or has another owner."""

        def decide(view: RunView) -> Sequence[Entry]:
            stored = view.get(run.id)
            if stored is None or (stored.version, stored.fence) != (run.version, run.fence):
                raise StaleCommit(f"{run.id} changed meanwhile")
            return entries

        return self.act(decide, at=at)

    # -- reading ----------------------------------------------------------------------------

    def get(self, wanted: str) -> Run | None:
        with self._store.reading() as connection:
            return self._view(connection).get(wanted)

    def definition(self, digest: str) -> Runbook | None:
        with self._store.reading() as connection:
            return self._view(connection).definition(digest)

    def intent(self, run: str, seq: int) -> RunIntended | None:
        with self._store.reading() as connection:
            return self._view(connection).intent(run, seq)

    def intents(self, run: str, seqs: Iterable[int]) -> Mapping[int, RunIntended]:
        with self._store.reading() as connection:
            return self._view(connection).intents(run, seqs)

    def holders(self, resources: Iterable[str]) -> Mapping[str, Run]:
        with self._store.reading() as connection:
            return self._view(connection).holders(resources)

    def active(self) -> tuple[Run, ...]:
        """Runs that are not over, the newest change first."""
        query = select(_RUN.c.id).where(_RUN.c.over == 0).order_by(_RUN.c.changed.desc())
        with self._store.reading() as connection:
            found = map(self._view(connection).get, connection.execute(query).scalars().all())
            return tuple(run for run in found if run is not None)

    def recent(self, runbook: str = "", *, incident: str = "", limit: int = 50) -> tuple[RunSummary, ...]:
        """The newest runs, of one runbook or of one incident, or all."""
        columns = [*(_RUN.c[name] for name in _SUMMARY), _RUN.c.started_at, _RUN.c.finished_at, _GAPS]
        query = select(*columns).order_by(_RUN.c.started_at.desc(), _RUN.c.id.desc()).limit(limit)
        if runbook:
            query = query.where(_RUN.c.runbook == storable(runbook))
        if incident:
            query = query.where(_RUN.c.incident == storable(incident))
        with self._store.reading() as connection:
            return tuple(_summary(row) for row in connection.execute(query))

    def approvals(self, run: str) -> tuple[GivenApproval, ...]:
        """The approvals of a run, oldest first."""
        query = select(_APPROVAL).where(_APPROVAL.c.run == storable(run)).order_by(_APPROVAL.c.seq)
        with self._store.reading() as connection:
            rows = connection.execute(query).all()
        return tuple(GivenApproval(r.seq, r.run, r.step, r.binding, r.login, moment(r.expires)) for r in rows)

    def ids(self, beginning: str = "", limit: int = 200) -> tuple[str, ...]:
        """Ids that begin so, newest first."""
        condition = _RUN.c.id.startswith(storable(beginning), autoescape=True)
        query = select(_RUN.c.id).where(condition).order_by(_RUN.c.started_at.desc(), _RUN.c.id.desc()).limit(limit)
        with self._store.reading() as connection:
            return tuple(connection.execute(query).scalars())

    def events(self, run: str, limit: int = 500, *, before: int | None = None) -> tuple[Event, ...]:
        """A page of its events, newest first; with a seq below ``before``."""
        return self._journal.page(limit, before=before, subject=run)

    def _view(self, connection: Connection) -> RunView:
        return RunView(connection, self._store.where, self._journal)


def _summary(row: Any) -> RunSummary:
    finished = moment(row.finished_at) if row.finished_at else None
    values: dict[str, Any] = {name: getattr(row, name) for name in _SUMMARY[:-1]}
    values |= {"unattended": read_run(row.gaps).unattended} if row.gaps else {}
    return RunSummary(**values, over=bool(row.over), started_at=moment(row.started_at), finished_at=finished)


PART = RunbookStore
