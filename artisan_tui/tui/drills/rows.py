"""The lines of screen 7: what each says, and what Enter does on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from artisan_tui.engine.drills.queries import KnownDrills, ScenarioRow
from artisan_tui.engine.drills.slice import DrillMessage, LiveDrillSlice
from artisan_tui.i18n import _, ngettext
from artisan_tui.reports.drills.live_words import tick_text, why_text
from artisan_tui.reports.drills.words import spoken
from artisan_tui.tui.cells import Run, fit, wrapped


class DrillLine(NamedTuple):
    """A line. ``do`` is what Enter does, empty for a line that cannot be selected; ``what`` is on what."""

    runs: list[Run]
    do: str = ""
    what: str = ""


def _head(text: str) -> list[DrillLine]:
    return [DrillLine([]), DrillLine([(f" {text}", "-strong")])]


def _text(text: str, width: int, role: str = "", indent: int = 1) -> Iterator[DrillLine]:
    for line in wrapped(text, max(10, width - indent - 1)):
        yield DrillLine([(" " * indent + line, role)])


def _button(text: str, do: str, what: str = "") -> DrillLine:
    return DrillLine([(f" [ {text} ]", "-accent")], do, what)


# -- the catalogue


def catalogue_lines(known: KnownDrills, width: int) -> list[DrillLine]:
    """Scenarios, then coverage of the runbooks, then past drills."""
    narrow = width < 100
    lines = _not_over(known, width)
    lines += [DrillLine(_scenario(each, known, width, narrow), "start", each.id) for each in known.scenarios]
    lines += _head(_("Coverage by runbook"))
    for row in known.coverage:
        words = ", ".join(row.scenarios) or _("no scenario practises it")
        due = due_text(row.due.last, row.due.due, row.due.overdue(known.today))
        role = "-warn" if row.due.overdue(known.today) else "-good"
        cells = [(" " + fit(row.runbook, 30), ""), (" " + fit(due, 34), role)]
        lines.append(DrillLine(cells if narrow else [*cells, (" " + fit(words, max(0, width - 67)), "-dim")]))
    lines += _head(_("Drills so far"))
    over = [each for each in known.plays if each.levels]
    if not over:
        lines += _text(_("no drill yet"), width, "-dim")
    for play in over:
        title = spoken(play.title, play.title_ko)
        saved = "" if play.saved is None else _("users saved {share:.0%}").format(share=play.saved)
        runs: list[Run] = [
            (f" {play.day}  {fit(title, 28)} ", ""),
            (fit(play.levels, 14), "-strong"),
            (f" {saved}", "-dim"),
        ]
        lines.append(DrillLine(runs, "debrief", str(play.folder)))
    return lines


def _not_over(known: KnownDrills, width: int) -> list[DrillLine]:
    """The drills that go on stand first: who looks for one to join should not have to scroll."""
    going = [each for each in known.plays if not each.levels]
    lines = []
    for each in going:
        said = fit(_("not over: Enter joins it"), max(0, width - 43))
        runs: list[Run] = [(f" {each.day}  {fit(spoken(each.title, each.title_ko), 28)} ", ""), (said, "-warn")]
        lines.append(DrillLine(runs, "join", str(each.folder)))
    return [*lines, DrillLine([])] if lines else []


def _scenario(each: ScenarioRow, known: KnownDrills, width: int, narrow: bool) -> list[Run]:
    due = due_text(each.due.last, each.due.due, each.due.overdue(known.today))
    role = "-warn" if each.due.overdue(known.today) else "-good"
    title = fit(spoken(each.title, each.title_ko), 26 if narrow else 34)
    minutes = ngettext("{n} min", "{n} min", each.seconds // 60).format(n=each.seconds // 60)
    score = each.levels or "-"
    return [
        (" " + title, ""),
        (" " + fit(each.severity, 5), "-dim"),
        (" " + fit(minutes, 7), "-dim"),
        (" " + fit(score, 10), "-strong"),
        (" " + fit(due, max(0, width - (26 if narrow else 34) - 28)), role),
    ]


def due_text(last: object, due: object, overdue: bool) -> str:
    """When it was practised, and when it is due."""
    if last is None:
        return _("never drilled: due now")
    if overdue:
        return _("drilled {last}: due since {due}").format(last=last, due=due)
    return _("drilled {last}, due {due}").format(last=last, due=due)


def about_lines(each: ScenarioRow | None, width: int) -> list[DrillLine]:
    """What the selected scenario is, as far as a player may know."""
    if each is None:
        return []
    said = spoken(each.briefing, each.briefing_ko)
    practises = _("practises {runbooks}").format(runbooks=", ".join(each.runbooks) or "-")
    return [*_text(said, width), *_text(practises, width, "-dim")]


# -- in a drill


def player_lines(drill: LiveDrillSlice, width: int) -> list[DrillLine]:
    """The drill as a player sees it."""
    lines = [DrillLine(_clock(drill)), *_text(drill.briefing, width)]
    lines += _acts(drill)
    lines += _head(_("Messages"))
    if not drill.messages:
        lines += _text(_("nobody has written yet"), width, "-dim")
    for each in reversed(drill.messages):
        shown = message_lines(each, drill.tick, width)
        # After the end nobody can answer any more.
        lines += shown if drill.state in ("runs", "paused") else [line._replace(do="") for line in shown]
    heard = [*((tick, text) for tick, text in drill.rumours)]
    if heard:
        lines += _head(_("Heard"))
        for tick, text in heard:
            lines += _text(f"{tick_text(tick)} {text}", width)
    if drill.hints:
        lines += _head(_("Hints"))
        for tick, text in drill.hints:
            lines += _text(f"{tick_text(tick)} {text}", width, "-accent")
    lines += _head(_("Objectives"))
    for aim in drill.objectives:
        lines += _text(_("{title}, by {tick}").format(title=aim.title, tick=tick_text(aim.by)), width)
    return lines


def _clock(drill: LiveDrillSlice) -> list[Run]:
    said = {
        "begins": _("it has not begun"),
        "runs": _("{speed:g}x").format(speed=drill.speed),
        "paused": _("PAUSED: {why}").format(why=why_text(drill.why)),
        "ended": _("OVER"),
        "gone": _("the stack does not answer"),
    }.get(drill.state, "")
    role = "-good" if drill.state == "runs" else "-warn"
    at = _("{tick} of {end}").format(tick=tick_text(drill.tick), end=tick_text(drill.ends))
    return [(" DRILL ", "-drill"), (f" {drill.title}  ", "-strong"), (f"{at}  ", ""), (said, role)]


def _acts(drill: LiveDrillSlice) -> Iterator[DrillLine]:
    yield DrillLine([])
    if drill.state == "ended":
        if drill.scored:
            yield _button(_("Read the debrief"), "debrief")
        else:
            yield DrillLine([(" " + _("the play is compared with others; the debrief comes in a moment"), "-dim")])
        return
    if drill.conducts and drill.state == "begins":
        yield _button(_("Begin"), "go")
    elif drill.conducts and drill.state == "paused":
        yield _button(_("Go on"), "go")
    elif drill.conducts and drill.state == "runs":
        yield _button(_("Pause"), "pause")
    if drill.state == "runs":
        yield _button(_("Ask for a hint") if drill.truth is None else _("Give a hint"), "hint")
    if drill.conducts and drill.state != "gone":
        yield _button(_("Change the speed"), "speed")
        yield _button(_("End the drill"), "end")


def message_lines(each: DrillMessage, now: int, width: int) -> list[DrillLine]:
    """A message with what it asks for; Enter answers the one that waits."""
    to = _(" to {who}").format(who=each.to) if each.to else ""
    head: list[Run] = [(f" {tick_text(each.tick)} ", "-dim"), (f"{each.sender}{to}", "-strong")]
    do = ""
    if each.answered is not None:
        head.append(("  " + _("answered {tick}").format(tick=tick_text(each.answered)), "-good"))
    elif each.answer_by is not None:
        late = now > each.answer_by
        words = _("answer by {tick}").format(tick=tick_text(each.answer_by))
        head.append(("  " + (_("{words}: LATE").format(words=words) if late else words), "-bad" if late else "-warn"))
        do = "answer"
    else:
        do = "answer"
    return [DrillLine(head, do, each.id), *_text(each.text, width, indent=8)]


# -- the facilitator


def facilitator_lines(drill: LiveDrillSlice, width: int) -> list[DrillLine]:
    """The drill with its truth."""
    truth = drill.truth
    if truth is None:
        return [DrillLine([(" " + _("the truth is being read"), "-dim")])]
    lines = [DrillLine([*_clock(drill), ("  " + _("FACILITATOR"), "-bad")]), *_text(truth.truth, width, "-strong")]
    lines += _acts(drill)
    lines += _head(_("Next messages: Enter sends now, h holds"))
    for each in truth.next:
        due = _("held") if each.held else tick_text(each.due) if each.due is not None else each.trigger
        runs: list[Run] = [(" " + fit(due, 18), "-warn" if each.held else "-accent"), (f" {each.sender}: ", "-strong")]
        lines.append(DrillLine([*runs, (fit(each.text, max(10, width - 24 - len(each.sender))), "")], "send", each.id))
    lines += _head(_("Expected acts"))
    for act in truth.expected:
        done = act.done is not None
        mark = _("done {tick}").format(tick=tick_text(act.done)) if act.done is not None else _("not yet")
        late = not done and drill.tick > act.at
        lines.append(
            DrillLine(
                [
                    (f" {tick_text(act.at)} ", "-dim"),
                    (fit(mark, 14), "-good" if done else "-bad" if late else "-dim"),
                    (" " + fit(act.text, max(10, width - 24)), ""),
                ]
            )
        )
    lines += _head(_("What people did"))
    lines += [
        DrillLine([(f" {tick_text(tick)} {fit(text, max(10, width - 10))}", "")]) for tick, text in truth.acts[-12:]
    ]
    lines += _head(_("Objectives"))
    for aim in truth.objectives:
        reached = {True: _("reached"), False: _("not reached")}.get(aim.reached, _("an act"))  # type: ignore[arg-type]
        lines += _text(
            _("{title}, by {tick}: {reached}").format(title=aim.title, tick=tick_text(aim.by), reached=reached), width
        )
    lines += _head(_("Players: Enter takes out or lets back in"))
    for name in dict.fromkeys((*truth.players, *drill.removed)):
        out = name in drill.removed
        lines.append(DrillLine([(f" {name} ", ""), (_("out") if out else "", "-bad")], "remove", name))
    lines += _head(_("Sent"))
    for message in reversed(drill.messages):
        lines += [line._replace(do="") for line in message_lines(message, drill.tick, width)]
    return lines


def selectable(lines: Sequence[DrillLine]) -> list[int]:
    """The indices of lines that do something."""
    return [index for index, line in enumerate(lines) if line.do]
