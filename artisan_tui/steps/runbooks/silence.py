"""``silence``: alerts are silenced for a time, at Alertmanager. The comment has the step's mark, so it is found again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from artisan_tui.domain.alerts.matchers import matchers_text, parse_matchers
from artisan_tui.domain.alerts.silence import refusal
from artisan_tui.domain.event import stamp
from artisan_tui.domain.runbooks.definition import Action
from artisan_tui.domain.span import parse_span, span_text
from artisan_tui.domain.text.printable import printable
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
    marked,
    plain,
    resolved_act,
)


class SilenceStep:
    def plan(self, action: Action, context: StepContext) -> Resolved:
        body = action.body
        if not context.alertmanagers:
            raise StepRefused("there is no Alertmanager", "add alertmanager to [alerts]")
        try:
            matchers = parse_matchers(", ".join(plain(each) for each in body["matchers"]))
            given = body["for"]
            seconds = float(given) if isinstance(given, int | float) else float(parse_span(plain(given).strip()))
        except ValueError as error:
            raise StepRefused(printable(str(error), 300), "correct the silence") from None
        now = datetime.now(UTC)
        comment = plain(body.get("comment") or "silenced by a runbook")
        refused = refusal(matchers, comment, now, now + timedelta(seconds=seconds))
        if refused:
            raise StepRefused(refused)
        request = {
            "verb": "create",
            "alertmanagers": list(context.alertmanagers),
            "matchers": [
                {"name": m.label, "value": m.value, "isEqual": m.op in ("=", "=~"), "isRegex": m.op in ("=~", "!~")}
                for m in matchers
            ],
            "seconds": seconds,
            "comment": comment,
            "by": context.actor or "artisan-tui",
        }
        login = login_of(context.alert_login)
        request |= {"login": login} if login else {}
        return resolved_act(action, context, f"silence {matchers_text(matchers)} for {span_text(seconds)}", request)

    def capture(self, resolved: Resolved, channel: StepChannel) -> Mapping[str, Any]:
        return {}

    def act(self, resolved: Resolved, before: Mapping[str, Any], channel: StepChannel) -> StepOutcome:
        if resolved.request["verb"] == "expire":
            return self._expired(resolved, channel)
        now = datetime.now(UTC)
        request = resolved.request
        silence = {
            "matchers": request["matchers"],
            "startsAt": stamp(now),
            "endsAt": stamp(now + timedelta(seconds=float(request["seconds"]))),
            "createdBy": request["by"],
            "comment": f"{request['comment']} [{resolved.mark}]",
        }
        missed = []
        for url in request["alertmanagers"]:
            status, answer, why = _asked("POST", f"{url}/api/v2/silences", resolved, channel, silence)
            if status == -1:
                return StepOutcome(UNKNOWN, f"{url} was told, and did not answer: it may be silenced")
            if status == 200 and isinstance(answer, Mapping) and answer.get("silenceID"):
                found = str(answer["silenceID"])
                channel.say(f"silence {found} at {url}")
                return StepOutcome(OK, answers={"body": {"id": found}}, hints={"silence": found})
            missed.append(f"{url}: {why}")
            if status:
                break  # it was refused, not unreachable
        return StepOutcome(FAILED, f"nothing is silenced: {'; '.join(missed)}")

    def _expired(self, resolved: Resolved, channel: StepChannel) -> StepOutcome:
        held, answered, missed = _found(resolved, channel)
        if not answered:
            return StepOutcome(FAILED, f"no Alertmanager answers: {missed}")
        ended = []
        for each in held:
            if each.in_force:
                identifier = each.id
                status, _, why = _asked("DELETE", f"{each.url}/api/v2/silence/{identifier}", resolved, channel)
                if status != 200:
                    return StepOutcome(
                        FAILED if status != -1 else UNKNOWN, f"silence {identifier} was not ended: {why}"
                    )
                ended.append(identifier)
        channel.say(f"ended {', '.join(ended)}" if ended else "there was no silence of this step any more")
        return StepOutcome(OK)

    def evidence(self, attempted: Attempted, channel: StepChannel) -> Evidence:
        held, answered, missed = _found(attempted.resolved, channel)
        if not answered:
            return Evidence(UNSURE, f"no Alertmanager answers: {missed}")
        found = next((each.id for each in held if each.in_force), "")
        if attempted.resolved.request["verb"] == "expire":
            return Evidence(ABSENT, f"silence {found} is in force") if found else Evidence(HAPPENED, "there is none")
        if found:
            return Evidence(HAPPENED, f"silence {found} has this step's mark")
        if held:  # adopted after its time it is over, and was created all the same
            found = held[0].id
            return Evidence(HAPPENED, f"silence {found} has this step's mark, and is over")
        return Evidence(ABSENT, "there is none")

    def undo(self, resolved: Resolved, before: Mapping[str, Any]) -> Resolved | None:
        if resolved.request["verb"] == "expire":
            return None
        request = {"verb": "expire", "alertmanagers": resolved.request["alertmanagers"], "of": resolved.mark}
        request |= {"login": resolved.request["login"]} if "login" in resolved.request else {}
        return Resolved(
            "silence",
            "expire",
            f"end the silence of {resolved.mark}",
            f"{resolved.mark}/undo",
            request,
            timeout=resolved.timeout,
            grace=resolved.grace,
            mutates=True,
        )

    def dry(self, resolved: Resolved, channel: StepChannel) -> StepOutcome:
        return StepOutcome(OK, f"would {resolved.shown}")

    def preflight(self, resolved: Resolved, channel: StepChannel) -> tuple[Finding, ...]:
        found = []
        for url in resolved.request["alertmanagers"]:
            status, _, why = _asked("GET", f"{url}/api/v2/status", resolved, channel)
            ok = status == 200
            mend = "correct the login in [alerts]" if status in (401, 403) else "see [alerts]"
            found.append(Finding(ok, f"{url} answers" if ok else f"{url}: {why}", "" if ok else mend))
        return tuple(found)


@dataclass(frozen=True, slots=True)
class _Held:
    """A silence with the step's mark, and an Alertmanager that has it."""

    id: str
    url: str
    in_force: bool
    updated: str


