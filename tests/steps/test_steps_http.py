"""Steps of kind http against stubs that answer, commit and hang up, or are not there."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from artisan_tui.domain.runbooks.definition import Action
from artisan_tui.steps.runbooks.job import StepJob, launch
from artisan_tui.steps.runbooks.protocol import StepContext, StepRefused, Until
from artisan_tui.steps.runbooks.secrets import with_secrets
from support.servers import free_port
from support.step_runs import carried_out, evidence, resolved, result_of, started


@dataclass
class Stub:
    """``log`` has "METHOD PATH", headers and body of every request."""

    url: str
    log: list[tuple[str, dict[str, str], str]] = field(default_factory=list)
    committed: bool = False


@contextlib.contextmanager
def stub(answer: Callable[[Stub, str], bytes | None]) -> Iterator[Stub]:
    listener = socket.create_server(("127.0.0.1", 0))
    made = Stub(f"http://127.0.0.1:{listener.getsockname()[1]}")

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as file:
                line = file.readline().decode().split()
                if len(line) < 2:
                    continue  # a connection and no request
                headers = {}
                while (each := file.readline().decode().strip()) != "":
                    name, _, value = each.partition(":")
                    headers[name.lower()] = value.strip()
                body = file.read(int(headers.get("content-length", 0))).decode()
                what = f"{line[0]} {line[1]}"
                made.log.append((what, headers, body))
                told = answer(made, what)
                if told is not None:
                    with contextlib.suppress(OSError):
                        connection.sendall(told)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def json_answer(value: object, status: str = "200 OK") -> bytes:
    body = json.dumps(value).encode()
    return (
        f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nX-Seen: yes\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode()
        + body
    )


def post(url: str) -> dict[str, object]:
    return {"request": {"method": "POST", "url": f"{url}/admin/breakers/qwen/open"}}


def test_conditions_and_captures_are_about_the_answer(tmp_path: Path) -> None:
    with stub(lambda made, what: json_answer({"state": "closed", "n": 3, "nothing": None})) as server:
        body = {"request": {"method": "PUT", "url": f"{server.url}/x", "json": {"a": (1, "한")}}}
        capture = {"before": "body.state", "seen": "header.x-seen", "n": "body.n", "nothing": "body.nothing"}
        act = resolved("http", body, expect=("status == 200", "body.n <= 3"), capture=capture)
        job = StepJob("act", act)
        found = result_of(job, started(job, tmp_path / "a"))
    assert (found.outcome, found.why) == ("ok", "")
    assert found.captures == {"before": '"closed"', "seen": '"yes"', "n": "3", "nothing": "null"}
    assert json.loads(server.log[0][2]) == {"a": [1, "한"]}


def test_a_condition_that_does_not_hold_and_a_missing_capture_are_failures() -> None:
    with stub(lambda made, what: json_answer({"state": "open"})) as server:
        failed = carried_out(resolved("http", post(server.url), expect=("body.state == closed",)))
        missing = carried_out(resolved("http", post(server.url), capture={"x": "body.nowhere"}))
    assert failed["state"] == "failed"
    assert "body.state == closed does not hold: open" in failed["why"]
    assert missing["state"] == "failed"
    assert "x cannot be captured" in missing["why"]


def test_exec_case_17_what_was_committed_before_the_hang_up_is_unknown_and_verify_decides(tmp_path: Path) -> None:
    def answer(made: Stub, what: str) -> bytes | None:
        if what.startswith("POST"):
            made.committed = True
            return None
        return json_answer({"state": "open" if made.committed else "closed"})

    with stub(answer) as server:
        act = resolved("http", post(server.url))
        job = StepJob("act", act)
        found = result_of(job, started(job, tmp_path / "a"))
        assert found.outcome == "unknown"
        assert "may have been done" in found.why
        assert [what for what, _, _ in server.log] == ["POST /admin/breakers/qwen/open"]
        assert evidence(act, {}).verdict == "unsure"
        body = {"request": {"method": "GET", "url": f"{server.url}/state"}}
        verify = resolved("http", body, expect=("body.state == open",), until=Until(5.0, 0.05), part="verify")
        assert carried_out(verify, does="verify")["state"] == "ok"
        assert sum(what.startswith("POST") for what, _, _ in server.log) == 1


@pytest.mark.parametrize("cut", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf", b"HTTP/1.1 20"])
def test_every_way_to_hang_up_after_the_request_is_unknown_for_a_change_and_a_failure_for_a_read(cut: bytes) -> None:
    with stub(lambda made, what: cut) as server:
        assert carried_out(resolved("http", post(server.url)))["state"] == "unknown"
        read = resolved("http", {"request": {"url": server.url + "/"}})
        assert carried_out(read)["state"] == "failed"


def test_a_proxy_that_gives_up_leaves_it_unknown() -> None:
    with stub(lambda made, what: json_answer({}, "504 Gateway Timeout")) as server:
        assert carried_out(resolved("http", post(server.url), expect=("status < 400",)))["state"] == "unknown"
        assert carried_out(resolved("http", post(server.url), expect=("status == 504",)))["state"] == "ok"


def test_a_redirect_is_no_success_unless_it_is_expected() -> None:
    answer = b"HTTP/1.1 302 Found\r\nLocation: http://a/login\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    with stub(lambda made, what: answer) as server:
        found = carried_out(resolved("http", post(server.url), expect=("status < 400",)))
        assert (found["state"], found["why"]) == ("failed", "redirect 302 to http://a/login")
        assert carried_out(resolved("http", post(server.url), expect=("status == 302",)))["state"] == "ok"
        assert len(server.log) == 2


def test_nobody_there_is_a_failure_nothing_was_sent() -> None:
    found = carried_out(resolved("http", post(f"http://127.0.0.1:{free_port()}")))
    assert found["state"] == "failed"
    assert "nothing was sent" in found["why"]


def test_a_server_that_answers_too_slowly_is_unknown_at_the_timeout() -> None:
    listener = socket.create_server(("127.0.0.1", 0))  # accepts, and never says anything
    try:
        found = carried_out(resolved("http", post(f"http://127.0.0.1:{listener.getsockname()[1]}")), seconds=0.3)
    finally:
        listener.close()
    assert found["state"] == "unknown"


def test_one_idempotency_key_for_a_step_kept_across_attempts() -> None:
    first, again = resolved("http", post("http://a")), resolved("http", post("http://a"))
    other = resolved("http", post("http://a"), step="another")
    back = resolved("http", post("http://a"), part="undo")
    keys = [each.request["headers"]["Idempotency-Key"] for each in (first, again, other, back)]
    assert keys[0] == keys[1]
    assert len(set(keys)) == 3
    assert "Idempotency-Key" not in resolved("http", {"request": {"url": "http://a"}}).request["headers"]


def test_dry_and_preflight_send_no_change() -> None:
    with stub(lambda made, what: json_answer({"ok": True})) as server:
        act = resolved("http", post(server.url))
        assert carried_out(act, does="dry")["state"] == "ok"
        assert carried_out(act, does="preflight")["state"] == "ok"
        read = resolved("http", {"request": {"url": server.url + "/health"}})
        assert carried_out(read, does="dry")["state"] == "ok"
        assert [what for what, _, _ in server.log] == ["GET /health"]


def test_a_secret_is_a_reference_until_the_start(tmp_path: Path) -> None:
    body = {"request": {"method": "POST", "url": "http://a/", "headers": {"Authorization": "env:TOKEN_OF_TEST"}}}
    act = resolved("http", body)
    assert "⟦env:TOKEN_OF_TEST⟧" in act.to_json()
    plan = launch(StepJob("act", act), tmp_path, {"TOKEN_OF_TEST": 'Bearer "very-secret"'})
    assert plan.masks == ('Bearer "very-secret"',)
    assert json.loads(plan.input or "")["resolved"]["request"]["headers"]["Authorization"] == 'Bearer "very-secret"'
    assert not any("very-secret" in word for word in plan.argv)
    found = json.dumps({"resolved": {"a": "x"}, "before": {"b": "⟦env:TOKEN_OF_TEST⟧"}}, ensure_ascii=False)
    assert with_secrets(found, {}) == (found, ())  # what was found outside is no reference


def test_a_secret_that_is_echoed_is_not_in_the_attempts_folder(tmp_path: Path) -> None:
    echo = json_answer({"you_sent": "Bearer very-secret-value", "again": ["very-secret-value"]})
    with stub(lambda made, what: echo) as server:
        headers = {"Authorization": "⟦env:TOKEN_OF_TEST⟧"}
        body = {"request": {"method": "POST", "url": server.url, "headers": headers}}
        act = resolved("http", body, capture={"all": "body", "one": "body.you_sent"}, expect=("status == 201",))
        good = resolved("http", body, capture={"all": "body", "one": "body.you_sent"})
        for name, each in (("a", act), ("b", good)):
            job = StepJob("act", each)
            found = result_of(job, started(job, tmp_path / name, {"TOKEN_OF_TEST": "very-secret-value"}))
            assert found.outcome == ("failed" if name == "a" else "ok")
    assert server.log[0][1]["authorization"] == "very-secret-value"
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert len(files) > 4
    assert not [file for file in files if b"very-secret-value" in file.read_bytes()]


def test_a_url_that_is_none_is_refused() -> None:
    from artisan_tui.steps.runbooks import step_kind

    with pytest.raises(StepRefused, match="no absolute http URL"):
        step_kind("http").plan(Action("http", {"request": {"url": "/relative"}}), StepContext("R", "s"))
