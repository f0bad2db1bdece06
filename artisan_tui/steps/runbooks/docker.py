"""``docker``: one container, by the Docker SDK. It waits as long as the container's own StopTimeout says."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from artisan_tui.domain.runbooks.definition import Action
from artisan_tui.domain.text.printable import printable
from artisan_tui.steps.runbooks.daemon import daemon_address
from artisan_tui.steps.runbooks.protocol import (
    ABSENT,
    FAILED,
    HAPPENED,
    OK,
    UNKNOWN,
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

#: Seconds from TERM to KILL that the daemon gives a container which says nothing else.
_USUAL_STOP: Final = 10
#: Characters of an id from which it is an id; with fewer it is more likely a name that no container has.
_SHORT_ID: Final = 12
_READS: Final = frozenset({"logs", "inspect"})
_NEVER: Final = "0001-01-01T00:00:00Z"


class DockerStep:
    def plan(self, action: Action, context: StepContext) -> Resolved:
        body, verb = action.body, action.verb
        name = plain(body[verb])
        request: dict[str, Any] = {"verb": verb, "name": name}
        for key in ("host", "stop_timeout", "tail"):
            if body.get(key) is not None:
                request[key] = body[key]
        notes = ("a container that runs is not well yet: verify its health, for a while",) if verb == "restart" else ()
        return resolved_act(action, context, f"docker {verb} {printable(name, 200)}", request, notes=notes)

    def capture(self, resolved: Resolved, channel: StepChannel) -> Mapping[str, Any]:
        with _client(resolved, channel) as client:
            return _kept(_inspected(client, resolved))

    def act(self, resolved: Resolved, before: Mapping[str, Any], channel: StepChannel) -> StepOutcome:
        request, verb = resolved.request, resolved.request["verb"]
        began = time.monotonic()
        with _client(resolved, channel) as client:
            document = _inspected(client, resolved)
            if before.get("id") not in (None, document["Id"]):
                raise StepRefused(
                    f"{request['name']} is another container now: {_short(document['Id'])}, captured was "
                    f"{_short(before['id'])}",
                    "look at it, and begin again",
                )
            if verb == "logs":
                text = client.logs(document["Id"], tail=int(request.get("tail", 100))).decode("utf-8", "replace")
                channel.say(text)
                return StepOutcome(OK, exit=0, answers={"exit": 0, "stdout": text, "body": _body(document)})
            if verb != "inspect":
                lost = _changed(client, verb, document, request, channel)
                if lost is not None:
                    return lost
                document = _inspected(client, resolved)
        body = _body(document)
        channel.say(", ".join(f"{name} {value}" for name, value in body.items() if value is not None))
        code = int(body["exit_code"]) if verb == "stop" else 0
        answers = {"exit": code, "stdout": "", "body": body}
        outcome = StepOutcome(OK, exit=code, answers=answers, latency=time.monotonic() - began)
        why = _not_well(body) if verb == "inspect" and not resolved.expect and resolved.until is not None else ""
        return StepOutcome(FAILED, why, answers=answers) if why else outcome

    def unbroken(self, first: StepOutcome, now: StepOutcome) -> str:
        """What happened to the container between two looks, "" for nothing."""
        old, new = first.answers["body"], now.answers["body"]
        if old["id"] != new["id"]:
            return "it is another container now"
        if new["restarts"] != old["restarts"]:
            return f"its RestartCount went from {old['restarts']} to {new['restarts']}"
        return "it was started again" if old["started_at"] != new["started_at"] else ""

    def evidence(self, attempted: Attempted, channel: StepChannel) -> Evidence:
        resolved, before = attempted.resolved, attempted.before
        verb = resolved.request["verb"]
        if verb in _READS:
            return Evidence(ABSENT, "it only reads")
        with _client(resolved, channel) as client:
            document = _inspected(client, resolved)
        state = document["State"]
        started, running = str(state.get("StartedAt") or _NEVER), bool(state.get("Running"))
        if before.get("id") not in (None, document["Id"]):
            return Evidence(UNSURE, "it is another container now")
        known = str(before["started_at"]) if "started_at" in before else ""
        again = started != known if known else _moment(started) > attempted.since
        if verb in ("restart", "start") and running and again:
            return Evidence(HAPPENED, f"it was started at {started}, after the intent")
        if verb == "stop" and not running:
            finished = str(state.get("FinishedAt") or _NEVER)
            if _moment(finished) >= attempted.since or before.get("running"):
                return Evidence(HAPPENED, f"it ended at {finished}, after the intent")
            return Evidence(ABSENT, f"it had ended before the intent, at {finished}")
        patience = attempted.since + _stop_seconds(document, resolved.request) + 5.0
        if verb != "start" and time.time() < patience:
            return Evidence(UNSURE, "the daemon may still be waiting for it to stop")
        if verb == "restart" and not running and before.get("running"):
            return Evidence(UNSURE, "it was stopped and not started again")
        return Evidence(ABSENT, f"it is as it was: {'running' if running else state.get('Status')} since {started}")

    def undo(self, resolved: Resolved, before: Mapping[str, Any]) -> Resolved | None:
        if str(resolved.request["verb"]) not in ("stop", "start"):
            return None
        # Also where it was so before: a way back that does nothing is better than none.
        verb = "start" if before.get("running") else "stop"
        name = resolved.request["name"]
        request = {**resolved.request, "verb": verb, "id": before["id"]}
        return Resolved(
            "docker",
            verb,
            f"docker {verb} {printable(str(name), 200)}",
            f"{resolved.mark}/undo",
            request,
            timeout=resolved.timeout,
            grace=resolved.grace,
            mutates=True,
        )

    def dry(self, resolved: Resolved, channel: StepChannel) -> StepOutcome:
        if resolved.request["verb"] in _READS:
            return self.act(resolved, {}, channel)
        with _client(resolved, channel) as client:
            document = _inspected(client, resolved)
        seconds = _stop_seconds(document, resolved.request)
        status = document["State"]["Status"]
        return StepOutcome(OK, f"would {resolved.shown}: it is {status}, and has {seconds} s to stop")

    def preflight(self, resolved: Resolved, channel: StepChannel) -> tuple[Finding, ...]:
        try:
            with _client(resolved, channel) as client:
                version = str(client.version().get("Version"))
                document = _inspected(client, resolved)
        except StepRefused as refused:
            return (Finding(False, refused.what, refused.mend),)
        state = document["State"]
        return (
            Finding(True, f"the daemon answers: {printable(version, 40)}"),
            Finding(True, f"{printable(str(resolved.request['name']), 200)} is there, {state['Status']}"),
        )


@contextlib.contextmanager
def _client(resolved: Resolved, channel: StepChannel) -> Iterator[Any]:
    """A client of the daemon; its errors as StepRefused."""
    import docker
    from requests.exceptions import ConnectionError as Unconnected
    from requests.exceptions import Timeout

    host = daemon_address(channel.environ, resolved.request.get("host"))
    shown = printable(host, 200)
    try:
        client = docker.APIClient(base_url=host, version="auto", timeout=max(channel.left, 1.0))
    except (docker.errors.DockerException, OSError) as error:
        denied = "Permission denied" in str(error)
        mend = "join the group docker, or set host" if denied else "start it, or correct host"
        why = "may not be used" if denied else "does not answer"
        raise StepRefused(f"the docker daemon at {shown} {why}", mend) from None
    try:
        yield client
    except docker.errors.NotFound:
        name = printable(str(resolved.request["name"]), 200)
        raise StepRefused(f"there is no container {name} at {shown}", "correct its name") from None
    except docker.errors.APIError as error:
        raise StepRefused(f"docker refused: {printable(str(error.explanation or error), 500)}") from None
    except Timeout:
        raise TimeoutError from None
    except Unconnected as error:
        raise StepRefused(f"the docker daemon at {shown} hung up: {printable(str(error), 200)}") from None
    finally:
        client.close()


def _changed(
    client: Any, verb: str, document: Mapping[str, Any], request: Mapping[str, Any], channel: StepChannel
) -> StepOutcome | None:
    """Change the container; the outcome where nobody can tell whether it happened."""
    from requests.exceptions import RequestException

    container, seconds = document["Id"], _stop_seconds(document, request)
    channel.say(
        f"{verb} {request['name']} ({_short(container)})" + (f", {seconds} s to stop" if verb != "start" else "")
    )
    try:
        if verb == "restart":
            client.restart(container, timeout=seconds)
        elif verb == "stop":
            client.stop(container, timeout=seconds)
        else:
            client.start(container)
    except RequestException as error:
        # The daemon goes on with what it was told.
        how = printable(type(error).__name__, 80)
        return StepOutcome(UNKNOWN, f"docker was told to {verb} it, and did not answer ({how})")
    return None


def _inspected(client: Any, resolved: Resolved) -> Mapping[str, Any]:
    """The container that is meant, and no other whose id begins with its name."""
    request = resolved.request
    wanted = str(request["name"])
    document: Mapping[str, Any] = client.inspect_container(wanted)
    named = str(document["Name"]).removeprefix("/") == wanted.removeprefix("/")
    if not named and not (len(wanted) >= _SHORT_ID and str(document["Id"]).startswith(wanted)):
        raise StepRefused(f"there is no container {printable(wanted, 200)}", "correct its name")
    if request.get("id") not in (None, document["Id"]):
        found, meant = _short(document["Id"]), _short(request["id"])
        raise StepRefused(f"{wanted} is another container now: {found}, not {meant}", "undo it by hand")
    return document


def _stop_seconds(document: Mapping[str, Any], request: Mapping[str, Any]) -> int:
    """Of the step, else of the container, else what the daemon takes."""
    given = request.get("stop_timeout")
    own = document.get("Config", {}).get("StopTimeout")
    return int(given if given is not None else own if own is not None else _USUAL_STOP)


def _kept(document: Mapping[str, Any]) -> Mapping[str, Any]:
    state = document["State"]
    return {
        "id": document["Id"],
        "image": document["Image"],
        "running": bool(state.get("Running")),
        "started_at": str(state.get("StartedAt") or _NEVER),
        "restarts": int(document.get("RestartCount") or 0),
    }


def _body(document: Mapping[str, Any]) -> dict[str, Any]:
    state = document["State"]
    return {
        "name": str(document["Name"]).removeprefix("/"),
        "id": str(document["Id"]),
        "state": str(state.get("Status")),
        "health": (state.get("Health") or {}).get("Status"),
        "restarts": int(document.get("RestartCount") or 0),
        "exit_code": int(state.get("ExitCode") or 0),
        "oom_killed": bool(state.get("OOMKilled")),
        "image": str(document["Config"]["Image"]),
        "started_at": str(state.get("StartedAt") or ""),
    }


def _not_well(body: Mapping[str, Any]) -> str:
    if body["state"] != "running":
        return f"it is {body['state']}, exit code {body['exit_code']}"
    return f"its health is {body['health']}" if body["health"] not in (None, "none", "healthy") else ""


def _short(identifier: Any) -> str:
    return str(identifier)[:_SHORT_ID]


def _moment(text: str) -> float:
    """Unix seconds of a daemon's time, which has nanoseconds; 0 for one that cannot be read."""
    head, _, rest = text.rstrip("Z").partition(".")
    try:
        moment = datetime.fromisoformat(head).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return 0.0
    return moment + (float(f"0.{rest}") if rest.isdigit() else 0.0)


KIND = DockerStep()
