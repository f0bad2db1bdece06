"""The process of a live drill: who may ask what, what a player sees, and that it ends when it should."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from support.drill_folders import TOKEN, TRUTH, drill_folder, scenario

Launch = Callable[..., Any]
Eventually = Callable[..., bool]
FACILITATOR = {"authorization": f"Bearer {TOKEN}"}


def ask(url: str, path: str = "", **options: Any) -> Any:
    return httpx.get(f"{url}/admin/drill{path}", trust_env=False, timeout=10, **options)


def tell(url: str, path: str, body: dict[str, Any] | None = None, *, token: bool = True) -> Any:
    headers = FACILITATOR if token else {}
    return httpx.post(f"{url}/admin/drill{path}", json=body or {}, headers=headers, trust_env=False, timeout=10)


@pytest.fixture
def drill(tmp_path: Path, launch: Launch, eventually: Eventually) -> Any:
    """A running drill past its first messages, and its folder."""
    folder = drill_folder(tmp_path / "drill", speed=20.0)
    stack = launch("--drill", str(folder))
    assert tell(stack.url, "/resume").status_code == 200
    assert eventually(lambda: ask(stack.url).json()["tick"] >= 45)
    return stack, folder


def test_only_the_facilitator_may_conduct_and_see_the_truth(drill: Any) -> None:
    url = drill[0].url
    for name in ("pause", "resume", "speed", "inject", "hold", "hint", "remove", "end"):
        assert tell(url, f"/{name}", token=False).status_code == 403, name
    assert ask(url, "/truth").status_code == 403
    assert ask(url, "/truth", headers={"authorization": "Bearer wrong"}).status_code == 403
    assert httpx.get(f"{url}/admin/faults", trust_env=False).status_code == 403
    assert httpx.post(f"{url}/admin/faults/qwen_hang/mend", trust_env=False).status_code == 403
    assert httpx.post(f"{url}/admin/mend-all", trust_env=False, headers=FACILITATOR).status_code == 409
    truth = ask(url, "/truth", headers=FACILITATOR).json()
    assert truth["truth"] == TRUTH
    assert truth["faults"] == [{"tick": 20, "name": "qwen_hang"}]
    assert [(each["id"], each["due"]) for each in truth["next"]] == [("support", None), ("late", 600)]


def test_drill_case_21_nothing_that_a_player_may_ask_holds_the_truth(drill: Any) -> None:
    url = drill[0].url
    hidden = [*scenario().hidden_texts(), "qwen_hang", "Qwen hangs", "hint"]
    pages = ("/admin/drill", "/admin/state", "/health", "/health/llm/all", "/metrics", "/alertmanager/api/v2/alerts")
    for page in pages:
        said = httpx.get(f"{url}{page}", trust_env=False, timeout=10).text
        for text in hidden:
            if text and not (text == "hint" and page == "/admin/drill"):
                assert text.casefold() not in said.casefold(), (page, text)
    view = ask(url).json()
    assert [each["id"] for each in view["injects"]] == ["customer"]
    assert view["hints"] == []


def test_the_facilitator_sees_each_expected_act_with_the_tick_at_which_it_was_done(drill: Any) -> None:
    url = drill[0].url
    assert tell(url, "/act", {"do": "acknowledge", "actor": "alice"}, token=False).status_code == 200
    assert httpx.post(f"{url}/admin/modes/creative/downshift", json={"to": "balanced"}, trust_env=False).is_success
    expected = ask(url, "/truth", headers=FACILITATOR).json()["expected"]
    assert [each["text"] for each in expected] == ["acknowledge", "downshift mode=creative to=balanced"]
    assert all(each["done"] >= 45 for each in expected)
    assert tell(url, "/hint").json()["hints"][0]["text"] == "Look at which model answers"
    assert tell(url, "/hint").status_code == 409  # there is no other
    refused = tell(url, "/act", {"do": "answer", "arguments": {"inject": "late", "text": "?"}}, token=False)
    assert refused.status_code == 409


def test_drill_case_22_the_process_is_killed_and_reopened(drill: Any, launch: Launch, eventually: Eventually) -> None:
    stack, folder = drill
    assert eventually(lambda: ask(stack.url).json()["tick"] >= 300, 30)
    tell(stack.url, "/act", {"do": "acknowledge", "actor": "alice"}, token=False)
    view = tell(stack.url, "/pause").json()
    stack.process.kill()
    stack.process.wait()
    again = launch("--drill", str(folder))
    assert again.url == stack.url
    reopened = ask(again.url).json()
    assert (reopened["tick"], reopened["paused"]) == (view["tick"], "reopened")
    assert reopened["injects"] == view["injects"]
    tell(again.url, "/resume")
    assert eventually(lambda: ask(again.url).json()["tick"] > view["tick"] + 10)
    ids = [each["id"] for each in ask(again.url).json()["injects"]]
    assert ids == ["customer", "support"]


def test_after_the_end_the_play_is_kept_and_the_process_leaves(tmp_path: Path, launch: Launch) -> None:
    folder = drill_folder(tmp_path / "drill", scenario(ends=60, injects=()), speed=20.0)
    stack = launch("--drill", str(folder), "--after", "0.2")
    tell(stack.url, "/resume")
    assert stack.process.wait(30) == 0
    play = json.loads((folder / "play.json").read_text())
    assert play["ticks"] == 60
    assert play["lines"][-1]["kind"] == "ended"
    assert not (folder / ".play.json.new").exists()


def test_a_drill_that_nobody_looks_at_stands_still_and_then_leaves(tmp_path: Path, launch: Launch) -> None:
    folder = drill_folder(tmp_path / "drill")
    stack = launch("--drill", str(folder), "--alone", "0.3", "--gone", "1.2")
    tell(stack.url, "/resume")
    assert stack.process.wait(30) == 0
    kinds = [json.loads(line) for line in (folder / "record.jsonl").read_text().splitlines()]
    assert {"tick": kinds[-1]["tick"], "kind": "paused", "name": "nobody"} == kinds[-1]
    assert not (folder / "play.json").exists()


def test_a_folder_that_is_no_drill_is_refused_in_one_line(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "artisan_tui.drill", "--drill", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr == f"{tmp_path}/drill.json cannot be read\n"


def test_its_prometheus_knows_the_days_before_it(tmp_path: Path, launch: Launch, eventually: Eventually) -> None:
    folder = drill_folder(tmp_path / "drill")
    about = json.loads((folder / "drill.json").read_text())
    (folder / "drill.json").write_text(json.dumps({**about, "history": 1}))
    stack = launch("--drill", str(folder))

    def yesterday() -> list[Any]:
        query = {"query": "llm_brief_latency_seconds_count[6h]"}
        said = httpx.get(f"{stack.url}/prometheus/api/v1/query", params=query, trust_env=False, timeout=10).json()
        found: list[Any] = said.get("data", {}).get("result", [])
        return found

    assert eventually(lambda: bool(yesterday()))  # it is made when it is asked for
    assert all(len(each["values"]) > 300 for each in yesterday())


def test_a_stack_before_its_drill_begins_serves_usual_traffic(tmp_path: Path, launch: Launch) -> None:
    stack = launch("--drill", str(drill_folder(tmp_path / "drill")))
    page = httpx.get(f"{stack.url}/metrics", trust_env=False, timeout=10).text
    answered = [float(line.split()[-1]) for line in page.splitlines() if line.startswith("api_requests_total")]
    assert sum(answered) > 1000
    assert ask(stack.url).json()["tick"] == 0