def _found(resolved: Resolved, channel: StepChannel) -> tuple[list[_Held], bool, str]:
    """(silences with the mark at any Alertmanager, ended ones too; whether one answered; what the others said)."""
    mark = f"[{resolved.request.get('of') or resolved.mark}]"
    held: dict[str, _Held] = {}
    answered, missed = False, []
    for url in resolved.request["alertmanagers"]:
        status, answer, why = _asked("GET", f"{url}/api/v2/silences", resolved, channel)
        if status != 200 or not isinstance(answer, list):
            missed.append(f"{url}: {why}")
            continue
        answered = True
        for each in answer:
            if not isinstance(each, Mapping) or not str(each.get("comment", "")).endswith(mark):
                continue
            state = (each.get("status") or {}).get("state")
            one = _Held(str(each["id"]), str(url), state != "expired", str(each.get("updatedAt", "")))
            # They tell each other within a moment: the newest word counts.
            if one.id not in held or held[one.id].updated < one.updated:
                held[one.id] = one
    return list(held.values()), answered, "; ".join(missed)


def login_of(configured: Mapping[str, Any]) -> dict[str, Any]:
    """What ``[alerts]`` says of the connection, with the marks of secrets around its references."""
    found = {
        name: str(configured[name]) for name in ("username", "ca_file", "cert_file", "key_file") if name in configured
    }
    found |= {name: marked(str(configured[name])) for name in ("bearer_token", "password") if name in configured}
    headers = {str(name): marked(str(each)) for name, each in configured.get("headers", {}).items()}
    return {**found, **({"headers": headers} if headers else {})}


def _connection(login: Mapping[str, Any]) -> dict[str, Any]:
    """The login as arguments of httpx. Raises StepRefused for certificates that cannot be read."""
    import ssl

    headers = {str(name): str(each) for name, each in login.get("headers", {}).items()}
    if "bearer_token" in login:
        headers["Authorization"] = f"Bearer {login['bearer_token']}"
    if not all(each.isascii() and each.isprintable() for each in headers.values()):
        raise StepRefused("a header for Alertmanager has characters that HTTP does not carry", "see [alerts]")
    try:
        tls = ssl.create_default_context(cafile=login.get("ca_file"))
        if "cert_file" in login:
            tls.load_cert_chain(login["cert_file"], login.get("key_file"))
    except (OSError, ssl.SSLError) as error:
        why = printable(getattr(error, "strerror", None) or str(error), 200)
        raise StepRefused(f"the certificates of [alerts] cannot be used: {why}", "correct the files") from None
    auth = (str(login["username"]), str(login.get("password", ""))) if "username" in login else None
    return {"headers": headers, "auth": auth, "verify": tls}


def _asked(method: str, url: str, resolved: Resolved, channel: StepChannel, body: Any = None) -> tuple[int, Any, str]:
    """(status, document, why not). Status 0: nothing was sent; -1: it was sent, and no answer came."""
    import httpx

    how = _connection(resolved.request.get("login", {}))
    try:
        answer = httpx.request(method, url, json=body, timeout=min(10.0, channel.left), trust_env=False, **how)
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
        return 0, None, printable(str(error), 200)
    except httpx.HTTPError as error:
        return -1, None, type(error).__name__
    try:
        document = answer.json()
    except ValueError:
        document = None
    why = "" if answer.status_code == 200 else f"{answer.status_code} {printable(answer.text, 200)}"
    return answer.status_code, document, why


KIND = SilenceStep()
