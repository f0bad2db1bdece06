"""What is reachable, what is missing, and how to fix it: one finding a line."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from artisan_tui.engine.audit import journal_problems
from artisan_tui.engine.checks.heartbeats import pushed_ids
from artisan_tui.engine.checks.once import probe_once
from artisan_tui.engine.clock import SystemClock
from artisan_tui.engine.launch import GlobalOptions, config_path, state_dir
from artisan_tui.engine.settings import ConfigError, place_of, read
from artisan_tui.i18n import N_
from artisan_tui.store.errors import StoreError
from artisan_tui.store.place import StorePlace

if TYPE_CHECKING:
    from artisan_tui.config.models import Config
    from artisan_tui.domain.oncall.schedule import Schedule


_NOT_PUBLISHED = "if this server does not publish it: scrape the exporter that does, name a Prometheus in [metrics], or take it out here"
#: What keeps a check unknown until somebody acts, however often it is probed.
_STAYS_UNKNOWN = {
    Reason.NO_DATA: _NOT_PUBLISHED,
    Reason.MISSING: "it stays unknown while the response does not have this: correct the condition, or write required = true if its absence is an outage",
    Reason.NAN: "it stays unknown while the value is no number: correct the query, or let the service publish one",
    Reason.TOO_LARGE: "it stays unknown while this is so long: ask for less, or write a simpler condition",
    Reason.NOT_INSTALLED: "it stays unknown on this machine: install what is missing here, or probe it from another one",
    Reason.DENIED: "it stays unknown while this user may not read it: give the right, or another credential",
    Reason.AUTH: "it stays unknown while the credentials are refused: renew them",
    Reason.INTERNAL: "it stays unknown until this is corrected on this machine or in the configuration",
}


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
            Diagnosis(N_("configuration"), True, f"{path}: services {len(config.services)}, checks {count}")
        )
    except ConfigError as error:
        for problem in error.problems:
            said = f"{problem.file}:{problem.line}: {problem.key}: {problem.what}" if problem.line else problem.what
            findings.append(Diagnosis(N_("configuration"), False, said, problem.mend))
    findings.append(_stored(config, state_dir(asked, environ), environ))
    if config is not None:
        findings += _channels(config, environ, state_dir(asked, environ))
        schedule = _known_schedule(asked)
        findings += _groups(config, schedule)
        findings += _schedule(config, schedule)
        findings += _files(config, environ)
        findings += _runbooks(config, asked)
        findings += await _metrics(config, environ)
        findings += await _alerts(config, environ)
        findings += await _selectors(config, environ)
        findings += await _heartbeats(config)
        findings += await _checks(config, environ, partial(place_of, config, state_dir(asked, environ), environ))
        named = {each.what for each in findings}  # a selector that matches nothing says enough
        findings += [each for each in await _slos(config, environ) if each.what not in named]
    return findings


def _known_schedule(asked: GlobalOptions) -> Schedule | None:
    """With the overrides and swaps that the journal has; None where it cannot be read, which the store's finding says."""
    from artisan_tui.engine.oncall.reading import known_schedule  # heavy

    try:
        return known_schedule(asked._replace(read_only=True)).schedule
    except (StoreError, ConfigError):
        return None


def _groups(config: Config, schedule: Schedule | None) -> list[Diagnosis]:
    from artisan_tui.engine.incidents.doctor import group_findings, on_call_findings  # heavy

    found = [*on_call_findings(config, datetime.now(UTC), schedule), *group_findings(config)]
    return [Diagnosis(*each) for each in found]


def _schedule(config: Config, schedule: Schedule | None) -> list[Diagnosis]:
    """The schedule over a year."""
    from artisan_tui.engine.oncall.doctor import schedule_findings  # heavy

    return [Diagnosis(*each) for each in schedule_findings(config, datetime.now(UTC), schedule)]


def _files(config: Config, environ: Mapping[str, str]) -> list[Diagnosis]:
    """Every file that the configuration names."""
    from artisan_tui.engine.named_files import file_findings, list_findings  # heavy

    return [Diagnosis(*each) for each in (*list_findings(config), *file_findings(config, environ))]


def _runbooks(config: Config, asked: GlobalOptions) -> list[Diagnosis]:
    """Which runbooks are not known to work; nothing is looked at."""
    from artisan_tui.engine.runbooks.doctor import runbook_findings  # heavy

    return [Diagnosis(N_("runbooks"), *each) for each in runbook_findings(config, asked)]


