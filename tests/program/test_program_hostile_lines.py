"""Hostile texts on the command line: whatever is heard, configured or typed is said plainly."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from support.forked import Forked
from support.hostile import SEEN, SEQUENCES, TEXTS, floods, unfit
from support.hostile_program import FILE_NAMES, hostile_folder, nasty_journal
from support.hostile_targets import checks_on, named_by, toml_text, write_config
from support.program import Runner
from support.servers import until
from support.services import config_text, http_check, service


def fit(done: subprocess.CompletedProcess[str]) -> subprocess.CompletedProcess[str]:
    """What a command wrote, which no terminal may act on."""
    for said in (done.stdout, done.stderr):
        assert unfit(said) == [], said[-2000:]
        # JSON is data, which is whole; what a person reads is not flooded.
        assert said.startswith("{") or list(floods(said)) == []
        assert "Traceback" not in said
    return done


def test_whatever_a_check_hears_the_command_line_says_plainly(home: Path, run: Runner) -> None:
    with hostile_folder() as url:
        checks = [*checks_on(url), *named_by(url)]
        write_config(home, url, *checks, name=f"{SEEN} {SEQUENCES['title']}")
        fit(run("config", "check"))
        plain, document = fit(run("check")), fit(run("check", "--json"))
        doctor, findings = fit(run("doctor")), fit(run("doctor", "--json"))
    assert plain.stdout.count(SEEN) > 500
    # One line for each: nothing said makes another.
    assert len(plain.stdout.splitlines()) == len(checks) + 1
    assert len(json.loads(document.stdout)["checks"]) == len(checks)
    assert doctor.stdout.count(SEEN) > 500
    assert json.loads(findings.stdout)["findings"]


def test_whatever_a_configuration_holds_its_problems_are_said_plainly(home: Path, run: Runner) -> None:
    keys: list[str] = []
    for text in (toml_text(text) for text in TEXTS.values()):
        inner = text[1:-1]
        keys += [
            f"{text} = 1",
            *(f"{key} = {text}" for key in ("method", "every", "bearer_token", "ca_file", "body", "fall")),
            f'expect = [{text}, "body.{inner} == x", "body ~ ({inner}", "{inner} == 1"]',
            f'headers = {{ {text} = "x", "X-Y" = {text}, "Authorization" = {text} }}',
            f"freshness = {{ path = {text}, within = {text} }}",
        ]
    head = '[artisan]\nname = "Test"\nenvironment = "staging"\n\n'
    check = '[[service.check]]\nid = "c{n}"\nkind = "http"\nurl = "http://127.0.0.1:1/"\n{key}\n'
    tables = [check.format(n=n, key=key) for n, key in enumerate(keys)]
    for n, text in enumerate(toml_text(text) for text in TEXTS.values()):
        inner = text[1:-1]
        tables += [
            f'[[service.check]]\nid = {text}\nkind = "tcp"\naddress = {text}\n',
            f'[[service.check]]\nid = "k{n}"\nkind = {text}\n',
            f'[[service.check]]\nid = "u{n}"\nkind = "http"\nurl = "http://{inner}"\n',
            f'[[service.check]]\nid = "p{n}"\nkind = "promql"\nquery = {text}\n',
            f'[[service.check]]\nid = "m{n}"\nkind = "measure"\nmeasure = {{ value = {text} }}\n',
        ]
    (home / "artisan.toml").write_text(head + '[[service]]\nid = "s"\n' + "\n".join(tables), "utf-8")
    told = fit(run("config", "check"))
    assert told.returncode == 2
    assert told.stderr.count(SEEN) > 200
    for name in ("title", "bidi", "c1 csi"):
        text = toml_text(TEXTS[name])
        for key in ("environment", "timezone", "language", "name", TEXTS[name][:5]):
            (home / "artisan.toml").write_text(f"[artisan]\n{toml_text(key)} = {text}\n{text} = {text}\n", "utf-8")
            fit(run("config", "check"))
    for raw in (*(text.encode() for text in (TEXTS["title"], TEXTS["bidi"])), b"\xff\x9b31m", b'x = "\xe2\x80\xae\n'):
        (home / "artisan.toml").write_bytes(b"[artisan]\n" + raw + b"\n")
        assert fit(run("check")).returncode == 2


@pytest.mark.parametrize("name", FILE_NAMES)
def test_whatever_is_asked_is_said_back_plainly(home: Path, run: Runner, name: str) -> None:
    said = FILE_NAMES[name]
    (home / "artisan.toml").write_text(config_text(http_check("one", "http://127.0.0.1:1/")), "utf-8")
    for arguments in (
        ("check", said),
        (said,),
        (f"--{said}",),
        ("audit", "log", "-n", said),
        ("config", "init", said),
        ("config", "init", said),
        ("config", "init", "x.toml", "--language", said),
        ("--state", str(home / said), "audit", "verify"),
        ("--state", str(home / said), "doctor"),
        ("--config", str(home / f"no-{said}"), "check"),
    ):
        fit(run(*arguments))


def test_whatever_another_program_wrote_into_the_journal_is_said_plainly(home: Path, run: Runner) -> None:
    count = nasty_journal(home)
    log = fit(run("audit", "log", "-n", "100000"))
    assert log.returncode == 0
    assert len(log.stdout.splitlines()) == count, "an event forged lines of others"
    assert log.stdout.count(SEEN) > 200
    document = fit(run("audit", "log", "-n", "100000", "--json"))
    found = json.loads(document.stdout)["events"]
    assert len(found) == count
    assert {TEXTS["bidi"], TEXTS["every c1"], TEXTS["title"]} <= {event["actor"] for event in found}, "data is whole"
    fit(run("audit", "verify"))
    fit(run("audit", "verify", "--json"))
    with service() as one:
        (home / "artisan.toml").write_text(config_text(http_check("one", one.url)), "utf-8")
        fit(run("doctor"))


@pytest.mark.parametrize("option", [[], ["--json"]], ids=["plain", "json"])
def test_whatever_happens_the_watch_tells_plainly(home: Path, option: list[str]) -> None:
    """Checks whose state changes to a nasty reason, and a session beside it that writes nasty events."""
    with hostile_folder() as url:
        write_config(home, url, *checks_on(url, ("json", "location"), prometheus=False))
        arguments = ["--config", home / "artisan.toml", "--state", home / "state", "watch", *option]
        with (home / "out").open("wb") as out, (home / "err").open("wb") as err:
            watch = Forked(arguments, stdout=out, stderr=err, cwd=home)
        try:
            until(lambda: (home / "out").read_text("utf-8").count(SEEN) > 60, 30)
            nasty_journal(home)
            until(lambda: "maintenance" in (home / "out").read_text("utf-8"), 30)
        finally:
            watch.terminate()
            watch.wait(30)
    text, complaints = ((home / name).read_text("utf-8") for name in ("out", "err"))
    assert unfit(text) == []
    assert unfit(complaints) == []
    assert "Traceback" not in complaints
    assert text.count(SEEN) > 100
    if option:
        assert all(json.loads(line)["seq"] for line in text.splitlines())
    else:
        assert all(re.match(r"\d{4}-\d\d-\d\dT", line) for line in text.splitlines()), "an event forged lines"
