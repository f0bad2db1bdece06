"""The contracts of PagerDuty's Events API v2 and of Slack's webhooks, written by hand from their documentation.

Each function gives what is wrong with a body, nothing for a sound one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def pagerduty(path: str, event: Any) -> Iterator[str]:
    if not isinstance(event, Mapping):
        yield "not an object"
        return
    if path not in ("/v2/enqueue", "/v2/change/enqueue"):
        yield f"no such path {path}"
    change = path == "/v2/change/enqueue"
    known = {"routing_key", "payload", "links"} | (
        set() if change else {"event_action", "dedup_key", "images", "client", "client_url"}
    )
    yield from (f"unknown field {name}" for name in event.keys() - known)
    key = event.get("routing_key")
    if not isinstance(key, str) or len(key) != 32:
        yield "routing_key: 32 characters"
    action = "change" if change else event.get("event_action")
    if not change and action not in ("trigger", "acknowledge", "resolve"):
        yield "event_action"
    dedup = event.get("dedup_key")
    if dedup is not None and not (isinstance(dedup, str) and 0 < len(dedup) <= 255):
        yield "dedup_key: at most 255 characters"
    if action in ("acknowledge", "resolve") and dedup is None:
        yield "dedup_key: required"
    if action in ("trigger", "change"):
        yield from _pagerduty_payload(event.get("payload"), change)
    for link in event.get("links", ()):
        if not str(link.get("href", "")).startswith("http"):
            yield "links: href"


def _pagerduty_payload(payload: Any, change: bool) -> Iterator[str]:
    if not isinstance(payload, Mapping):
        yield "payload: required"
        return
    known = {"summary", "source", "timestamp", "custom_details"} | (
        set() if change else {"severity", "component", "group", "class"}
    )
    yield from (f"payload: unknown field {name}" for name in payload.keys() - known)
    summary = payload.get("summary")
    if not isinstance(summary, str) or not 0 < len(summary) <= 1024:
        yield "payload.summary: 1 to 1024 characters"
    if not change and not (isinstance(payload.get("source"), str) and payload["source"]):
        yield "payload.source: required"
    if not change and payload.get("severity") not in ("critical", "error", "warning", "info"):
        yield "payload.severity"
    if "timestamp" in payload and not _TIME.fullmatch(str(payload["timestamp"])):
        yield "payload.timestamp: ISO 8601"
    if not isinstance(payload.get("custom_details", {}), Mapping):
        yield "payload.custom_details: an object"


def slack(body: Any) -> Iterator[str]:
    if not isinstance(body, Mapping):
        yield "not an object"
        return
    yield from (f"unknown field {name}" for name in body.keys() - {"text", "blocks"})
    text = body.get("text")
    if not isinstance(text, str) or not 0 < len(text) <= 40_000:
        yield "text: 1 to 40,000 characters"
    blocks = body.get("blocks", [])
    if not isinstance(blocks, list) or not 0 < len(blocks) <= 50:
        yield "blocks: 1 to 50"
        return
    for block in blocks:
        inner = block.get("text", {})
        if block.get("type") != "section" or inner.get("type") not in ("mrkdwn", "plain_text"):
            yield "blocks: a section with a text"
        if not isinstance(inner.get("text"), str) or not 0 < len(inner["text"]) <= 3000:
            yield "section text: 1 to 3,000 characters"
        for entity in re.findall(r"&(?!(?:amp|lt|gt);)", str(inner.get("text"))):
            yield f"unescaped {entity}"
