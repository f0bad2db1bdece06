"""A real Alertmanager on loopback for tests: one, or a cluster of two, with a receiver that writes down what it hears."""

from __future__ import annotations

import contextlib
import http.server
import json
import signal
import subprocess
import threading
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from support.servers import Running, answers, free_port, listens, require, running, until

ROUTE = """
route: {{ receiver: hook, group_by: [alertname], group_wait: 0s, group_interval: {group_interval}, repeat_interval: 1h }}
receivers: [{{ name: hook, webhook_configs: [{{ url: '{hook}', send_resolved: true }}] }}]
inhibit_rules: [{{ source_matchers: ['inhibits="yes"'], target_matchers: ['inhibited="yes"'] }}]
"""


@dataclass
class AlertmanagerServer:
    """A running Alertmanager; ``command`` starts it again on the same port and folder."""

    url: str
    folder: Path
    command: Sequence[str]
    process: subprocess.Popen[bytes]
    stack: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    def post(self, *alerts: Mapping[str, Any]) -> None:
        """Alerts as Prometheus sends them."""
        ask(f"{self.url}/api/v2/alerts", list(alerts))

    def fire(self, *labels: Mapping[str, str], ends_in: float = 240.0, **more: Any) -> None:
        """Alerts that began a minute ago and are believed for ``ends_in`` seconds."""
        now = datetime.now(UTC)
        times = {"startsAt": stamp(now - timedelta(seconds=60)), "endsAt": stamp(now + timedelta(seconds=ends_in))}
        self.post(*({"labels": dict(each), **times, **more} for each in labels))

    def resolve(self, *labels: Mapping[str, str]) -> None:
        self.fire(*labels, ends_in=-1.0)

    def get(self, path: str) -> Any:
        return ask(f"{self.url}/api/v2/{path}")

    def silences(self) -> list[dict[str, Any]]:
        return [each for each in self.get("silences") if each["status"]["state"] != "expired"]

    def end(self, silence: str) -> None:
        """As another program does."""
        request = urllib.request.Request(f"{self.url}/api/v2/silence/{silence}", method="DELETE")
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=5).close()

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    def start_again(self) -> None:
        server = self.stack.enter_context(_started(self.command, self.url, self.folder))
        self.process = server.process


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def ask(url: str, body: object = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=5) as response:
        content = response.read()
    return json.loads(content) if content.strip() else None


@contextlib.contextmanager
def _started(command: Sequence[str], url: str, folder: Path) -> Iterator[Running]:
    with running(command, url, answers(f"{url}/-/ready"), folder / "alertmanager.log") as server:
        yield server


@contextlib.contextmanager
def alertmanager(
    folder: Path,
    *,
    hook: str = "http://127.0.0.1:9/",
    group_interval: str = "1s",
    cluster: Sequence[str] = (),
    web: str = "",
) -> Iterator[AlertmanagerServer]:
    """``cluster`` are "--cluster.…" options; without any it is alone. ``web`` is its web configuration: TLS, logins."""
    binary, port = require("prometheus-alertmanager"), free_port()
    folder.mkdir(exist_ok=True)
    config = folder / "alertmanager.yml"
    config.write_text(ROUTE.format(hook=hook, group_interval=group_interval))
    url = f"http://127.0.0.1:{port}"
    command = [
        binary,
        f"--config.file={config}",
        f"--storage.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        *(cluster or ["--cluster.listen-address="]),
        "--log.level=warn",
    ]
    if web:
        (folder / "web.yml").write_text(web)
        command.append(f"--web.config.file={folder / 'web.yml'}")
        log, ready = folder / "alertmanager.log", listens(port)
        with running(command, url, ready, log) as closed:
            yield AlertmanagerServer(url, folder, command, closed.process)
        return
    with contextlib.ExitStack() as stack, _started(command, url, folder) as server:
        yield AlertmanagerServer(url, folder, command, server.process, stack)


@contextlib.contextmanager
def alertmanager_pair(folder: Path) -> Iterator[tuple[AlertmanagerServer, AlertmanagerServer]]:
    """A cluster of two."""
    gossip = free_port()
    fast = ["--cluster.settle-timeout=0s", "--cluster.gossip-interval=50ms", "--cluster.pushpull-interval=1s"]

    def options(port: int, *more: str) -> list[str]:
        here = f"127.0.0.1:{port}"
        return [f"--cluster.listen-address={here}", f"--cluster.advertise-address={here}", *fast, *more]

    with (
        alertmanager(folder / "a", cluster=options(gossip)) as first,
        alertmanager(folder / "b", cluster=options(free_port(), f"--cluster.peer=127.0.0.1:{gossip}")) as second,
    ):
        yield first, second


RULES = """
groups:
- name: test
  interval: 1s
  rules:
  - {alert: Watchdog, expr: vector(1)}
  - {alert: QwenModelUnhealthy, expr: vector(2), labels: {severity: critical, runbook: qwen_failure_downshift}}
  - {alert: Slow, expr: vector(3), for: 1h}
  - {alert: Never, expr: vector(4) > 5}
"""


@contextlib.contextmanager
def prometheus_with_rules(
    folder: Path, server: AlertmanagerServer, rules: str = RULES, scraped: str = "", sent: int = 2
) -> Iterator[Running]:
    """A Prometheus that sends the alerts of ``rules`` every second, with an external label. They are believed for 4 s.

    ``scraped`` is HOST:PORT of an exporter; ``sent`` are the alerts that fire at once.
    """
    binary, port = require("prometheus"), free_port()
    folder.mkdir(exist_ok=True)
    (folder / "rules.yml").write_text(rules)
    jobs = f"scrape_configs: [{{job_name: llm, scrape_interval: 1s, static_configs: [{{targets: ['{scraped}']}}]}}]\n"
    config = folder / "prometheus.yml"
    config.write_text(
        "global: {evaluation_interval: 1s, external_labels: {cluster: seoul}}\n"
        f"rule_files: [{folder / 'rules.yml'}]\n"
        f"alerting: {{alertmanagers: [{{static_configs: [{{targets: ['{server.url.removeprefix('http://')}']}}]}}]}}\n"
        + (jobs if scraped else "")
    )
    url = f"http://127.0.0.1:{port}"
    command = [binary, f"--config.file={config}", f"--storage.tsdb.path={folder / 'data'}"]
    command += [f"--web.listen-address=127.0.0.1:{port}", "--rules.alert.resend-delay=1s", "--log.level=warn"]
    with running(command, url, answers(f"{url}/-/ready"), folder / "prometheus.log") as found:
        until(
            lambda: sum(e["labels"].get("cluster") == "seoul" for e in server.get("alerts")) == sent, 40, "its alerts"
        )
        yield found


@dataclass
class Receiver:
    """What a webhook receiver heard: (status, alertname) of every alert, in order."""

    url: str = ""
    heard: list[tuple[str, str]] = field(default_factory=list)


@contextlib.contextmanager
def receiver() -> Iterator[Receiver]:
    found = Receiver()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            document = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            found.heard += [(each["status"], each["labels"].get("alertname", "")) for each in document["alerts"]]
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Quiet."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.url = f"http://127.0.0.1:{server.server_address[1]}/"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
