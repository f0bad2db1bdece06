"""Rights are decided in the core, for every door that leads to a command."""

from __future__ import annotations

import pytest
from artisan_tui.engine.acts import ACTS

from artisan_tui.engine.commands import COMMANDS, CommandRefused, Role, Session, permit

OPERATOR = Session("j.park")
READER = Session("s.lee", Role.VIEWER, read_only=True)


def test_every_declared_command_can_be_done_and_nothing_else() -> None:
    assert set(ACTS) == set(COMMANDS)


def test_keys_are_unique_and_none_that_acts_is_a_control_key() -> None:
    keys = [command.key for command in COMMANDS.values() if command.key]
    assert len(keys) == len(set(keys))
    assert not any(key.startswith("ctrl+") for key in keys)


@pytest.mark.parametrize("command_id", [c.id for c in COMMANDS.values() if not c.read_only])
def test_a_read_only_session_changes_nothing(command_id: str) -> None:
    arguments = {p.name: "x" for p in COMMANDS[command_id].parameters}
    with pytest.raises(CommandRefused):
        permit(command_id, arguments, Session("s.lee", Role.OPERATOR, read_only=True, demo=True))


@pytest.mark.parametrize("command_id", [c.id for c in COMMANDS.values() if c.read_only])
def test_a_read_only_session_may_look(command_id: str) -> None:
    arguments = {p.name: "x" for p in COMMANDS[command_id].parameters}
    assert permit(command_id, arguments, READER).id == command_id


def test_demo_commands_do_not_exist_elsewhere() -> None:
    with pytest.raises(CommandRefused, match="is not available"):
        permit("drill.toggle", {"fault": "qwen_down"}, OPERATOR)
    assert permit("drill.toggle", {"fault": "qwen_down"}, Session("x", demo=True)).id == "drill.toggle"


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
    viewer = Session("s.lee", Role.VIEWER, demo=True)
    if command.role is Role.VIEWER:
        assert permit(command_id, arguments, viewer) is command
    else:
        with pytest.raises(CommandRefused, match="needs the role operator"):
            permit(command_id, arguments, viewer)
    assert permit(command_id, arguments, Session("j.park", demo=True)) is command


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
