"""The commands of incidents. Each takes the version that the person saw, where a session shows one."""

from __future__ import annotations

from artisan_tui.engine.access import Role
from artisan_tui.engine.command import Command, Confirm, Parameter, ParameterType
from artisan_tui.engine.incidents.more_commands import MORE
from artisan_tui.engine.incidents.parameters import (
    AT,
    DECISIONS_MORE,
    INCIDENT,
    MESSAGE,
    RESPONDER,
    ROLE,
    SEEN,
    command,
    optional,
    why,
)
from artisan_tui.i18n import N_

#: Seconds; what a severity allows is less, see `domain.incidents.policy`.
LONGEST_SNOOZE = 7 * 86400.0

COMMANDS: tuple[Command, ...] = (
    command(
        "declare",
        N_("Declare an incident"),
        N_("Declare an incident: whoever is on call is paged at once"),
        (
            Parameter("title", N_("Title"), max_length=200, option="--title", help=N_("What is wrong, in one line.")),
            Parameter(
                "severity",
                N_("Severity, Sev1 to Sev4"),
                ParameterType.SEVERITY,
                max_length=12,
                option="--severity",
                help=N_("Sev1 to Sev4, P0 to P3, critical, high, medium or low."),
            ),
            optional("description", N_("Impact"), "--description", N_("Who notices what.")),
            optional("services", N_("Services"), "--services", N_("Affected services, with commas."), most=1000),
            optional("detected", N_("Detected at"), "--detected", N_("When it was detected, if not now."), most=40),
            AT,
            optional("alerts", N_("Alerts"), "--alerts", N_("Fingerprints of its alerts, with commas."), most=8000),
            optional("alert_names", N_("Names of alerts"), "--alert-names", N_("Their names, in order."), most=8000),
            optional("source", N_("Source"), "--source", N_("What declared it: person, alert, runbook."), most=40),
            optional("drill", N_("Drill"), "--drill", N_("yes for a drill: nobody is paged."), most=3),
        ),
        verb="create",
        rank=70,
    ),
    command(
        "acknowledge",
        N_("Acknowledge"),
        N_("Say that somebody has the incident: nobody else is paged"),
        (INCIDENT, RESPONDER, SEEN),
        verb="ack",
        rank=71,
    ),
    command(
        "note",
        N_("Note"),
        N_("Write a note into the incident's timeline"),
        (INCIDENT, Parameter("text", N_("Note"), max_length=4000, help=MESSAGE), AT),
        rank=72,
    ),
    command(
        "status",
        N_("Set the status"),
        N_("Move the incident on, or write an update in the same status"),
        (
            INCIDENT,
            Parameter(
                "status",
                N_("Status"),
                ParameterType.CHOICE,
                choices=("acknowledged", "investigating", "mitigating", "mitigated"),
                help=N_("acknowledged, investigating, mitigating or mitigated."),
            ),
            optional("text", N_("Update"), "--text", MESSAGE),
            AT,
            SEEN,
        ),
        rank=73,
    ),
    command(
        "severity",
        N_("Change the severity"),
        N_("Change the severity: a deadline only ever gets earlier"),
        (
            INCIDENT,
            Parameter(
                "severity",
                N_("Severity, Sev1 to Sev4"),
                ParameterType.SEVERITY,
                max_length=12,
                help=N_("Sev1 to Sev4, P0 to P3, critical, high, medium or low."),
            ),
            why(N_("Why; it is kept in the timeline.")),
            SEEN,
        ),
        rank=74,
    ),
    command(
        "assign",
        N_("Assign a role"),
        N_("Ask a person to take a role; taken for yourself it is yours at once"),
        (INCIDENT, Parameter("person", N_("Person"), max_length=60, help=N_("Who is to have it.")), ROLE, SEEN),
        rank=75,
    ),
    command(
        "accept",
        N_("Accept a role"),
        N_("Take the role that you were asked to take"),
        (INCIDENT, ROLE, SEEN),
    ),
    command(
        "give-up",
        N_("Give up a role"),
        N_("Give up a role, or refuse one"),
        (INCIDENT, ROLE, why(N_("Why; it is kept in the timeline."), required=False), SEEN),
    ),
    command(
        "escalate",
        N_("Escalate"),
        N_("Page the next rung now"),
        (INCIDENT, SEEN),
        decide=f"{DECISIONS_MORE}escalate",
        rank=76,
    ),
    command(
        "snooze",
        N_("Snooze"),
        N_("No pages for a while; a Sev1 for 30 minutes at most"),
        (
            INCIDENT,
            Parameter(
                "for",
                N_("Duration, like 2h"),
                ParameterType.DURATION,
                required=False,
                max_length=20,
                longest=LONGEST_SNOOZE,
                offered="30m",
                option="--for",
                help=N_("Duration, like 30m or 2h."),
            ),
            optional(
                "until", N_("Until"), "--until", N_("Until when, instead of a duration: 06:00 or ISO 8601."), most=40
            ),
            why(N_("Why; it is kept in the timeline."), required=False),
            SEEN,
        ),
        rank=77,
    ),
    command(
        "merge",
        N_("Merge"),
        N_("Make the incident a part of another one, which stays"),
        (
            INCIDENT,
            optional("into", N_("Into"), "--into", N_("The incident that stays."), required=True, most=40),
            why(N_("Why; it is kept in the timeline."), required=False),
            SEEN,
        ),
        decide=f"{DECISIONS_MORE}merge",
    ),
    command(
        "unmerge",
        N_("Unmerge"),
        N_("Make a merged incident one of its own again"),
        (INCIDENT, why(N_("Why; it is kept in the timeline."), required=False), SEEN),
        decide=f"{DECISIONS_MORE}unmerge",
    ),
    command(
        "root-cause",
        N_("Set the root cause"),
        N_("Write down the root cause, which closing needs"),
        (INCIDENT, Parameter("text", N_("Root cause"), max_length=4000, help=N_("What caused it.")), SEEN),
    ),
    command(
        "resolve",
        N_("Resolve"),
        N_("It is over for its users: say what resolved it"),
        (
            INCIDENT,
            optional("resolution", N_("Resolution"), "--resolution", N_("What resolved it."), required=True),
            AT,
            SEEN,
        ),
        rank=78,
    ),
    command(
        "close",
        N_("Close"),
        N_("Close a resolved incident, when its root cause and postmortem are there"),
        (INCIDENT, optional("text", N_("Remark"), "--text", MESSAGE), SEEN),
        role=Role.COMMANDER,
        rank=79,
    ),
    command(
        "cancel",
        N_("Cancel"),
        N_("It was no incident: a false positive, or a duplicate of another one"),
        (
            INCIDENT,
            Parameter(
                "because",
                N_("False positive or duplicate"),
                ParameterType.CHOICE,
                choices=("false_positive", "duplicate_of"),
                offered="false_positive",
                option="--as",
                help=N_("false_positive or duplicate_of."),
            ),
            optional("other", N_("The other incident"), "--of", N_("The incident that it is a duplicate of."), most=40),
            why(N_("Why; it is kept in the timeline."), required=False),
            SEEN,
        ),
        confirm=Confirm.ASK,
    ),
    command(
        "reopen",
        N_("Reopen"),
        N_("A resolved or closed incident goes on; one that was closed long ago is followed by a new one"),
        (INCIDENT, why(N_("Why; it is kept in the timeline.")), SEEN),
    ),
    *MORE,
)
