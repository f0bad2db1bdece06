"""What a wing says about starting a command on the screen exists: the command, its dialog, what is offered and told."""

from __future__ import annotations

import importlib

import pytest

from artisan_tui.engine.commands import COMMANDS
from artisan_tui.tui.kit.place import CommandStart
from artisan_tui.tui.registry import registry_of, wing_places
from support.snapshots import make_app

STARTS = registry_of(wing_places()).starts


@pytest.mark.parametrize("start", STARTS.values(), ids=list(STARTS))
def test_a_start_is_of_a_command_that_exists_and_names_what_can_be_loaded(start: CommandStart) -> None:
    assert start.id in COMMANDS
    if start.dialog:
        module, colon, function = start.dialog.partition(":")
        assert module.startswith("artisan_tui.tui.")
        assert colon
        assert callable(getattr(importlib.import_module(module), function))


@pytest.mark.parametrize("start", STARTS.values(), ids=list(STARTS))
async def test_what_a_start_offers_and_tells_needs_no_snapshot(start: CommandStart) -> None:
    shell = make_app()
    names = {parameter.name for parameter in COMMANDS[start.id].parameters}
    async with shell.run_test():
        assert set(start.offer(shell) if start.offer is not None else {}) <= names
        assert isinstance(start.about(shell) if start.about is not None else "", str)


def test_the_commands_that_need_more_than_a_form_have_it() -> None:
    assert STARTS["maintenance.end"].dialog
    assert STARTS["drill.toggle"].dialog
    assert STARTS["maintenance.declare"].offer is not None
    assert STARTS["slo.override"].about is not None
