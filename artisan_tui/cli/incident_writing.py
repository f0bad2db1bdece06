"""``artisan-tui incident comms|postmortem``: texts that the incident fills and a person completes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from artisan_tui.cli.incident_documents import ID_HELP, JSON_HELP, LANGUAGE_HELP, language_of, usage
from artisan_tui.cli.out import say, say_json
from artisan_tui.cli.verbs import or_say
from artisan_tui.domain.text.printable import printable
from artisan_tui.domain.text.redaction import redacted
from artisan_tui.engine.incidents.history import IncidentHistory, incident_history
from artisan_tui.engine.incidents.listing import incident_list
from artisan_tui.engine.offline import carry_out
from artisan_tui.i18n import N_, _, spoken_in
from artisan_tui.reports.incidents.comms import FIELDS, STAGES, Message, compose, open_questions
from artisan_tui.reports.incidents.export import IncidentRecord, item_lines, postmortem_lines
from artisan_tui.reports.incidents.json_documents import postmortem_document
from artisan_tui.reports.incidents.postmortem import postmortem_draft
from artisan_tui.reports.read_back import read_back, read_reply


def register_writing(app: typer.Typer) -> None:
    app.command("comms", help=N_("Print a message to others from a template; record it as sent, or send it."))(comms)
    app.command("postmortem", help=N_("Show the postmortem, print its draft, or change its state."))(postmortem)


def comms(
    context: typer.Context,
    incident: Annotated[str, typer.Argument(help=ID_HELP)],
    stage: Annotated[str, typer.Argument(help=N_("start, update, end, or block: the P0-P3 block."))],
    spoken: Annotated[str, typer.Option("--language", help=LANGUAGE_HELP)] = "",
    fields: Annotated[
        list[str], typer.Option("--field", metavar="NAME=TEXT", help=N_("What the template asks for, like eta=17:00."))
    ] = [],  # noqa: B006  # typer makes a new one
    record: Annotated[bool, typer.Option("--record", help=N_("Write down that it was sent: it is an update."))] = False,
    send: Annotated[str, typer.Option("--send", metavar="CHANNEL", help=N_("Send it through this channel."))] = "",
    audience: Annotated[str, typer.Option("--to", help=N_("Who is told; it is written down."))] = "",
    as_document: Annotated[bool, typer.Option("--json", help=JSON_HELP)] = False,
) -> None:
    if stage not in STAGES:
        said = _("{stage} is no message: write one of {stages}")
        usage(said.format(stage=printable(stage, 40), stages=", ".join(STAGES)))
    language = language_of(spoken)
    given = _given(fields)
    found = or_say(lambda: incident_history(context.obj, incident))
    message = Message(found.incident, found.events, found.zone, found.at, given)
    text = redacted(compose(stage, message, language))
    asked = open_questions(text)
    said = ""
    if record or send:
        if asked:
            names = ", ".join(name for name in FIELDS if _asked(name, text))
            said = _("not sent, because it still asks {questions}; answer with --field {names}")
            say(f"artisan-tui: {said.format(questions=' '.join(asked), names=names)}", err=True)
            raise typer.Exit(1)
        arguments = {"incident": incident, "text": text, "stage": stage, "audience": audience, "channel": send}
        said = or_say(lambda: carry_out(context.obj, "incident.inform", arguments)).said
    if as_document:
        say_json(
            {"incident": found.incident.id, "stage": stage, "language": language, "text": text, "open": list(asked)}
        )
    else:
        say(text)
    if said:
        say(f"artisan-tui: {read_back(said)}", err=True)
    elif asked:
        say(f"artisan-tui: {_('still open: {questions}').format(questions=' '.join(asked))}", err=True)
    if send and or_say(lambda: incident_list(context.obj, 0)).unattended:
        said = _("no session is running: it leaves as soon as one does; start artisan-tui watch")
        say(f"artisan-tui: {said}", err=True)


def _given(fields: Sequence[str]) -> dict[str, str]:
    found = {}
    for each in fields:
        name, sign, text = each.partition("=")
        if not sign or name not in FIELDS:
            said = _("--field {text} is none: write NAME=TEXT with one of {names}")
            usage(said.format(text=printable(each, 40), names=", ".join(FIELDS)))
        found[name] = text
    return found


def _asked(name: str, text: str) -> bool:
    """Whether the question of this field still stands in the text, in whichever language."""
    for language in ("en", "ko"):
        with spoken_in(language):
            if f"[{_(FIELDS[name])}]" in text:
                return True
    return False


def postmortem(
    context: typer.Context,
    incident: Annotated[str, typer.Argument(help=ID_HELP)],
    draft: Annotated[bool, typer.Option("--draft", help=N_("Print the draft, filled from the timeline."))] = False,
    spoken: Annotated[str, typer.Option("--language", help=LANGUAGE_HELP)] = "",
    state: Annotated[str, typer.Option("--state", help=N_("required, draft, in_review, complete or waived."))] = "",
    owner: Annotated[str, typer.Option("--owner", help=N_("Who writes it."))] = "",
    due: Annotated[str, typer.Option("--due", help=N_("Until when, as ISO 8601."))] = "",
    url: Annotated[str, typer.Option("--url", help=N_("Where it is."))] = "",
    reason: Annotated[str, typer.Option("--reason", help=N_("Why it is waived."))] = "",
    second: Annotated[str, typer.Option("--second", help=N_("Who else agrees to waive it."))] = "",
    as_document: Annotated[bool, typer.Option("--json", help=JSON_HELP)] = False,
) -> None:
    given = {"state": state, "owner": owner, "due": due, "url": url, "reason": reason, "second": second}
    changes = {name: value for name, value in given.items() if value}
    if draft and changes:
        usage(_("--draft prints the draft and changes nothing: leave the other options out"))
    if draft:
        with spoken_in(language_of(spoken)):
            found = or_say(lambda: incident_history(context.obj, incident))
            say(redacted(postmortem_draft(IncidentRecord(found.incident, found.events), found.zone)).rstrip("\n"))
        return
    if changes:
        done = or_say(lambda: carry_out(context.obj, "incident.postmortem-state", {"incident": incident, **changes}))
        if not as_document:
            say(read_reply(done.said))
            return
    found = or_say(lambda: incident_history(context.obj, incident))
    if as_document:
        say_json({"incident": found.incident.id, **postmortem_document(found.incident)})
        return
    for line in _postmortem_lines(found):
        say(redacted(line))


def _postmortem_lines(found: IncidentHistory) -> list[str]:
    lines = postmortem_lines(found.incident, found.zone) or [_("no postmortem is required")]
    items = item_lines(found.incident, found.zone)
    return [*lines, *(["", *items] if items else [])]
