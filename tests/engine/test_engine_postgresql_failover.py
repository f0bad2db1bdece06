"""Ten sessions, a PostgreSQL that is shut down at once and started again, and a standby that takes over."""

from __future__ import annotations

import asyncio
import json
import signal
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from artisan_tui.domain.checks.events import CheckMuted
from artisan_tui.domain.event import Event
from artisan_tui.domain.lease import SessionRole
from artisan_tui.domain.session.loss import Loss
from artisan_tui.domain.state import State
from artisan_tui.engine.checks.mutes import Mutes
from artisan_tui.engine.checks.slice import CheckSlice
from artisan_tui.engine.snapshot import JournalSlice
from artisan_tui.store.journal_loss import find_loss
from artisan_tui.store.place import StorePlace
from artisan_tui.store.store import Store
from support.postgres_server import Postgres, postgres_server
from support.postgres_standby import promote, standby_of
from support.servers import until
from support.services import Service, config_text, http_check, service
from support.several_sessions import Colleague, colleagues, met, one_leads, text_of

SESSIONS = 10
#: Seconds after the server takes connections again, within which every session writes again.
RECOVERED = 10.0


class Writers:
    """Every session keeps writing notes; what each of them said."""

    def __init__(self, found: Sequence[Colleague]) -> None:
        self._found = found
        self.said: list[str] = []
        self._tasks = [asyncio.create_task(self._write(each)) for each in found]

    async def _write(self, each: Colleague) -> None:
        while True:
            each.said += 1
            text = f"{each.name} {each.said}"
            self.said.append(text)
            await each.note(text)
            await asyncio.sleep(0.25)

    async def end(self) -> list[str]:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        return self.said

    async def all_write(self) -> float:
        """Seconds until something that each says from now on is in the store and known to the first two."""
        news = [f"{each.name} {each.said + 1}" for each in self._found]
        return await met(lambda: all(text in each.seen for text in news for each in self._found[:2]), 20, "new notes")


def events_of(url: str) -> list[Event]:
    with Store.open(StorePlace(Path("/nowhere"), url), read_only=True) as store:
        assert store.verify().sound
        return list(reversed(store.journal.page(100_000)))


async def one_polls(target: Service, every: float) -> None:
    before, seconds = target.requests, 3.0
    await asyncio.sleep(seconds)  # how often it is asked cannot be waited for
    assert target.requests - before <= seconds / every + 2, "more than one session polls"


async def cut(found: Sequence[Colleague], server: Postgres, how: signal.Signals) -> None:
    """The server ends; every board says so."""
    await asyncio.to_thread(server.stop, how)
    await met(lambda: all(each.shown.store_problem for each in found), 20, "what every board says")


def is_down(leader: Colleague) -> bool:
    snapshot = leader.snapshot
    return snapshot is not None and any(view.health.state is State.DOWN for view in snapshot[CheckSlice].views)


