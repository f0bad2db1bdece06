"""Who may sign and accept a hand-over, and what a complete one needs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from artisan_tui.domain.incidents.incident import Incident
from artisan_tui.domain.oncall.handoff import Handoff, Said
from artisan_tui.domain.refusal import Refusal

#: Severities whose open incidents need a next step and a customer update before they are handed over.
_WORST = 2


class HandoffRefused(Refusal):
    """It is not signed or accepted. The message is for the person who asked."""


@dataclass(frozen=True, slots=True)
class OpenIncidentState:
    """An incident that is open at the hand-over. ``informed`` is the last message to customers.

    ``fresh``: the next step was said in this shift, not in one before.
    """

    incident: Incident
    next_step: Said | None = None
    informed: Said | None = None
    fresh: bool = False

    @property
    def lacks(self) -> tuple[str, ...]:
        """What the next shift needs and nobody wrote: "next step", "time of the last customer update"."""
        if self.incident.severity > _WORST or not self.incident.active:
            return ()
        found = []
        if self.next_step is None or not self.fresh:
            found.append("next step")
        if self.informed is None:
            found.append("time of the last customer update")
        return tuple(found)


def lacking(incidents: Iterable[OpenIncidentState]) -> tuple[str, ...]:
    """What a hand-over lacks, a phrase per incident."""
    return tuple(f"{each.incident.id}: {', '.join(each.lacks)}" for each in incidents if each.lacks)


def check_sign(
    handoff: Handoff,
    login: str,
    persons: Collection[str],
    incoming: Sequence[str],
    outgoing: Sequence[str],
    lacks: Sequence[str],
    despite: str,
) -> None:
    """``persons`` are the people that ``login`` acts as. Raises HandoffRefused."""
    if handoff.accepted is not None:
        raise HandoffRefused(f"this hand-over was accepted by {handoff.accepted.login}: it is over")
    if set(persons) & set(incoming) and not set(persons) & set(outgoing):
        raise HandoffRefused("you take over: the outgoing side signs")
    if lacks and not despite.strip():
        what = "; ".join(lacks)
        raise HandoffRefused(
            f"the hand-over lacks {what}. Say them: `artisan-tui handoff next ID TEXT`, "
            "`artisan-tui incident comms ID`; or sign with a reason: `--despite REASON`"
        )


def check_accept(handoff: Handoff, login: str, persons: Collection[str], outgoing: Sequence[str]) -> None:
    """Raises HandoffRefused."""
    if handoff.accepted is not None:
        raise HandoffRefused(f"this hand-over was accepted by {handoff.accepted.login} already")
    if handoff.signed is None:
        raise HandoffRefused("nobody has signed this hand-over: the outgoing side signs first")
    if handoff.signed.login == login:
        raise HandoffRefused(f"{login} signed this hand-over: another login has to accept it")
    if handoff.signed.person and handoff.signed.person in persons:
        raise HandoffRefused(f"{handoff.signed.person} signed this hand-over: somebody else has to accept it")
    if set(persons) & set(outgoing):
        raise HandoffRefused("you hand over: the incoming side accepts, with a login of its own")


def reminder(moment: datetime, at: datetime) -> str:
    """What both sides are told when nobody accepted the hand-over, in the words of the engine."""
    minutes = int((at - moment).total_seconds() // 60)
    return f"Nobody has accepted the hand-over for {minutes} minutes. Sign: artisan-tui handoff sign. Accept: artisan-tui handoff accept."
