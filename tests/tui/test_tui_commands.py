"""What a command names on the screen exists: its dialog, and what says in a line what it will act on."""

from __future__ import annotations

import importlib

import pytest

from artisan_tui.engine.commands import COMMANDS

NAMED = [(command.id, name) for command in COMMANDS.values() for name in (command.dialog, command.about) if name]


@pytest.mark.parametrize(("command_id", "name"), NAMED)
def test_what_a_command_names_can_be_loaded(command_id: str, name: str) -> None:
    module, colon, function = name.partition(":")
    assert module.startswith("artisan_tui.tui.")
    assert colon
    assert callable(getattr(importlib.import_module(module), function))
