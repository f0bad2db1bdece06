"""``artisan-tui alert silence`` and ``unsilence``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from artisan_tui.cli.alerts_said import chosen, warn
from artisan_tui.cli.out import say, say_json
from artisan_tui.cli.verbs import CONFIRM_HELP, YES_HELP, or_say
from artisan_tui.domain.alerts.listed import ListedAlert
from artisan_tui.domain.alerts.matchers import matchers_text
from artisan_tui.domain.alerts.silence import preview as preview_of
from artisan_tui.domain.alerts.silence import receivers_missing
from artisan_tui.domain.span import parse_span
from artisan_tui.engine.alerts.once import AlertsNow, alerts_now, write_silence
from artisan_tui.engine.command import CommandRefused
from artisan_tui.engine.commands import CONFIRM
from artisan_tui.i18n import N_, _
from artisan_tui.reports.alerts.listing import alert_lines

if TYPE_CHECKING:
    from artisan_tui.domain.alerts.matchers import Matchers
    from artisan_tui.domain.alerts.silence import Silence
    from artisan_tui.engine.alerts.silencing import Silenced
    from artisan_tui.engine.alerts.writing import SilenceDesk

_JSON = N_("One JSON document on stdout.")


def silence(
    context: typer.Context,
    matchers: Annotated[
        list[str] | None,
        typer.Argument(help=N_("Matchers, like 'svc=~\"api.*\"', or one fingerprint."), metavar="MATCHERS"),
    ] = None,
    lasts: Annotated[str, typer.Option("--for", help=N_("Duration, like 30m or 2h; at most 7d."))] = "2h",
    comment: Annotated[str, typer.Option("--comment", help=N_("Why; everybody reads it."))] = "",
    count: Annotated[
        str, typer.Option("--count", help=N_("How many alerts it hits, where that has to be typed."))
    ] = "",
    preview: Annotated[bool, typer.Option("--preview", help=N_("Only say what it would hit."))] = False,
    acknowledge: Annotated[
        bool, typer.Option("--acknowledge", help=N_("Acknowledge and silence one alert; its silence ends after it."))
    ] = False,
    extend: Annotated[str, typer.Option("--extend", help=N_("Let this silence end so long from now."))] = "",
    replaces: Annotated[str, typer.Option("--replace", help=N_("Give this silence these matchers instead."))] = "",
    restore: Annotated[bool, typer.Option("--restore", help=N_("Create our lost silences again."))] = False,
    yes: Annotated[bool, typer.Option("--yes", help=YES_HELP)] = False,
    confirm: Annotated[str, typer.Option("--confirm", help=CONFIRM_HELP)] = "",
    as_document: Annotated[bool, typer.Option("--json", help=_JSON)] = False,
) -> None:
    words = matchers or []
    if sum(map(bool, (words, extend, restore))) != 1:
        raise typer.BadParameter(_("write matchers, or --extend ID, or --restore"))
    seconds = _seconds(lasts)
    if preview:
        _say_preview(context, words, as_document=as_document)
        return
    arguments = {CONFIRM: confirm or ("yes" if yes else "")}
    if restore:
        _restore(context, arguments)
        return
    if extend:
        done = _extend(context, extend, lasts, seconds, comment, arguments)
    elif acknowledge:
        done = _acknowledge(context, words, lasts, seconds, comment, arguments, yes=yes)
    else:
        done = _create(context, words, lasts, seconds, comment, count, arguments, replaces)
    if as_document:
        say_json({"id": done.id, "said": done.said})
    else:
        say(f"{done.said}  ({done.id})")


def _create(
    context: typer.Context,
    words: Sequence[str],
    lasts: str,
    seconds: float,
    comment: str,
    count: str,
    arguments: dict[str, str],
    replaces: str,
) -> Silenced:
    arguments |= {"matchers": ", ".join(words), "for": lasts, "comment": comment or " "}
    if count:
        arguments["count"] = count

    async def work(desk: SilenceDesk, found: AlertsNow, actor: str) -> Silenced:
        from artisan_tui.engine.alerts.silencing import SilenceRequest, create, replace_matchers

        asked = SilenceRequest(_matchers(found.rows, words), seconds, comment, actor, count)
        if replaces:
            return await replace_matchers(desk, _known(found, replaces), asked, found.rows, found.at)
        return await create(desk, asked, found.rows, found.at)

    _require_comment(comment)
    return or_say(lambda: write_silence(context.obj, "alert.silence", arguments, work))


def _acknowledge(
    context: typer.Context,
    words: Sequence[str],
    lasts: str,
    seconds: float,
    comment: str,
    arguments: dict[str, str],
    *,
    yes: bool,
) -> Silenced:
    _require_comment(comment)
    arguments |= {"alert": words[0], "for": lasts, "comment": comment}

    async def work(desk: SilenceDesk, found: AlertsNow, actor: str) -> Silenced:
        from artisan_tui.engine.alerts.silencing import SilenceRequest, create, matchers_of, to_silence

        rows = chosen(found.rows, words[0])
        if len(rows) != 1:
            raise CommandRefused(_("there is no alert {id}").format(id=words[0]))
        alert = to_silence(rows[0])
        asked = SilenceRequest(matchers_of(alert), seconds, comment, actor, until_quiet=True, acknowledges=alert)
        return await create(desk, asked, found.rows, found.at)

    if not yes and not arguments[CONFIRM]:
        rows = chosen(alerts_now(context.obj).rows, words[0])
        missing = ", ".join(receivers_missing(rows)) or "-"
        said = _("{receivers} will not hear that it is resolved: say --yes to acknowledge and silence")
        say(f"artisan-tui: {said.format(receivers=missing)}", err=True)
        raise typer.Exit(1)
    return or_say(lambda: write_silence(context.obj, "alert.acknowledge-and-silence", arguments, work))


def _extend(
    context: typer.Context, id: str, lasts: str, seconds: float, comment: str, arguments: dict[str, str]
) -> Silenced:
    arguments |= {"silence": id, "for": lasts}

    async def work(desk: SilenceDesk, found: AlertsNow, actor: str) -> Silenced:
        from artisan_tui.engine.alerts import silencing

        return await silencing.extend(desk, _known(found, id), seconds, comment, actor, found.at)

    return or_say(lambda: write_silence(context.obj, "alert.extend", arguments, work))


def _restore(context: typer.Context, arguments: dict[str, str]) -> None:
    lost = alerts_now(context.obj).lost
    if not lost:
        say(f"artisan-tui: {_('no silence of ours is lost')}", err=True)
        raise typer.Exit(1)
    for ours in lost:

        async def work(desk: SilenceDesk, found: AlertsNow, actor: str) -> Silenced:
            from artisan_tui.engine.alerts import silencing

            return await silencing.restore(desk, ours, actor, found.at)  # noqa: B023 - called before the next turn

        done = or_say(lambda: write_silence(context.obj, "alert.restore", arguments, work))
        say(f"{ours.matchers}: {done.said}  ({done.id})")


def unsilence(
    context: typer.Context,
    id: Annotated[str, typer.Argument(help=N_("Its id, as `alert list --silences` shows it."))],
    as_document: Annotated[bool, typer.Option("--json", help=_JSON)] = False,
) -> None:
    async def work(desk: SilenceDesk, found: AlertsNow, actor: str) -> Silenced:
        from artisan_tui.engine.alerts import silencing

        known = next((each for each in found.gathered.silences if each.id == id), None)
        matchers = "" if known is None else matchers_text(known.matchers)
        if known is None and not found.gathered.silences_problem:
            raise CommandRefused(_("there is no silence {id} in force").format(id=id))
        return await silencing.expire(desk, id, matchers, actor, found.at)

    done = or_say(lambda: write_silence(context.obj, "alert.unsilence", {"silence": id}, work))
    if as_document:
        say_json({"id": done.id, "said": done.said})
    else:
        say(done.said)


def _known(found: AlertsNow, id: str) -> Silence:
    """Raises CommandRefused."""
    known = next((each for each in found.gathered.silences if each.id == id), None)
    if known is None:
        raise CommandRefused(found.gathered.silences_problem or _("Alertmanager does not know this silence"))
    return known


# -- reading what was typed -------------------------------------------------------


def _seconds(text: str) -> float:
    try:
        return float(parse_span(text))
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def _require_comment(comment: str) -> None:
    if not comment.strip():
        say(f"artisan-tui: {_('a silence needs a comment: say why')}", err=True)
        raise typer.Exit(2)


def _matchers(rows: Sequence[ListedAlert], words: Sequence[str]) -> Matchers:
    """Of what was typed: matchers, or an alert. Raises CommandRefused."""
    from artisan_tui.engine.alerts.silencing import matchers_of, read_matchers

    named = [row for row in rows if len(words) == 1 and row.fingerprint == words[0]]
    return matchers_of(named[0]) if named else read_matchers(", ".join(words))


def _say_preview(context: typer.Context, words: Sequence[str], *, as_document: bool) -> None:
    found = alerts_now(context.obj)
    matchers = or_say(lambda: _matchers(found.rows, words))
    hits = preview_of(matchers, found.rows)
    if as_document:
        say_json(
            {
                "matchers": matchers_text(matchers),
                "hits": [row.fingerprint for row in hits.hits],
                "by_missing_label": [row.fingerprint for row in hits.absent],
                "of": hits.of,
                "receivers": list(receivers_missing(hits.hits)),
            }
        )
    else:
        warn(found)
        for line in alert_lines(hits.hits, found.zone, found.at):
            say(line)
        said = _("hits {n} of {of} alerts, {absent} by a missing label")
        say(said.format(n=len(hits.hits), of=hits.of, absent=len(hits.absent)))
    raise typer.Exit(3 if found.gathered.unheard else 0)


def register_silences(app: typer.Typer) -> None:
    said = N_("Silence alerts: by matchers, or by an alert's fingerprint. --preview only counts.")
    app.command("silence", help=said)(silence)
    app.command("unsilence", help=N_("End a silence now."))(unsilence)
