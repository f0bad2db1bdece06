"""The age of a response: times with and without a zone, Unix times in every unit, and responses without a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from pydantic import ValidationError

from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from artisan_tui.sources.checks.http.freshness import Freshness, staleness
from support.probing import run_probe
from support.servers import http_answer, saying, talking

NOW = datetime(2026, 11, 30, 12, 0, 0, tzinfo=UTC)
EPOCH = int(NOW.timestamp())


def fresh(made: object, *, zone: str | None = None, within: str = "2m", required: bool = False) -> tuple[str, bool]:
    """("" when fresh, else the reason; whether it is blind)."""
    rule = Freshness.model_validate({"path": "at", "within": within} | ({"zone": zone} if zone else {}))
    found = staleness(rule, {"at": made}, NOW, required=required)
    return ("", False) if found is None else (found.reason.value, found.blind)


@pytest.mark.parametrize(
    ("made", "zone", "said"),
    [
        ("2026-11-30T12:00:00", "UTC", ("", False)),
        ("2026-11-30 12:00:00.123456", "UTC", ("", False)),
        ("2026-11-30T21:00:00", "Asia/Seoul", ("", False)),
        ("2026-11-30T12:00:00", "Asia/Seoul", ("stale", True)),
        ("2026-11-30T11:00:00", "UTC", ("stale", True)),
        ("2026-11-30T12:00:00", None, ("body", True)),
        ("2026-11-30T12:00:00+00:00", "Asia/Seoul", ("", False)),
        ("2026-11-30T12:00:00Z", None, ("", False)),
        (EPOCH, None, ("", False)),
        (Decimal(EPOCH) + Decimal("0.5"), None, ("", False)),
        (EPOCH * 1000, None, ("", False)),
        (EPOCH * 1000, "Asia/Seoul", ("", False)),
        (EPOCH * 10**6, None, ("", False)),
        (EPOCH * 10**9, None, ("", False)),
        (str(EPOCH), None, ("", False)),
        (f"{EPOCH}.25", None, ("", False)),
        (str(EPOCH * 1000), None, ("", False)),
        (EPOCH - 3600, None, ("stale", True)),
        (None, "UTC", ("missing", True)),
        ("yesterday", "UTC", ("body", False)),
        (True, "UTC", ("body", False)),
        ([], "UTC", ("body", False)),
        (10**30, "UTC", ("body", False)),
        (Decimal("NaN"), "UTC", ("body", False)),
        (Decimal("Infinity"), "UTC", ("body", False)),
        ("9" * 21, "UTC", ("body", False)),
    ],
)
def test_a17_times_and_zones(made: object, zone: str | None, said: tuple[str, bool]) -> None:
    assert fresh(made, zone=zone) == said


def test_a14_a_response_without_a_time_is_unknown_unless_it_is_required() -> None:
    assert fresh(None) == ("missing", True)
    assert fresh(None, required=True) == ("missing", False)


def test_a17_the_hour_that_a_clock_repeats_is_not_an_hour_old() -> None:
    rule = Freshness.model_validate({"path": "at", "within": "2m", "zone": "Europe/Berlin"})
    for hour in (0, 1):
        now = datetime(2026, 10, 25, hour, 30, tzinfo=UTC)
        assert staleness(rule, {"at": "2026-10-25T02:30:00"}, now) is None


def test_a17_a_time_without_a_zone_says_what_to_write() -> None:
    rule = Freshness.model_validate({"path": "at", "within": "2m"})
    found = staleness(rule, {"at": "2026-11-30T12:00:00"}, NOW)
    assert found is not None
    assert 'zone = "UTC"' in found.detail
    with pytest.raises(ValidationError, match="not a timezone"):
        Freshness.model_validate({"path": "at", "within": "2m", "zone": "Mars/Olympus"})


async def test_a17_a_local_time_of_a_real_server_is_up_with_its_zone() -> None:
    seoul = datetime.now(timezone(timedelta(hours=9))).replace(tzinfo=None).isoformat()
    async with talking(saying(http_answer(f'{{"at": "{seoul}"}}'))) as port:
        url = f"http://127.0.0.1:{port}/"
        keys = {"path": "at", "within": "2m"}
        with_zone = await run_probe("http", url=url, freshness={**keys, "zone": "Asia/Seoul"})
        without = await run_probe("http", url=url, freshness=keys)
    assert with_zone[1].verdict is State.UP
    assert without[1].verdict is State.UNKNOWN


@pytest.mark.parametrize("expect", [[], ["body.status == ok"], ["status == 200"], ["latency < 2s"]])
async def test_a11_an_error_page_without_a_time_is_the_error(expect: list[str]) -> None:
    page = http_answer('{"detail": "Not Found"}', status="404 Not Found")
    async with talking(saying(page)) as port:
        rule = {"path": "at", "within": "2m"}
        _, outcome = await run_probe("http", url=f"http://127.0.0.1:{port}/", freshness=rule, expect=expect)
    assert (outcome.verdict, outcome.reason) == (State.DOWN, Reason.STATUS)
    assert "404" in outcome.detail
