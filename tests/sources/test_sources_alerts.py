"""Alertmanager and Prometheus as sources of alerts: on the real servers, and on what they do in other versions."""

from __future__ import annotations

import json
import ssl
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from artisan_tui.config.alerts import Alerts
from artisan_tui.config.metrics import Metrics
from artisan_tui.domain.alerts.fingerprint import fingerprint
from artisan_tui.domain.alerts.join import joined
from artisan_tui.domain.alerts.listed import AlertState
from artisan_tui.domain.alerts.matchers import parse_matchers
from artisan_tui.domain.alerts.silence import preview
from artisan_tui.engine.clock import SystemClock
from artisan_tui.sources.alerts.alertmanager import Alertmanager
from artisan_tui.sources.alerts.call import SourceError
from artisan_tui.sources.alerts.opening import open_members, open_prometheus
from artisan_tui.sources.connections import Connections
from support.alertmanager_server import AlertmanagerServer, alertmanager, prometheus_with_rules
from support.authority import Authority
from support.servers import free_port, http_answer, saying, talking, until

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AlertmanagerServer]:
    with alertmanager(tmp_path_factory.mktemp("alertmanager")) as found:
        yield found


@pytest.fixture
async def connections() -> AsyncIterator[Connections]:
    found = Connections()
    yield found
    await found.aclose()


def member(url: str, connections: Connections, **more: Any) -> Alertmanager:
    alerts = Alerts.model_validate({"alertmanager": url, "timeout": "2s", **more})
    return open_members(alerts, {"TOKEN": "s3cr3t-t0ken"}, connections, SystemClock().now)[0]


async def test_an_alert_of_the_real_alertmanager(server: AlertmanagerServer, connections: Connections) -> None:
    labels = {"alertname": "경보", "svc": "결제", "severity": "critical"}
    server.fire(labels, annotations={"runbook_url": "http://r"}, generatorURL="http://p/graph")
    found = await member(server.url, connections).read()
    assert found.error == ""
    assert found.up_since is not None
    assert abs((datetime.now(UTC) - found.up_since).total_seconds()) < 300
    (alert,) = [each for each in found.alerts if each.labels == labels]
    assert (alert.state, alert.receivers, alert.url) == (AlertState.FIRING, ("hook",), "http://p/graph")
    assert alert.ends_at is not None
    assert alert.ends_at > datetime.now(UTC)
    (raw,) = [each for each in server.get("alerts") if each["labels"] == labels]
    assert raw["fingerprint"] == fingerprint(labels)


@pytest.mark.parametrize(
    "matchers",
    ['svc=~"api8"', 'svc=~"api8.*"', 'svc=~"pi|gw"', 'svc!="api8", alertname="Eight"', 'team!="b", alertname="Eight"'],
)
async def test_inc_case_8_the_server_agrees_with_the_preview(
    server: AlertmanagerServer, connections: Connections, matchers: str
) -> None:
    server.fire({"alertname": "Eight", "svc": "api8"}, {"alertname": "Eight", "svc": "api8-gw", "team": "b"})
    found = parse_matchers(matchers)
    there = member(server.url, connections)
    hits = {each.fingerprint for each in preview(found, joined([await there.read()])).hits}
    now = datetime.now(UTC)
    id = await there.put_silence(found, now, now + timedelta(hours=1), "kim", "test")

    def silenced() -> set[str]:
        return {each["fingerprint"] for each in server.get("alerts") if id in each["status"]["silencedBy"]}

    until(lambda: silenced() == hits, 5, f"what the server silences: {hits}")
    assert len(hits) == {'svc=~"api8"': 1, 'svc=~"api8.*"': 2, 'svc=~"pi|gw"': 0}.get(matchers, len(hits))
    assert await there.expire_silence(id)
    assert await there.expire_silence(id), "an ended one may be ended again"


