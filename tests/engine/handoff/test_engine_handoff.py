"""The hand-over: signed and accepted, and both sides told when nobody accepts."""

from __future__ import annotations

import pytest

from artisan_tui.domain.incidents import closing
from artisan_tui.engine.command import CommandRefused
from artisan_tui.reports.oncall.handoff import handoff_document
from support.handoff_team import Team


def test_oncall_case_26_signing_names_what_the_open_sev2_lacks(team: Team) -> None:
    qwen = team.week.ids[-1]
    with pytest.raises(CommandRefused, match=f"{qwen}: next step, time of the last customer update"):
        team.does("alice", -0.5, "handoff.sign", despite="")
    team.does("alice", -0.45, "handoff.next", incident=qwen, text="Restart node 3")
    with pytest.raises(CommandRefused, match=f"{qwen}: time of the last customer update"):
        team.does("alice", -0.4, "handoff.sign", despite="")
    team.week.act(-0.3, qwen, lambda found, by: closing.inform(found, by, "update", "Slower answers"))
    done = team.does("alice", -0.1, "handoff.sign", despite="")
    assert (done.subject, done.written[0].body["lacks"]) == ("2026-11-27T08:00Z", [])


def test_oncall_case_26_a_next_step_from_an_earlier_shift_is_not_enough(team: Team) -> None:
    # Carol's incident is made a Sev2 that stays open for two hand-overs.
    team.completed()
    team.does("alice", -0.1, "handoff.sign", despite="")
    team.does("bob", 0.1, "handoff.accept")
    with pytest.raises(CommandRefused, match=r"lacks .*: next step"):
        team.does("bob", 167, "handoff.sign", despite="")


def test_oncall_case_26_it_can_be_signed_with_a_reason_which_stays_beside_the_signature(team: Team) -> None:
    team.does("alice", -0.1, "handoff.sign", despite="the incident began a minute ago")
    signed = team.review(0.0).handoff.signed
    assert signed is not None
    assert (signed.login, signed.person, signed.despite) == ("alice", "alice", "the incident began a minute ago")
    assert "next step" in signed.lacks[0]
    assert "although something was missing" in handoff_document(team.review(0.0)).state.text


def test_oncall_case_26_the_incoming_side_needs_another_login_than_the_outgoing(team: Team) -> None:
    team.completed()
    with pytest.raises(CommandRefused, match="nobody has signed"):
        team.does("bob", -0.2, "handoff.accept")
    team.does("alice", -0.1, "handoff.sign", despite="")
    with pytest.raises(CommandRefused, match="alice signed this hand-over: another login"):
        team.does("alice", 0.1, "handoff.accept")
    team.does("bob", 0.1, "handoff.accept")
    with pytest.raises(CommandRefused, match="accepted by bob already"):
        team.does("carol", 0.2, "handoff.accept")


def test_the_outgoing_person_cannot_accept_what_a_deputy_signed_and_the_incoming_does_not_sign(team: Team) -> None:
    team.completed()
    with pytest.raises(CommandRefused, match="you take over"):
        team.does("bob", -0.2, "handoff.sign", despite="")
    team.does("deputy", -0.1, "handoff.sign", despite="")
    with pytest.raises(CommandRefused, match="you hand over"):
        team.does("alice", 0.1, "handoff.accept")


def test_a_hand_over_can_be_signed_from_four_hours_before_on(team: Team) -> None:
    team.completed()
    with pytest.raises(CommandRefused, match="it can be signed from 4 hours before on"):
        team.does("alice", -30, "handoff.sign", despite="")


def test_oncall_case_26_not_accepted_by_17_15_both_are_told_once_and_the_header_says_pending(team: Team) -> None:
    team.completed()
    assert team.pending(-0.2)[0] is False
    team.does("alice", -0.1, "handoff.sign", despite="")
    assert team.pending(0.0) == (True, "alice", False)
    assert team.remind(14.9 / 60) == ()
    written = team.remind(0.25)
    assert [event.kind for event in written] == ["handoff.reminded", *["notify.queued"] * 3]
    assert written[0].body["persons"] == ["alice", "bob"]
    queued = [event.body for event in written[1:]]
    assert [(each["channel"], each["person"]) for each in queued] == [("team", ""), ("post", "alice"), ("post", "bob")]
    assert "accepted the hand-over for 15 minutes" in str(queued[0]["text"])
    assert team.remind(0.3) == ()  # once
    assert team.pending(0.3) == (True, "alice", True)
    team.does("bob", 0.4, "handoff.accept")
    assert team.pending(0.5) == (False, "", False)


def test_nobody_is_told_of_a_hand_over_that_was_accepted_or_is_long_over(team: Team) -> None:
    team.completed()
    team.does("alice", -0.1, "handoff.sign", despite="")
    team.does("bob", 0.1, "handoff.accept")
    assert team.remind(0.3) == ()
    # The one a week later: nobody signs it, and a session starts three days after it.
    assert team.remind(168 + 72) == ()
