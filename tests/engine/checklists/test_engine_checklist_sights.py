"""Working through checklists: what the program sees by itself."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from artisan_tui.domain.incidents.events import IncidentCauseFound, IncidentDeclared, IncidentResolved
from artisan_tui.engine.oncall.checklist_runs import begun, verified
from support.checklist_place import DISK, Place, item, items
from support.kube_api import kube_api
from support.servers import free_port, prometheus
from support.services import Service, config_text, http_check


def seen(place: Place, *looks: str, config: str = "") -> dict[str, tuple[str, str]]:
    """(state, what was seen) of an item for each look, named a, b, c and so on."""
    names = "abcdefghij"
    text = items(*(item(names[i], f"verify = {{ {look} }}") for i, look in enumerate(looks)))
    place.write(f'[[checklist]]\nid = "x"\ntitle = "X"\n{text}', config)
    state = verified(place.options, begun(place.options, "x").subject)
    return {each.id: (each.state, each.said) for each in state.items}


def test_checks_are_probed_and_what_is_not_up_is_named(place: Place, served: Service) -> None:
    good = http_check("web", served.url, more='expect = ["status == 200"]\n')
    bad = http_check("gone", f"http://127.0.0.1:{free_port()}/")
    found = seen(
        place,
        'kind = "check", checks = ["s.web"]',
        'kind = "check", checks = ["s"]',
        config=config_text(good, bad),
    )
    assert found["a"] == ("done", "everything is up: s.web")
    assert found["b"][0] == "failed"
    assert "s.gone down: connection refused" in found["b"][1]


def test_a_page_is_read_and_its_status_is_said(place: Place, served: Service) -> None:
    found = seen(
        place,
        f'kind = "http", request = {{ url = "{served.url}/health" }}, expect = ["status == 200"]',
        f'kind = "http", request = {{ url = "{served.url}/health" }}, expect = ["body.status == broken"]',
        f'kind = "http", request = {{ url = "http://127.0.0.1:{free_port()}/" }}, timeout = "2s"',
    )
    assert found["a"] == ("done", f"GET {served.url}/health: status 200")
    assert (found["b"][0], found["c"][0]) == ("failed", "failed")
    assert "body.status == broken does not hold: healthy" in found["b"][1]
    assert "refused" in found["c"][1]


def test_the_backend_of_metrics_answers_or_not(place: Place, served: Service) -> None:
    served.answer = lambda path: (200, b"up_total 1\n")
    served.headers = {"Content-Type": "text/plain; version=0.0.4"}
    metrics = f'\n[metrics]\nscrape = ["{served.url}/metrics"]\n'
    ok = 'kind = "metrics"'
    measure = 'kind = "measure", measure = { value = "up_total" }, expect = ["value < 1"]'
    found = seen(place, ok, measure, config=config_text(DISK, head=metrics))
    assert found["a"][0] == "done"
    assert served.url in found["a"][1]
    assert found["b"][0] == "failed"
    assert "value < 1 does not hold: 1" in found["b"][1]
    assert seen(place, ok)["a"] == ("failed", "there is no [metrics] in the configuration")
    gone = f'\n[metrics]\nscrape = ["http://127.0.0.1:{free_port()}/metrics"]\n'
    assert seen(place, ok, config=config_text(DISK, head=gone))["a"][0] == "failed"


def test_a_prometheus_says_that_it_is_there(place: Place, tmp_path: Path) -> None:
    (tmp_path / "prometheus").mkdir()
    with prometheus(tmp_path / "prometheus", []) as server:
        config = config_text(DISK, head=f'\n[metrics]\nprometheus = "{server.url}"\n')
        state, said = seen(place, 'kind = "metrics"', config=config)["a"]
    assert state == "done", said
    assert server.url in said


def test_a_webhook_is_looked_at_and_nothing_is_sent(
    place: Place, served: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    slack = config_text(DISK) + '\n[[notify]]\nid = "ops"\nkind = "slack"\nurl = "env:HOOK"\n'
    looks = ('kind = "channel", of = ["slack"]', 'kind = "channel", of = ["email"]')
    monkeypatch.delenv("HOOK", raising=False)
    unset = seen(place, *looks, config=slack)
    assert unset["a"][0] == "failed"
    assert "HOOK" in unset["a"][1]
    assert unset["b"] == ("failed", "there is no [[notify]] of kind email")
    monkeypatch.setenv("HOOK", f"{served.url}/services/T000/B000/secretsecret")
    assert seen(place, looks[0], config=slack)["a"] == ("done", f"ops: 127.0.0.1:{served.port} can be reached")
    assert served.requests == 0
    monkeypatch.setenv("HOOK", f"http://127.0.0.1:{free_port()}/services/secretsecret")
    state, said = seen(place, looks[0], config=slack)["a"]
    assert (state, "secretsecret" in said) == ("failed", False)


def test_the_cluster_of_a_context_answers_or_not(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    look = 'kind = "context", namespace = "production"'
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    assert seen(place, look)["a"][0] == "failed"
    with kube_api() as api:
        monkeypatch.setenv("KUBECONFIG", str(api.kubeconfig(tmp_path / "kubeconfig")))
        state, said = seen(place, look)["a"]
    assert state == "done", said
    assert "production can be read" in said


def test_addresses_people_budgets_and_runbooks(place: Place, served: Service) -> None:
    people = """
[[person]]
id = "alice"
contacts = { email = "alice@example.com" }
[[rotation]]
id = "primary"
people = ["alice"]
from = 2026-11-20
"""
    runbook = '[[runbook]]\nid = "r"\ntitle = "R"\n[[runbook.step]]\nid = "s"\nkind = "manual"\ninstructions = "Do."\n'
    (place.folder / "runbooks.toml").write_text(runbook, "utf-8")
    found = seen(
        place,
        f'kind = "tcp", address = "127.0.0.1:{served.port}"',
        f'kind = "tcp", address = "127.0.0.1:{free_port()}"',
        'kind = "oncall"',
        'kind = "oncall", level = "L2"',
        'kind = "runbook", runbook = "r"',
        'kind = "alerts"',
        config=config_text(DISK) + people,
    )
    assert {name: state for name, (state, _said) in found.items()} == {
        "a": "done",
        "b": "failed",
        "c": "done",
        "d": "failed",
        "e": "done",
        "f": "open",
    }
    assert found["c"][1].startswith("alice on call for L1")
    assert "there is no [alerts]" in found["f"][1]


def test_what_an_incident_lacks_is_named(place: Place) -> None:
    look = 'verify = { kind = "incident", has = ["root-cause", "resolution"] }'
    place.write(
        '[[checklist]]\nid = "after"\ntitle = "After"\non = "incident.resolved"\n' + items(item("record", look))
    )
    now = datetime.now(UTC)
    place.append(IncidentDeclared(title="Down", severity=1), "INC-20261130-090000", now)
    place.append(IncidentResolved(resolution="restarted"), "INC-20261130-090000", now)
    state = verified(place.options, "after")
    assert (state.key, state.items[0].state) == ("INC-20261130-090000", "failed")
    assert state.items[0].said == "INC-20261130-090000 has no root-cause"
    place.append(IncidentCauseFound(text="disk"), "INC-20261130-090000", now)
    assert verified(place.options, state.subject).complete