async def test_inc_case_11_the_same_matchers_keep_the_id_and_others_get_a_new_one(
    server: AlertmanagerServer, connections: Connections
) -> None:
    there, now = member(server.url, connections), datetime.now(UTC)
    matchers = parse_matchers('alertname="Eleven"')
    id = await there.put_silence(matchers, now, now + timedelta(hours=1), "kim", "first")
    (known,) = [each for each in await there.silences() if each.id == id]
    assert (known.matchers, known.comment, known.state) == (matchers, "first", "active")
    longer = now + timedelta(hours=3)
    assert await there.put_silence(matchers, known.starts_at, longer, "kim", "second", id) == id
    (known,) = [each for each in await there.silences() if each.id == id]
    assert abs((known.ends_at - longer).total_seconds()) < 0.01
    other = await there.put_silence(parse_matchers('alertname=~"Ele.*"'), known.starts_at, longer, "kim", "c", id)
    assert other != id
    states = {each.id: each.state for each in await there.silences()}
    assert (states[id], states[other]) == ("expired", "active")
    await there.expire_silence(other)


async def test_an_unknown_silence_is_no_error(server: AlertmanagerServer, connections: Connections) -> None:
    there = member(server.url, connections)
    assert not await there.expire_silence("00000000-0000-0000-0000-000000000000")
    assert not await there.expire_silence("../status")


async def test_inc_case_14_silenced_and_inhibited_are_both_told(
    server: AlertmanagerServer, connections: Connections
) -> None:
    there, now = member(server.url, connections), datetime.now(UTC)
    labels = {"alertname": "Fourteen", "inhibited": "yes"}
    server.fire({"alertname": "Cause", "inhibits": "yes"}, labels)
    id = await there.put_silence(parse_matchers('alertname="Fourteen"'), now, now + timedelta(hours=1), "kim", "c")

    def both() -> bool:
        (found,) = [each for each in server.get("alerts") if each["labels"] == labels]
        return bool(found["status"]["silencedBy"] and found["status"]["inhibitedBy"])

    until(both, 5, "both reasons")
    (row,) = [each for each in joined([await there.read()]) if each.labels == labels]
    assert row.state is AlertState.SILENCED
    assert row.reasons == (f"silenced by {id}", f"inhibited by {row.inhibited_by[0]}")
    await there.expire_silence(id)


async def test_inc_case_14_an_error_is_not_no_silences(connections: Connections) -> None:
    """0.32 answers so for a silence with several sets of matchers."""
    said = '"silence has multiple matcher sets, not supported by the v2 API"'
    async with talking(saying(http_answer(said, status="500 Internal Server Error"))) as port:
        with pytest.raises(SourceError, match=r"HTTP 500: silence has multiple matcher sets"):
            await member(f"http://127.0.0.1:{port}", connections).silences()


@pytest.mark.parametrize("body", ["{}", "null", '{"error": "x"}', "<html>", "[" * 100_000, ""])
async def test_what_is_no_list_is_an_error(connections: Connections, body: str) -> None:
    async with talking(saying(http_answer(body))) as port:
        there = member(f"http://127.0.0.1:{port}", connections)
        with pytest.raises(SourceError):
            await there.silences()
        assert (await there.read()).error


async def test_muted_alerts_of_newer_versions_and_hostile_values(connections: Connections) -> None:
    times = {"startsAt": "2026-11-30T12:00:00.123456789Z", "endsAt": "2099-01-01T00:00:00Z", "updatedAt": "x"}
    status = {"state": "suppressed", "silencedBy": [], "inhibitedBy": [], "mutedBy": ["night"]}
    sound = {"labels": {"alertname": "\x1b[31mX", "n": 5}, **times, "status": status, "receivers": [{"name": "a"}, 7]}
    document = json.dumps([sound, {"labels": {"a": "b"}}, 7, {"labels": [], **times}])
    answer = http_answer("{}"), http_answer(document)
    asked: list[bytes] = []

    async def talk(reader: Any, writer: Any) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(answer[b"/alerts" in asked[-1]])

    async with talking(talk) as port:
        found = await member(f"http://127.0.0.1:{port}", connections).read()
    (alert,) = found.alerts
    assert (alert.state, alert.muted_by, alert.receivers) == (AlertState.MUTED, ("night",), ("a",))
    assert alert.since == datetime(2026, 11, 30, 12, 0, 0, 123456, tzinfo=UTC)
    assert alert.updated_at is None


