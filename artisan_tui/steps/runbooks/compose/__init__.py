"""``compose``: services of one project, by the command line of Compose. Only what is named is touched."""

from __future__ import annotations

import json
import os
import re
import shlex
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from artisan_tui.domain.runbooks.definition import Action
from artisan_tui.domain.text.printable import printable
from artisan_tui.steps.runbooks.compose.containers import running, services_of, touched
from artisan_tui.steps.runbooks.operands import digests
from artisan_tui.steps.runbooks.programs import asked_program, found_program, last_line, run_program, version_in
from artisan_tui.steps.runbooks.protocol import (
    ABSENT,
    FAILED,
    HAPPENED,
    OK,
    UNSURE,
    Attempted,
    Evidence,
    Finding,
    Resolved,
    StepChannel,
    StepContext,
    StepOutcome,
    StepRefused,
    plain,
    resolved_act,
)

#: `restart --no-deps` and `up --no-recreate` behave as they are used here from this version on.
_OLDEST: Final = (2, 17)
_MEND: Final = "install the docker-compose-plugin, 2.17 or newer"


class Compose:
    def plan(self, action: Action, context: StepContext) -> Resolved:
        body, verb = action.body, action.verb
        file = context.folder / os.path.expanduser(plain(body.get("file") or context.place.get("compose_file") or ""))
        if not file.is_file() and not context.stack:
            raise StepRefused(f"there is no compose file {printable(str(file), 300)}", "correct file")
        if body.get("project"):
            project = plain(body["project"])
        else:
            project = "artisan" if context.stack else _project(file, context.environ)
        request: dict[str, Any] = {"verb": verb, "file": str(file), "project": project}
        notes: list[str] = []
        if verb == "scale":
            wanted = {str(name): _count(each) for name, each in body["scale"].items()}
            request |= {"services": list(wanted), "scale": wanted}
            notes.append("containers that run are left as they are, also where the file changed")
        elif verb == "down":
            request["services"] = []
            notes.append("every container of the project is removed; volumes stay")
        else:
            request["services"] = [plain(each) for each in body[verb]]
        if verb == "restart":
            notes.append("a restart takes no new image and no new environment: that is up")
        if any(not re.fullmatch(r"[a-zA-Z0-9][a-zA-Z0-9._-]*", each) for each in request["services"]):
            raise StepRefused("a service's name has letters, digits, . _ - only", "correct the name")
        dotenv = file.parent / ".env"
        named = [str(file), *([str(dotenv)] if dotenv.is_file() else [])]
        files = {} if context.stack else digests(named, file.parent)
        shown = shlex.join(["docker", "compose", *_arguments(request)])
        return resolved_act(action, context, shown, request, files=files, notes=tuple(notes))

    def capture(self, resolved: Resolved, channel: StepChannel) -> Mapping[str, Any]:
        found = services_of(str(resolved.request["project"]), channel)
        _check_counts(resolved.request, {}, found)
        return {"services": found}

    def act(self, resolved: Resolved, before: Mapping[str, Any], channel: StepChannel) -> StepOutcome:
        request, began = resolved.request, time.monotonic()
        program = _compose(channel)
        environ = dict(channel.environ)
        if request["verb"] == "ps":
            return _listed(program, request, environ, channel)
        found = services_of(str(request["project"]), channel)
        _check_counts(request, before.get("services", {}), found)
        argv = [*program, *_arguments(request)]
        channel.say(shlex.join(argv))
        ran = run_program(argv, environ, channel)
        now = services_of(str(request["project"]), channel)
        body = {name: running(now, name) for name in now}
        outcome = StepOutcome(
            OK,
            exit=ran.code,
            answers={"exit": ran.code, "stdout": ran.stdout, "body": body},
            latency=time.monotonic() - began,
        )
        channel.say(", ".join(f"{name} {count}" for name, count in body.items()) or "no container is left")
        others = touched(found, now, frozenset(request["services"]))
        if others and request["verb"] != "down":
            why = f"{', '.join(others)} was touched too: it has other containers, or they were started again"
            return StepOutcome(FAILED, why, exit=ran.code, answers=outcome.answers)
        for name, wanted in request.get("scale", {}).items():
            if ran.code == 0 and body.get(name, 0) != wanted:
                why = f"{wanted} containers of {name} were wanted and {body.get(name, 0)} run"
                return StepOutcome(FAILED, why, exit=ran.code, answers=outcome.answers)
        return outcome

    def unbroken(self, first: StepOutcome, now: StepOutcome) -> str:
        old, new = first.answers.get("body"), now.answers.get("body")
        return "" if old == new else "its containers are others, or in another state, than a moment ago"

    def evidence(self, attempted: Attempted, channel: StepChannel) -> Evidence:
        request, before = attempted.resolved.request, attempted.before.get("services", {})
        verb = request["verb"]
        if verb == "ps":
            return Evidence(ABSENT, "it only reads")
        now = services_of(str(request["project"]), channel)
        if verb == "down":
            left = sum(len(each) for each in now.values())
            return (
                Evidence(UNSURE, f"{left} containers are left") if left else Evidence(HAPPENED, "no container is left")
            )
        if verb == "scale":
            counts = {name: running(now, name) for name in request["scale"]}
            if counts == dict(request["scale"]):
                return Evidence(HAPPENED, f"{counts} run")
            same = counts == {name: running(before, name) for name in counts}
            return Evidence(ABSENT if same else UNSURE, f"{counts} run")
        fresh: list[str] = []
        old_ones: list[str] = []
        for name in request["services"]:
            old = {(each["id"], each["started_at"]) for each in before.get(name, ()) if each["running"]}
            new = {(each["id"], each["started_at"]) for each in now.get(name, ()) if each["running"]}
            (fresh if new and not old & new else old_ones).append(name)
        if fresh and not old_ones:
            return Evidence(HAPPENED, f"the containers of {', '.join(fresh)} were started after the intent")
        if fresh:
            return Evidence(UNSURE, f"{', '.join(fresh)} was started again, {', '.join(old_ones)} was not")
        return Evidence(ABSENT, f"the containers of {', '.join(old_ones)} are those from before")

    def undo(self, resolved: Resolved, before: Mapping[str, Any]) -> Resolved | None:
        request = resolved.request
        if request["verb"] != "scale" or "services" not in before:
            return None
        # Also where the number stays the same: a way back that does nothing is better than none.
        back = {name: running(before["services"], name) for name in request["scale"]}
        undone = {**request, "scale": back, "from": dict(request["scale"])}
        return Resolved(
            "compose",
            "scale",
            shlex.join(["docker", "compose", *_arguments(undone)]),
            f"{resolved.mark}/undo",
            undone,
            expect=("exit == 0",),
            timeout=resolved.timeout,
            grace=resolved.grace,
            mutates=True,
        )

    def dry(self, resolved: Resolved, channel: StepChannel) -> StepOutcome:
        if resolved.request["verb"] == "ps":
            return self.act(resolved, {}, channel)
        found = self.capture(resolved, channel)["services"]
        there = ", ".join(f"{name} {running(found, name)}" for name in found) or "nothing"
        return StepOutcome(OK, f"would run: {resolved.shown}; there is {there}")

    def preflight(self, resolved: Resolved, channel: StepChannel) -> tuple[Finding, ...]:
        request = resolved.request
        try:
            program = _compose(channel)
            base = [*program, *_base(request)]
            asked = asked_program([*base, "config", "--services"], channel.environ, channel.left)
            if asked.code:
                return (Finding(False, f"the compose file is refused: {last_line(asked.stderr)}", "correct the file"),)
            found = services_of(str(request["project"]), channel)
        except StepRefused as refused:
            return (Finding(False, refused.what, refused.mend),)
        known = asked.stdout.split()
        missing = [each for each in request["services"] if each not in known]
        if missing:
            return (Finding(False, f"the file has no service {missing[0]}", f"services are {', '.join(known)}"),)
        count = sum(len(each) for each in found.values())
        if not count and request["verb"] in ("restart", "ps"):
            return (Finding(False, f"the project {request['project']} has no containers", "correct project"),)
        return (Finding(True, f"the project {request['project']} has {count} containers"),)


