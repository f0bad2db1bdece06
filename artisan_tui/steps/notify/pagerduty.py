"""PagerDuty's Events API v2: 202 means accepted, not applied. 429 and 5xx are tried again, 400 never.

(routing_key, dedup_key) is the alert: the dedup key is our incident's id, so a repetition does no harm, and an
acknowledgement under another routing key would be dropped without a word. An event holds 512 kB, a summary 1,024
characters. A change event informs and pages nobody.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from artisan_tui.config.notify import PagerDutyChannel
from artisan_tui.config.secret import SecretMissing
from artisan_tui.config.url import joined
from artisan_tui.domain.event import stamp
from artisan_tui.domain.notify.outcome import Came, SendOutcome
from artisan_tui.domain.text.printable import printable
from artisan_tui.steps.notify.channel import Dispatch, Reveal
from artisan_tui.steps.notify.http import Answer, meaning, post
from artisan_tui.steps.notify.text import body, cut, cut_note, heading

SUMMARY, DEDUP, EVENT = 1_024, 255, 512_000
_SEVERITY = {"Sev1": "critical", "Sev2": "error", "Sev3": "warning", "Sev4": "info"}
_ACTIONS = {"page": "trigger", "acknowledged": "acknowledge", "resolved": "resolve"}


class PagerDutySender:
    def __init__(self, spec: PagerDutyChannel, reveal: Reveal) -> None:
        self._spec, self._reveal = spec, reveal

    async def send(self, dispatch: Dispatch) -> SendOutcome:
        """A test opens an alert and resolves it at once."""
        try:
            key = self._reveal("routing_key")
        except SecretMissing as missing:
            return SendOutcome(Came.FAILED, str(missing), broken=True)
        actions = ("trigger", "resolve") if dispatch.first.notice.purpose == "test" else (action_of(dispatch),)
        outcome = SendOutcome(Came.SENT)
        for action in actions:
            event, left_out = payload(dispatch, action, key)
            outcome = await self._post(event, "/v2/change/enqueue" if action == "change" else "/v2/enqueue", left_out)
            if outcome.came is not Came.SENT:
                break
        return outcome

    async def _post(self, event: dict[str, Any], path: str, left_out: int) -> SendOutcome:
        data = json.dumps(event, ensure_ascii=False).encode()
        if len(data) > EVENT and "payload" in event:
            left_out += len(data) - EVENT
            event["payload"].pop("custom_details", None)
            data = json.dumps(event, ensure_ascii=False).encode()
        answer = await post("PagerDuty", joined(self._spec.url, path), data, {"Content-Type": "application/json"})
        if isinstance(answer, SendOutcome):
            return answer
        if answer.status == 202:
            return SendOutcome(Came.SENT, cut_note(left_out))
        return meaning(Answer(answer.status, _errors(answer.text), answer.after), "PagerDuty")


def action_of(dispatch: Dispatch) -> str:
    return _ACTIONS.get(dispatch.first.notice.purpose, "change")


def payload(dispatch: Dispatch, action: str, key: str) -> tuple[dict[str, Any], int]:
    """(the event, characters that were cut)"""
    notice = dispatch.first.notice
    event: dict[str, Any] = {"routing_key": key}
    if action != "change":
        event |= {"event_action": action, "dedup_key": dedup_key(notice.incident or dispatch.first.id)}
        if action in ("acknowledge", "resolve"):
            return event, 0
    summary, left_out = cut(_summary(dispatch), SUMMARY)
    source = printable(dispatch.source, 200) or "artisan-tui"
    details = {"text": body(dispatch), "incident": notice.incident, "severity": notice.severity, "to": list(notice.to)}
    event["payload"] = {
        "summary": summary,
        "source": source,
        "timestamp": stamp(dispatch.first.queued_at),
        "custom_details": {name: value for name, value in details.items() if value},
    }
    if action != "change":
        event["payload"]["severity"] = _SEVERITY.get(notice.severity, "info" if notice.purpose == "test" else "error")
        event["client"] = "artisan-tui"
    links = [
        {"href": link, "text": link} for each in notice.links if (link := printable(each, 2000)).startswith("http")
    ]
    if links:
        event["links"] = links
    return event, left_out


def _summary(dispatch: Dispatch) -> str:
    """The heading; where the title says nothing, the text. A long title is cut by the contract's limit, not before."""
    notice = dispatch.first.notice
    if not notice.title:
        return printable(notice.text, 100_000) or heading(notice)
    parts = (f"[{notice.severity}]" if notice.severity else "", notice.incident, notice.title)
    return printable(" ".join(filter(None, parts)), 100_000)


def dedup_key(incident: str) -> str:
    """The incident's id, and a digest of one that is too long."""
    return incident if len(incident) <= DEDUP else hashlib.sha256(incident.encode()).hexdigest()


def _errors(text: str) -> str:
    """What an answer says is wrong: {"status": "invalid event", "message": ..., "errors": [...]}."""
    try:
        said = json.loads(text)
        parts = [str(said.get("message", "")), *map(str, said.get("errors", ()))]
    except (ValueError, AttributeError, TypeError):
        return text
    return printable("; ".join(filter(None, parts)), 300)


def open(spec: PagerDutyChannel, reveal: Reveal) -> PagerDutySender:
    return PagerDutySender(spec, reveal)
