"""Steps that measure, wait and silence."""

from __future__ import annotations

import http.server
import threading
from pathlib import Path
from typing import Any

import pytest

from artisan_tui.config.metrics import Metrics
from artisan_tui.domain.runbooks.definition import KINDS
from artisan_tui.engine.runbooks.step_measures import StepMeasures
from artisan_tui.steps.runbooks import step_kind
from artisan_tui.steps.runbooks.job import StepJob, read_job
from artisan_tui.steps.runbooks.protocol import Resolved, StepRefused, Until
from support.alertmanager_server import alertmanager
from support.authority import Authority
from support.our_steps import LENT
from support.servers import free_port, page, prometheus
from support.step_runs import captured, carried_out, evidence, resolved, result_of, started, undone


def test_every_kind_has_its_file_and_the_whole_protocol() -> None:
    for kind in KINDS:
        found = step_kind(kind)
        for name in ("plan", "capture", "act", "evidence", "undo", "dry", "preflight"):
            assert callable(getattr(found, name)), (kind, name)
    with pytest.raises(ValueError, match="no kind"):
        step_kind("../../etc")


def test_a_job_survives_being_written_down() -> None:
    act = resolved("wait", {"for": "1500ms"}, until=Until(3.0))
    job = StepJob("evidence", act, {"a": [1]}, {"xid": "7"}, 12.5)
    import json

    again = read_job(json.loads(job.to_json()))
    assert again.to_json() == job.to_json()
    assert again.resolved.digest == act.digest
    with pytest.raises(ValueError, match="nothing that an attempt does"):
        read_job(json.loads(StepJob("format", act).to_json()))


def measure(metrics: Metrics, table: dict[str, Any], **more: Any) -> Resolved:
    return resolved("measure", {"measure": table}, metrics=metrics.model_dump(mode="json"), **more)


def test_a_measure_is_read_by_the_scraper_and_by_prometheus(tmp_path: Path) -> None:
    with page(lambda: "# TYPE queue gauge\nqueue 7\n") as place:
        metrics = Metrics.model_validate({"scrape": [f"http://{place}/metrics"]})
        job = StepJob("act", measure(metrics, {"value": "queue"}, expect=("value <= 10",), capture={"n": "value"}))
        found = result_of(job, started(job, tmp_path / "a"))
        assert (found.outcome, found.captures) == ("ok", {"n": "7"})
        over = measure(metrics, {"value": "queue"}, expect=("value > 10",), until=Until(0.4, 0.05), part="verify")
        verified = carried_out(over, does="verify", lent=LENT)
        assert "value > 10 does not hold: 7" in verified["why"]
        with pytest.raises(StepRefused, match="promql needs a Prometheus"):
            measure(metrics, {"promql": "queue"})
        (tmp_path / "prometheus").mkdir()
        with prometheus(tmp_path / "prometheus", [place]) as server:
            there = Metrics.model_validate({"prometheus": server.url})
            asked = measure(
                there, {"promql": "queue * 2"}, expect=("value == 14",), until=Until(20.0, 0.2), part="verify"
            )
            assert carried_out(asked, does="verify", seconds=30, lent=LENT)["state"] == "ok"


def test_metrics_that_do_not_answer_are_no_number() -> None:
    metrics = Metrics.model_validate({"prometheus": f"http://127.0.0.1:{free_port()}"})
    found = carried_out(measure(metrics, {"promql": "up"}), lent=LENT)
    assert found["state"] == "failed"
    assert "there is no number" in found["why"]
    assert carried_out(measure(metrics, {"value": "up"}), does="preflight", lent=LENT)["state"] == "failed"
    assert "cannot do a step that needs the measure" in carried_out(measure(metrics, {"value": "up"}))["why"]
    with pytest.raises(StepRefused, match=r"there is no \[metrics\]"):
        resolved("measure", {"measure": {"value": "up"}})


def test_a_scraper_that_is_asked_again_sees_all_that_passed_since_the_first_time(tmp_path: Path) -> None:
    """A rate from two scrapes one second apart would miss what happens seldom."""
    count = iter([0, 0, *([5] * 1000)])
    with page(lambda: f"# TYPE done_total counter\ndone_total {next(count)}\n") as place:
        metrics = Metrics.model_validate({"scrape": [f"http://{place}/metrics"]})
        act = measure(metrics, {"rate": "done_total", "window": "2m"}, expect=("value > 0",), until=Until(20.0, 0.1))
        measures = StepMeasures()
        try:
            found = carried_out(act, does="verify", seconds=30, lent={"measure": measures})
        finally:
            measures.close()
    assert found["state"] == "ok", found


def test_a_defect_in_a_kind_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    act = resolved("wait", {"for": 0})
    monkeypatch.setattr(type(step_kind("wait")), "act", lambda *_: 1 / 0)
    assert carried_out(act) == {"state": "failed", "why": "internal error ZeroDivisionError: division by zero"}


def test_a_wait_lasts_its_time_or_until_something_is_met(tmp_path: Path) -> None:
    naps: list[float] = []
    clock = iter([0.0, 0.0, 4.0, 9.0, 20.0, 30.0])
    act = resolved("wait", {"for": "20s"})
    assert act.timeout == 30.0
    assert carried_out(act, sleep=naps.append, clock=lambda: next(clock))["state"] == "ok"
    assert naps[0] == 10.0
    with pytest.raises(StepRefused, match="no duration"):
        resolved("wait", {"for": "soon"})
    mark = tmp_path / "there"
    inner = {"kind": "command", "body": {"run": ("test", "-e", str(mark))}, "expect": ("exit == 0",)}
    until = {"until": {"action": inner, "within": 0.3, "every": 0.05, "stable_for": 0.0}}
    assert carried_out(resolved("wait", until, folder=tmp_path))["state"] == "failed"
    mark.write_text("")
    assert carried_out(resolved("wait", until, folder=tmp_path))["state"] == "ok"


