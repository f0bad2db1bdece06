"""Live drills: started, joined, and ended from the command line and the screen."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeVar

from artisan_tui.domain.drills import files
from artisan_tui.domain.drills.scenario import Scenario
from artisan_tui.engine.drills.drill_config import write_config
from artisan_tui.engine.drills.folders import HISTORY, DrillPlace, NoDrill, new_drill
from artisan_tui.engine.drills.stack import STARTS_WITHIN, first_line
from artisan_tui.engine.launch import GlobalOptions, Options, session_of
from artisan_tui.i18n import _
from artisan_tui.steps.drill_conductor import ConductorClient, ConductorGone, ConductorRefused
from artisan_tui.store.place import StorePlace

T = TypeVar("T")
SLOWEST: Final = 1.0
FASTEST: Final = 20.0
#: Of the simulated traffic, where nobody says another.
SEED: Final = 20251014


class DrillRefused(Exception):
    """The drill does not begin, or is not changed. The message is a sentence."""


def begin_drill(
    scenario: Scenario,
    state: Path,
    now: datetime,
    *,
    real: GlobalOptions | None,
    seed: int,
    speed: float = SLOWEST,
    zone: str = "UTC",
    language: str = "en",
    history: int = HISTORY,
) -> DrillPlace:
    """A new drill that stands at its first tick until somebody comes. Raises DrillRefused.

    ``real`` is where the real incidents are; None where there are none. ``history`` is how many days before it the
    error budgets know.
    """
    trouble = open_trouble(real) if real is not None else ""
    if trouble:
        raise DrillRefused(_("no drill now: {incident} is open and needs its people").format(incident=trouble))
    process: subprocess.Popen[bytes] | None = None
    place: DrillPlace | None = None
    try:
        place = new_drill(scenario, state, now, seed=seed, speed=speed, real=real, history=history)
        url, process = _launched(place)
        write_config(place.path, url, zone=zone, language=language)
    except BaseException as error:
        # A drill that nobody can open is none: neither its process nor its folder stays.
        if process is not None:
            process.kill()
            process.wait()
        if place is not None:
            shutil.rmtree(place.path, ignore_errors=True)
        if isinstance(error, OSError):
            raise DrillRefused(_("the drill's folder cannot be written: {why}").format(why=error)) from None
        raise
    return place


def begin_here(options: Options, scenario: str, now: datetime, *, seed: int = SEED) -> DrillPlace:
    """A new drill beside a session. Raises ConfigError, DrillRefused and NoDrill.

    Beside the simulated stack of the demo no incident is real.
    """
    from artisan_tui.engine.drills.library import scenarios
    from artisan_tui.engine.settings import read

    config = read(options.config_path, options.overlay)
    files = scenarios(config).files
    if scenario not in files:
        raise NoDrill(_("there is no scenario {id}").format(id=scenario))
    return begin_drill(
        files[scenario].scenario,
        options.place.state_dir,
        now,
        real=None if options.session.demo else GlobalOptions(options.config_path, options.place.state_dir),
        seed=seed,
        zone=str(config.zone),
        language=config.artisan.language,
    )


def conducted(place: DrillPlace) -> str:
    """The address of the drill's stack; its process is started again where it is gone. Raises DrillRefused, NoDrill."""
    if place.over:
        raise DrillRefused(_("the drill is over; `artisan-tui drill report` shows how it went"))
    if place.url and answers(place.url):
        return place.url
    with _alone(place):
        # Whoever was first may have started it meanwhile.
        return place.url if place.url and answers(place.url) else start_conductor(place)


