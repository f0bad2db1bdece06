"""Slack's incoming webhooks: 200 and the body ``ok``. 429 says for how long. Everything else that it says is final.

There is no key, so a repetition is a second message. ``& < >`` are escaped, here only. A section holds 3,000
characters, a text 40,000.
"""

from __future__ import annotations

import json
import re

from artisan_tui.config.notify import SlackChannel
from artisan_tui.config.secret import SecretMissing
from artisan_tui.domain.notify.outcome import Came, SendOutcome
from artisan_tui.domain.text.printable import printable
from artisan_tui.steps.notify.channel import Dispatch, Reveal
from artisan_tui.steps.notify.http import meaning, post, read_url
from artisan_tui.steps.notify.text import body, cut, cut_note, subject

SECTION, TEXT = 3_000, 40_000
#: Characters of a section that mentions may take.
MENTIONS = 1_000
_MEMBER = re.compile(r"[UW][A-Z0-9]{2,20}", re.ASCII)
_LINK = re.compile(r"https?://[^\s<>|\"]{1,1900}", re.ASCII)


class SlackSender:
    def __init__(self, spec: SlackChannel, reveal: Reveal) -> None:
        self._spec, self._reveal = spec, reveal

    async def send(self, dispatch: Dispatch) -> SendOutcome:
        try:
            url = read_url(self._reveal("url"), "url")
        except SecretMissing as missing:
            return SendOutcome(Came.FAILED, str(missing), broken=True)
        message, left_out = payload(dispatch)
        data = json.dumps(message, ensure_ascii=False).encode()
        answer = await post("Slack", url, data, {"Content-Type": "application/json; charset=utf-8"})
        if isinstance(answer, SendOutcome):
            return answer
        if answer.status == 200:
            if answer.text.strip() == "ok":
                return SendOutcome(Came.SENT, cut_note(left_out))
            if not answer.whole:
                return SendOutcome(Came.UNSURE, "Slack began to answer, and the answer ended early")
            return SendOutcome(Came.FAILED, f"Slack answered 200: {answer.text[:200] or 'nothing'}", broken=True)
        return meaning(answer, "Slack")


def payload(dispatch: Dispatch) -> tuple[dict[str, object], int]:
    """(the JSON, characters that were cut)"""
    mentions = _mentions(dispatch)
    head = escape(subject(dispatch))
    top = " ".join(filter(None, (f"*{head}*", mentions)))
    room = SECTION - len(top) - 1
    text, left_out = cut(_without_links(dispatch), room, escape)
    blocks: list[dict[str, object]] = [_section("\n".join(filter(None, (top, text))))]
    links = [f"<{escape(link)}>" for link in _links(dispatch)]
    if links:
        blocks.append(_section("\n".join(links)[:SECTION] if len("\n".join(links)) <= SECTION else links[0]))
    # What a phone shows, and what is read where blocks are not.
    plain, _ = cut(subject(dispatch), TEXT, escape)
    return {"text": plain, "blocks": blocks}, left_out


def _mentions(dispatch: Dispatch) -> str:
    """Those that leave room for the words: Slack refuses a section that is too long, and the page with it."""
    found = [f"<@{each}>" for each in dispatch.mentions if _MEMBER.fullmatch(each)]
    kept: list[str] = []
    for each in found:
        if len("".join(kept)) + len(kept) + len(each) > MENTIONS:
            break
        kept.append(each)
    more = f" +{len(found) - len(kept)}" if len(kept) < len(found) else ""
    return " ".join(kept) + more


def _section(text: str) -> dict[str, object]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def _links(dispatch: Dispatch) -> list[str]:
    if len(dispatch.sendings) > 1:
        return []
    return [link for each in dispatch.first.notice.links if _LINK.fullmatch(link := printable(each, 2000))][:20]


def _without_links(dispatch: Dispatch) -> str:
    lines, links = body(dispatch).split("\n"), set(_links(dispatch))
    return "\n".join(line for line in lines if line not in links)


def escape(text: str) -> str:
    """As Slack asks for: once, and only these three. Nothing in ``text`` can then mention anybody or be a link."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def open(spec: SlackChannel, reveal: Reveal) -> SlackSender:
    return SlackSender(spec, reveal)
