"""What the commands of a live drill lead to. The drill's process records them; the journal gets what follows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from artisan_tui.engine.command import CommandRefused
from artisan_tui.engine.decision import Decision, Present
from artisan_tui.i18n import _

if TYPE_CHECKING:
    from artisan_tui.engine.drills.following import DrillFollower
    from artisan_tui.engine.wing import Core


def answer(present: Present, given: Mapping[str, Any]) -> Decision:
    arguments = {"inject": given["message"], "text": given["text"]}
    return _told(lambda drill: drill.client.act("answer", arguments, present.actor), _("answered"))


def hint(present: Present, given: Mapping[str, Any]) -> Decision:
    async def ask(drill: DrillFollower) -> str:
        taken = await drill.client.act("hint", {}, present.actor)
        return _("the hint is on the drill's screen") if taken["ok"] else _("there are no further hints")

    return _told(ask)


def go(present: Present, given: Mapping[str, Any]) -> Decision:
    async def resume(drill: DrillFollower) -> None:
        if drill.real:
            raise CommandRefused(_("the drill stays paused: {incident} is open").format(incident=drill.real))
        await drill.client.conduct("resume")

    return _told(resume, _("the time of the drill passes"))


def pause(present: Present, given: Mapping[str, Any]) -> Decision:
    return _told(lambda drill: drill.client.conduct("pause"), _("the drill is paused"))


def speed(present: Present, given: Mapping[str, Any]) -> Decision:
    wanted = float(given["speed"])
    return _told(lambda drill: drill.client.conduct("speed", speed=wanted))


def end(present: Present, given: Mapping[str, Any]) -> Decision:
    return _told(lambda drill: drill.client.conduct("end"), _("the drill is over"))


def send(present: Present, given: Mapping[str, Any]) -> Decision:
    return _told(lambda drill: drill.client.conduct("inject", inject=given["inject"]))


def hold(present: Present, given: Mapping[str, Any]) -> Decision:
    async def turn(drill: DrillFollower) -> None:
        truth = drill.shown.truth
        held = truth is not None and any(each.id == given["inject"] and each.held for each in truth.next)
        await drill.client.conduct("release" if held else "hold", inject=given["inject"])

    return _told(turn)


def remove(present: Present, given: Mapping[str, Any]) -> Decision:
    async def turn(drill: DrillFollower) -> None:
        out = given["player"] in drill.shown.removed
        await drill.client.conduct("return" if out else "remove", player=given["player"])

    return _told(turn)


def _told(tell: Callable[[DrillFollower], Awaitable[Any]], said: str = "") -> Decision:
    """Tell the drill's process something, and look at once what came of it. A text that comes back is said."""

    async def act(core: Core) -> Decision:
        from artisan_tui.engine.drills.following import refusal
        from artisan_tui.engine.drills.wing import DrillsWing
        from artisan_tui.steps.drill_conductor import ConductorGone, ConductorRefused

        drill = core.wing(DrillsWing).follower
        if drill is None:
            raise CommandRefused(_("this session is in no drill"))
        try:
            came = await tell(drill)
        except (ConductorGone, ConductorRefused) as error:
            return Decision(said=refusal(error), ok=False)
        await drill.refresh()
        return Decision(said=came if isinstance(came, str) else said)

    return Decision(act=act)