def _compose(channel: StepChannel) -> list[str]:
    """The program of Compose: the plugin, else the binary of its own. Raises StepRefused."""
    tried = []
    for name, words in (("docker", ["compose"]), ("docker-compose", [])):
        try:
            path = found_program(name, channel.environ, _MEND)
        except StepRefused:
            continue
        asked = asked_program([path, *words, "version", "--short"], channel.environ, min(20.0, channel.left))
        version = version_in(asked.stdout)
        if asked.code == 0 and version >= _OLDEST:
            return [path, *words]
        if asked.code == 0 and version:
            tried.append(".".join(map(str, version)))
    what = f"Compose {tried[0]} is too old" if tried else "Compose is not installed"
    raise StepRefused(what, _MEND)


def _base(request: Mapping[str, Any]) -> list[str]:
    return ["--file", str(request["file"]), "--project-name", str(request["project"])]


def _arguments(request: Mapping[str, Any]) -> list[str]:
    names = [str(each) for each in request["services"]]
    match request["verb"]:
        case "scale":
            # Naming the service, and nothing else: without it everything is started and changed containers are replaced.
            scale = [word for name, count in request["scale"].items() for word in ("--scale", f"{name}={count}")]
            words = ["up", "--detach", "--no-deps", "--no-recreate", *scale, *names]
        case "up":
            words = ["up", "--detach", "--no-deps", *names]
        case "restart":
            words = ["restart", "--no-deps", *names]
        case "ps":
            words = ["ps", "--all", "--format", "json", *names]
        case _:
            words = ["down"]
    return [*_base(request), *words]


