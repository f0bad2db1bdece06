"""Rights are decided in the core, for every door that leads to a command."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from types import ModuleType

import pytest

from artisan_tui.engine.access import Role, Session
from artisan_tui.engine.command import CommandRefused
from artisan_tui.engine.commands import COMMANDS, permit
from artisan_tui.wings import WINGS

OPERATOR = Session("j.park")
READER = Session("s.lee", Role.VIEWER, read_only=True)


@pytest.mark.parametrize("command_id", COMMANDS)
def test_every_declared_command_has_a_decision(command_id: str) -> None:
    module, _, name = COMMANDS[command_id].decide.partition(":")
    assert callable(getattr(importlib.import_module(module), name))


def _decision_modules() -> Iterator[ModuleType]:
    """Every `engine/<wing>/*decisions.py`."""
    for wing in WINGS:
        package = importlib.import_module(f"artisan_tui.engine.{wing}")
        for found in pkgutil.iter_modules(package.__path__):
            if found.name.endswith("decisions"):
                yield importlib.import_module(f"{package.__name__}.{found.name}")


def test_every_decision_is_declared() -> None:
    declared = {command.decide for command in COMMANDS.values()}
    found = {
        f"{module.__name__}:{name}"
        for module in _decision_modules()
        for name, value in vars(module).items()
        if inspect.isfunction(value) and value.__module__ == module.__name__ and not name.startswith("_")
        if list(inspect.signature(value).parameters) == ["present", "given"]
    }
    assert found == declared


def test_keys_are_unique_in_every_place_and_none_that_acts_is_a_control_key() -> None:
    places = {command.place for command in COMMANDS.values()} | {""}
    for place in places:
        here = [c.key for c in COMMANDS.values() if c.key and c.place in ("", place)]
        assert len(here) == len(set(here)), place
    assert not any(command.key.startswith("ctrl+") for command in COMMANDS.values())


@pytest.mark.parametrize("command_id", [c.id for c in COMMANDS.values() if not c.read_only])
def test_a_read_only_session_changes_nothing(command_id: str) -> None:
    arguments = {p.name: "x" for p in COMMANDS[command_id].parameters}
    with pytest.raises(CommandRefused):
        permit(
            command_id,
            arguments,
            Session("s.lee", Role.RESPONDER, read_only=True, demo=True, drill=True, facilitates=True),
        )


@pytest.mark.parametrize("command_id", [c.id for c in COMMANDS.values() if c.read_only])
def test_a_read_only_session_may_use_the_view(command_id: str) -> None:
    arguments = {p.name: "x" for p in COMMANDS[command_id].parameters}
    assert permit(command_id, arguments, READER).id == command_id


def test_demo_commands_do_not_exist_elsewhere() -> None:
    with pytest.raises(CommandRefused, match="is not available"):
        permit("drill.toggle", {"fault": "qwen_down"}, OPERATOR)
    assert (
        permit("drill.toggle", {"fault": "qwen_down"}, Session("x", demo=True, drill=True, facilitates=True)).id
        == "drill.toggle"
    )


@pytest.mark.parametrize(
    ("command_id", "arguments", "said"),
    [
        ("no.such", {}, "is not available"),
        ("journal.note", {}, "needs text"),
        ("journal.note", {"text": "   "}, "needs text"),
        ("journal.note", {"text": "x" * 2001}, "longer than 2000"),
        ("journal.note", {"text": "x", "also": "y"}, "no parameter also"),
    ],
)
def test_wrong_arguments_are_refused_in_words(command_id: str, arguments: dict[str, str], said: str) -> None:
    with pytest.raises(CommandRefused, match=said):
        permit(command_id, arguments, OPERATOR)


@pytest.mark.parametrize("command_id", COMMANDS)
def test_a_role_bounds_what_a_session_may_do_that_is_not_read_only(command_id: str) -> None:
    command = COMMANDS[command_id]
    arguments = {p.name: "x" for p in command.parameters}
    viewer = Session("s.lee", Role.VIEWER, demo=True, drill=True, facilitates=True)
    if command.role is Role.VIEWER:
        assert permit(command_id, arguments, viewer) is command
    else:
        with pytest.raises(CommandRefused, match=f"needs the role {command.role.name.lower()}"):
            permit(command_id, arguments, viewer)
    assert permit(command_id, arguments, Session("j.park", demo=True, drill=True, facilitates=True)) is command


@pytest.mark.parametrize(
    ("command_id", "name", "most"),
    [
        ("journal.note", "text", 2000),
        ("check.mute", "for", 20),
        ("check.mute", "reason", 300),
        ("maintenance.declare", "covers", 500),
        ("maintenance.declare", "for", 20),
        ("maintenance.declare", "reason", 300),
        ("slo.override", "for", 20),
        ("slo.override", "reason", 300),
    ],
)
def test_how_long_an_argument_may_be(command_id: str, name: str, most: int) -> None:
    arguments = {p.name: "x" for p in COMMANDS[command_id].parameters}
    permit(command_id, {**arguments, name: "x" * most}, OPERATOR)
    with pytest.raises(CommandRefused, match=f"longer than {most}"):
        permit(command_id, {**arguments, name: "x" * (most + 1)}, OPERATOR)
