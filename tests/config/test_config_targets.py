"""One file for several places: which one is watched, and what is left out there."""

from __future__ import annotations

from pathlib import Path

import pytest

from artisan_tui.config.load import load
from artisan_tui.config.models import Config
from artisan_tui.config.problems import ConfigError
from artisan_tui.config.slo.spec import ChecksSli
from config.config_stubs import KINDS, SOUND, HttpStub, problems, read, write

TARGETS = """\
[[target]]
id = "compose"
title = "Compose"
compose_file = "compose.yaml"
[[target]]
id = "kubernetes"
context = "prod"
namespace = "artisan"
addresses = { "http://127.0.0.1:8000" = "http://artisan-api.artisan.svc:8000" }
"""
PORT = 'kind = "tcp"\nhost = "h"\nport = 1\n'
#: What differs from place to place, and refers to each other.
FILE = f"""\
{SOUND}needs = ["node.docker", "node.pods", "db.port"]
{TARGETS}
[[service]]
id = "node"
[[service.check]]
id = "docker"
targets = ["compose"]
{PORT}
[[service.check]]
id = "pods"
targets = ["kubernetes"]
{PORT}
[[service]]
id = "db"
[[service.check]]
id = "port"
{PORT}
[[service]]
id = "ingress"
[[service.check]]
id = "port"
targets = ["kubernetes"]
{PORT}
[[slo]]
id = "both"
objective = "99%"
window = "7d"
sli = {{ kind = "checks", checks = ["node.docker", "node.pods", "db.port"] }}
[[slo]]
id = "ingress"
objective = "99%"
window = "7d"
sli = {{ kind = "checks", checks = ["ingress.port"] }}
[[maintenance]]
id = "some"
reason = "r"
covers = ["ingress", "db"]
from = "02:00"
to = "04:00"
[[maintenance]]
id = "ingress"
reason = "r"
covers = ["ingress", "node.pods"]
from = "02:00"
to = "04:00"
[[maintenance]]
id = "everything"
reason = "r"
from = "02:00"
to = "04:00"
"""


def at(folder: Path, target: str | None, text: str = FILE) -> Config:
    return load(write(folder, text), KINDS, target=target)


def test_the_first_is_watched_when_nobody_chooses(tmp_path: Path) -> None:
    assert at(tmp_path, None).chosen == "compose"
    assert at(tmp_path, "").chosen == "compose"
    chosen = '[artisan]\ntarget = "kubernetes"\n' + FILE
    assert at(tmp_path, None, chosen).chosen == "kubernetes"
    assert at(tmp_path, "compose", chosen).chosen == "compose"
    plain = read(tmp_path, SOUND)
    assert (plain.chosen, plain.target) == (None, None)


def test_what_a_target_says(tmp_path: Path) -> None:
    compose, kubernetes = at(tmp_path, "compose").target, at(tmp_path, "kubernetes").target
    assert compose is not None
    assert kubernetes is not None
    assert (compose.title, compose.compose_file) == ("Compose", str(tmp_path / "compose.yaml"))
    assert (kubernetes.title, kubernetes.context, kubernetes.namespace) == ("", "prod", "artisan")
    assert kubernetes.addresses == {"http://127.0.0.1:8000": "http://artisan-api.artisan.svc:8000"}


@pytest.mark.parametrize(
    ("target", "checks", "needs", "slos", "covers"),
    [
        (
            "compose",
            ["api.health", "node.docker", "db.port"],
            ("node.docker", "db.port"),
            {"both": ("node.docker", "db.port")},
            {"some": ("db",), "everything": ()},
        ),
        (
            "kubernetes",
            ["api.health", "node.pods", "db.port", "ingress.port"],
            ("node.pods", "db.port"),
            {"both": ("node.pods", "db.port"), "ingress": ("ingress.port",)},
            {"some": ("ingress", "db"), "ingress": ("ingress", "node.pods"), "everything": ()},
        ),
    ],
)
def test_what_is_not_there_is_left_out_everywhere(
    tmp_path: Path,
    target: str,
    checks: list[str],
    needs: tuple[str, ...],
    slos: dict[str, tuple[str, ...]],
    covers: dict[str, tuple[str, ...]],
) -> None:
    config = at(tmp_path, target)
    assert [name for name, _, _ in config.checks()] == checks
    assert [service.id for service in config.services] == list(dict.fromkeys(name.split(".")[0] for name in checks))
    assert config.services[0].checks[0].needs == needs
    assert {slo.id: slo.sli.checks for slo in config.slos if isinstance(slo.sli, ChecksSli)} == slos
    # One that covers only what is elsewhere is gone: without names it would cover everything.
    assert {window.id: window.covers for window in config.windows()[1]} == covers


