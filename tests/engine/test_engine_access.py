"""Roles of [access]: by login, by group of the system, on the board and on the command line."""

from __future__ import annotations

import grp
import os
import pwd
from pathlib import Path

import pytest
from typer.testing import CliRunner

from artisan_tui.config.people import AccessRoles
from artisan_tui.engine.access import Role, role_of
from artisan_tui.engine.command import CommandRefused
from artisan_tui.engine.commands import COMMANDS, entitled
from artisan_tui.engine.identity import actor

ME = actor()


def test_without_the_table_everybody_is_commander() -> None:
    assert role_of(None, "anybody") is Role.COMMANDER


def test_the_highest_role_that_names_the_login_counts() -> None:
    granted = AccessRoles(viewer=("*",), responder=("alice", "bob"), commander=("alice",))
    assert [role_of(granted, name) for name in ("alice", "bob", "carol")] == [
        Role.COMMANDER,
        Role.RESPONDER,
        Role.VIEWER,
    ]
    assert role_of(AccessRoles(responder=("*",)), "carol") is Role.RESPONDER


def test_a_group_of_the_system_gives_its_members_the_role() -> None:
    login = pwd.getpwuid(os.getuid()).pw_name
    group = grp.getgrgid(pwd.getpwnam(login).pw_gid).gr_name
    assert role_of(AccessRoles(commander=(f"group:{group}",)), login) is Role.COMMANDER
    assert role_of(AccessRoles(commander=("group:no-such-group",)), login) is Role.VIEWER
    # A name that the system does not know is in no group, and a group is no login.
    assert role_of(AccessRoles(commander=(f"group:{group}",)), "no-such-login") is Role.VIEWER
    assert role_of(AccessRoles(commander=(f"group:{group}",)), f"group:{group}") is not Role.RESPONDER


def test_a_command_says_which_role_it_needs_and_which_one_there_is() -> None:
    command = next(each for each in COMMANDS.values() if each.role is Role.RESPONDER)
    entitled(command, AccessRoles(responder=("alice",)), "alice")
    with pytest.raises(CommandRefused, match=r"needs the role responder; .access. gives bob the role viewer"):
        entitled(command, AccessRoles(responder=("alice",)), "bob")


def test_the_command_line_obeys_it_too(tmp_path: Path) -> None:
    from artisan_tui.cli.app import app

    config = tmp_path / "artisan.toml"
    service = '[[service]]\nid = "api"\n[[service.check]]\nid = "disk"\nkind = "disk"\npath = "/"\n'
    note = ["--config", str(config), "--state", str(tmp_path / "state"), "note", "hello"]
    config.write_text(f'[access]\ncommander = ["somebody-else"]\n{service}')
    refused = CliRunner().invoke(app, note)
    assert refused.exit_code == 1
    assert f"gives {ME} the role viewer" in refused.output
    config.write_text(f'[access]\ncommander = ["somebody-else"]\nresponder = ["{ME}"]\n{service}')
    assert CliRunner().invoke(app, note).exit_code == 0