async def test_ten_sessions_through_an_immediate_shutdown_and_a_failover(tmp_path: Path) -> None:
    sync = {"max_connections": "90", "max_wal_senders": "4", "wal_retrieve_retry_interval": "200ms"}
    with (
        service() as target,
        postgres_server(**sync) as primary,
        standby_of(primary, synchronous=True) as standby,
    ):
        url = f"postgresql://artisan@127.0.0.1:{primary.port},127.0.0.1:{standby.port}/postgres"
        config = tmp_path / "artisan.toml"
        check = http_check("web", target.url, every="0.5s", more='expect = ["status == 200"]\n')
        config.write_text('database = "env:ARTISAN_DB"\n' + config_text(check))
        names = [f"s{number}" for number in range(SESSIONS)]
        async with colleagues(names, config, url) as found:
            writers = Writers(found)
            await writers.all_write()
            await one_polls(target, 0.5)

            await cut(found, primary, signal.SIGQUIT)  # an immediate shutdown: the next start is a recovery
            target.status = 500
            await met(lambda: is_down(found[0]), 20, "what is found while nothing can be written")
            await asyncio.to_thread(primary.start)
            restart = await writers.all_write()
            await met(lambda: one_leads(found), 20, "one leader after the restart")
            assert found[0].role is SessionRole.LEADER, (
                "nobody takes the lease from a leader that the same outage cut off"
            )
            await met(lambda: not any(each.shown.store_problem for each in found), 20, "boards without a problem")

            await cut(found, primary, signal.SIGQUIT)
            await asyncio.to_thread(promote, standby)
            failover = await writers.all_write()
            await met(lambda: one_leads(found), 20, "one leader after the failover")
            await met(lambda: not any(each.shown.store_problem for each in found), 20, "boards without a problem")
            target.status = 200
            await one_polls(target, 0.5)

            said = await writers.end()
            await met(lambda: all(not each.engine.writer._entries for each in found), 20, "what still waits")
            events = await asyncio.to_thread(events_of, url)
            counted = Counter(text_of(event) for event in events if event.kind == "note")
            assert [text for text in said if counted[text] != 1] == [], "lost, or written twice"
            down = [event for event in events if event.kind == "check.state" and event.body.get("to") == "down"]
            assert len(down) == 1, down
            print(f"\nrestart {restart:.2f} s, failover {failover:.2f} s, {len(said)} notes, {len(events)} events")
            assert max(restart, failover) < RECOVERED
            assert [each.role for each in found].count(SessionRole.LEADER) == 1


def unheard_of(standby: Postgres, primary: Postgres) -> None:
    """The standby has everything that was written so far, and nothing of what is written from now on."""
    head = "SELECT value FROM meta WHERE key = 'journal'"
    until(lambda: standby.sql(head) == primary.sql(head), 10, "the standby's copy")
    standby.sql("ALTER SYSTEM SET primary_conninfo = ''")
    standby.sql("SELECT pg_reload_conf()")
    until(lambda: standby.sql("SELECT count(*) FROM pg_stat_wal_receiver") == "0", 10, "the end of the replication")