def test_addresses_move_with_the_target(tmp_path: Path) -> None:
    def urls(config: Config) -> tuple[str, str]:
        spec = config.services[0].checks[0]
        assert isinstance(spec, HttpStub)
        assert config.metrics is not None
        return spec.url, config.metrics.scrape[0]

    here = "http://127.0.0.1:8000"
    there = "http://artisan-api.artisan.svc:8000"
    assert urls(at(tmp_path, "compose")) == (f"{here}/health", f"{here}/metrics")
    assert urls(at(tmp_path, "kubernetes")) == (f"{there}/health", f"{there}/metrics")
    # What the demo put in stays: a demo never reaches a real place.
    demo = {"127.0.0.1:8000": "127.0.0.1:41231"}
    config = load(tmp_path / "artisan.toml", KINDS, addresses=demo, target="kubernetes")
    assert urls(config) == ("http://127.0.0.1:41231/health", "http://127.0.0.1:41231/metrics")


@pytest.mark.parametrize(("file", "known"), [(FILE, "write one of compose, kubernetes"), (SOUND, "no [[target]]")])
def test_a_target_that_is_not_there_is_not_replaced_by_another(tmp_path: Path, file: str, known: str) -> None:
    with pytest.raises(ConfigError) as caught:
        at(tmp_path, "swarm", file)
    (found,) = caught.value.problems
    assert "there is no target 'swarm'" in found.what
    assert "$ARTISAN_TARGET names it" in found.what
    assert known in str(found)


# (text added after line 8, line, key, what it says, how to mend it)
BAD: list[tuple[str, int, str, str, str]] = [
    ('targets = ["compos"]\n' + TARGETS, 9, "service.check.targets", "no target 'compos'", "'compose'"),
    ('targets = ["compose"]', 9, "service.check.targets", "this file has no [[target]]", "add one"),
    ('targets = "compose"\n' + TARGETS, 9, "service.check.targets", "must be a list", "[ ]"),
    ('targets = ["A B"]\n' + TARGETS, 9, "service.check.targets", "'A B' is not an id", "small letters"),
    ('targets = ["compose"]\n' + TARGETS, 15, "target.id", "no check is left for the target 'kubernetes'", "targets"),
    ('[artisan]\ntarget = "k8s"\n' + TARGETS, 10, "artisan.target", "no target 'k8s'", "compose, kubernetes"),
    ('[artisan]\ntarget = "compose"', 10, "artisan.target", "this file has no [[target]]", "add one"),
    ("[artisan]\ntarget = 5\n" + TARGETS, 10, "artisan.target", "must be text, not 5", "quotes"),
    (TARGETS + '[[target]]\nid = "compose"', 19, "target.id", "already used on line 10", "another id"),
    ('[target]\nid = "compose"', 9, "target", "list of tables", "[[target]] with two brackets"),
    ('[[target]]\nid = "a"\naddresses = { "" = "x" }', 11, "target.addresses.", "text is empty", "write something"),
    ('[[target]]\nid = "a"\naddresses = { "a" = 1 }', 11, "target.addresses.a", "must be text", "quotes"),
    ('[[target]]\nid = "a"\naddresses = ["a"]', 11, "target.addresses", "must be a table", "{ key = value }"),
    ('[[target]]\nid = "a"\ncompose_file = ""', 11, "target.compose_file", "not a path", "path of a file"),
    ('[[target]]\nid = "a"\nnamspace = "x"', 11, "target.namspace", "did you mean `namespace`?", "namespace"),
    # What is only in another place is checked like the rest.
    (
        'needs = ["api.pods"]\n' + TARGETS,
        9,
        "service.check.needs",
        "there is no check 'api.pods'",
        "service.check",
    ),
]


@pytest.mark.parametrize(("added", "line", "key", "what", "mend"), BAD, ids=[f"{b[2]}-{i}" for i, b in enumerate(BAD)])
def test_a_mistake_names_line_key_and_mend(
    tmp_path: Path, added: str, line: int, key: str, what: str, mend: str
) -> None:
    found = problems(tmp_path, SOUND + added)
    hits = [p for p in found if p.key == key and what in p.what]
    assert hits, [str(p) for p in found]
    assert hits[0].line == line
    assert mend in hits[0].mend
    assert all(p.mend for p in found)


def test_a_swap_of_two_addresses_leaves_the_targets_as_written(tmp_path: Path) -> None:
    swap = '[[target]]\nid = "a"\naddresses = { "http://x" = "http://y", "http://y" = "http://x" }\n'
    config = read(tmp_path, SOUND.replace("http://127.0.0.1:8000/health", "http://x/") + swap)
    spec = config.services[0].checks[0]
    assert isinstance(spec, HttpStub)
    assert spec.url == "http://y/"
    assert config.target is not None
    assert config.target.addresses == {"http://x": "http://y", "http://y": "http://x"}
