"""``helm``: upgrade and rollback of one release, by its command line. The target is the revision that was captured.

Without a number helm goes to the revision before, even if that one failed; and a killed helm leaves its release pending.
"""

from __future__ import annotations

import json
import re
import shlex
import time
from collections.abc import Mapping
from typing import Any, Final

from artisan_tui.domain.runbooks.definition import Action
from artisan_tui.domain.text.printable import printable
from artisan_tui.steps.runbooks.operands import digests
from artisan_tui.steps.runbooks.programs import asked_program, found_program, last_line, run_program, version_in
from artisan_tui.steps.runbooks.protocol import (
    ABSENT,
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

_OLDEST: Final = (3, 8)
_MEND: Final = "install helm 3.8 or newer"
#: Seconds that helm has beyond its own time limit: a killed helm leaves the release pending.
_AROUND: Final = 30.0
_RAN: Final = frozenset({"deployed", "superseded"})


class Helm:
    def plan(self, action: Action, context: StepContext) -> Resolved:
        body, verb = action.body, action.verb
        release = plain(body[verb])
        if not re.fullmatch(r"[a-z0-9]([a-z0-9.-]{0,51}[a-z0-9])?", release):
            raise StepRefused(f"{printable(release, 80)} is no name of a release", "write small letters, digits and -")
        namespace = plain(body.get("namespace") or context.place.get("namespace") or "default")
        request: dict[str, Any] = {"verb": verb, "release": release, "namespace": namespace}
        where = body.get("context") or context.place.get("context")
        request |= {"context": plain(where)} if where else {}
        request["seconds"] = max(1, int(action.timeout))
        notes = [] if verb == "upgrade" else ["it runs the hooks of its target; data and migrations are not put back"]
        files: dict[str, str] = {}
        if verb == "upgrade":
            values = [str(context.folder / plain(each)) for each in body.get("values", ())]
            files = {} if context.stack else digests(values, context.folder)
            request |= {"chart": plain(body["chart"]), "values": values}
            request |= {"version": plain(body["version"])} if body.get("version") else {}
            request["set"] = {str(name): plain(each) for name, each in body.get("set", {}).items()}
            if request["chart"].startswith("-"):
                raise StepRefused("a chart does not begin with -", "correct chart")
        elif body.get("revision") is not None:
            request["revision"] = int(plain(body["revision"]))
        made = resolved_act(action, context, "", request, notes=tuple(notes), files=files)
        shown = _shown(request, made.mark, request.get("revision"))
        return Resolved(
            **{
                **{name: getattr(made, name) for name in made.__slots__},
                "shown": shown,
                "timeout": action.timeout + _AROUND,
            }
        )

    def capture(self, resolved: Resolved, channel: StepChannel) -> Mapping[str, Any]:
        request = resolved.request
        helm = _helm(channel)
        history = _history(helm, request, channel)
        found: dict[str, Any] = {"latest": history[-1]["revision"], "status": history[-1]["status"], "notes": []}
        deployed = _deployed(history)
        found |= {"deployed": deployed} if deployed is not None else {}
        if _pending(found["status"]):
            # Another helm may be at it, or one was killed: only a person can tell.
            why = f"revision {found['latest']} is {found['status']}: another helm is at it, or was killed"
            found |= {"confirm": "type", "pending": True}
            found["notes"].append(why)
        if request["verb"] == "rollback":
            found["to"] = _target(request, history)
            gone = _deleted_crds(helm, request, found["latest"], found["to"], channel)
            if gone:
                found |= {"confirm": "type", "irreversible": gone}
                names = ", ".join(gone)
                found["notes"].append(
                    f"revision {found['to']} has no {names}: deletion with all its objects, irreversible"
                )
        return found

    def act(self, resolved: Resolved, before: Mapping[str, Any], channel: StepChannel) -> StepOutcome:
        request, began = resolved.request, time.monotonic()
        helm = _helm(channel)
        history = _history(helm, request, channel)
        latest, status = history[-1]["revision"], history[-1]["status"]
        if before.get("latest") not in (None, latest):
            raise StepRefused(
                f"revision {before['latest']} was the latest and {latest} is now: nothing was run",
                "another hand deployed; look at it, and begin again",
                question=True,
            )
        if _pending(status) and not before.get("pending"):
            raise StepRefused(f"revision {latest} is {status}: nothing was run", "wait for it, or confirm it typed")
        to = None
        if request["verb"] == "rollback":
            to = int(before["to"]) if "to" in before else _target(request, history)
        described = _describes(helm, request["verb"], channel)
        argv = [helm, *_arguments(request, resolved.mark, to, described=described)]
        channel.say(shlex.join(argv))
        ran = run_program(argv, channel.environ, channel)
        answers = {"exit": ran.code, "stdout": ran.stdout, "body": {"from": latest, "to": to}}
        return StepOutcome(OK, exit=ran.code, answers=answers, latency=time.monotonic() - began)

    def evidence(self, attempted: Attempted, channel: StepChannel) -> Evidence:
        request, mark = attempted.resolved.request, attempted.resolved.mark
        history = _history(_helm(channel), request, channel)
        before = int(attempted.before.get("latest", 0))
        newer = [each for each in history if each["revision"] > before]
        own = [each for each in newer if mark in each["description"]]
        if not own and request["verb"] == "rollback" and "to" in attempted.before:
            # A helm that takes no description writes its own.
            own = [each for each in newer if each["description"] == f"Rollback to {attempted.before['to']}"]
        if own:
            last = own[-1]
            if last["status"] in _RAN:
                return Evidence(HAPPENED, f"revision {last['revision']} is {last['status']}, {last['description']}")
            return Evidence(UNSURE, f"revision {last['revision']} is {last['status']}: helm did not end")
        if newer:
            last = newer[-1]
            return Evidence(
                UNSURE, f"revision {last['revision']} is {last['status']}, {printable(last['description'], 200)}"
            )
        return Evidence(ABSENT, f"revision {history[-1]['revision']} is still the latest")

    def undo(self, resolved: Resolved, before: Mapping[str, Any]) -> Resolved | None:
        request = resolved.request
        if "deployed" not in before:
            return None
        back = {key: request[key] for key in ("release", "namespace", "context", "seconds") if key in request}
        back |= {"verb": "rollback", "revision": before["deployed"]}
        mark = f"{resolved.mark}/undo"
        return Resolved(
            "helm",
            "rollback",
            _shown(back, mark, back["revision"]),
            mark,
            back,
            expect=("exit == 0",),
            timeout=resolved.timeout,
            grace=resolved.grace,
            mutates=True,
            notes=("it runs the hooks of its target; data and migrations are not put back",),
        )

    def dry(self, resolved: Resolved, channel: StepChannel) -> StepOutcome:
        found = self.capture(resolved, channel)
        to = f" to revision {found['to']}" if "to" in found else ""
        said = "; ".join([f"would run: {resolved.shown}{to}, from revision {found['latest']}", *found["notes"]])
        return StepOutcome(OK, said)

    def preflight(self, resolved: Resolved, channel: StepChannel) -> tuple[Finding, ...]:
        try:
            found = self.capture(resolved, channel)
        except StepRefused as refused:
            return (Finding(False, refused.what, refused.mend),)
        findings = [Finding(True, f"the release {resolved.request['release']} is at revision {found['latest']}")]
        if "deployed" not in found:
            findings.append(Finding(False, "no revision is deployed: it cannot be undone", "deploy one first"))
        findings.extend(Finding(None, each, "it is confirmed by typing") for each in found["notes"])
        if not _describes(_helm(channel), resolved.request["verb"], channel):
            said = f"this helm takes no description for a {resolved.request['verb']}"
            findings.append(Finding(None, f"{said}: after a crash the history's own words tell whether it happened"))
        return tuple(findings)


def _helm(channel: StepChannel) -> str:
    """The program. Raises StepRefused when it is missing or too old."""
    path = found_program("helm", channel.environ, _MEND)
    asked = asked_program([path, "version", "--short"], channel.environ, min(20.0, channel.left))
    version = version_in(asked.stdout)
    if version < _OLDEST:
        raise StepRefused(f"helm {'.'.join(map(str, version)) or 'of an unknown version'} is too old", _MEND)
    return path


def _describes(helm: str, verb: str, channel: StepChannel) -> bool:
    """Whether this helm takes a description with the verb; not every version does for a rollback."""
    asked = asked_program([helm, verb, "--help"], channel.environ, min(20.0, channel.left))
    return re.search(r"--description\b", asked.stdout) is not None


def _shown(request: Mapping[str, Any], mark: str, revision: Any) -> str:
    """The command as it is known without helm: whether it takes a description is found out when it is run."""
    upgrade = request["verb"] == "upgrade"  # every helm takes one there
    said = shlex.join(["helm", *_arguments(request, mark, revision, described=upgrade)])
    return said if upgrade else f"{said} (with --description {mark} where this helm takes one)"


def _place(request: Mapping[str, Any]) -> list[str]:
    where = ["--kube-context", str(request["context"])] if "context" in request else []
    return ["--namespace", str(request["namespace"]), *where]


def _arguments(request: Mapping[str, Any], mark: str, revision: int | None, *, described: bool) -> list[str]:
    ends = ["--wait", "--timeout", f"{request['seconds']}s", *(["--description", mark] if described else [])]
    if request["verb"] == "rollback":
        to = [] if revision is None else [str(revision)]
        return ["rollback", str(request["release"]), *to, *_place(request), *ends]
    more = ["--version", str(request["version"])] if "version" in request else []
    more += [word for each in request["values"] for word in ("--values", str(each))]
    for name, value in request["set"].items():
        escaped = str(value).replace("\\", "\\\\").replace(",", "\\,")
        more += ["--set", f"{name}={escaped}"]
    return ["upgrade", str(request["release"]), str(request["chart"]), *more, *_place(request), *ends]


def _history(helm: str, request: Mapping[str, Any], channel: StepChannel) -> list[dict[str, Any]]:
    """Every revision, the oldest first. Raises StepRefused when there is no such release."""
    argv = [helm, "history", str(request["release"]), "--output", "json", "--max", "256", *_place(request)]
    asked = asked_program(argv, channel.environ, channel.left)
    if asked.code:
        raise StepRefused(f"helm history says: {last_line(asked.stderr)}", "correct release, namespace or context")
    try:
        found = [
            {
                "revision": int(each["revision"]),
                "status": str(each["status"]),
                "description": str(each.get("description", "")),
            }
            for each in json.loads(asked.stdout)
        ]
    except (ValueError, KeyError, TypeError):
        found = []
    if not found:
        raise StepRefused(f"helm history of {request['release']} cannot be read", _MEND)
    return sorted(found, key=lambda each: int(each["revision"]))


def _deployed(history: list[dict[str, Any]]) -> int | None:
    return next((each["revision"] for each in reversed(history) if each["status"] == "deployed"), None)


def _target(request: Mapping[str, Any], history: list[dict[str, Any]]) -> int:
    """The revision to go back to: as it is named, else the newest one that ran well and is not the current one."""
    known = [each["revision"] for each in history]
    if "revision" in request:
        if request["revision"] not in known:
            raise StepRefused(
                f"revision {request['revision']} is not in the history, which has {', '.join(map(str, known))}",
                "name one that is there",
            )
        return int(request["revision"])
    latest = history[-1]
    for each in reversed(history):
        if each["status"] in _RAN and (each is not latest):
            return int(each["revision"])
    raise StepRefused(f"{request['release']} cannot be undone: no earlier revision ran well", "name a revision")


def _pending(status: str) -> bool:
    return status.startswith("pending") or status == "uninstalling"


def _deleted_crds(helm: str, request: Mapping[str, Any], now: int, to: int, channel: StepChannel) -> list[str]:
    """The custom resource definitions that the current manifest has and the target's has not."""
    there, then = (
        _crds(
            asked_program(
                [helm, "get", "manifest", str(request["release"]), "--revision", str(each), *_place(request)],
                channel.environ,
                channel.left,
            ).stdout
        )
        for each in (now, to)
    )
    return sorted(there - then)


def _crds(manifest: str) -> set[str]:
    import yaml

    try:
        documents = list(yaml.safe_load_all(manifest))
    except (yaml.YAMLError, ValueError, RecursionError):
        return set()
    return {
        f"CRD {each['metadata']['name']}"
        for each in documents
        if isinstance(each, dict)
        and each.get("kind") == "CustomResourceDefinition"
        and isinstance(each.get("metadata"), dict)
    }


KIND = Helm()
