"""What is reachable, what is missing, and how to fix it: one finding a line."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from artisan_tui.domain.state import State
from artisan_tui.engine.checks.once import probe_once
from artisan_tui.engine.clock import SystemClock
from artisan_tui.engine.launch import GlobalOptions, config_path, state_dir
from artisan_tui.engine.settings import ConfigError, place_of, read
from artisan_tui.i18n import N_
from artisan_tui.store.errors import StoreError
from artisan_tui.store.place import StorePlace

if TYPE_CHECKING:
    from artisan_tui.config.models import Config


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """``ok`` is None for what could not be found out; ``mend`` is empty when all is well."""

    what: str
    ok: bool | None
    said: str
    mend: str = ""


async def examine(asked: GlobalOptions, environ: Mapping[str, str] = os.environ) -> list[Diagnosis]:
    """Every finding, in the order in which a person would fix them."""
    findings = [_terminal(environ)]
    config: Config | None = None
    try:
        path = config_path(asked, environ)
        config = read(path)
        count = sum(1 for _check in config.checks())
        findings.append(
            Diagnosis(N_("configuration"), True, f"{path}: {len(config.services)} services, {count} checks")
        )
    except ConfigError as error:
        for problem in error.problems:
            said = f"{problem.file}:{problem.line}: {problem.key}: {problem.what}" if problem.line else problem.what
            findings.append(Diagnosis(N_("configuration"), False, said, problem.mend))
    findings.append(_stored(config, state_dir(asked, environ), environ))
    if config is not None:
        findings += _unread(config)
        findings += await _metrics(config, environ)
        findings += await _checks(config, environ)
    return findings


def _unread(config: Config) -> list[Diagnosis]:
    """What the file sets and nothing reads yet. Otherwise its owner waits for alerts that never come."""
    if config.alerts is None:
        return []
    said = "[alerts] alertmanager is set, but this version reads no alerts from it"
    return [
        Diagnosis(N_("alerts"), None, said, "nothing to fix: watch Alertmanager itself until a version that reads it")
    ]


def _terminal(environ: Mapping[str, str]) -> Diagnosis:
    term, size = environ.get("TERM", ""), shutil.get_terminal_size()
    if not sys.stdout.isatty():
        return Diagnosis(N_("terminal"), None, "not a terminal: the board cannot open here, the other commands work")
    if term in ("", "dumb"):
        return Diagnosis(
            N_("terminal"), False, f"TERM={term or 'unset'}", "set TERM to match your terminal, like xterm-256color"
        )
    shape = f"{size.columns}x{size.lines}"
    said = f"{term}, {shape}"
    if "SSH_CONNECTION" in environ:
        said = f"{term}, {shape}, over SSH (mouse off; `ssh -C` reduces the traffic of the board)"
    if size.columns < 60 or size.lines < 15:
        return Diagnosis(N_("terminal"), False, said, "enlarge the window to at least 60x15; 80x24 is recommended")
    return Diagnosis(N_("terminal"), True, said)


def _stored(config: Config | None, folder: Path, environ: Mapping[str, str]) -> Diagnosis:
    try:
        place = StorePlace(folder) if config is None else place_of(config, folder, environ)
    except ConfigError as error:
        return Diagnosis(N_("store"), False, error.problems[0].what, error.problems[0].mend)
    return _store(place)


def _store(place: StorePlace) -> Diagnosis:
    from artisan_tui.store.store import Store  # heavy

    if place.sqlite_path is not None and not place.sqlite_path.exists():
        return Diagnosis(
            N_("store"), None, f"{place.sqlite_path} does not exist yet", "it is created when the board first opens"
        )
    try:
        store = Store.open(place, read_only=True)
    except StoreError as error:
        return Diagnosis(
            N_("store"), False, str(error), "nothing is overwritten: fix this, or use another folder with --state"
        )
    try:
        verification = store.verify()
    except StoreError as error:
        return Diagnosis(N_("store"), False, str(error), "run `artisan-tui audit verify` for the details")
    finally:
        store.close()
    if verification.broken is not None:
        said = f"the hash chain of the journal is broken at event {verification.broken.seq}: {verification.broken.what}"
        return Diagnosis(N_("store"), False, said, "keep a copy of the file and run `artisan-tui audit verify`")
    return Diagnosis(
        N_("store"), True, (f"{place.sqlite_path or 'database'}: {verification.events} events, hash chain valid")
    )


async def _metrics(config: Config, environ: Mapping[str, str]) -> list[Diagnosis]:
    if config.metrics is None:
        return []
    from artisan_tui.sources.metrics import open_backend  # heavy

    backend = open_backend(config.metrics, environ)
    try:
        return [Diagnosis(N_("metrics"), ok, said, mend) for ok, said, mend in await backend.status()]
    finally:
        await backend.aclose()


async def _checks(config: Config, environ: Mapping[str, str]) -> list[Diagnosis]:
    probe_round = await probe_once(config, (), SystemClock(), environ)
    findings = []
    for answer in probe_round.answers:
        verdict = answer.outcome.verdict
        said = ": ".join(filter(None, (verdict.value, answer.outcome.reason.value, answer.outcome.detail)))
        ok = True if verdict in (State.UP, State.DEGRADED) else None if verdict is State.UNKNOWN else False
        mend = "" if ok else f"see `artisan-tui check {answer.id}`"
        findings.append(Diagnosis(answer.id, ok, said if not ok else verdict.value, mend))
    if probe_round.unreached:
        mend = "check this machine's network, DNS and VPN first"
        findings.append(Diagnosis(N_("network"), False, "nearly no target could be reached", mend))
    return findings
