"""The commands that every session has, whatever it shows."""

from __future__ import annotations

from artisan_tui.engine.access import Role
from artisan_tui.engine.command import Command, Parameter
from artisan_tui.i18n import N_

COMMANDS = (
    Command(
        "journal.note",
        N_("Write a note"),
        N_("Add a line to the journal; it cannot be changed later"),
        (Parameter("text", N_("Note"), help=N_("The line to add.")),),
        key="n",
        hint=N_("note"),
        rank=15,
        verb="note",
        decide="artisan_tui.engine.session.decisions:note",
    ),
    Command(
        "notice.acknowledge",
        N_("Acknowledge the notice"),
        N_("Confirm that a new store was created, or that runs were lost; the journal records who confirmed it"),
        key="A",
        rank=90,
        verb="notice acknowledge",
        decide="artisan_tui.engine.session.decisions:acknowledge_notice",
        relayed=True,
    ),
    Command(
        "config.reload",
        N_("Reload the configuration"),
        N_("Reload artisan.toml now; if the file is invalid, the old configuration stays in use"),
        key="R",
        rank=91,
        verb="config reload",
        decide="artisan_tui.engine.session.decisions:reload_config",
        relayed=True,
        role=Role.VIEWER,
        read_only=True,
    ),
)
