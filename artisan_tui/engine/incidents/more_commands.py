"""The commands of incidents that come after the work: alerts, corrections, checklists, communication, the postmortem."""

from __future__ import annotations

from artisan_tui.engine.command import Command, Parameter, ParameterType
from artisan_tui.engine.incidents.parameters import AT, DECISIONS_MORE, INCIDENT, SEEN, command
from artisan_tui.engine.parameters import reason, text_option
from artisan_tui.i18n import N_

MORE: tuple[Command, ...] = (
    command(
        "attach",
        N_("Attach an alert"),
        N_("Add an alert to the incident; whoever has it is paged"),
        (
            INCIDENT,
            Parameter("alerts", N_("Alerts"), max_length=8000, help=N_("Fingerprints of alerts, with commas.")),
            text_option("alert_names", N_("Names of alerts"), "--names", N_("Their names, in order."), most=8000),
            SEEN,
        ),
        decide=f"{DECISIONS_MORE}attach",
    ),
    command(
        "detach",
        N_("Detach an alert"),
        N_("Take an alert off the incident"),
        (
            INCIDENT,
            Parameter("alert", N_("Alert"), max_length=200, help=N_("The fingerprint of an alert.")),
            reason(N_("Why; it is kept in the timeline."), required=False),
            SEEN,
        ),
        decide=f"{DECISIONS_MORE}detach",
    ),
    command(
        "correct",
        N_("Correct an entry"),
        N_("Say when an entry really happened, or what it should say; the entry stays"),
        (
            INCIDENT,
            Parameter(
                "event", N_("Entry"), ParameterType.NUMBER, max_length=15, help=N_("Its number in the timeline.")
            ),
            AT,
            text_option("text", N_("Text"), "--text", N_("What it should say.")),
            text_option("milestone", N_("Only this time"), "--only", N_("Only this time, such as detected."), most=20),
            reason(N_("Why; it is kept in the timeline."), required=False),
        ),
        decide=f"{DECISIONS_MORE}correct",
        key="E",
        hint=N_("correct"),
        rank=60,
    ),
    command(
        "check",
        N_("Tick a checklist item"),
        N_("Tick an item of the incident's checklist, or take the tick off"),
        (
            INCIDENT,
            Parameter("item", N_("Item"), max_length=100, help=N_("The item.")),
            text_option("undone", N_("Not done"), "--undone", N_("yes: it is not done after all."), most=3),
        ),
        decide=f"{DECISIONS_MORE}check",
    ),
    command(
        "inform",
        N_("Record a communication"),
        N_("Write down what was sent to whom: it counts as an update"),
        (
            INCIDENT,
            Parameter("text", N_("Text"), max_length=4000, help=N_("What was sent.")),
            text_option("stage", N_("Stage"), "--stage", N_("start, update or end."), most=20),
            text_option("audience", N_("To whom"), "--to", N_("Who was told."), most=200),
            text_option("channel", N_("Send through"), "--channel", N_("A channel that sends it now."), most=63),
        ),
        decide=f"{DECISIONS_MORE}inform",
    ),
    command(
        "postmortem-state",
        N_("Change the postmortem"),
        N_("Change the state, the owner or the date of the postmortem"),
        (
            INCIDENT,
            Parameter(
                "state",
                N_("State"),
                ParameterType.CHOICE,
                required=False,
                choices=("required", "draft", "in_review", "complete", "waived"),
                option="--state",
                help=N_("required, draft, in_review, complete or waived."),
            ),
            text_option("owner", N_("Owner"), "--owner", N_("Who writes it."), most=60),
            text_option("due", N_("Due"), "--due", N_("Until when, as ISO 8601."), most=40),
            text_option("url", N_("Address"), "--url", N_("Where it is."), most=500),
            reason(N_("Why it is waived."), required=False),
            text_option("second", N_("Second person"), "--second", N_("Who else agrees to waive it."), most=60),
            SEEN,
        ),
        decide=f"{DECISIONS_MORE}postmortem",
        key="S",
        rank=83,
    ),
    command(
        "action",
        N_("Action item"),
        N_("Add an action item of the postmortem, or change one"),
        (
            INCIDENT,
            text_option("item", N_("Item"), "--item", N_("The item to change, like A1."), most=20),
            text_option("text", N_("Action"), "--text", N_("What is to be done."), most=500),
            text_option("owner", N_("Owner"), "--owner", N_("Who does it."), most=60),
            text_option("due", N_("Due"), "--due", N_("Until when, as ISO 8601."), most=40),
            Parameter(
                "sort",
                N_("Kind"),
                ParameterType.CHOICE,
                required=False,
                choices=("prevent", "detect", "mitigate"),
                option="--kind",
                help=N_("prevent, detect or mitigate."),
            ),
            Parameter(
                "state",
                N_("State"),
                ParameterType.CHOICE,
                required=False,
                choices=("open", "done", "dropped"),
                option="--state",
                help=N_("open, done or dropped."),
            ),
        ),
        decide=f"{DECISIONS_MORE}action",
        key="T",
        hint=N_("to do"),
        rank=29,
    ),
)
