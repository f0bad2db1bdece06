"""``artisan-tui commands`` and ``artisan-tui note``: what there is to do, and one thing done."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from artisan_tui.engine.commands import COMMANDS
from support.forked import Forked, run_program
from support.program import Runner
from support.servers import until

TEXT = '[artisan]\nname = "Shop"\n[[service]]\nid = "here"\n[[service.check]]\nid = "memory"\nkind = "memory"\n'


def artisan(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    (folder / "artisan.toml").write_text(TEXT)
    where = ("--config", str(folder / "artisan.toml"), "--state", str(folder / "state"))
    return run_program(*where, *words)


def test_the_registry_is_printed_as_it_is_declared(tmp_path: Path) -> None:
    done = artisan(tmp_path, "commands", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    found = {each["id"]: each for each in json.loads(done.stdout)["commands"]}
    assert list(found) == list(COMMANDS)
    override = found["slo.override"]
    assert (override["confirm"], override["confirm_in_production"]) == ("ask", "type")
    assert [each["name"] for each in override["parameters"]] == ["for", "reason"]
    assert found["check.mute"]["verb"] == "mute"
    assert found["check.run"]["read_only"] is True
    plain = artisan(tmp_path, "commands").stdout
    assert all(command_id in plain for command_id in COMMANDS)


def test_a_note_is_written_and_read(tmp_path: Path) -> None:
    done = artisan(tmp_path, "note", "disks \x1b[31mreplaced")
    assert (done.returncode, done.stderr) == (0, "")
    (event,) = json.loads(artisan(tmp_path, "audit", "log", "--json").stdout)["events"]
    assert (event["kind"], event["body"]) == ("note", {"v": 1, "text": "disks replaced"})
    empty = artisan(tmp_path, "note", "  ")
    assert (empty.returncode, "needs text" in empty.stderr) == (2, True)
    assert artisan(tmp_path, "--read-only", "note", "x").returncode == 1
    assert artisan(tmp_path, "note").returncode == 2


def test_what_only_a_session_can_do_is_asked_of_the_leader(home: Path, run: Runner) -> None:
    (home / "artisan.toml").write_text(TEXT)
    for words in (("notice", "acknowledge"), ("slo", "refill"), ("config", "reload")):
        alone = run(*words)
        assert (alone.returncode, "needs a running session" in alone.stderr) == (1, True)
    store = home / "state" / "artisan.db"
    store.write_bytes(b"no database at all" * 500)
    store.chmod(0o600)

    def kinds() -> list[str]:
        found = run("audit", "log", "--json")
        return [event["kind"] for event in json.loads(found.stdout)["events"]] if found.returncode == 0 else []

    arguments = ["--config", home / "artisan.toml", "--state", home / "state", "watch"]
    watch = Forked(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until(lambda: "session.start" in kinds(), 30, "the leader")
        assert "store.replaced" in kinds()
        until(lambda: run("notice", "acknowledge").returncode == 0, 30, "the lease")
        until(lambda: "notice.acknowledged" in kinds(), 30, "what was asked for")
        assert "asked the leader" in run("slo", "refill").stdout
        assert run("--read-only", "slo", "refill").returncode == 1
    finally:
        watch.terminate()
        assert watch.wait(20) == 0
