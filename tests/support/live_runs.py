"""Runs with a real store and real processes: a folder with a configuration, and seats of operators at it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from artisan_tui.domain.runbooks.approval import KernelLogin
from artisan_tui.domain.runbooks.effects import Effect, Wait
from artisan_tui.domain.runbooks.run import Run
from artisan_tui.domain.runbooks.runner import RunnerPorts
from artisan_tui.engine.access import Session
from artisan_tui.engine.commands import COMMANDS, decide, permit
from artisan_tui.engine.decision import Decision, Present
from artisan_tui.engine.runbooks.attempt import Attempt
from artisan_tui.engine.runbooks.driving import Drive, ports_of
from artisan_tui.engine.runbooks.journaled import JournaledRuns, run_store
from artisan_tui.engine.runbooks.notices import with_notices
from artisan_tui.engine.runbooks.owner import own_name
from artisan_tui.engine.runbooks.rules import RunRules
from artisan_tui.engine.runbooks.shim import folder as files
from artisan_tui.engine.runbooks.shim.processes import ProcessId, descendants, start_of
from artisan_tui.engine.runbooks.spawner import attempt_folder
from artisan_tui.engine.settings import read
from artisan_tui.store.place import StorePlace
from artisan_tui.store.store import Store
from support.servers import until

CONFIG = """
[artisan]
name = "Artisan"
environment = "{environment}"
{more}
[[service]]
id = "a"
name = "A"
[[service.check]]
id = "c"
kind = "command"
run = ["true"]
"""


class Clock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class House:
    """``folder`` has artisan.toml, runbooks.toml, the state and ``effects``, a file to which steps append."""

    def __init__(
        self, folder: Path, runbooks: str, *, environment: str = "staging", more: str = "", url: str | None = None
    ) -> None:
        self.folder, self.state, self.effects = folder, folder / "state", folder / "effects"
        self._url = url
        self.config_path = folder / "artisan.toml"
        self.config_path.write_text(CONFIG.format(environment=environment, more=more))
        self.write(runbooks)
        os.environ["EFFECTS"] = str(self.effects)  # what steps are started with
        self.environ = dict(os.environ)

    def write(self, runbooks: str) -> None:
        (self.folder / "runbooks.toml").write_text(runbooks)

    def place(self) -> StorePlace:
        return StorePlace(self.state) if self._url is None else StorePlace(self.state, self._url)

    @contextmanager
    def seat(self, name: str = "alice", login: int | None = 1000, shared: str = "") -> Iterator[Seat]:
        with Store.open(self.place()) as store:
            yield Seat(self, store, name, KernelLogin(name, login, shared))

    def done(self) -> list[str]:
        """What the steps appended, in order."""
        return self.effects.read_text().split() if self.effects.exists() else []


class Seat:
    """One operator with a session of their own."""

    def __init__(self, house: House, store: Store, name: str, login: KernelLogin) -> None:
        self.house, self.store, self.name = house, store, name
        self.rules = RunRules()
        self.rules.configure(read(house.config_path))
        self.rules.session = own_name(name)
        self.rules.kernel = lambda actor: login
        self.runs = JournaledRuns(
            lambda work, writes: work(store), Clock().now, lambda run, entries: with_notices(self.rules, run, entries)
        )
        self.ports: RunnerPorts = ports_of(self.rules, self.runs, house.state, house.environ, Clock())
        self.drive = Drive(self.ports, self.rules.session)

    def give(self, command: str, **arguments: str) -> Decision:
        """Carry out a command as the engine does. Raises CommandRefused."""
        present = Present(datetime.now(UTC), self.name, {}, {RunRules: self.rules})
        permit(f"runbook.{command}", arguments, Session(self.name))
        decision = decide(COMMANDS[f"runbook.{command}"], present, arguments)
        assert decision.change is not None
        if decision.ready is not None:
            decision.ready()
        return decision.change(self.store)

    def start(self, runbook: str = "example", **arguments: str) -> str:
        return self.give("start", runbook=runbook, **arguments).subject

    def go(self, run: str) -> Effect:
        """Carry it out until a person is waited for, or it is over."""
        return self.drive.until_waiting(run)

    def run(self, run: str) -> Run:
        found = run_store(self.store).get(run)
        assert found is not None
        return found

    def bodies(self, run: str, kind: str = "") -> list[Mapping[str, Any]]:
        """The bodies of its events, oldest first."""
        events = reversed(run_store(self.store).events(run, 5000))
        return [event.body for event in events if not kind or event.kind == kind]


def effect_step(name: str, *more: str, keys: str = "", undo: bool = True) -> str:
    """A step that appends its name, and whose undo appends ``-name``."""
    rollback = f'rollback = {{ kind = "command", run = {_run(f"-{name}")} }}\n' if undo else ""
    return (
        f'[[runbook.step]]\nid = "{name}"\ntitle = "{name}"\nkind = "command"\nrun = {_run(name, *more)}\n'
        f"{rollback}{keys}\n"
    )


def _run(word: str, *more: str) -> str:
    script = "\n".join((f'echo {word} >> "$EFFECTS"', *more))
    return f"['sh', '-c', '''{script}''']"


def book(*steps: str, keys: str = "", name: str = "example", params: str = "") -> str:
    table = f"[runbook.params]\n{params}\n" if params else ""
    return f'[[runbook]]\nid = "{name}"\ntitle = "Example"\n{keys}\n{table}{"".join(steps)}'


Makes = Callable[..., House]


def house_maker(folder: Path) -> Makes:
    """Makes a house in ``folder`` from steps."""

    def make(*steps: str, keys: str = "", params: str = "", **more: str) -> House:
        return House(folder, book(*steps, keys=keys, params=params), **more)

    return make


def states(seat: Seat, run: str) -> list[str]:
    return [each.state for each in seat.run(run).steps]


def attempt(seat: Seat, run: str, name: str) -> Attempt:
    return Attempt(attempt_folder(seat.house.state, run, name))


def begun(seat: Seat, run: str) -> None:
    """Turn until the act of the run is under way."""
    until(lambda: seat.drive.turn(run) == Wait("process"), what="the act under way")


def shim_of(seat: Seat, run: str, name: str) -> int:
    found = files.read_json(attempt(seat, run, name).folder, files.START)
    assert found is not None
    return int(found["shim"])


def kill_attempt(folder: Path) -> None:
    """Kill the shim of an attempt and everything below it, as a machine that goes down does."""
    begin = files.read_json(folder, files.START)
    assert begin is not None
    for pid in (int(begin["shim"]), int(begin["pid"])):
        for each in (ProcessId(pid, start_of(pid)), *descendants(pid)):
            each.send(signal.SIGKILL)
