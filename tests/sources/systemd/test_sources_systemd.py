"""The systemd kind: outputs of systemctl that were recorded on machines with systemd."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from artisan_tui.domain.checks.outcome import Outcome, assess
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from artisan_tui.sources.checks import KINDS
from artisan_tui.sources.checks.systemd.spec import SystemdSpec
from artisan_tui.sources.lookup import search
from artisan_tui.sources.probe_context import ProbeContext
from support.systemctl_outputs import ACTIVE, FAILED, Recorded

pytestmark = pytest.mark.filterwarnings("error::ResourceWarning")
GONE = {
    "Id": "nginx.service",
    "Names": "nginx.service",
    "LoadState": "not-found",
    "LoadError": 'org.freedesktop.systemd1.NoSuchUnit "Unit nginx.service not found."',
    "ActiveState": "inactive",
    "SubState": "dead",
    "StateChangeTimestamp": "",
}
INACTIVE = {**ACTIVE, "ActiveState": "inactive", "SubState": "dead", "MainPID": "0"}
STATUS = """\u00d7 nginx.service - A high performance web server
     Loaded: loaded (/lib/systemd/system/nginx.service; enabled; preset: enabled)
     Active: failed (Result: exit-code) since Sun 2026-11-29 08:00:01 UTC; 1 day ago
    Process: 812 ExecStart=/usr/sbin/nginx (code=exited, status=1/FAILURE)

