"""What services and checks say of themselves: owner, tags, links and logs."""

from __future__ import annotations

from pathlib import Path

import pytest

from artisan_tui.config.load import load
from artisan_tui.config.models import Config
from artisan_tui.config.problems import ConfigError
from artisan_tui.sources.checks import KINDS

HEAD = '[artisan]\nname = "Artisan"\nenvironment = "drill"\ntimezone = "UTC"\n'
CHECK = '[[service.check]]\nid = "health"\nkind = "tcp"\nhost = "127.0.0.1"\nport = 80\n'


def config(folder: Path, service: str = "", check: str = "") -> Config:
    path = folder / "artisan.toml"
    path.write_text(f'{HEAD}[[service]]\nid = "api"\n{service}\n{CHECK}{check}\n', "utf-8")
    return load(path, {kind: each.spec for kind, each in KINDS.items()})


def problem(folder: Path, service: str = "", check: str = "") -> str:
    with pytest.raises(ConfigError) as found:
        config(folder, service, check)
    return str(found.value)


def test_e_owner_tags_and_links_are_read_of_both(tmp_path: Path) -> None:
    about = 'owner = "팀 플랫폼"\ntags = ["tier-1", "edge", "edge"]\n'
    links = 'links = { dashboard = "https://grafana.example/d/api?x=1", runbook = "api_down.v2" }\n'
    made = config(tmp_path, about + links, about + links)
    spec = made.services[0].checks[0]
    for each in (made.services[0], spec):
        assert (each.owner, each.tags) == ("팀 플랫폼", ("tier-1", "edge"))
        assert dict(each.links) == {"dashboard": "https://grafana.example/d/api?x=1", "runbook": "api_down.v2"}


@pytest.mark.parametrize(
    ("text", "key", "what"),
    [
        ('links = { x = "javascript:alert(1)" }', "links.x", "http"),
        ('links = { x = "ftp://a/b" }', "links.x", "http"),
        ('links = { x = "https://u:p@a/b" }', "links.x", "credentials"),
        ('links = { x = "https://a/\\u001b[31m" }', "links.x", "not a URL"),
        ('links = { x = "" }', "links.x", "URL"),
        ("links = { x = 7 }", "links.x", "URL"),
        ('links = { "a\\u0007b" = "https://a" }', "links", "printable"),
        ('links = ["https://a"]', "links", "table"),
        ('owner = "a\\nb"', "owner", "printable"),
        ('owner = ""', "owner", "text"),
        ("owner = 7", "owner", "text"),
        ('tags = "a"', "tags", "list"),
        ('tags = ["ok", "a\\u202eb"]', "tags", "printable"),
        ('logs = { docker = "a b" }', "logs.docker", ""),
        ('logs = { docker = "a", journal = "b.service" }', "logs", "one source"),
        ("logs = {}", "logs", "one source"),
        ('logs = { journal = "--vacuum-size=1" }', "logs.journal", ""),
        ('logs = { journal = "-u" }', "logs.journal", ""),
        ('logs = { journal = "a b" }', "logs.journal", ""),
        ('logs = { journal = "a.service", namespace = "x" }', "logs.namespace", "journal"),
        ('logs = { kubernetes = "api" }', "logs.kubernetes", "workload"),
        ('logs = { kubernetes = "deployment/../secrets" }', "logs.kubernetes", "workload"),
        ('logs = { kubernetes = "cronjob/x" }', "logs.kubernetes", "workload"),
    ],
)
def test_e_what_is_wrong_names_its_key_in_services_and_checks(tmp_path: Path, text: str, key: str, what: str) -> None:
    for service, check in ((text, ""), ("", text)):
        said = problem(tmp_path, service, check)
        assert key in said
        assert what in said
        assert "artisan.toml:" in said
        assert " — " in said
        assert "\x1b" not in said


def test_e_logs_name_a_workload_as_a_check_of_it_would(tmp_path: Path) -> None:
    made = config(tmp_path, 'logs = { kubernetes = "pods/app=api,tier=web", namespace = "prod" }')
    logs = made.services[0].logs
    assert logs is not None
    assert logs.workload == {"pods": "app=api,tier=web", "namespace": "prod"}
