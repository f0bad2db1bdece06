"""The details of checks and services: value and limit, uptime by day, outages, logs, links."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from artisan_tui.domain.checks.log_tail import LogTail
from artisan_tui.domain.checks.outages import Outage
from artisan_tui.domain.checks.sample import CheckSample, RollUp
from artisan_tui.domain.condition import ConditionResult
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from artisan_tui.engine.checks.history import CheckHistory
from artisan_tui.engine.checks.logs import CheckLogs
from artisan_tui.engine.checks.outages import OutageHistory, OutageQuery
from artisan_tui.engine.checks.slice import About, CheckView, ServicesSlice, Tick, Uptime, UptimeSlice
from artisan_tui.engine.snapshot import Snapshot
from artisan_tui.tui.app import ArtisanApp
from artisan_tui.tui.checks.curve import History, curve_rows
from artisan_tui.tui.checks.days import day_rows, worst_days
from artisan_tui.tui.checks.detail import Detail
from artisan_tui.tui.checks.figures import strip_of
from artisan_tui.tui.checks.outages import outage_rows
from artisan_tui.tui.checks.service_past import ServicePast, ServiceSummary
from artisan_tui.tui.checks.services import Services, matches
from artisan_tui.tui.glyphs import ASCII, UNICODE
from artisan_tui.tui.kit.lines import Lines
from support.snapshots import (
    NOW,
    FakeHost,
    Wire,
    check,
    check_samples,
    drawn,
    event,
    happenings,
    make_app,
    newer,
    session_status,
    settled,
    show,
    snapshot,
    visible,
    with_check,
)

ABOUT = About(
    "platform",
    ("tier-1", "edge"),
    (("dashboard", "https://grafana.example/d/api"), ("runbook", "api_down")),
    "docker api",
)
QUEUE = check(
    "queue.depth", State.DOWN, reason=Reason.VALUE, detail="value 120, expected <= 100", kind="measure"
)._replace(
    value="120",
    limit="100",
    unit="jobs",
    about=ABOUT,
    findings=(ConditionResult("value <= 100", False, "120", Reason.VALUE),),
)
RATE = check("cache.rate", kind="measure")._replace(value="0.72", limit="0.6", unit="ratio", limit_is_least=True)


def values(check_id: str, numbers: Sequence[float | None], every: float = 30.0) -> tuple[CheckSample, ...]:
    first = NOW - timedelta(seconds=every * (len(numbers) - 1))
    return tuple(
        CheckSample(check_id, first + timedelta(seconds=every * n), State.UP, "ok", 0.01, None if v is None else str(v))
        for n, v in enumerate(numbers)
    )


def texts(rows: Sequence[Sequence[tuple[str, str]]]) -> list[str]:
    return ["".join(text for text, _role in row).rstrip() for row in rows]


def roles(row: Sequence[tuple[str, str]], sign: str) -> set[str]:
    return {role for text, role in row if sign in text}


def outage(minutes: float, lasted: float | None = 5, **more: Any) -> Outage:
    start = NOW - timedelta(minutes=minutes)
    end = None if lasted is None else start + timedelta(minutes=lasted)
    return Outage(more.pop("check_ids", ("api.health",)), start, end, **more)


@dataclass
class Engine(FakeHost):
    """Answers what the details ask: ``tails`` and ``outages`` are given out in order, the last again and again."""

    tails: list[LogTail | Exception | None] = field(default_factory=lambda: [None])
    outages: tuple[Outage, ...] = ()
    queries: list[Any] = field(default_factory=list)
    unreadable: bool = False

    def ask(self, query: Any) -> Future[Any]:
        future: Future[Any] = Future()
        if not isinstance(query, CheckHistory):
            self.queries.append(query)
        if isinstance(query, CheckLogs):
            answer = self.tails[0] if len(self.tails) == 1 else self.tails.pop(0)
            if isinstance(answer, Exception):
                future.set_exception(answer)
            else:
                future.set_result(answer)
            return future
        if isinstance(query, OutageQuery) and not self.unreadable:
            future.set_result(OutageHistory(self.outages, NOW - timedelta(days=90)))
            return future
        return super().ask(query)

    def asked_for(self, kind: type) -> list[Any]:
        return [query for query in self.queries if isinstance(query, kind)]


def with_slices(before: Snapshot, *slices: object) -> Snapshot:
    return replace(before, slices={**before.slices, **{type(each): each for each in slices}})


async def opened(pilot: Pilot[Any], view: CheckView, *slices: object) -> list[str]:
    await show(pilot, with_slices(snapshot([view], happenings()), *slices))
    pilot.app.open("check", check_id=view.id)  # type: ignore[attr-defined]
    await settled(pilot)
    return drawn(pilot.app.screen.query_one(Detail))


# -- D5: the value, its limit, and what is before an empty plot ---------------------------------


def plot(view: CheckView, samples: tuple[CheckSample, ...], rolled: tuple[RollUp, ...] = (), *, span: float = 3600.0,
         glyphs: Any = UNICODE, width: int = 74) -> list[list[tuple[str, str]]]:  # fmt: skip
    return curve_rows(view, History(span, NOW, samples, rolled), width, glyphs, NOW.tzinfo)


def test_d5_a_value_is_plotted_with_its_unit_and_its_limit_as_a_line_across() -> None:
    rows = plot(QUEUE, values("queue.depth", [40.0] * 100 + [150.0] * 20))
    said = texts(rows)
    assert said[0] == " Value  last 1h, greatest per 1m   ╌ limit 100 jobs"
    assert said[1].startswith(" 200 jobs")
    line = next(text for text in said if text.startswith(" 100 jobs "))
    assert line.count("╌") >= 55  # from one end to the other
    assert said[5].startswith("   0 jobs ")
    # What is beyond the limit has the colour of a failure, what is not has not.
    assert roles(rows[5], "█") == {"-accent", "-bad"}
    assert "ms" not in "".join(said)


def test_d5_of_a_least_value_the_worst_is_the_smallest() -> None:
    rows = plot(RATE, values("cache.rate", [0.8, 0.3] * 60))
    said = texts(rows)
    assert "least per" in said[0]
    assert "limit 60 %" in said[0]
    assert said[1].startswith("    100 %")
    # Each column holds a good and a bad probe: the bad one counts.
    assert roles(rows[5], "█") == {"-bad"}


def test_d5_both_limits_are_drawn_where_there_are_two() -> None:
    view = check("rl.reward")._replace(
        value="15",
        limit="10.0",
        limit_is_least=True,
        findings=(ConditionResult("value > 10.0", True, "15"), ConditionResult("value <= 100", True, "15")),
    )
    said = texts(plot(view, values("rl.reward", [15.0] * 120)))
    assert said[0].endswith("limit 10, 100")
    # Also where the tops of the bars are in the line's row.
    assert [line.count("╌") >= 25 for line in said[1:6]] == [True, False, False, False, True]


@pytest.mark.parametrize("numbers", [[1e308, -1e308], [float("5e-324")], [0.0], [-5.0, -1.0], [1e-300, 1e300]])
def test_d5_any_number_has_a_curve(numbers: list[float]) -> None:
    view = QUEUE._replace(limit="", findings=(), value=str(numbers[0]))
    for width in (20, 60, 200):
        for row in plot(view, values("queue.depth", numbers), width=width):
            assert cell_len("".join(text for text, _role in row)) <= max(width, 90)


def test_d5_a_day_and_a_week_are_drawn_from_roll_ups() -> None:
    rolled = tuple(
        RollUp("q", NOW.replace(minute=0, second=0) - timedelta(hours=n), up=9, latency_max=0.2, value_min=1.0, value_max=90.0)
        for n in range(160, -1, -1)
    )  # fmt: skip
    for span in (86400.0, 7 * 86400.0):
        said = texts(plot(QUEUE, (), rolled, span=span))
        assert "Value" in said[0]
        assert "█" in said[5]


def test_d5_roll_ups_without_values_say_so_instead_of_drawing_latencies() -> None:
    rolled = (RollUp("q", NOW - timedelta(hours=1), up=9, latency_max=0.2),)
    said = texts(plot(QUEUE, (), rolled, span=86400.0))
    assert said[1] == "   no value was stored in this period"


def test_d5_the_plot_is_ascii_where_the_terminal_is() -> None:
    said = "".join(texts(plot(QUEUE, values("queue.depth", [40.0, 150.0] * 60), glyphs=ASCII)))
    assert said.isascii()
    assert "____" in said


def test_d5_the_strip_speaks_of_the_value_too() -> None:
    ticks = tuple(Tick(State.UP, 9.0, number) for number in (10.0, 50.0, 100.0, 150.0))
    levels = UNICODE.levels
    signs = strip_of(QUEUE._replace(strip=ticks), 4, UNICODE)
    assert [levels.index(sign) for sign in signs] == sorted(levels.index(sign) for sign in signs)
    assert len(set(signs)) == 4
    # The same latencies of a check that has no value are one level.
    assert len(set(strip_of(check("a.b")._replace(strip=ticks[:0]), 4, UNICODE))) == 1
    assert strip_of(check("a.b")._replace(strip=(Tick(State.UP, 9.0),) * 4), 4, UNICODE) == levels[-1] * 4


async def test_d5_conditions_and_the_body_come_before_an_empty_plot() -> None:
    view = check(
        "api.health", excerpt='{"status": "healthy"}', findings=(ConditionResult("status == 200", True, "200"),)
    )
    app = make_app(host=Engine())
    async with app.run_test(size=(100, 40)) as pilot:
        lines = await opened(pilot, view)
    heads = [line for line in lines if line.startswith((" Conditions", " Last response", " Latency"))]
    assert [head.split("  ")[0].strip() for head in heads] == ["Conditions", "Last response", "Latency"]


async def test_d5_what_is_well_shows_its_curve_before_its_body() -> None:
    view = check("api.health", excerpt='{"status": "healthy"}')
    app = make_app(host=Engine(samples=check_samples("api.health", failing=0)))
    async with app.run_test(size=(100, 40)) as pilot:
        lines = await opened(pilot, view)
    assert lines.index(" Last response") > next(n for n, line in enumerate(lines) if line.startswith(" Latency"))


async def test_d4_the_server_s_own_words_are_first_in_the_detail() -> None:
    view = check(
        "llm.qwen",
        State.DOWN,
        reason=Reason.STATUS,
        detail="status 503, expected == 200",
        excerpt='{"error": "CUDA out of memory"}',
        findings=(ConditionResult("status == 200", False, "503", Reason.STATUS),),
    )
    app = make_app(host=Engine())
    async with app.run_test(size=(80, 24)) as pilot:
        lines = await opened(pilot, view)
    assert lines[1:3] == ["   503: CUDA out of memory", "   status 503, expected == 200"]


# -- uptime and percentiles ----------------------------------------------------------------------

DAYS = (*[None] * 10, *[1.0] * 60, 0.995, *[1.0] * 10, 0.4, *[1.0] * 8)


async def test_e_uptime_and_percentiles_are_in_the_first_lines() -> None:
    uptime = UptimeSlice({"queue.depth": Uptime(0.9998, 0.99, 0.12, 0.34, DAYS)})
    app = make_app(host=Engine())
    async with app.run_test(size=(120, 40)) as pilot:
        lines = await opened(pilot, QUEUE, uptime)
    assert "   uptime        24 h 99.98 %   30 d 99.00 %" in lines
    assert "   latency       p50 120ms p95 340ms in 24 h" in lines
    assert lines.index("   uptime        24 h 99.98 %   30 d 99.00 %") < 12


def test_e_ninety_days_are_a_sign_each_where_there_is_room() -> None:
    rows = day_rows(DAYS, 120, UNICODE)
    bar = texts(rows)[1].strip()
    assert bar == "·" * 10 + "█" * 60 + "▅" + "█" * 10 + "✖" + "█" * 8
    assert roles(rows[1], "✖") == {"-bad"}
    assert roles(rows[1], "▅") == {"-warn"}
    assert roles(rows[1], "·") == {"-dim"}
    assert texts(rows)[2].startswith("   89 d ago")
    assert texts(rows)[2].endswith("today")
    assert len(texts(rows)[2]) == 93


@pytest.mark.parametrize("width", [20, 33, 60, 80, 93, 94])
def test_e_where_there_is_none_some_days_share_a_sign_that_is_the_worst_of_them(width: int) -> None:
    rows = day_rows(DAYS, width, UNICODE)
    bar = texts(rows)[1].strip()
    assert len(bar) <= width - 4
    assert bar.count("✖") == bar.count("▅") == 1
    if len(bar) < 90:
        assert "days a sign" in texts(rows)[0]
    # Today is always in the last one.
    assert texts(day_rows((*DAYS[1:], 0.0), width, UNICODE))[1].rstrip().endswith("✖")


def test_e_signs_of_days_are_told_apart_without_colours_and_in_ascii() -> None:
    rows = day_rows(DAYS, 120, ASCII)
    assert "".join(texts(rows)).isascii()
    assert texts(rows)[1].strip() == "." * 10 + "#" * 60 + "+" + "#" * 10 + "x" + "#" * 8
    assert len(set(UNICODE.days)) == len(set(ASCII.days)) == 4


def test_e_of_a_service_the_worst_check_of_each_day_counts() -> None:
    assert worst_days([(1.0, None, 0.5), (0.9, None)]) == (1.0, 0.9, 0.5)
    assert worst_days([]) == ()
    assert texts(day_rows((), 80, UNICODE))[1] == "   no data stored yet"


# -- outages -------------------------------------------------------------------------------------


def history(*outages: Outage) -> OutageHistory:
    return OutageHistory(outages, NOW - timedelta(days=90))


def test_e_an_outage_is_a_line_with_start_duration_reason_and_cause() -> None:
    rows = texts(
        outage_rows(
            history(
                outage(3, None, reason="timeout", detail="no answer in 5s"),
                outage(60, 12.5, reason="status", detail="status 503, expected == 200", cause="db.up"),
                outage(600, 60, planned=True, detail="new disks"),
                replace(outage(900, 5), maintenance=True),
                replace(outage(900, None), start=None, end=NOW - timedelta(days=89)),
            ),
            "",
            100,
            NOW.tzinfo,
            NOW,
        )
    )
    assert rows[0] == " Outages  4 in 90 days, 1d in all"
    assert rows[1].split() == ["21", "Nov", "09:39", "3m,", "not", "over", "timeout:", "no", "answer", "in", "5s"]
    assert rows[2].endswith("12m30s                caused by db.up  status 503, expected == 200")
    assert rows[3].endswith("maintenance: new disks")
    assert "5m, then maintenance" in rows[4]
    assert "earlier" in rows[5]
    assert "1d or more" in rows[5]


def test_e_maintenance_of_every_night_is_one_line() -> None:
    nights = [outage(1440 * n, 60, planned=True, detail="backup") for n in range(1, 80)]
    rows = texts(outage_rows(history(*nights), "", 100, NOW.tzinfo, NOW))
    assert rows[0] == " Outages  none in the last 90 days"
    assert rows[1].endswith("maintenance: backup  79 times")
    assert len(rows) == 2


def test_e_more_outages_than_are_shown_are_counted() -> None:
    rows = texts(outage_rows(history(*(outage(10 * n) for n in range(1, 60))), "", 80, NOW.tzinfo, NOW))
    assert rows[-1] == "   39 earlier ones"


async def test_e_outages_are_asked_once_and_again_when_the_journal_has_news() -> None:
    engine = Engine(outages=(outage(60, 5, reason="timeout", detail="no answer"),))
    app = make_app(host=engine)
    async with app.run_test(size=(120, 60)) as pilot:
        before = await show(pilot, snapshot([check("api.health")], happenings()))
        app.open("check", check_id="api.health")
        await settled(pilot)
        assert any("timeout: no answer" in line for line in drawn(app.screen.query_one(Detail)))
        for _again in range(5):
            before = await show(pilot, newer(before))
        await settled(pilot)
        assert engine.asked_for(OutageQuery) == [OutageQuery(("api.health",))]
        news = event("check.state", "api.health", seq=9, **{"from": "up", "to": "down", "reason": "timeout"})
        await show(pilot, newer(before, journal=(news, *happenings())))
        await settled(pilot)
        assert len(engine.asked_for(OutageQuery)) == 2


async def test_e_outages_that_cannot_be_read_are_said_and_asked_again() -> None:
    engine = Engine(unreadable=True)
    app = make_app(host=engine)
    async with app.run_test(size=(120, 60)) as pilot:
        before = await show(pilot, snapshot([check("api.health")]))
        app.open("check", check_id="api.health")
        await settled(pilot)
        assert "   the journal cannot be read now, it is tried again" in drawn(app.screen.query_one(Detail))
        engine.unreadable = False
        await show(pilot, newer(before))
        await settled(pilot)
        assert "   the journal cannot be read now, it is tried again" not in drawn(app.screen.query_one(Detail))


# -- logs ----------------------------------------------------------------------------------------


async def test_e_the_log_of_what_fails_is_read_when_it_is_opened() -> None:
    engine = Engine(tails=[LogTail("docker api", ("first", "CUDA [bold]out of memory[/]"))])
    app = make_app(host=engine)
    async with app.run_test(size=(80, 24)) as pilot:
        lines = await opened(pilot, QUEUE)
        at = lines.index(" Log of docker api")
        assert lines[at + 1 : at + 3] == ["   first", "   CUDA [bold]out of memory[/]"]
        await show(pilot, newer(app.snapshot))  # type: ignore[arg-type]
        await settled(pilot)
        assert engine.asked_for(CheckLogs) == [CheckLogs("queue.depth")]


async def test_e_of_what_is_well_only_when_a_person_asks() -> None:
    engine = Engine(
        tails=[LogTail("docker api", ("all well",)), LogTail("docker api", problem="there is no container api")]
    )
    app = make_app(host=engine)
    async with app.run_test(size=(80, 40)) as pilot:
        lines = await opened(pilot, check("api.health")._replace(about=ABOUT))
        assert lines[lines.index(" Log of docker api") + 1] == "   l reads the last lines"
        assert engine.asked_for(CheckLogs) == []
        await pilot.press("l")
        await settled(pilot)
        assert "   all well" in drawn(app.screen.query_one(Detail))
        await pilot.press("l")
        await settled(pilot)
        assert "   there is no container api" in drawn(app.screen.query_one(Detail))
        assert "   all well" not in drawn(app.screen.query_one(Detail))


async def test_e_without_a_log_the_key_says_so() -> None:
    engine = Engine()
    app = make_app(host=engine)
    async with app.run_test(size=(80, 24)) as pilot:
        lines = await opened(pilot, check("api.health"))
        assert not any(line.startswith(" Log") for line in lines)
        await pilot.press("l")
        await pilot.pause()
        assert ["no log is configured" in each.message for each in app._notifications] == [True]
        assert engine.asked_for(CheckLogs) == []


async def test_e_an_engine_that_is_not_there_is_one_sentence() -> None:
    app = make_app(host=Engine(tails=[LookupError("still starting: try again in a moment")]))
    async with app.run_test(size=(80, 24)) as pilot:
        assert "   still starting: try again in a moment" in await opened(pilot, QUEUE)


# -- owner, tags and links -----------------------------------------------------------------------


async def test_e_owner_tags_and_links_are_shown_and_copied() -> None:
    app = make_app(host=Engine())
    async with app.run_test(size=(80, 24)) as pilot:
        lines = await opened(pilot, QUEUE)
        assert "   owner         platform" in lines
        assert "   tags          tier-1, edge" in lines
        assert "   links         dashboard  https://grafana.example/d/api" in lines
        assert "https://grafana.example/d/api" in app.screen.as_text()  # type: ignore[attr-defined]


async def test_e_a_link_is_copied_and_nothing_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    app = make_app(host=Engine())
    copied: list[str] = []
    monkeypatch.setattr(app, "copy_to_clipboard", copied.append)
    monkeypatch.setattr(app, "open_url", lambda *args, **more: copied.append("opened"))
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, QUEUE)
        await pilot.press("o")
        await pilot.pause()
        assert "runbook    api_down" in "\n".join(visible(app))
        await pilot.press("down", "enter")
        await pilot.pause()
        assert copied == ["api_down"]
        await pilot.press("o", "escape", "enter", "o", "enter")
        await pilot.pause()
        assert copied == ["api_down", "https://grafana.example/d/api"]


async def test_e_without_links_the_key_says_so() -> None:
    app = make_app(host=Engine())
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, check("api.health"))
        await pilot.press("o")
        await pilot.pause()
        assert ["no links are configured" in each.message for each in app._notifications] == [True]


def test_e_the_filter_finds_owners_tags_and_links() -> None:
    for word in ("platform", "tier-1", "grafana.example", "api_down"):
        assert matches(QUEUE, [word])
        assert not matches(QUEUE, ["!" + word])
        assert not matches(check("queue.depth"), [word])


# -- the service ---------------------------------------------------------------------------------

SERVICE = ServicesSlice({"api": ABOUT})


async def service(pilot: Pilot[Any], *, uptime: bool = True) -> ArtisanApp:
    app = pilot.app
    assert isinstance(app, ArtisanApp)
    checks = [
        check("api.health", State.DOWN, reason=Reason.TIMEOUT, detail="no answer in 5s", service_name="Artisan API"),
        check("api.ready", service_name="Artisan API"),
        check("db.up"),
    ]
    known = {"api.health": Uptime(0.99, 0.999, days=(1.0, 0.4)), "api.ready": Uptime(1.0, 0.98, days=(0.995, 1.0))}
    slices = [SERVICE, *([UptimeSlice(known)] if uptime else [])]
    news = event("check.state", "api.health", seq=9, **{"from": "up", "to": "down", "reason": "timeout"})
    await show(pilot, with_slices(snapshot(checks, (news, *happenings())), *slices))
    app.open("service", service_id="api")
    await settled(pilot)
    return app


async def test_e_a_service_shows_state_uptime_owner_checks_days_outages_and_journal() -> None:
    engine = Engine(
        outages=(outage(60, 5, check_ids=("api.health", "api.ready"), reason="timeout", detail="no answer"),)
    )
    app = make_app(host=engine)
    async with app.run_test(size=(120, 40)) as pilot:
        await service(pilot)
        summary, past = drawn(app.screen.query_one(ServiceSummary)), drawn(app.screen.query_one(ServicePast))
        assert summary[0].startswith(" ✖ DOWN  since 21 Nov")
        assert summary[0].endswith("24 h 99.00 %   30 d 98.00 %")
        assert "no answer in 5s" in summary[1]
        assert "   owner         platform" in summary
        assert len(drawn(app.screen.query_one(Services))) == 2
        assert past[0].startswith(" Uptime by day  2 days, the worst check of each day")
        assert past[1] == "   ▅✖"
        assert "health, ready  timeout: no answer" in past[past.index("") + 2]
        assert any("api.health DOWN" in line for line in past)
        assert not any("llm.qwen" in line for line in past)
        assert engine.asked_for(OutageQuery) == [OutageQuery(("api.health", "api.ready"))]
        await pilot.press("y")
        assert "https://grafana.example/d/api" in app.screen.as_text()  # type: ignore[attr-defined]
        assert "▅✖" in app.screen.as_text()  # type: ignore[attr-defined]
        await pilot.press("o")
        await pilot.pause()
        assert "api_down" in "\n".join(visible(app))


async def test_e_a_service_of_sixty_checks_leaves_room_for_its_past() -> None:
    app = make_app(host=Engine())
    async with app.run_test(size=(60, 15)) as pilot:
        checks = [check(f"api.c{n}") for n in range(60)]
        await show(pilot, with_slices(snapshot(checks), SERVICE))
        app.open("service", service_id="api")
        await settled(pilot)
        heights = [app.screen.query_one(kind).size.height for kind in (ServiceSummary, Services, ServicePast)]
        assert min(heights) >= 3
        assert sum(heights) == 12


# -- idle, widths, languages ---------------------------------------------------------------------


async def test_e_nothing_is_sent_when_nothing_changed() -> None:
    uptime = UptimeSlice({"queue.depth": Uptime(0.9998, 0.99, 0.12, 0.34, DAYS)})
    engine = Engine(samples=values("queue.depth", [40.0, 150.0] * 60), tails=[LogTail("docker api", ("x",))])
    engine.outages = (outage(3, None, reason="timeout", detail="no answer"),)
    app = make_app(host=engine)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, QUEUE, uptime)
        wire = await Wire(pilot).attach()
        before = app.snapshot
        assert before is not None
        before = await show(pilot, newer(before))  # the scrollbar that came takes a turn of the loop
        await settled(pilot)
        wire.read()
        for _again in range(3):
            before = await show(pilot, newer(before))
            await settled(pilot)
        assert wire.read() == ""
        await show(pilot, with_check(before, QUEUE._replace(value="121")))
        assert 0 < len(wire.read()) < 400


LONG = "가" * 300
NASTY = About(LONG, (LONG, "a"), ((LONG, "https://x/" + "a" * 500),), "docker " + "x" * 300)


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (120, 40), (200, 50)])
@pytest.mark.parametrize("language", ["en", "ko"])
async def test_e_details_fit_every_size(size: tuple[int, int], language: str) -> None:
    engine = Engine(
        samples=values("queue.depth", [40.0, 150.0] * 60),
        tails=[LogTail("docker " + "y" * 300, (LONG, "b" * 2000, "", "c"), cut=True)],
        outages=(outage(3, None, detail=LONG, cause=LONG), outage(90, 5, planned=True, detail=LONG)),
    )
    app = make_app(host=engine)
    uptime = UptimeSlice({"queue.depth": Uptime(0.9998, 0.99, 0.12, 0.34, DAYS)})
    view = QUEUE._replace(about=NASTY, value="120.123456789", unit="가나다라마바사아자차카타")
    async with app.run_test(size=size) as pilot:
        shown = snapshot([view], happenings(), session_status=session_status(language=language))
        await show(pilot, with_slices(shown, uptime, ServicesSlice({"queue": NASTY})))
        for place, what in (("check", {"check_id": "queue.depth"}), ("service", {"service_id": "queue"})):
            app.open(place, **what)
            await settled(pilot)
            for key in ("d", "w", "o", "escape"):
                await pilot.press(key)
                await settled(pilot)
                assert_lines_fit(app)
            await pilot.press("escape")


def assert_lines_fit(app: ArtisanApp) -> None:
    for widget in app.screen.query(Lines):
        width = widget.scrollable_content_region.width
        if not width or not widget.display:
            continue
        if type(widget) in (Detail, ServicePast, ServiceSummary):
            for row in widget.compose_lines(width):
                assert cell_len("".join(text for text, _role in row)) <= width, row
        for y in range(widget.size.height):
            assert sum(cell_len(segment.text) for segment in widget.render_line(y)) == width
