"""Sessions on PostgreSQL hear of each other's commits at once, and say so where something between them prevents it."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from artisan_tui.domain.lease import SessionRole
from artisan_tui.engine.checks.slice import CheckSlice
from artisan_tui.engine.snapshot import SessionStatus
from support.pgbouncer import pgbouncer
from support.postgres_server import Postgres, postgres_server
from support.services import config_text, http_check, service
from support.several_sessions import Colleague, colleagues, met

_NUMBERS = itertools.count(1)
#: Seconds within which another session has to see it.
AT_ONCE = 0.3


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with postgres_server(max_connections="60") as running:
        yield running


@pytest.fixture
def url(server: Postgres) -> str:
    name = f"news_{next(_NUMBERS)}"
    server.sql(f"CREATE DATABASE {name}")
    return server.url(name)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "artisan.toml"
    path.write_text('database = "env:ARTISAN_DB"\n' + config_text('id = "m"\nkind = "memory"\nevery = "30s"\n'))
    return path


async def heard(writer: Colleague, reader: Colleague, number: int) -> float:
    """Seconds until ``reader`` knows what ``writer`` wrote."""
    text = f"{writer.name} to {reader.name} {number}"
    said = await writer.note(text)
    await met(lambda: text in reader.seen, 10, f"{text} at {reader.name}")
    return reader.seen[text] - said


def middle(found: list[float]) -> float:
    return sorted(found)[len(found) // 2]


async def test_what_one_writes_the_other_knows_within_0_3_s_both_ways(config: Path, url: str) -> None:
    async with colleagues(["ann", "bo", "reader"], config, url, readers=["reader"]) as (ann, bo, reader):
        await met(lambda: all(each.engine._leadership._news.trusted for each in (ann, bo, reader)))
        for writer, other in ((ann, bo), (bo, ann), (ann, reader)):
            took = [await heard(writer, other, number) for number in range(7)]
            assert middle(took) < AT_ONCE, took


async def test_a_check_status_without_an_event_is_seen_within_0_3_s(tmp_path: Path, url: str) -> None:
    with service() as target:
        path = tmp_path / "artisan.toml"
        check = http_check("web", target.url, every="1s", more='expect = ["body.n >= 0"]\n')
        path.write_text('database = "env:ARTISAN_DB"\n' + config_text(check))
        values = itertools.count(1)
        target.answer = lambda path: (200, b'{"n": %d}' % next(values))
        shown: dict[str, dict[str, float]] = {"ann": {}, "bo": {}}
        async with colleagues(["ann", "bo"], path, url) as pair:
            loop = asyncio.get_running_loop()

            def look() -> bool:
                for each in pair:
                    for view in each.snapshot[CheckSlice].views if each.snapshot else ():
                        for finding in view.findings:
                            shown[each.name].setdefault(finding.actual, loop.time())
                return len(shown["bo"].keys() & shown["ann"].keys()) >= 4

            await met(look, 20, "values on both boards")
            both = list(shown["ann"].keys() & shown["bo"].keys())[1:]
            assert middle([shown["bo"][each] - shown["ann"][each] for each in both]) < AT_ONCE


async def test_idle_sessions_ask_the_server_nothing_between_two_audits(
    config: Path, url: str, server: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    from artisan_tui.engine import store_news
    from artisan_tui.store.store import Store

    asked: list[str] = []
    pulse = Store.pulse

    def counted(store: Store) -> object:
        asked.append(store.voice)
        return pulse(store)

    async with colleagues(["ann", "bo"], config, url) as pair:
        await met(lambda: all(each.engine._leadership._news.trusted for each in pair))
        await asyncio.sleep(1.0)  # what the start wrote is read
        monkeypatch.setattr(Store, "pulse", counted)
        began = asyncio.get_running_loop().time()
        await met(lambda: asyncio.get_running_loop().time() - began > 4.0)
        # A follower: an audit in 3 s, and a beat of the leader in 2.5 s. The leader: an audit.
        assert len(asked) <= 8, len(asked)
        assert store_news.AUDIT_EVERY == 3.0


async def test_a_listener_that_was_cut_off_listens_again_and_misses_nothing(
    config: Path, url: str, server: Postgres
) -> None:
    async with colleagues(["ann", "bo"], config, url) as (ann, bo):
        news = bo.engine._leadership._news
        await met(lambda: news.trusted)
        connections = news._connections
        cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE query LIKE '%clock_timestamp%'"
        cut += " AND pid <> pg_backend_pid()"
        assert int(server.sql(cut)) >= 1
        said = await ann.note("while nobody listens")
        await met(lambda: "while nobody listens" in bo.seen, 10, "what was said meanwhile")
        assert bo.seen["while nobody listens"] - said < 1.0
        await met(lambda: news.trusted and news._connections > connections, 10, "the next connection")
        assert await heard(ann, bo, 1) < 1.0
        assert not bo.status.store_problem


async def test_behind_a_pooler_in_transaction_mode_it_is_asked_for_and_said(
    config: Path, url: str, server: Postgres, tmp_path: Path
) -> None:
    with pgbouncer(server, "transaction") as port:
        pooled = f"postgresql://artisan@127.0.0.1:{port}/postgres"
        async with colleagues(["ann", "bo"], config, pooled) as (ann, bo):
            for number in range(6):
                assert await heard(ann, bo, number) < 2.0
            await met(lambda: "connection pooler" in bo.status.shared_store_notice, 10, "the notice")
            assert not bo.engine._leadership._news.trusted
            assert not bo.status.store_problem
            assert not ann.status.store_problem
        assert bo.snapshot is not None
        assert "pool_mode" in bo.snapshot[SessionStatus].shared_store_notice


async def test_behind_a_pooler_in_session_mode_it_is_heard(config: Path, server: Postgres) -> None:
    server.sql("CREATE DATABASE pooled")
    with pgbouncer(server, "session", database="pooled", size=12) as port:
        url = f"postgresql://artisan@127.0.0.1:{port}/pooled"
        async with colleagues(["ann", "bo"], config, url) as (ann, bo):
            news = bo.engine._leadership._news
            await heard(ann, bo, 0)
            await met(lambda: news.trusted, 10, "trust")
            assert middle([await heard(ann, bo, number) for number in range(1, 6)]) < AT_ONCE
            assert bo.status.shared_store_notice == ""


async def test_a_follower_takes_over_in_time_while_it_listens(config: Path, url: str) -> None:
    async with colleagues(["ann", "bo"], config, url) as (ann, bo):
        await met(lambda: bo.engine._leadership._news.trusted)
        ann.engine.stop()
        took = await met(lambda: bo.role is SessionRole.LEADER, 10, "the next leader")
        assert took < 2.0, "a lease that was given back is heard of"