Starting A high performance web server...
nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)
nginx.service: Main process exited, code=exited, status=1/FAILURE
nginx.service: Failed with result 'exit-code'.
Failed to start A high performance web server.
"""


@pytest.mark.parametrize(
    ("shown", "state", "reason", "said"),
    [
        (ACTIVE, State.UP, Reason.OK, ""),
        ({**ACTIVE, "SubState": "exited"}, State.UP, Reason.OK, ""),
        ({**ACTIVE, "ActiveState": "activating", "SubState": "start"}, State.DEGRADED, Reason.NOT_READY, "activating"),
        ({**ACTIVE, "ActiveState": "reloading", "SubState": "reload"}, State.DEGRADED, Reason.NOT_READY, "reloading"),
        (
            {**ACTIVE, "ActiveState": "deactivating", "SubState": "stop-sigterm"},
            State.DEGRADED,
            Reason.NOT_READY,
            "nginx.service is deactivating (stop-sigterm) since 29 Nov 08:00 UTC",
        ),
        (
            {**FAILED, "ActiveState": "activating", "SubState": "auto-restart"},
            State.DOWN,
            Reason.RESTARTING,
            "nginx.service crashed and waits for its restart: exit status 1",
        ),
        (INACTIVE, State.DOWN, Reason.EXITED, "nginx.service is not running (inactive) since 29 Nov 08:00 UTC"),
        ({**INACTIVE, "LoadState": "masked"}, State.DOWN, Reason.EXITED, "systemctl unmask nginx.service"),
        (
            {**INACTIVE, "LoadState": "bad-setting", "LoadError": 'org.x "Service has no ExecStart= setting."'},
            State.DOWN,
            Reason.EXITED,
            "cannot be loaded: Service has no ExecStart= setting.",
        ),
        (GONE, State.DOWN, Reason.ABSENT, "unit nginx.service does not exist on this machine"),
        (FAILED, State.DOWN, Reason.EXITED, "nginx.service failed: exit status 1 since 29 Nov 08:00 UTC"),
        ({**FAILED, "Result": "signal", "ExecMainCode": "2", "ExecMainStatus": "9"}, State.DOWN, Reason.EXITED,
         "failed: killed by SIGKILL"),
        ({**FAILED, "Result": "core-dump", "ExecMainCode": "3", "ExecMainStatus": "11"}, State.DOWN, Reason.EXITED,
         "failed: killed by SIGSEGV with a core dump"),
        ({**FAILED, "Result": "oom-kill", "ExecMainCode": "2", "ExecMainStatus": "9"}, State.DOWN, Reason.EXITED,
         "failed: out of memory"),
        ({**FAILED, "Result": "start-limit-hit"}, State.DOWN, Reason.EXITED, "systemd gave up"),
        ({**FAILED, "Result": "timeout", "ExecMainStatus": "0"}, State.DOWN, Reason.EXITED, "took too long"),
        ({**ACTIVE, "ActiveState": "maintenance", "SubState": "x"}, State.DEGRADED, Reason.NOT_READY, "maintenance"),
        ({**ACTIVE, "ActiveState": "dancing"}, State.UNKNOWN, Reason.PROTOCOL, "reports dancing"),
    ],
)  # fmt: skip
async def test_the_state_of_a_unit(
    shown: dict[str, str], state: State, reason: Reason, said: str, recorded: Recorded
) -> None:
    recorded.put(shown)
    _, outcome = await recorded.probe()
    assert (outcome.verdict, outcome.reason) == (state, reason)
    assert said in outcome.detail


async def test_a_failed_unit_says_its_last_words(recorded: Recorded) -> None:
    recorded.put(FAILED, status=STATUS)
    seen, outcome = await recorded.probe()
    assert outcome.detail.endswith("nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)")
    assert "Failed with result" in seen.excerpt
    recorded.put(FAILED, status="\u00d7 nginx.service\n\nnginx.service: Failed with result 'exit-code'.\n")
    _, outcome = await recorded.probe()
    assert outcome.detail.endswith("Failed with result 'exit-code'.")
    recorded.put(FAILED, status="x\n\n\x1b[2J\x1b]0;own\x07[bold]red[/bold]\n")
    seen, outcome = await recorded.probe()
    assert outcome.detail.isprintable()
    assert "\x1b" not in seen.excerpt


@pytest.mark.parametrize(
    ("shown", "expect", "state"),
    [
        (INACTIVE, ["body.active == inactive"], State.UP),
        (INACTIVE, ["body.active == inactive", "body.result == success"], State.UP),
        ({**INACTIVE, "Result": "exit-code"}, ["body.active == inactive", "body.result == success"], State.DOWN),
        (INACTIVE, ["body.active == active"], State.DOWN),
        (INACTIVE, ["value <= 3"], State.DOWN),
        (GONE, ["body.load == not-found"], State.UP),
        (ACTIVE, ["body.active == inactive"], State.DOWN),
        (ACTIVE, ["body.sub == running", "body.pid == 812", "body.exit_status == 0", "value == 0"], State.UP),
        (FAILED, ["body.active == failed"], State.UP),
    ],
)
async def test_conditions(shown: dict[str, str], expect: list[str], state: State, recorded: Recorded) -> None:
    recorded.put(shown)
    _, outcome = await recorded.probe(expect=expect)
    assert outcome.verdict is state, outcome.detail


async def test_what_is_run(recorded: Recorded) -> None:
    recorded.put({**ACTIVE, "Id": "a\\x2db@1.service", "Names": "a\\x2db@1.service"})
    _, outcome = await recorded.probe(unit="a\\x2db@1", user=True)
    assert outcome.verdict is State.UP
    words = recorded.read("argv").splitlines()
    assert words[:2] == ["--user", "show"]
    assert words[2].startswith("--property=Id,")
    assert words[3:] == ["--", "a\\x2db@1.service"]
    environ = recorded.read("env")
    assert "LC_ALL=C\n" in environ
    assert "TZ=UTC\n" in environ
    assert "s3cret" not in environ


async def test_a3_an_alias_is_the_unit_and_another_unit_is_not(recorded: Recorded) -> None:
    recorded.put({**ACTIVE, "Id": "ssh.service", "Names": "ssh.service nginx.service"})
    assert (await recorded.probe())[1].verdict is State.UP
    for other in ("nginx-debug.service", "nginx.socket", "", "my-nginx.service"):
        recorded.put({**ACTIVE, "Id": other, "Names": other})
        _, outcome = await recorded.probe()
        assert (outcome.verdict, outcome.reason) == (State.UNKNOWN, Reason.PROTOCOL)
        assert "not about nginx.service" in outcome.detail


async def test_restarts_are_counted_in_the_window(recorded: Recorded) -> None:
    spec = SystemdSpec.model_validate(
        {"id": "x", "unit": "nginx", "restarts": 2, "restarts_within": "10m", "timeout": "5s"}
    )
    context = ProbeContext.open(None, recorded.environ)
    probe = KINDS["systemd"].open(spec, context)

    async def ask(restarts: int, ago: float) -> Outcome:
        started = datetime.fromtimestamp(time.time() - ago, UTC).strftime("%a %Y-%m-%d %H:%M:%S UTC")
        recorded.put({**ACTIVE, "NRestarts": str(restarts), "ExecMainStartTimestamp": started})
        return assess(await probe.probe(), spec.effective(), spec.degraded, search)

    try:
        assert (await ask(7, 3600)).verdict is State.UP  # they were long ago
        assert (await ask(9, 5)).verdict is State.UP
        outcome = await ask(10, 5)
        assert (outcome.verdict, outcome.reason) == (State.DOWN, Reason.RESTARTING)
        assert "restarted 3 times within 10m, at most 2 expected" in outcome.detail
        outcome = await ask(11, 90)
        assert (outcome.verdict, outcome.reason) == (State.DEGRADED, Reason.RESTARTING)
    finally:
        await context.aclose()