def _check_counts(request: Mapping[str, Any], before: Mapping[str, Any], found: Mapping[str, Any]) -> None:
    """Raises StepRefused when another number of containers runs than was there, or than the step left."""
    for name in request.get("scale", {}):
        there = running(found, name)
        expected = request["from"][name] if "from" in request else running(before, name) if before else there
        if "from" in request and there == request["scale"][name]:
            continue  # the step failed before it scaled anything: what is to be put back is there
        if there != expected:
            raise StepRefused(
                f"{expected} containers of {name} were expected and {there} run: nothing was started",
                "another hand scaled it; scale it by hand, or leave it",
                question=True,
            )


def _listed(
    program: list[str], request: Mapping[str, Any], environ: Mapping[str, str], channel: StepChannel
) -> StepOutcome:
    """Its containers; none is a failure, although Compose says 0."""
    ran = asked_program([*program, *_arguments(request)], environ, channel.left)
    channel.say(ran.stdout.strip() or ran.stderr.strip())
    listed = _documents(ran.stdout)
    answers = {"exit": ran.code, "stdout": ran.stdout, "body": listed}
    if ran.code:
        return StepOutcome(OK, exit=ran.code, answers=answers)
    if not listed:
        return StepOutcome(FAILED, f"the project {request['project']} has no containers", exit=0, answers=answers)
    present = {str(each.get("Service")) for each in listed}
    missing = [each for each in request["services"] if each not in present]
    if missing:
        return StepOutcome(FAILED, f"{', '.join(missing)} has no container", exit=0, answers=answers)
    wrong = [
        each for each in listed if each.get("State") != "running" or each.get("Health") not in ("", None, "healthy")
    ]
    # A one-shot that ended well is well.
    wrong = [each for each in wrong if not (each.get("State") == "exited" and each.get("ExitCode") == 0)]
    if wrong:
        said = ", ".join(f"{each.get('Name')} {each.get('State')} {each.get('Health') or ''}".strip() for each in wrong)
        return StepOutcome(FAILED, printable(said, 500), exit=0, answers=answers)
    return StepOutcome(OK, exit=0, answers=answers)


def _documents(text: str) -> list[dict[str, Any]]:
    """A list, or a document a line: versions differ."""
    try:
        found = (
            json.loads(text)
            if text.lstrip().startswith("[")
            else [json.loads(each) for each in text.splitlines() if each]
        )
    except ValueError:
        return []
    return [
        {key: each.get(key) for key in ("ID", "Name", "Service", "State", "Health", "ExitCode")}
        for each in found
        if isinstance(each, dict)
    ]


def _project(file: Path, environ: Mapping[str, str]) -> str:
    """As Compose finds it, said aloud: the variable, the file's own name, the folder's."""
    if environ.get("COMPOSE_PROJECT_NAME"):
        return environ["COMPOSE_PROJECT_NAME"]
    import yaml

    try:
        document = yaml.safe_load(file.read_text("utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        raise StepRefused(f"{printable(str(file), 300)} is no YAML", "correct it") from None
    named = document.get("name") if isinstance(document, dict) else None
    if isinstance(named, str) and "$" not in named:
        return named
    return re.sub(r"[^a-z0-9_-]", "", file.resolve().parent.name.lower()).lstrip("_-") or "default"


def _count(value: Any) -> int:
    text = str(value)
    if not text.isdigit() or int(text) > 1000:
        raise StepRefused(f"{printable(text, 60)} is no number of containers", "write 0 to 1000")
    return int(text)


KIND = Compose()
