"""A wing that nobody has heard of: its folders are all that it takes to add a command, a verb, a kind of entry with its words, a state and a slice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

FILES = {
    "domain/scratch/__init__.py": "",
    "domain/scratch/events.py": """
from artisan_tui.domain.journal_body import Body

class ThingAdded(Body):
    KIND = "scratch.added"
    number: str | None = None

class ThingAsked(Body):
    KIND = "scratch.asked"
""",
    "reports/scratch/__init__.py": "",
    "reports/scratch/events.py": """
from artisan_tui.domain.scratch.events import ThingAsked, ThingAdded
from artisan_tui.reports.wording import EventWords

WORDS = EventWords()

@WORDS.says(ThingAdded)
def _added(event, body):
    return f"{event.subject} added, {body.number}"

@WORDS.says(ThingAsked)
def _asked(event, body):
    return "asked"
""",
    "engine/scratch/__init__.py": "",
    "engine/scratch/commands.py": """
from artisan_tui.engine.command import Command, Confirm, Parameter, ParameterType

COMMANDS = (
    Command(
        "scratch.add",
        "Add",
        "Add a thing",
        (
            Parameter("thing", "Thing", ParameterType.ID, of=("thing",), missing="there is no thing {id}"),
            Parameter("number", "Number", ParameterType.NUMBER, required=False, option="--number"),
        ),
        key="z",
        verb="scratch add",
        decide="artisan_tui.engine.scratch.decisions:add",
    ),
    Command("scratch.ask", "Ask", "Ask first", verb="scratch ask", confirm=Confirm.ASK,
            decide="artisan_tui.engine.scratch.decisions:ask"),
    Command("scratch.wipe", "Wipe", "Hurt production", verb="wipe", dangerous=True,
            decide="artisan_tui.engine.scratch.decisions:ask"),
)
""",
    "engine/scratch/decisions.py": """
from artisan_tui.domain.scratch.events import ThingAsked, ThingAdded
from artisan_tui.engine.decision import Decision

def add(present, given):
    number = given["number"]
    added = ThingAdded(number=None if number is None else str(number))
    return Decision((added.entry(present.now, present.actor, given["thing"]),), "added")

def ask(present, given):
    return Decision((ThingAsked().entry(present.now, present.actor),), "done")
""",
    "engine/scratch/things.py": """
from dataclasses import dataclass
from artisan_tui.domain.scratch.events import ThingAdded

class Things:
    KINDS = (ThingAdded.KIND,)
    def __init__(self):
        self.names = []
    def forget(self):
        self.names = []
    def apply(self, entries):
        before = list(self.names)
        self.names += [entry.subject for entry in entries if entry.subject not in self.names]
        return self.names != before

@dataclass(frozen=True)
class ThingsSlice:
    names: tuple = ()

@dataclass(frozen=True)
class HowMany:
    async def run(self, core):
        return len(core.state(Things).names)
""",
    "engine/scratch/wing.py": """
from artisan_tui.engine.bus import StatesChanged
from artisan_tui.engine.scratch.things import Things, ThingsSlice
from artisan_tui.engine.wing import Wing

class ScratchWing(Wing):
    STATES = (Things,)
    def __init__(self, core):
        super().__init__(core)
        core.bus.on(StatesChanged, lambda changed: self.core.publish(ThingsSlice(tuple(core.state(Things).names))))
    @classmethod
    def known_ids(cls, config, states, now):
        return {"thing": ("bolt", "nut")}

WING = ScratchWing
""",
}
#: Runs command lines given as JSON on stdin, then an engine; prints what came of it as JSON.
DRIVER = """
import asyncio, contextlib, io, json, os, sys
import artisan_tui.domain, artisan_tui.engine, artisan_tui.reports, artisan_tui.wings
for room in (artisan_tui.domain, artisan_tui.engine, artisan_tui.reports):
    room.__path__.append(os.path.join(os.environ["SCRATCH"], room.__name__.rpartition(".")[2]))
