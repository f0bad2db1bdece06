"""The table [alerts]: where alerts are read, and what is said about a mistake in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from artisan_tui.config.alerts import Alerts
from artisan_tui.config.problems import ConfigError, Problem
from artisan_tui.engine.settings import read as read_config

SERVICE = '[[service]]\nid = "a"\n[[service.check]]\nid = "c"\nkind = "command"\nrun = ["true"]\n'


def read(folder: Path, text: str) -> Alerts:
    path = folder / "artisan.toml"
    path.write_text(SERVICE + text)
    found = read_config(path).alerts
    assert found is not None
    return found


def problem(folder: Path, text: str) -> Problem:
    with pytest.raises(ConfigError) as caught:
        read(folder, text)
    assert len(caught.value.problems) == 1, [str(each) for each in caught.value.problems]
    return caught.value.problems[0]


def test_one_url_or_all_members_of_a_cluster(tmp_path: Path) -> None:
    assert read(tmp_path, '[alerts]\nalertmanager = "http://h:9093"\n').alertmanager == ("http://h:9093",)
    found = read(tmp_path, '[alerts]\nalertmanager = ["http://h:9093", "http://h:9094"]\n')
    assert found.alertmanager == ("http://h:9093", "http://h:9094")
    assert (found.watchdog, found.runbook_label, found.prometheus, found.every) == ("Watchdog", "runbook", False, 15.0)
    assert not found.expects_watchdog


def test_a_watchdog_that_the_file_names_is_expected_from_the_beginning(tmp_path: Path) -> None:
    assert read(tmp_path, '[alerts]\nalertmanager = "http://h"\nwatchdog = "Watchdog"\n').expects_watchdog
    assert not read(tmp_path, '[alerts]\nalertmanager = "http://h"\nwatchdog = ""\n').expects_watchdog


def test_the_prometheus_of_metrics_alone_is_a_source(tmp_path: Path) -> None:
    found = read(tmp_path, '[metrics]\nprometheus = "http://p"\n[alerts]\nprometheus = true\n')
    assert found.prometheus
    assert found.alertmanager == ()


@pytest.mark.parametrize(
    ("text", "line", "key", "what"),
    [
        ("[alerts]\n", 7, "alerts", "names no source"),
        ("[alerts]\nalertmanager = []\n", 7, "alerts", "names no source"),
        ("[alerts]\nalertmanager = 5\n", 8, "alerts.alertmanager", "a URL or a list of URLs"),
        ('[alerts]\nalertmanager = "h:9093"\n', 8, "alerts.alertmanager", "not an http URL"),
        ('[alerts]\nalertmanager = [\n"http://a",\n"b"]\n', 8, "alerts.alertmanager", "not an http URL"),
        ('[alerts]\nalertmanager = ["http://a", "http://a"]\n', 8, "alerts.alertmanager", "named twice"),
        ("[alerts]\nprometheus = true\n", 8, "alerts.prometheus", "no Prometheus"),
        ('[alerts]\nalertmanager = "http://a"\nbearer_token = "t0p-secret"\n', 9, "alerts.bearer_token", "literal"),
        ('[alerts]\nalertmanager = "http://a"\nusername = "u"\n', 9, "alerts.username", "without a password"),
        ('[alerts]\nalertmanager = "http://a"\ncert_file = "c"\nkey_file = "k"\n', 9, "alerts.cert_file", "TLS"),
        ('[alerts]\nalertmanager = "http://a"\nwatchdg = "w"\n', 9, "alerts.watchdg", "did you mean `watchdog`"),
    ],
)
def test_a_mistake_names_its_line_and_the_mend(tmp_path: Path, text: str, line: int, key: str, what: str) -> None:
    found = problem(tmp_path, text)
    assert what in found.what, str(found)
    assert found.mend
    assert found.key.startswith(key)
    assert found.line is not None
    assert found.line >= line - 1
    assert "t0p-secret" not in str(found)
