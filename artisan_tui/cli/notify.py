"""``artisan-tui notify list|test|outbox|retry``."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from artisan_tui.cli.out import say, say_json
from artisan_tui.cli.verbs import or_say
from artisan_tui.domain.event import stamp
from artisan_tui.domain.notify.message import Message
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.notify import offline
from artisan_tui.engine.notify.slice import ChannelView
from artisan_tui.engine.threads import run
from artisan_tui.i18n import N_, _, ngettext
from artisan_tui.reports.notify.words import channel_state_word, message_state_word, purpose_word
from artisan_tui.reports.read_back import read_back

app = typer.Typer(no_args_is_help=True)
_JSON = Annotated[bool, typer.Option("--json", help=N_("One JSON document on stdout."))]
_STATES = ("waiting", "sending", "sent", "failed", "unsure", "dropped", "shown")


def register(parent: typer.Typer) -> None:
    parent.add_typer(app, name="notify", help=N_("Channels that page and tell people, and what waits to be sent."))


@app.command("list", help=N_("List the channels and how they do. Exit 1 when one is broken."))
def list_(context: typer.Context, as_document: _JSON = False) -> None:
    found = or_say(lambda: offline.channels(context.obj))
    if as_document:
        document = [
            {**each._asdict(), "until": _stamp(each.until), "sent_at": _stamp(each.sent_at)} for each in found.channels
        ]
        say_json({"channels": document, "waiting": found.waiting, "drill": found.drill})
    else:
        for each in found.channels:
            say(_line(each))
        if not found.channels:
            say(_("no channel is configured: add a [[notify]]"))
        if found.waiting:
            say(ngettext("{n} message waits", "{n} messages wait", found.waiting).format(n=found.waiting))
        if found.drill:
            say(_("this is a drill: nothing leaves this machine"), err=True)
    raise typer.Exit(1 if any(each.state == "broken" for each in found.channels) else 0)


def _line(each: ChannelView) -> str:
    what = ", ".join(filter(None, (_("fallback") if each.fallback else "", *each.levels, *each.roles))) or _("all")
    state = channel_state_word(each.state)
    if each.until is not None and each.state == "held":
        state = _("held until {time}").format(time=f"{each.until:%H:%M:%SZ}")
    why = f": {read_back(each.why)}" if each.why else ""
    return f"{each.id}  {each.kind}  {what}  {state}{why}"


@app.command("test", help=N_("Send a test through a channel. Exit 0 sent, 1 failed, 3 possibly sent."))
def send_test(
    context: typer.Context,
    channel: Annotated[str, typer.Argument(help=N_("Its id in [[notify]]."))],
    as_document: _JSON = False,
) -> None:
    sent, said = or_say(lambda: run(offline.try_channel(context.obj, channel)))
    if as_document:
        say_json({"channel": channel, "sent": sent, "said": said})
    else:
        say(read_back(said), err=sent is not True)
    raise typer.Exit({True: 0, False: 1, None: 3}[sent])


@app.command("outbox", help=N_("List messages, newest first: what waits, was sent, failed or was possibly sent."))
def outbox(
    context: typer.Context,
    state: Annotated[
        list[str] | None, typer.Option("--state", help=N_("Only these: waiting, sent, failed, unsure, dropped, ..."))
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help=N_("How many."))] = 50,
    as_document: _JSON = False,
) -> None:
    unknown = [each for each in state or () if each not in _STATES]
    if unknown:
        said = _("there is no state {state}; known: {known}").format(state=unknown[0], known=", ".join(_STATES))
        say(f"artisan-tui: {said}", err=True)
        raise typer.Exit(2)
    messages = or_say(lambda: offline.outbox(context.obj, tuple(state or ()), limit))
    if as_document:
        say_json({"messages": [_document(each) for each in messages]})
        return
    for each in messages:
        people = f" {each.person or ', '.join(each.to)}".rstrip()
        why = f" ({printable(read_back(each.why), 200)})" if each.why else ""
        what = f"{each.severity} {purpose_word(each.purpose)}".strip()
        say(
            f"{each.id}  {each.queued_at:%Y-%m-%dT%H:%M:%SZ}  {message_state_word(each.state)}{why}  "
            f"{each.channel}{people}  {each.incident}  {what}: {printable(each.title, 120)}"
        )
    if not messages:
        say(_("the outbox is empty"))


def _document(each: Message) -> dict[str, object]:
    return {
        "id": each.id,
        "channel": each.channel,
        "kind": each.by,
        "incident": each.incident,
        "purpose": each.purpose,
        "severity": each.severity,
        "title": each.title,
        "to": list(each.to),
        "state": each.state,
        "possibly_sent": each.maybe,
        "tries": each.tries,
        "fallback": each.fallback,
        "queued_at": _stamp(each.queued_at),
        "changed_at": _stamp(each.changed_at),
        "next_try": _stamp(each.due) if each.state == "waiting" else None,
        "why": each.why,
    }


@app.command("retry", help=N_("Send a message again that failed or was possibly sent; a running session does it."))
def retry(
    context: typer.Context,
    message: Annotated[str, typer.Argument(help=N_("Its id, as `notify outbox` shows it."))],
    as_document: _JSON = False,
) -> None:
    said = or_say(lambda: offline.retry(context.obj, message))
    if as_document:
        say_json({"message": message, "said": said})
    else:
        say(said)


def _stamp(moment: datetime | None) -> str | None:
    return None if moment is None else stamp(moment)