@contextlib.contextmanager
def _alone(place: DrillPlace) -> Iterator[None]:
    """Two people may join at once: one starts the process, and the other waits for it. Raises NoDrill."""
    try:
        descriptor = os.open(place.path, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise NoDrill(_("{path} cannot be read").format(path=place.path)) from error
    try:
        with contextlib.suppress(OSError):  # a file system without locks
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def answers(url: str) -> bool:
    """Whether the process that conducts a drill is there."""
    try:
        asked(url, "", lambda client: client.view())
    except (ConductorGone, ConductorRefused):
        return False
    return True


def start_conductor(place: DrillPlace) -> str:
    """Start the process that conducts the drill; its address. It outlives this one. Raises DrillRefused."""
    return _launched(place)[0]


def _launched(place: DrillPlace) -> tuple[str, subprocess.Popen[bytes]]:
    """Raises DrillRefused."""
    command = [sys.executable, "-m", "artisan_tui.drill", "--drill", str(place.path)]
    with open(os.open(place.path / files.LOG, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as log:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
            cwd="/",
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        )
    assert process.stdout is not None
    with process.stdout:
        line = first_line(process, time.monotonic() + STARTS_WITHIN)
    try:
        return str(json.loads(line)["url"]), process
    except (ValueError, KeyError, TypeError):
        process.kill()
        process.wait()
        said = (place.path / files.LOG).read_text("utf-8", "replace").strip().splitlines()
        why = said[-1] if said else _("it did not answer")
        raise DrillRefused(_("the simulated stack failed to start: {why}").format(why=why)) from None


def conduct(place: DrillPlace, what: str, **body: Any) -> Mapping[str, Any]:
    """Tell the drill's process something with the facilitator's token. Raises DrillRefused."""
    try:
        return asked(place.url, place.token, lambda client: client.conduct(what, **body))
    except ConductorGone:
        raise DrillRefused(_("nobody conducts this drill at present")) from None
    except ConductorRefused as refused:
        raise DrillRefused(str(refused)) from None


def asked(url: str, token: str, ask: Callable[[ConductorClient], Coroutine[Any, Any, T]]) -> T:
    """Ask the process that conducts a drill, outside of any loop. Raises ConductorGone and ConductorRefused."""

    async def once() -> T:
        client = ConductorClient(url, token)
        try:
            return await ask(client)
        finally:
            await client.aclose()

    return asyncio.run(once())


def end_drill(place: DrillPlace, patience: float = 60.0) -> None:
    """End it, and wait until its play is kept. Raises DrillRefused, NoDrill."""
    if place.over:
        return
    conducted(place)
    conduct(place, "end")
    until = time.monotonic() + patience
    while not place.over:
        if time.monotonic() > until:
            raise DrillRefused(_("the drill was ended, and its debrief is not there yet"))
        time.sleep(0.1)


def drill_options(asked_for: GlobalOptions, place: DrillPlace, *, facilitates: bool = False) -> Options:
    """A session in the drill. Raises DrillRefused."""
    config = place.path / files.CONFIG
    if not config.exists():
        raise DrillRefused(_("{path} is missing: the drill cannot be opened").format(path=config))
    session = session_of(asked_for)._replace(drill=True, facilitates=facilitates and bool(place.token))
    return Options(config, StorePlace(place.path), session)


def open_trouble(real: GlobalOptions) -> str:
    """The worst open Sev1 or Sev2 of the real store, "" when there is none."""
    from artisan_tui.engine.incidents.transaction import incident_store
    from artisan_tui.engine.launch import config_path, config_places, state_dir
    from artisan_tui.engine.settings import ConfigError, place_of, read
    from artisan_tui.store.errors import StoreError
    from artisan_tui.store.store import Store

    state = state_dir(real)
    store_place = StorePlace(state)
    # Without a configuration, the store is in the state folder. One that cannot be read may name another store.
    if real.config is not None or any(each.exists() for each in config_places(real, os.environ)):
        try:
            store_place = place_of(read(config_path(real)), state, os.environ)
        except ConfigError as error:
            raise _not_known(error.problems[0]) from None
    path = store_place.sqlite_path
    if path is not None and not path.exists():
        return ""
    try:
        with Store.open(store_place, read_only=True) as store:
            found = [
                each for each in incident_store(store).open() if each.active and each.severity <= 2 and not each.drill
            ]
    except StoreError as error:
        raise _not_known(error) from None
    worst = min(found, key=lambda each: each.severity, default=None)
    return "" if worst is None else f"{worst.id} (Sev{worst.severity} {worst.title})"


def _not_known(why: object) -> DrillRefused:
    return DrillRefused(_("whether an incident is open cannot be read, so no drill begins: {why}").format(why=why))