async def test_inc_case_35_no_error_holds_the_secret(connections: Connections) -> None:
    asked: list[bytes] = []

    async def talk(reader: Any, writer: Any) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(http_answer(asked[-1].decode(), status="403 Forbidden", kind="text/plain"))

    async with talking(talk) as port:
        there = member(f"http://127.0.0.1:{port}?key=abcdefgh", connections, bearer_token="env:TOKEN")
        found = await there.read()
    assert b"Bearer s3cr3t-t0ken" in asked[0] or b"bearer s3cr3t-t0ken" in asked[0].lower()
    assert b"key=abcdefgh" in asked[0]
    assert "HTTP 403" in found.error
    assert "s3cr3t" not in found.error
    assert "abcdefgh" not in found.url


async def test_a_server_that_hangs_or_is_not_there(connections: Connections) -> None:
    async def hang(reader: Any, writer: Any) -> None:
        await reader.read()

    async with talking(hang) as port:
        there = member(f"http://127.0.0.1:{port}", connections, timeout="100ms")
        assert "no response within 100ms" in (await there.read()).error
    assert "refused" in (await member(f"http://127.0.0.1:{free_port()}", connections).read()).error


async def test_certificates_are_checked_and_ours_is_shown(connections: Connections, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    cert, key = authority.issue()
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(authority.cert))
    tls.load_cert_chain(cert, key)
    tls.verify_mode = ssl.CERT_REQUIRED
    async with talking(saying(http_answer("[]")), tls) as port:
        url = f"https://localhost:{port}"
        files = {"ca_file": str(authority.cert), "cert_file": str(cert), "key_file": str(key)}
        assert await member(url, connections, **files).silences() == ()
        with pytest.raises(SourceError, match="certificate"):
            await member(url, connections).silences()


async def test_inc_case_13_prometheus_with_external_labels_and_its_alertmanager(
    server: AlertmanagerServer, connections: Connections, tmp_path: Path
) -> None:
    with prometheus_with_rules(tmp_path, server) as prometheus:
        url = prometheus.url
        alerts = Alerts.model_validate({"alertmanager": server.url, "prometheus": True})
        source = open_prometheus(
            alerts, Metrics.model_validate({"prometheus": url}), {}, connections, SystemClock().now
        )
        assert source is not None
        here, there = await source.read(), await member(server.url, connections).read()
    assert here.error == ""
    rows = {row.name: row for row in joined([there, here]) if row.name in ("Watchdog", "QwenModelUnhealthy", "Slow")}
    assert rows["QwenModelUnhealthy"].sources == (server.url, url)
    assert rows["QwenModelUnhealthy"].labels["cluster"] == "seoul"
    assert rows["Slow"].state is AlertState.PENDING
    assert rows["Slow"].sources == (url,)
    assert {"Watchdog", "Never", "Slow"} <= here.evaluated.keys()
    assert here.up_since is not None


async def test_readings_are_of_the_clock_that_is_given(connections: Connections) -> None:
    played = datetime(2027, 3, 5, 17, tzinfo=UTC)
    alerts = Alerts.model_validate({"alertmanager": f"http://127.0.0.1:{free_port()}", "prometheus": True})
    (silent,) = open_members(alerts, {}, connections, lambda: played)
    metrics = Metrics.model_validate({"prometheus": f"http://127.0.0.1:{free_port()}"})
    prometheus = open_prometheus(alerts, metrics, {}, connections, lambda: played)
    assert prometheus is not None
    assert [(await each.read()).at for each in (silent, prometheus)] == [played, played]
    async with talking(saying(http_answer("[]"))) as port:
        alerts = Alerts.model_validate({"alertmanager": f"http://127.0.0.1:{port}"})
        (answers,) = open_members(alerts, {}, connections, lambda: played)
        found = await answers.read()
        assert (found.error, found.at) == ("", played)
