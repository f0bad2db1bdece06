"""Journals of finished runs that every later program has to read alike. `python -m support.golden_runs FOLDER` writes them.

A file is never changed: a release adds its own.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from artisan_tui.domain.event import Event, stamp
from artisan_tui.domain.runbooks import acts, acts_undo
from artisan_tui.domain.runbooks.approval import KernelLogin
from artisan_tui.domain.runbooks.definition import Action, Undo
from support.run_line import BACK, LOOK, sim_book, sim_step, verified
from support.run_simulation import Drive
from support.run_world import RUN


def succeeded() -> Drive:
    book = sim_book(
        sim_step("a", pre=(LOOK,), verify=verified(), confirm="ask"), sim_step("b", idempotent=True, retries=1)
    )
    drive = Drive(
        book,
        target="production",
        environment="production",
        params={},
        incident="INC-1",
        evidence="check llm.qwen failed 3 of 3",
    )
    drive.world.script = {"b.1.do": "timed_out"}
    drive.write(acts.confirm(drive.go(), drive.line.by(), yes=True))
    drive.go()
    return drive


def rolled_back() -> Drive:
    book = sim_book(
        sim_step("a", rollback=Undo(BACK, verified())),
        sim_step("b", rollback=None),
        sim_step("c", irreversible=True, rollback=None, confirm="type"),
        sim_step("d"),
        sim_step("e"),
    )
    drive = Drive(book, target="t")
    drive.world.script = {"d.1.do": "failed", "d.1.undo": "failed"}
    drive.write(acts.confirm(drive.go(), drive.line.by(), typed="t"))
    drive.write(acts_undo.start_rollback(drive.go(), book, drive.line.by(), holders={}))
    drive.go()
    drive.write(acts_undo.retry_undo(drive.run, drive.line.by()))
    drive.world.script = {}
    drive.write(acts.confirm(drive.go(), drive.line.by(), typed="t"))
    drive.write(acts.answer(drive.go(), book, drive.line.by("bob")))
    drive.go()
    return drive


def unknown_and_adopted() -> Drive:
    from artisan_tui.domain.runbooks.runner import Runner

    book = sim_book(sim_step("a"), sim_step("b"))
    drive = Drive(book)
    drive.world.script = {"a.1.do": "lost", "evidence": "unsure"}
    drive.go()
    drive.write(acts.adopt(drive.run, drive.line.by("bob", "s2"), "her laptop is closed"))
    drive.runner = Runner(drive.ports, "s2")
    drive.write(acts.settle(drive.run, book, drive.line.by("bob", "s2"), "failed", "half of it is there"))
    drive.go()
    drive.write(acts_undo.decline_rollback(drive.run, drive.line.by("bob"), "the half helps"))
    return drive


def approved_and_aborted() -> Drive:
    options = ({"label": "Go on", "goto": "c"}, {"label": "Look first", "goto": "next"})
    choice = sim_step("a", action=Action("choice", {"options": options}), mutates=False, rollback=None)
    book = sim_book(choice, sim_step("b"), sim_step("c", approval=True), sim_step("d", confirm="ask"), sim_step("e"))
    drive = Drive(book, target="t")
    drive.write(acts.answer(drive.go(), book, drive.line.by(), choice="Go on"))
    drive.write(acts.approve(drive.go(), drive.line.by("bob"), KernelLogin("bob", 1002)))
    drive.write(acts.skip(drive.go(), book, drive.line.by(), "not needed today"))
    while "e.1.do" not in drive.world.processes:
        drive.runner.turn(RUN)
    drive.write(acts.abort(drive.run, drive.line.by(), "wrong cluster"))
    drive.write(acts.abort(drive.run, drive.line.by(), "now"))
    drive.go()
    lock = drive.run.resources[0]
    drive.write(acts.break_lock(drive.run, drive.line.by("carol"), lock, lock, "its host is gone"))
    return drive


def dry() -> Drive:
    look = sim_step("look", mutates=False, rollback=None, action=Action("docker", {"inspect": "app"}))
    drive = Drive(sim_book(look, sim_step("change")), mode="dry")
    drive.go()
    return drive


GOLDEN = (succeeded, rolled_back, unknown_and_adopted, approved_and_aborted, dry)


def event_json(event: Event) -> dict[str, object]:
    return {
        "seq": event.seq,
        "at": stamp(event.occurred_at),
        "recorded_at": stamp(event.recorded_at),
        "actor": event.actor,
        "kind": event.kind,
        "subject": event.subject,
        "body": dict(event.body),
    }


def documents() -> Iterator[tuple[str, dict[str, object]]]:
    """(name, document) of each: the events, and the run that they add up to."""
    for make in GOLDEN:
        drive = make()
        events = [event_json(event) for event in drive.line.events]
        yield make.__name__, {"events": events, "run": json.loads(drive.run.to_json())}


def main(folder: str) -> None:
    for name, document in documents():
        text = json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True)
        (Path(folder) / f"{name}.json").write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