def test_a_silence_is_found_again_by_its_mark_and_ended_by_its_undo(tmp_path: Path) -> None:
    with alertmanager(tmp_path) as server:
        dead = f"http://127.0.0.1:{free_port()}"
        body = {"matchers": ('alertname="HighLatency"', 'service=~"api|web"'), "for": "10m", "comment": "rolling back"}
        act = resolved("silence", body, alertmanagers=(dead, server.url), actor="ford")
        assert evidence(act, {}).verdict == "absent"
        assert carried_out(act, does="preflight")["state"] == "failed"
        assert carried_out(act)["state"] == "ok"
        (found,) = server.silences()
        assert found["comment"] == "rolling back [RUN-20261130-120000/the_step]"
        assert (found["createdBy"], len(found["matchers"])) == ("ford", 2)
        assert evidence(act, {}).verdict == "happened"
        back = undone(act, captured(act))
        assert back is not None
        assert evidence(back, {}).verdict == "absent"
        assert carried_out(back)["state"] == "ok"
        assert evidence(back, {}).verdict == "happened"
        assert server.silences() == []
        over = evidence(act, {})
        assert (over.verdict, over.why.endswith("and is over")) == ("happened", True), "it was created all the same"
    assert evidence(act, {}).verdict == "unsure"


#: bcrypt of "horse-battery".
HASH = "$2b$04$0l06x.soU2efPEC7z7rcE.vAkv4b6Y8e1m5xPZRP/lRt1qEPE.OdK"


def test_a_silence_logs_in_as_alerts_says_and_the_password_is_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority, clients = Authority(tmp_path), Authority(tmp_path, "clients")
    cert, key = authority.issue()
    own, own_key = clients.issue("ford")
    web = (
        f"basic_auth_users: {{ford: '{HASH}'}}\ntls_server_config:\n  cert_file: {cert}\n  key_file: {key}\n"
        f"  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: {clients.cert}\n"
    )
    monkeypatch.setenv("ALERT_PASSWORD", "horse-battery")
    monkeypatch.setenv("OTHER_PASSWORD", "cart-before-horse")
    with alertmanager(tmp_path / "am", web=web) as server:
        url = server.url.replace("http:", "https:")
        login = {"username": "ford", "password": "env:ALERT_PASSWORD", "ca_file": str(authority.cert)}
        login |= {"cert_file": str(own), "key_file": str(own_key)}
        body = {"matchers": ('alertname="HighLatency"',), "for": "10m"}
        act = resolved("silence", body, alertmanagers=(url,), alert_login=login)
        assert "horse-battery" not in act.to_json()
        assert result_of(StepJob("preflight", act), started(StepJob("preflight", act), tmp_path / "p")).outcome == "ok"
        attempt = started(StepJob("act", act), tmp_path / "a")
        assert result_of(StepJob("act", act), attempt).outcome == "ok"
        assert not any(b"horse-battery" in file.read_bytes() for file in tmp_path.glob("[pa]/*"))
        back = undone(act, {})
        assert back is not None
        assert result_of(StepJob("act", back), started(StepJob("act", back), tmp_path / "u")).outcome == "ok"
        for name, wrong in (
            ("cert_file", None),
            ("password", "env:OTHER_PASSWORD"),
            ("ca_file", str(tmp_path / "none.pem")),
        ):
            bad = {key: each for key, each in {**login, name: wrong}.items() if each is not None}
            bad.pop("key_file") if name == "cert_file" else None
            other = resolved("silence", body, alertmanagers=(url,), alert_login=bad)
            job = StepJob("act", other)
            assert result_of(job, started(job, tmp_path / name)).outcome in ("failed", "unknown"), name
            seen = StepJob("preflight", other)
            found = result_of(seen, started(seen, tmp_path / f"{name}-seen"))
            assert found.outcome == "failed", name
            if name == "password":
                assert found.findings[0]["mend"] == "correct the login in [alerts]"


def test_a_silence_sends_the_token_and_the_headers_of_alerts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(f"{self.headers['Authorization']} {self.headers['X-Scope-OrgID']}")
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *args: object) -> None:
            pass

    monkeypatch.setenv("ALERT_TOKEN", "tok-0123456789")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        login = {"bearer_token": "env:ALERT_TOKEN", "headers": {"X-Scope-OrgID": "artisan"}}
        url = f"http://127.0.0.1:{server.server_address[1]}"
        body = {"matchers": ('a="b"',), "for": "10m"}
        act = resolved("silence", body, alertmanagers=(url,), alert_login=login)
        job = StepJob("preflight", act)
        assert result_of(job, started(job, tmp_path / "p")).outcome == "ok"
        server.shutdown()
    assert heard == ["Bearer tok-0123456789 artisan"]


def test_a_silence_of_everything_is_refused() -> None:
    for matchers in (('a=~".*"',), ('a=""',), ("nonsense",)):
        with pytest.raises(StepRefused):
            resolved("silence", {"matchers": matchers, "for": 60.0}, alertmanagers=("http://a",))
    with pytest.raises(StepRefused, match="no Alertmanager"):
        resolved("silence", {"matchers": ('a="b"',), "for": 60.0})
