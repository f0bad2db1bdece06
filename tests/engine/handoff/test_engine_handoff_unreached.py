"""Pages that reached nobody are what a hand-over says first."""

from __future__ import annotations

from datetime import timedelta

from artisan_tui.domain.incidents.events import IncidentRungReached
from artisan_tui.domain.journal_body import Body
from artisan_tui.domain.notify.events import NotifyDropped, NotifyFailed, NotifyQueued, NotifySending, NotifySent
from artisan_tui.i18n import spoken_in
from artisan_tui.reports.event_words import event_text
from artisan_tui.reports.oncall.handoff import handoff_document
from artisan_tui.reports.oncall.handoff_json import handoff_json
from support.handoff_team import Team
from support.handoff_week import moment


def queued(name: str, channel: str = "team", page: str = "p1", **more: object) -> NotifyQueued:
    given = {"by": "slack", "purpose": "page", "severity": "Sev2", "title": "t", "to": ("alice",), "rung": 1} | more
    return NotifyQueued(id=name, channel=channel, page=page, **given)  # type: ignore[arg-type]  # of several types


def write(team: Team, hours: float, incident: str, *bodies: Body) -> None:
    team.week.write(hours, *(each.entry(moment(hours), "artisan", incident) for each in bodies))


def paged(team: Team, hours: float, *bodies: Body, level: str = "L1", drill: bool = False) -> str:
    """An incident with its first rung and what became of the page."""
    incident = team.week.incident(hours, "Checkout answers 500", 2, paged=(), drill=drill)
    persons = ("alice",) if level else ()
    write(team, hours, incident, IncidentRungReached(rung=1, level=level, persons=persons, by="declared"), *bodies)
    return incident


def first(team: Team) -> list[str]:
    """What is said before anything else."""
    review = team.review(0.0)
    return [each.text for each in handoff_document(review).verdicts if "nobody" in each.text and "page" in each.text]


def test_a_page_that_every_channel_refused_is_said_first_with_why(team: Team) -> None:
    name = paged(team, -3, queued("a"), queued("b", "pager"))
    write(
        team,
        -2.99,
        name,
        NotifyFailed(messages=("a",), channel="team", why="HTTP 500"),
        NotifyFailed(messages=("b",), channel="pager", why="HTTP 401"),
    )
    document = handoff_document(team.review(0.0))
    said = f"{name} (Sev2): the page of Fri 27 Nov 14:00 to Alice Kim reached nobody: team failed: HTTP 500; pager failed: HTTP 401."
    assert (document.verdicts[0].text, document.verdicts[0].tone) == (said, "bad")
    events = team.review(0.0).events
    assert {events[seq].kind for seq in document.verdicts[0].seqs} == {
        "incident.rung",
        "notify.queued",
        "notify.failed",
    }
    pages = next(each for each in document.sections if each.id == "pages")
    assert pages.lead[0].text == said
    (page,) = handoff_json(team.review(0.0))["unreached"]
    assert (page["incident"], page["failed"][1]) == (name, {"channel": "pager", "why": "HTTP 401"})


def test_a_page_that_one_channel_or_the_fallback_took_is_not_said(team: Team) -> None:
    one = paged(team, -3, queued("a"), queued("b", "pager"))
    write(team, -2.9, one, NotifyFailed(messages=("a",), channel="team", why="HTTP 500"))
    write(team, -2.8, one, NotifySent(messages=("b",), channel="pager"))
    other = paged(team, -2.5, queued("c", page="p2"))
    write(team, -2.4, other, NotifyFailed(messages=("c",), channel="team", why="HTTP 500"))
    write(team, -2.3, other, queued("d", "spare", "p2", fallback=1), NotifySent(messages=("d",), channel="spare"))
    assert first(team) == []


