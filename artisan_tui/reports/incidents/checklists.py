"""What to do in an incident, as the SRE guide and the operations runbook list it; ticked in the room, item by item."""

from __future__ import annotations

from dataclasses import dataclass

from artisan_tui.i18n import N_


@dataclass(frozen=True, slots=True)
class Step:
    """``id`` is what the journal keeps; ``text`` is in gettext."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Checklist:
    """``title`` is in gettext. ``steps`` in the order in which they are done."""

    id: str
    title: str
    steps: tuple[Step, ...]


#: The first 15 minutes: SRE guide, 3.3.
RESPONSE = Checklist(
    "response",
    N_("First 15 minutes"),
    (
        Step("response.acknowledge", N_("Acknowledge: others see that somebody works on it")),
        Step("response.assess", N_("Assess: what is affected, for whom, since when; severity right?")),
        Step("response.communicate", N_("Communicate: send the start message")),
        Step("response.investigate", N_("Investigate: find the cause; restore service first")),
    ),
)
#: Operations runbook, incident response.
RESOLUTION = Checklist(
    "resolution",
    N_("Before it is resolved"),
    (
        Step("resolution.restored", N_("Service restored")),
        Step("resolution.cause", N_("Root cause identified")),
        Step("resolution.normal", N_("Monitoring shows normal behaviour")),
        Step("resolution.notified", N_("Team notified")),
        Step("resolution.log", N_("Timeline complete")),
        Step("resolution.postmortem", N_("Postmortem scheduled")),
    ),
)
#: In the order in which a room shows them.
CHECKLISTS = (RESPONSE, RESOLUTION)


def step_of(step_id: str) -> Step | None:
    """The step with this id, None for one of another version."""
    return next((step for each in CHECKLISTS for step in each.steps if step.id == step_id), None)
