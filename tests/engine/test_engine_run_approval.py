"""Approval of a step with a real store: another login, in time, for exactly what runs."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

import pytest

from artisan_tui.domain.runbooks.effects import Wait
from artisan_tui.engine.command import CommandRefused
from artisan_tui.engine.commands import COMMANDS
from support.live_runs import Makes, effect_step, house_maker


@pytest.fixture
def house(tmp_path: Path) -> Makes:
    return house_maker(tmp_path)


def test_rb_case_15_nobody_approves_their_own_under_any_name(house: Makes) -> None:
    made = house(effect_step("a", keys="approval = true"))
    with made.seat() as alice, made.seat("bob", 1001) as bob:
        run = alice.start()
        alice.go(run)
        with pytest.raises(CommandRefused, match="somebody else"):
            alice.give("approve", run=run)
        bob.give("approve", run=run)
        alice.go(run)
        assert (alice.run(run).state, made.done()) == ("succeeded", ["a"])


def test_exec_case_32_every_command_but_another_logins_approval_leaves_it_waiting(house: Makes, tmp_path: Path) -> None:
    script = tmp_path / "deploy.sh"
    script.write_text("echo deployed >> $EFFECTS\n")
    made = house(
        f'[[runbook.step]]\nid = "a"\ntitle = "a"\nkind = "command"\nrun = ["sh", "{script}"]\napproval = true\n'
        'rollback = { kind = "command", run = ["true"] }\n'
    )
    with made.seat() as alice, made.seat("bob", 1001) as bob:
        run = alice.start(yes="yes")
        alice.go(run)
        given = {"reason": "now", "outcome": "done", "step": "a", "how": "start", "yes": "yes", "typed": "staging"}
        for command in COMMANDS.values():
            name = command.id.removeprefix("runbook.")
            if not command.id.startswith("runbook.") or name in ("start", "abort", "deny", "adopt", "break-lock"):
                continue
            takes = {each.name for each in command.parameters}
            with pytest.raises(CommandRefused):
                alice.give(name, run=run, **{key: value for key, value in given.items() if key in takes})
            alice.go(run)
            assert (alice.run(run).asked is not None, made.done()) == (True, []), name
        bob.give("approve", run=run)
        script.write_text("echo something-else >> $EFFECTS\n")
        alice.go(run)
        asked = alice.run(run).asked
        assert asked is not None
        assert (asked.what, made.done()) == ("approval", [])
        assert "not what was approved" in alice.bodies(run, "run.voided")[0]["why"]
        bob.give("approve", run=run)
        alice.go(run)
        assert made.done() == ["something-else"]


def test_exec_case_32_nobody_in_time_is_a_denial_and_a_late_approval_changes_nothing(
    house: Makes, monkeypatch: pytest.MonkeyPatch
) -> None:
    from artisan_tui.domain.runbooks import planning

    monkeypatch.setattr(planning, "LASTS", timedelta(milliseconds=50))
    made = house(effect_step("a", keys="approval = true"))
    with made.seat() as alice, made.seat("bob", 1001) as bob:
        run = alice.start()
        asked = alice.go(run)
        assert isinstance(asked, Wait)
        time.sleep(0.06)
        with pytest.raises(CommandRefused, match="expired"):
            bob.give("approve", run=run)
        alice.go(run)
        assert (alice.run(run).state, alice.run(run).rollback_state, made.done()) == ("failed", "none", [])
        with pytest.raises(CommandRefused, match="does not wait"):
            bob.give("approve", run=run)


@pytest.mark.parametrize(
    ("login", "shared", "said"),
    [
        (4294967295, "", "login uid is not set"),
        (None, "", "no login uid"),
        (0, "root is shared", "root is shared"),
    ],
)
def test_exec_case_33_a_login_that_nobody_can_tell_approves_nothing(
    house: Makes, login: int | None, shared: str, said: str
) -> None:
    made = house(effect_step("a", keys="approval = true"))
    with made.seat() as alice, made.seat("bob", login, shared) as bob:
        run = alice.start()
        alice.go(run)
        with pytest.raises(CommandRefused, match=said):
            bob.give("approve", run=run)
        assert made.done() == []
