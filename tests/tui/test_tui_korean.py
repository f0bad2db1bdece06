"""No English sentence inside Korean: real probes of every kind fail, and the board says why."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from artisan_tui.cli.checks import lines
from artisan_tui.domain.state import State
from artisan_tui.engine.checks.once import ProbeRound, as_json, probe_once
from artisan_tui.engine.checks.slice import CheckView
from artisan_tui.engine.clock import SystemClock
from artisan_tui.engine.settings import read
from artisan_tui.i18n import use_language
from artisan_tui.sources.checks import KINDS
from support.screens import settled, show, visible
from support.servers import free_port
from support.services import service
from support.snapshots import check, event, make_app, newer, session_status, snapshot

#: Two English words of prose in a row. Names, paths, addresses and what stands in quotes are not prose.
PROSE = re.compile(r"(?<![\w./:`'\"-])[A-Za-z]{3,},? [a-z]{3,}(?![\w/=`'\"])")
#: What a target or the system says of itself stays as it was said.
THEIRS = re.compile(r"No such file or directory|Bad Gateway|no such thing")

CONFIG = """
[artisan]
name = "Artisan"
environment = "staging"
language = "{language}"
[metrics]
scrape = ["http://127.0.0.1:{closed}/metrics"]
timeout = "1s"
[[service]]
id = "s"
"""
KEYS = {
    "refused": ("http", 'url = "http://127.0.0.1:{closed}/"'),
    "status": ("http", 'url = "{url}/"\nexpect = ["status == 200"]'),
    "field": ("http", 'url = "{url}/"\nexpect = ["status == 503", "body.state == ok"]'),
    "slow": ("http", 'url = "{url}/"\nexpect = ["status == 503"]\ndegraded = ["latency < 0.001ms"]'),
    "name": ("http", 'url = "http://no-such-name.invalid/"\nexpect = ["status == 200"]'),
    "tls": ("http", 'url = "https://127.0.0.1:{open}/"'),
    "tcp": ("tcp", 'address = "127.0.0.1:{closed}"'),
    "redis": ("redis", 'url = "redis://127.0.0.1:{closed}"'),
    "not-redis": ("redis", 'url = "redis://127.0.0.1:{open}"'),
    "postgres": ("postgres", 'url = "postgresql://a@127.0.0.1:{closed}/d"'),
    "not-postgres": ("postgres", 'url = "postgresql://a@127.0.0.1:{open}/d"'),
    "secret": ("postgres", 'url = "postgresql://a@127.0.0.1:{closed}/d"\npassword = "env:NO_SUCH_PASSWORD"'),
    "docker": ("docker", 'container = "web"\nhost = "unix://{tmp}/docker.sock"'),
    "kubernetes": ("kubernetes", 'deployment = "web"\nkubeconfig = "{tmp}/kubeconfig"'),
    "exit": ("command", 'run = ["{python}", "-c", "import sys; sys.exit(3)"]'),
    "no-program": ("command", 'run = ["no-such-program-here"]'),
    "no-file": ("command", 'run = ["{tmp}/nothing"]'),
    "measure": ("measure", 'measure = {{ value = "queue" }}\nexpect = ["value <= 1"]'),
    "disk": ("disk", 'path = "{tmp}/gone"'),
    "memory": ("memory", 'expect = ["value < 0"]'),
}


async def probed(tmp_path: Path, language: str) -> ProbeRound:
    with service(status=503, body=b'{"other": 1}') as target:
        names = {
            "closed": free_port(),
            "open": target.url.rpartition(":")[2].strip("/"),
            "url": target.url.rstrip("/"),
            "tmp": tmp_path,
            "python": sys.executable,
            "language": language,
        }
        text = CONFIG.format(**names)
        for check_id, (kind, keys) in KEYS.items():
            text += f'[[service.check]]\nid = "{check_id}"\nkind = "{kind}"\ntimeout = "3s"\n{keys.format(**names)}\n'
        file = tmp_path / "artisan.toml"
        file.write_text(text, encoding="utf-8")
        return await probe_once(read(file), (), SystemClock(), {"HOME": str(tmp_path)})


def views(probe_round: ProbeRound) -> list[CheckView]:
    return [
        check(answer.id, answer.outcome.verdict, reason=answer.outcome.reason, detail=answer.outcome.detail)._replace(
            findings=answer.outcome.findings,
            kind=answer.kind,
            target="",
        )
        for answer in probe_round.answers
    ]


def prose(text: str) -> list[str]:
    return [line for line in text.splitlines() if PROSE.search(THEIRS.sub("", line))]


def test_the_scene_has_every_kind() -> None:
    assert {kind for kind, _keys in KEYS.values()} | {"promql"} >= set(KINDS) - {"dns", "grpc", "heartbeat", "systemd"}


@pytest.mark.parametrize(
    "text",
    ["it is still reading its data", "장애: connection was closed by", "the name is known", "connection refused"],
)
def test_prose_is_found(text: str) -> None:
    assert prose(text) == [text]


async def test_d8_no_english_sentence_on_the_korean_board_whatever_fails(tmp_path: Path) -> None:
    probe_round = await probed(tmp_path, "ko")
    failing = views(probe_round)
    assert {view.id: view.health.state for view in failing if view.health.state is State.UP} == {}
    events = [
        event(
            "check.state", view.id, seq=n, to=view.health.state.value, reason=view.health.reason.value, count=3,
            detail=view.health.detail, **{"from": "up"},
        )
        for n, view in enumerate(failing, 1)
    ]  # fmt: skip
    assert len(prose("\n".join(lines(probe_round)))) > 15, "the scene has its sentences"
    use_language("ko")
    assert prose("\n".join(lines(probe_round))) == []
    app = make_app()
    async with app.run_test(size=(240, 100)) as pilot:
        before = await show(pilot, snapshot(failing, events, session_status=session_status(language="ko")))
        await settled(pilot)
        board = "\n".join(visible(app))
        assert board.count("연결이 거부되었습니다") > 3
        assert prose(board) == []
        for view in failing:
            before = newer(before, checks=(view,))
            await show(pilot, before)
            await pilot.press("enter")
            await settled(pilot)
            seen = "\n".join(visible(app))
            assert view.id in seen
            assert prose(seen) == [], view.id
            await pilot.press("escape")
            await pilot.pause()


async def test_d8_what_scripts_read_stays_english(tmp_path: Path) -> None:
    probe_round = await probed(tmp_path, "ko")
    use_language("ko")
    document = as_json(probe_round)
    assert not re.search("[가-힣]", str(document))