artisan_tui.wings.WINGS += ("scratch",)
from artisan_tui.cli.app import run
from artisan_tui.engine.access import Session
from artisan_tui.engine.core import Engine
from artisan_tui.engine.launch import Options
from artisan_tui.engine.scratch.things import HowMany, ThingsSlice
from artisan_tui.store.place import StorePlace
from pathlib import Path

folder, found = Path(os.environ["FOLDER"]), []
for words in json.load(sys.stdin):
    out, err = io.StringIO(), io.StringIO()
    sys.argv = ["artisan-tui", "--config", str(folder / "artisan.toml"), "--state", str(folder / "state"), *words]
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(lambda options: 99)
    found.append([code, out.getvalue(), err.getvalue()])

async def engine():
    shown, came = [], asyncio.Event()
    def hear(snapshot):
        shown.append(snapshot[ThingsSlice].names)
        came.set()
    one = Engine(Options(folder / "artisan.toml", StorePlace(folder / "state"), Session("j.park")), hear)
    task = asyncio.create_task(one.run())
    async with asyncio.timeout(20):
        while "bolt" not in (shown[-1] if shown else ()):
            came.clear()
            await came.wait()
        reply = await one.execute("scratch.add", {"thing": "nut"})
        while "nut" not in shown[-1]:
            came.clear()
            await came.wait()
    count = await HowMany().run(one)
    one.stop()
    await task
    return [reply.ok, reply.text, list(shown[-1]), count]

print(json.dumps({"lines": found, "engine": asyncio.run(engine())}))
"""
TEXT = """
[artisan]
name = "Shop"
environment = "{environment}"
[[service]]
id = "here"
[[service.check]]
id = "memory"
kind = "memory"
"""


def driven(folder: Path, environment: str, lines: list[list[str]]) -> dict[str, Any]:
    for name, text in FILES.items():
        path = folder / "rooms" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (folder / "artisan.toml").write_text(TEXT.format(environment=environment))
    surroundings = {**os.environ, "SCRATCH": str(folder / "rooms"), "FOLDER": str(folder)}
    done = subprocess.run(
        [sys.executable, "-c", DRIVER],
        check=False,
        input=json.dumps(lines),
        capture_output=True,
        text=True,
        timeout=60,
        env=surroundings,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("environment", ["production", "staging"])
def test_a_folder_is_all_it_takes(tmp_path: Path, environment: str) -> None:
    production = environment == "production"
    expected = {
        ("scratch", "add", "bolt", "--number", "2.50"): 0,
        ("scratch", "add", "screw"): 1,
        ("scratch", "add", "bolt", "--number", "many"): 2,
        ("scratch", "ask"): 1,
        ("scratch", "ask", "--yes"): 0,
        ("wipe",): 1,
        ("wipe", "--yes"): 1 if production else 0,
        ("wipe", "--confirm", environment): 0,
        ("--read-only", "scratch", "add", "bolt"): 1,
        ("scratch", "add"): 2,
        ("audit", "verify"): 0,
    }
    lines = [*map(list, expected), ["commands", "--json"], ["audit", "log", "--json"]]
    found = driven(tmp_path, environment, lines)
    *answers, registry, log = found["lines"]
    assert {words: answer[0] for words, answer in zip(expected, answers, strict=True)} == expected
    assert answers[0][1] == "added\n"
    assert "there is no thing screw" in answers[1][2]
    declared = {each["id"]: each for each in json.loads(registry[1])["commands"]}
    assert declared["scratch.add"]["verb"] == "scratch add"
    assert declared["scratch.wipe"]["confirm_in_production"] == "type"
    events = json.loads(log[1])["events"]
    asked = ["scratch.asked"] * (2 if production else 3)
    assert [event["kind"] for event in reversed(events)] == ["scratch.added", *asked]
    assert events[-1]["body"] == {"v": 1, "number": "2.50"}
    assert events[-1]["text"] == "bolt added, 2.50"
    assert found["engine"] == [True, "added", ["bolt", "nut"], 2]