async def _alerts(config: Config, environ: Mapping[str, str]) -> list[Diagnosis]:
    """What does not answer, and whether the alert that must always fire is there."""
    if config.alerts is None:
        return []
    from artisan_tui.engine.alerts.trial import try_alerts  # heavy

    return [Diagnosis(N_("alerts"), ok, said, mend) for ok, said, mend in await try_alerts(config, environ)]


def _channels(config: Config, environ: Mapping[str, str], folder: Path) -> list[Diagnosis]:
    """The channels of notifications: secrets that cannot be read, and what the last tries came to. Sends nothing."""
    if not config.channels:
        return []
    from artisan_tui.engine.notify.doctor import channel_findings  # heavy

    try:
        place = place_of(config, folder, environ)
    except ConfigError:
        place = None  # said by the store's own finding
    return [Diagnosis(*each) for each in channel_findings(config, environ, place)]


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
    if problems := journal_problems(verification):
        said = f"the journal does not verify: {'; '.join(problems)}"
        return Diagnosis(N_("store"), False, said, "keep a copy of the file and run `artisan-tui audit verify`")
    if verification.projections:
        said = f"tables differ from the journal: {', '.join(verification.projections)}"
        return Diagnosis(N_("store"), False, said, "rebuild them with `artisan-tui audit rebuild`")
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


async def _slos(config: Config, environ: Mapping[str, str]) -> list[Diagnosis]:
    from artisan_tui.engine.slo.trial import try_slos  # heavy

    return [
        Diagnosis(f"slo {each.id}", each.ok, each.said, "" if each.ok else _NOT_PUBLISHED)
        for each in await try_slos(config, environ)
    ]


async def _selectors(config: Config, environ: Mapping[str, str]) -> list[Diagnosis]:
    """The selectors of SLOs that match nothing: a mistyped one reads as 100 % good."""
    if not config.slos or config.metrics is None:
        return []
    from artisan_tui.engine.slo.online import match_selectors  # heavy

    findings = []
    for each in await match_selectors(config, environ):
        what = f"slo {each.slo}"
        if each.problem:
            findings.append(Diagnosis(what, None, each.problem, "check [metrics] in the configuration, and the server"))
        for one in each.unmatched:
            said = f"{one.role}: no series has ever matched {one.selector}"
            mend = "check the spelling, unless there was no such event yet"
            if one.impossible:
                said += f": there is no metric {one.metric}" if one.metric else f": there is no label {one.label}"
                mend = "correct the selector, or let the service export it"
            findings.append(Diagnosis(what, False if one.impossible else None, said, mend))
    if findings:
        return findings
    return [Diagnosis("selectors", True, "every selector of an SLO matches a series")]


async def _heartbeats(config: Config) -> list[Diagnosis]:
    if not pushed_ids(config):
        return []
    from artisan_tui.sources.heartbeat_listener import NAME, who_listens

    host, port = config.heartbeat.place
    who = await who_listens(host, port)
    if who == NAME:
        return [Diagnosis("heartbeat", True, f"calls are heard on {host}:{port}")]
    if who == "nobody":
        said = f"nobody listens on {host}:{port}: calls of jobs are lost"
        return [Diagnosis("heartbeat", None, said, "keep a board or `artisan-tui watch` open")]
    said = f"another program listens on {host}:{port}: calls of jobs do not come here"
    return [Diagnosis("heartbeat", False, said, "set another `listen` in [heartbeat], or end that program")]


async def _checks(config: Config, environ: Mapping[str, str], place: Callable[[], StorePlace]) -> list[Diagnosis]:
    probe_round = await probe_once(config, (), SystemClock(), environ, place)
    findings = []
    for answer in probe_round.answers:
        verdict = answer.outcome.verdict
        said = ": ".join(filter(None, (verdict.value, answer.outcome.reason.value, answer.outcome.detail)))
        ok = True if verdict in (State.UP, State.DEGRADED) else None if verdict is State.UNKNOWN else False
        mend = "" if ok else f"see `artisan-tui check {answer.id}`"
        if verdict is State.UNKNOWN:
            mend = _STAYS_UNKNOWN.get(answer.outcome.reason, mend)
        findings.append(Diagnosis(answer.id, ok, said if not ok else verdict.value, mend))
    if probe_round.unreached:
        mend = "check this machine's network, DNS and VPN first"
        findings.append(Diagnosis(N_("network"), False, "nearly no target could be reached", mend))
    return findings
