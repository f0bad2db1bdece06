"""The systemd kind where systemd is missing, hangs or is slow, and what is no target."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from pydantic import ValidationError

from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from artisan_tui.sources.checks.systemd.spec import SystemdSpec
from support.probing import run_probe
from support.systemctl_outputs import FAILED, Recorded

pytestmark = pytest.mark.filterwarnings("error::ResourceWarning")


@pytest.mark.parametrize(
    ("said", "keys", "reason", "mend"),
    [
        (
            "System has not been booted with systemd as init system (PID 1). Can't operate.\nFailed to connect to bus\n",
            {},
            Reason.UNREACHABLE,
            "run artisan-tui on the machine of the unit",
        ),
        ("Failed to connect to bus: No medium found\n", {"user": True}, Reason.UNREACHABLE, "loginctl enable-linger"),
        ("Failed to connect to bus: No such file or directory\n", {}, Reason.UNREACHABLE, "is dbus running"),
        (
            "Failed to connect to bus: $DBUS_SESSION_BUS_ADDRESS and $XDG_RUNTIME_DIR not defined\n",
            {"user": True},
            Reason.UNREACHABLE,
            "XDG_RUNTIME_DIR=/run/user/UID",
        ),
        ("Failed to get properties: Access denied\n", {}, Reason.DENIED, "Access denied"),
        ("Failed to get properties: Unit name x is not valid.\n", {}, Reason.QUERY, "is not valid"),
        ("", {}, Reason.QUERY, "exit status 1"),
    ],
)
async def test_without_systemd_the_state_is_unknown(
    said: str, keys: dict[str, object], reason: Reason, mend: str, recorded: Recorded
) -> None:
    recorded.put("", said=said, code=1)
    _, outcome = await recorded.probe(**keys)
    assert (outcome.verdict, outcome.reason) == (State.UNKNOWN, reason)
    assert mend in outcome.detail


async def test_systemctl_is_missing_hangs_or_says_nonsense(recorded: Recorded, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    _, outcome = await run_probe("systemd", unit="nginx", environ={"PATH": str(empty)})
    assert (outcome.verdict, outcome.reason) == (State.UNKNOWN, Reason.NOT_INSTALLED)
    assert "run artisan-tui on the machine of the unit" in outcome.detail
    for text in ("", "nonsense\n\x00\xff", "=\n=\n", "ActiveState\n", "x" * 200_000):
        recorded.put(text)
        _, outcome = await recorded.probe()
        assert outcome.verdict is State.UNKNOWN
    program = tmp_path / "systemctl"
    program.write_text(f'#!/bin/sh\necho $$ > "{tmp_path}/pid"\nexec sleep 60\n')
    _, outcome = await recorded.probe(timeout="500ms", every="1s")
    assert (outcome.verdict, outcome.reason) == (State.UNKNOWN, Reason.TIMEOUT)
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


async def test_a_slow_log_does_not_hide_that_a_unit_failed(recorded: Recorded, tmp_path: Path) -> None:
    recorded.put(FAILED)
    program = tmp_path / "systemctl"
    program.write_text(program.read_text().replace('cat "$here/status"; exit 3', "exec sleep 60"))
    _, outcome = await recorded.probe(timeout="1500ms", every="2s")
    assert (outcome.verdict, outcome.reason) == (State.DOWN, Reason.EXITED)


@pytest.mark.skipif(
    shutil.which("systemctl") is None or Path("/run/systemd/system").exists(),
    reason="systemctl is not installed, or systemd is running",
)
async def test_the_real_one_without_a_bus() -> None:
    for user in (False, True):
        _, outcome = await run_probe("systemd", unit="nginx", user=user, environ=dict(os.environ), timeout="5s")
        assert (outcome.verdict, outcome.reason) == (State.UNKNOWN, Reason.UNREACHABLE)
        assert "systemd" in outcome.detail


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({}, "Field required"),
        ({"unit": ""}, "not the name of a unit"),
        ({"unit": "nginx*"}, "is a pattern"),
        ({"unit": "a b.service"}, "not the name of a unit"),
        ({"unit": "a;reboot"}, "not the name of a unit"),
        ({"unit": "/etc/systemd/system/x.service"}, "not the name of a unit"),
        ({"unit": "getty@.service"}, "is a template"),
        ({"unit": "getty@"}, 'like "getty@1"'),
    ],
)
def test_mistakes(keys: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        SystemdSpec.model_validate({"id": "x", "kind": "systemd", **keys})
    assert said in str(caught.value) + str([each.get("ctx") for each in caught.value.errors()])


@pytest.mark.parametrize(
    ("unit", "name"),
    [("nginx", "nginx.service"), ("a.timer", "a.timer"), ("a.b", "a.b.service"), ("-.mount", "-.mount")],
)
def test_a_unit_without_a_suffix_is_a_service(unit: str, name: str) -> None:
    assert SystemdSpec.model_validate({"id": "x", "unit": unit}).full_name == name