async def test_sessions_notice_that_a_standby_without_the_last_events_was_promoted(tmp_path: Path) -> None:
    """Every session says what is lost and keeps it in a file; the journal says it once, and nothing lost is shown on."""
    settings = {"max_connections": "60", "max_wal_senders": "4", "wal_retrieve_retry_interval": "200ms"}
    with service() as target, postgres_server(**settings) as primary, standby_of(primary, synchronous=False) as standby:
        url = f"postgresql://artisan@127.0.0.1:{primary.port},127.0.0.1:{standby.port}/postgres"
        config = tmp_path / "artisan.toml"
        check = http_check("web", target.url, every="0.5s", more='expect = ["status == 200"]\n')
        config.write_text('database = "env:ARTISAN_DB"\n' + config_text(check))
        async with colleagues(["ann", "bo", "cy", "di"], config, url, readers=["di"], reading=url) as found:
            await found[0].note("kept")
            await met(lambda: all("kept" in each.seen for each in found), 10, "the note")
            await asyncio.to_thread(unheard_of, standby, primary)

            target.status = 500
            await found[1].note("lost")
            check_id = found[1].snapshot[CheckSlice].views[0].id if found[1].snapshot is not None else ""
            reply = await found[2].engine.execute("check.mute", {"check": check_id, "for": "1h", "reason": "lost too"})
            assert reply.ok, reply.text
            news = ("lost", "check.state", CheckMuted.KIND)
            await met(lambda: all(each in one.seen for each in news for one in found), 20, "what is lost soon")
            await cut(found[:3], primary, signal.SIGKILL)
            known = held(found[0])[::-1]
            assert await asyncio.to_thread(loss_there, standby.url(), known) is None, "it may only be behind"
            await asyncio.to_thread(promote, standby)
            assert await asyncio.to_thread(loss_there, standby.url(), known) is not None

            def noticed(each: Colleague) -> bool:
                return (
                    each.shown.store_notice.startswith("the database lost the last ") and not each.shown.store_problem
                )

            await met(lambda: all(noticed(each) for each in found), 40, "what every board says")
            await met(lambda: all("store.lost-events" in each.seen for each in found), 20, "what the journal says")
            await met(lambda: one_leads(found[:3]), 20, "one leader")
            await met(lambda: all(map(says_down, found)), 20, "the outage, which is still there, and is said again")
            for each in found[:3]:
                await each.note(f"{each.name} after it")
            texts = [f"{each.name} after it" for each in found[:3]]
            await met(lambda: all(text in each.seen for text in texts for each in found), 20, "the new notes")
            events = await asyncio.to_thread(events_of, url)
            (told,) = [event for event in events if event.kind == "store.lost-events"]
            down = [event for event in events if event.kind == "check.state" and event.body.get("to") == "down"]
            assert len(down) == 1, "the outage was seen again, and is said again"
            assert "lost" not in map(text_of, events), "nobody repeats what a person did"
            for each in found:
                await met(lambda each=each: held(each) == events[-len(held(each)) :], 10, "what the store says")  # type: ignore[misc]
                assert not each.engine.states.get(Mutes).mute(check_id, each.engine.clock.now()), "it was lost"
                (file,) = each.engine.options.place.state_dir.glob("lost-events-*.jsonl")
                assert str(file) in each.shown.store_notice
                assert file.stat().st_mode & 0o777 == 0o600
                lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
                assert set(news) <= {line["body"].get("text", line["kind"]) for line in lines}
                numbers = [line["seq"] for line in lines]
                assert numbers == list(range(told.body["first"], told.body["last"] + 1))
                assert lines[0]["prev_hash"] == events[numbers[0] - 2].hash, "the first has its place in the journal"
                assert lines[-1]["hash"] == told.body["last_hash"]


def says_down(each: Colleague) -> bool:
    """Whether this session shows that the journal says that a check is down."""
    return any(event.kind == "check.state" and event.body.get("to") == "down" for event in held(each))


def loss_there(url: str, known: Sequence[Event]) -> Loss | None:
    """What of the ``known`` events, newest first, this server lost."""
    with Store.open(StorePlace(Path("/nowhere"), url), read_only=True) as store:
        return find_loss(store, [(known[0].seq, known[0].hash)], known)


def held(each: Colleague) -> list[Event]:
    """What this session shows as written, oldest first."""
    snapshot = each.snapshot
    return [] if snapshot is None else [event for event in reversed(snapshot[JournalSlice].events) if event.seq]


async def test_a_commit_that_nobody_confirms_is_said_until_it_is_confirmed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without its synchronous standby the server holds every commit, for ever: no error comes of that by itself."""
    monkeypatch.setattr("artisan_tui.engine.store_thread.SILENT_AFTER", 0.5)
    config = tmp_path / "artisan.toml"
    config.write_text('database = "env:ARTISAN_DB"\n' + config_text('id = "m"\nkind = "memory"\nevery = "30s"\n'))

    def standby(name: str) -> None:
        server.sql(f"ALTER SYSTEM SET synchronous_standby_names = '{name}'")
        server.sql("SELECT pg_reload_conf()")

    with postgres_server(max_connections="40") as server:
        async with colleagues(["ann", "bo"], config, server.url()) as (ann, bo):
            await asyncio.to_thread(standby, "gone")
            await ann.note("waits")
            await met(lambda: "does not answer" in ann.shown.store_problem, 10, "what the board says")
            await asyncio.to_thread(standby, "")
            await met(lambda: "waits" in bo.seen and not ann.shown.store_problem, 20, "the note, and the end of it")
        events = await asyncio.to_thread(events_of, server.url())
        assert [text_of(event) for event in events].count("waits") == 1