def test_nobody_on_call_is_said_also_when_a_fallback_took_the_page(team: Team) -> None:
    name = paged(team, -3, queued("a", "spare", to=(), fallback=1), level="")
    write(team, -2.99, name, NotifySent(messages=("a",), channel="spare"))
    assert first(team) == [f"{name} (Sev2): nobody was on call at Fri 27 Nov 14:00; only spare took the page."]


def test_nobody_on_call_and_no_channel(team: Team) -> None:
    dropped = NotifyDropped(messages=(), why="no channel takes a page of Sev2", purpose="page")
    name = paged(team, -3, dropped, level="")
    (said,) = first(team)
    assert said == (
        f"{name} (Sev2): nobody was on call at Fri 27 Nov 14:00, and the page reached nobody: "
        "no channel takes a page of Sev2."
    )


def test_a_terminal_alone_reaches_nobody(team: Team) -> None:
    dropped = NotifyDropped(messages=(), why="no channel takes a page of Sev2", purpose="page")
    name = paged(team, -3, queued("a", "here", by="terminal"), dropped)
    (said,) = first(team)
    assert said.startswith(f"{name} (Sev2): the page of Fri 27 Nov 14:00 to Alice Kim reached nobody")


def test_what_perhaps_arrived_and_what_is_still_tried_is_said_so(team: Team) -> None:
    name = paged(team, -3, queued("a"), queued("b", "pager"))
    write(team, -2.9, name, NotifySending(messages=("a",), channel="team"))
    write(team, -2.8, name, NotifyFailed(messages=("a",), channel="team", why="no response", possibly=1))
    (said,) = first(team)
    assert "team perhaps took it; pager still tries" in said


def test_a_page_that_just_left_is_not_said_yet(team: Team) -> None:
    paged(team, -0.01, queued("a"))
    assert first(team) == []
    assert len(team.review(0.02).unreached) == 1


def test_drills_answers_and_what_was_not_needed_any_more_are_not_said(team: Team) -> None:
    drilled = paged(team, -3, queued("a", drill=1), drill=True)
    write(team, -2.9, drilled, NotifyFailed(messages=("a",), channel="team", why="HTTP 500"))
    acted = paged(team, -2.5, queued("b", page="p2"))
    write(team, -2.4, acted, NotifyDropped(messages=("b",), channel="team", why="acknowledged", purpose="page"))
    told = paged(team, -2.2, queued("c", page="", purpose="acknowledged"))
    write(team, -2.1, told, NotifyFailed(messages=("c",), channel="team", why="HTTP 500"))
    assert first(team) == []


def test_only_pages_of_this_shift_and_as_it_was_known_then(team: Team) -> None:
    name = paged(team, -3, queued("a"))
    write(team, -2.9, name, NotifyFailed(messages=("a",), channel="team", why="HTTP 500"))
    write(team, 1, name, NotifySent(messages=("a",), channel="team"))
    assert len(team.review(0.0).unreached) == 1
    assert team.review(1.5, back=1).unreached == ()
    assert [each.at for each in team.review(0.0).unreached] == [moment(0) - timedelta(hours=3)]


def test_of_many_the_newest_are_named(team: Team) -> None:
    for n in range(7):
        name = paged(team, -3 + n / 10, queued(f"m{n}", page=f"p{n}"))
        write(team, -2.99 + n / 10, name, NotifyFailed(messages=(f"m{n}",), channel="team", why="HTTP 500"))
    said = [each.text for each in handoff_document(team.review(0.0)).verdicts[:6]]
    assert name in said[0]
    assert said[5] == "2 earlier pages reached nobody."


def test_what_a_signature_lacked_is_said_in_the_reader_s_language(team: Team) -> None:
    team.does("alice", 0.05, "handoff.sign", despite="Qwen first")
    (signed,) = team.store.journal.page(1, kind="handoff.signed")
    assert "although it lacks" in event_text(signed)
    assert "the next step, a customer update: Qwen first" in event_text(signed)
    with spoken_in("ko"):
        assert "다음 단계, 고객 안내" in event_text(signed)
