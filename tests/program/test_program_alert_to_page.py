"""From a rule of a real Prometheus to the page and back: what each of those who listen hears."""

from __future__ import annotations

import contextlib
import http.server
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from support.alertmanager_server import alertmanager, prometheus_with_rules, receiver
from support.contracts import pagerduty as pagerduty_problems
from support.contracts import slack as slack_problems
from support.notify_engine import KEY, pagerduty, slack
from support.notify_servers import http_stand_in
from support.processes import with_us
from support.program import Opener, Runner
from support.servers import require, until
from support.terminal import Terminal

# The seeds' rule; only it does not wait for five minutes.
RULES = """
groups:
- name: llm
  interval: 1s
  rules:
  - {alert: Watchdog, expr: vector(1)}
  - alert: QwenModelUnhealthy
    expr: |
      health_llm_qwen_status{status="unhealthy"} == 1
    for: 1s
    labels:
      severity: critical
    annotations:
      summary: "Qwen model is unhealthy"
      runbook: "qwen_failure_downshift"
"""
PATH = "/services/T0123/B0456/aVerySecretToken99"


class Exporter:
    """What the model's exporter says."""

    unhealthy = 1
    at = ""


@contextlib.contextmanager
def exporter() -> Iterator[Exporter]:
    found = Exporter()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            data = f'health_llm_qwen_status{{status="unhealthy"}} {found.unhealthy}\n'.encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args: object) -> None:
            """Quiet."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.at = f"127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextlib.contextmanager
def watch(home: Path) -> Iterator[subprocess.Popen[str]]:
    places = ["--config", str(home / "artisan.toml"), "--state", str(home / "state")]
    command = with_us([sys.executable, "-m", "artisan_tui", *places, "watch", "--json"])
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=home) as one:
        try:
            assert one.stdout is not None
            one.stdout.readline()
            threading.Thread(target=one.stdout.read, daemon=True).start()
            yield one
        finally:
            one.terminate()
            one.wait(30)


def configured(home: Path, url: str, *channels: str, environment: str = "staging") -> None:
    for name, value in (("pd", KEY), ("hook", "")):
        (home / name).write_text(value)
        (home / name).chmod(0o600)
    text = (
        f'[artisan]\nname = "Artisan"\nenvironment = "{environment}"\n[[service]]\nid = "s"\n[[service.check]]\nid = "c"\n'
        f'kind = "memory"\n[alerts]\nalertmanager = ["{url}"]\nevery = "500ms"\ntimeout = "2s"\n'
        '[[person]]\nid = "bob"\ncontacts = { slack = "UBOB" }\n[escalation]\nlevels = { L1 = ["bob"] }\n'
    )
    (home / "artisan.toml").write_text(text + "".join(channels), "utf-8")


def test_inc_case_1_from_the_rule_to_the_page_and_resolved_is_heard_although_it_was_acknowledged(
    home: Path, run: Runner, board: Opener, tmp_path: Path
) -> None:
    with (
        exporter() as model,
        receiver() as heard,
        http_stand_in((202, '{"status":"success"}')) as pd,
        http_stand_in((200, "ok")) as hook,
        alertmanager(tmp_path / "am", hook=heard.url) as server,
        prometheus_with_rules(tmp_path / "prom", server, RULES, model.at),
    ):
        channels = pagerduty(pd.url()).replace("env:PD", "file:pd"), slack().replace("env:SLACK", "file:hook")
        configured(home, server.url, *channels)
        (home / "hook").write_text(hook.url(PATH))
        with watch(home):
            with board(cols=80, rows=24) as opened:
                opened.wait_for("live", 30)
                opened.press("5")
                opened.wait_for("QwenModelUnhealthy", 30)
                opened.wait_for("qwen_failure_downshift")
                opened.press("i")
                opened.wait_for("Sev2")
                opened.press("enter", "enter")
                opened.wait_for("INC-", 20)
                until(lambda: len(pd.requests) == 1 and len(hook.requests) == 1, 20, "the page")
                opened.press("3")
                opened.wait_gone("QwenModelUnhealthy")
                opened.wait_for("Qwen model is unhealthy")
                opened.press("a")
                until(lambda: len(pd.requests) == 2 and len(hook.requests) == 2, 20, "the acknowledgement")
                opened.press("q")
            (listed,) = [
                each
                for each in json.loads(run("alert", "list", "--json").stdout)["alerts"]
                if each["name"] == "QwenModelUnhealthy"
            ]
            assert (listed["state"], listed["runbook"]) == ("firing", "qwen_failure_downshift")
            incident = json.loads(run("incident", "show", listed["incident"], "--json").stdout)
            assert (incident["severity"], incident["status"]) == ("Sev2", "acknowledged")
            assert [each["name"] for each in incident["alerts"]] == ["QwenModelUnhealthy"]
            model.unhealthy = 0
            until(lambda: ("resolved", "QwenModelUnhealthy") in heard.heard, 40, "resolved at the receiver")
        asked = [require("amtool"), f"--alertmanager.url={server.url}", "silence", "query", "-q"]
        assert subprocess.run(asked, capture_output=True, text=True, timeout=30, check=True).stdout.strip() == ""
    assert [each.json["event_action"] for each in pd.requests] == ["trigger", "acknowledge"]
    assert {each.json["dedup_key"] for each in pd.requests} == {incident["id"]}
    assert [problem for each in pd.requests for problem in pagerduty_problems(each.path, each.json)] == []
    assert [problem for each in hook.requests for problem in slack_problems(each.json)] == []
    assert "<@UBOB>" in str(hook.requests[0].json)
    assert run("audit", "verify").returncode == 0


def test_inc_case_37_in_a_drill_nothing_leaves(home: Path, run: Runner) -> None:
    with http_stand_in((202, '{"status":"success"}')) as pd, http_stand_in((200, "ok")) as hook:
        channels = pagerduty(pd.url()).replace("env:PD", "file:pd"), slack().replace("env:SLACK", "file:hook")
        command = '[[notify]]\nid = "own"\nkind = "command"\nrun = ["touch", "left"]\n'
        configured(home, "http://127.0.0.1:9", *channels, command, environment="drill")
        (home / "hook").write_text(hook.url(PATH))
        with watch(home):
            wanted = run("incident", "create", "--title", "x", "--severity", "Sev1").stdout.split()[0]
            assert run("incident", "ack", wanted).returncode == 0
            assert run("incident", "resolve", wanted, "--resolution", "y").returncode == 0
            whole = [word for name in ("cause", "summary", "follow_up") for word in ("--field", f"{name}=z")]
            assert run("incident", "comms", wanted, "end", *whole, "--send", "ops").returncode == 0
            assert run("notify", "test", "ops").returncode == 1

            def states() -> list[str]:
                return [each["state"] for each in json.loads(run("notify", "outbox", "--json").stdout)["messages"]]

            until(lambda: bool(found := states()) and "waiting" not in found, 30, "what is dropped")
        assert set(states()) == {"dropped"}
        assert (pd.requests, hook.requests, (home / "left").exists()) == ([], [], False)


def test_inc_case_37_in_the_demo_nothing_leaves_whatever_the_file_names(home: Path) -> None:
    with http_stand_in((202, '{"status":"success"}')) as pd:
        channel = pagerduty(pd.url()).replace("env:PD", "file:pd")
        configured(home, "http://127.0.0.1:9", channel)
        place = ["--config", str(home / "artisan.toml"), "--state", str(home / "demo")]
        command = [sys.executable, "-m", "artisan_tui", *place, "demo"]
        with Terminal(command, size=(100, 30), cwd=home) as opened:
            opened.wait_for("live", 30)
            opened.press("D")
            opened.wait_for("Title")
            opened.send("Qwen is down")
            opened.press("enter")
            opened.send("Sev2")
            opened.press("enter", "enter", "enter", "enter")
            opened.wait_for("INC-", 20)

            told = home / "demo" / "messages.jsonl"
            # The demo's channel, a file of this machine, has the place of those in the configuration.
            until(lambda: told.exists() and "Qwen is down" in told.read_text("utf-8"), 30, "the message in the file")
            opened.press("q")
        assert pd.requests == []
