"""Finding the file, reading what is hardly a file, and what a read configuration offers."""

from __future__ import annotations

import hashlib
import os
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import ValidationError

from artisan_tui.config.checks import Service
from artisan_tui.config.load import LARGEST, find, load
from artisan_tui.config.models import Config
from artisan_tui.config.problems import ConfigError
from artisan_tui.config.readdress import readdress
from artisan_tui.config.session import Artisan
from artisan_tui.config.slo.fields import percent_text
from artisan_tui.config.slo.spec import ChecksSli, EventsSli, LatencySli, SlicesSli
from artisan_tui.domain.measure import Promql, Quantile, Rate, Ratio, Value
from artisan_tui.domain.selector import Matcher, Selector
from config.config_stubs import KINDS, SOUND, MeasureStub, problems, read, write

REPOSITORY = Path(__file__).parents[2]

# The example of CONTRACT.md, as other people copied it.
CONTRACT = """\
[artisan]
name = "Artisan"
environment = "production"
timezone = "Asia/Seoul"
language = "en"

[metrics]
prometheus = "http://127.0.0.1:9090"
scrape = ["http://127.0.0.1:8000/metrics"]
timeout = "5s"
every = "15s"
headers = { "X-Scope-OrgID" = "artisan" }
bearer_token = "env:PROM_TOKEN"

[alerts]
alertmanager = "http://127.0.0.1:9093"

[[service]]
id = "api"
name = "Artisan API"
[[service.check]]
id = "health"
kind = "http"
url = "http://127.0.0.1:8000/health"
every = "30s"
timeout = "5s"
fall = 2
rise = 2
expect = ["status == 200", "body.status == healthy", "body.services.database == healthy", "latency < 500ms"]
degraded = ["latency < 200ms"]

[[service.check]]
id = "queue"
kind = "measure"
measure = { value = 'celery_queue_length', agg = "max" }
expect = ["value <= 100"]
every = "5m"

[[slo]]
id = "api-availability"
name = "API availability"
objective = "99.9%"
window = "30d"
sli = { kind = "events", total = 'api_requests_total', bad = 'api_requests_total{status=~"5.."}' }
[[slo]]
id = "llm-creative-latency"
objective = "95%"
window = "7d"
sli = { kind = "latency", histogram = 'llm_brief_latency_seconds{mode="creative"}', threshold = "4.5s" }
[[slo]]
id = "rl-reward"
objective = "99%"
window = "7d"
sli = { kind = "slices", measure = { value = 'rl_reward' }, good = "value > 10.0", slice = "1m" }
[[slo]]
id = "api-probes"
objective = "99.9%"
window = "month"
sli = { kind = "checks", checks = ["api.health"] }
"""


def test_the_contract_s_example(tmp_path: Path) -> None:
    config = read(tmp_path, CONTRACT)
    assert config.path == tmp_path / "artisan.toml"
    assert config.digest == hashlib.sha256(CONTRACT.encode()).hexdigest()
    assert config.artisan == Artisan(name="Artisan", environment="production", timezone="Asia/Seoul", language="en")
    assert datetime(2026, 11, 21, tzinfo=config.zone).utcoffset() is not None
    assert [(name, service.id, spec.kind) for name, service, spec in config.checks()] == [
        ("api.health", "api", "http"),
        ("api.queue", "api", "measure"),
    ]
    assert '"threshold":"4500ms"' in config.model_dump_json(warnings="error")
    queue = config.services[0].checks[1]
    assert isinstance(queue, MeasureStub)
    assert queue.measure == Value(Selector("celery_queue_length"), "max")
    assert (queue.every, queue.timeout, queue.fall, queue.rise) == (300.0, 5.0, 3, 2)
    assert [slo.objective for slo in config.slos] == [Decimal(x) for x in ("0.999", "0.95", "0.99", "0.999")]
    assert [percent_text(slo.objective) for slo in config.slos] == ["99.9", "95", "99", "99.9"]
    assert [slo.rolling_seconds for slo in config.slos] == [30 * 86400, 7 * 86400, 7 * 86400, None]
    kinds = [type(slo.sli) for slo in config.slos]
    assert kinds == [EventsSli, LatencySli, SlicesSli, ChecksSli]
    events = config.slos[0].sli
    assert isinstance(events, EventsSli)
    assert events.bad == Selector("api_requests_total", (Matcher("status", "=~", "5.."),))
    assert config.runbook_files == (tmp_path / "runbooks.toml",)
    assert config.bindings == {}


def test_a_configuration_does_not_change(tmp_path: Path) -> None:
    config = read(tmp_path, SOUND)
    with pytest.raises(ValidationError):
        config.theme = "dark"  # type: ignore[misc]
    with pytest.raises(ValidationError):
        config.services[0].checks[0].every = 1.0  # type: ignore[misc]


def test_a_configuration_made_in_code(tmp_path: Path) -> None:
    spec = KINDS["tcp"](id="p", host="h", port=1)  # type: ignore[call-arg]
    config = Config(services=(Service(id="s", checks=(spec,)),), path=tmp_path, digest="")
    assert [name for name, _, _ in config.checks()] == ["s.p"]
    assert config.services[0].checks[0] is spec


MEASURES = [
    ("{ value = 'a' }", Value(Selector("a"))),
    ("{ rate = 'a', window = '1m' }", Rate(Selector("a"), 60.0)),
    ("{ rate = 'a' }", Rate(Selector("a"), 300.0)),
    ("{ ratio = 'a', of = 'b' }", Ratio(Selector("a"), (Selector("b"),), 300.0)),
    ("{ ratio = 'a', of = ['b'] }", Ratio(Selector("a"), (Selector("b"),), 300.0)),
    ("{ ratio = 'a', of = ['b', 'c'] }", Ratio(Selector("a"), (Selector("b"), Selector("c")), 300.0)),
    ("{ quantile = 0.95, histogram = 'h' }", Quantile(Decimal("0.95"), Selector("h"), 300.0)),
    ("{ quantile = 1, histogram = 'h', window = '10m' }", Quantile(Decimal(1), Selector("h"), 600.0)),
    ("{ promql = ' up ' }", Promql("up")),
]


@pytest.mark.parametrize(("table", "measure"), MEASURES)
def test_measures(tmp_path: Path, table: str, measure: object) -> None:
    text = SOUND.replace("[metrics]", '[metrics]\nprometheus = "http://p"')
    config = read(tmp_path, text + f'[[service.check]]\nid = "m"\nkind = "measure"\nmeasure = {table}')
    spec = config.services[0].checks[1]
    assert isinstance(spec, MeasureStub)
    assert spec.measure == measure
    # What is shown of it reads as the file does.
    again = MeasureStub.model_validate({"id": "m", "measure": spec.model_dump()["measure"]})
    assert again.measure == measure


@pytest.mark.parametrize(
    ("of", "what"),
    [
        ("[]", "a list of 0 selectors"),
        ("['b', 'b']", "b is there twice"),
        ("['b{x=\"1\"}', 'b{ x = \"1\" }']", "is there twice"),
        ("['b', 3]", "a selector is text"),
        ("['b', 'rate(b[5m])']", "is not an instant selector"),
    ],
)
def test_b_denominators_that_cannot_be_added(tmp_path: Path, of: str, what: str) -> None:
    text = SOUND + f'[[service.check]]\nid = "m"\nkind = "measure"\nmeasure = {{ ratio = \'a\', of = {of} }}'
    found = problems(tmp_path, text.encode())
    assert any(what in each.what for each in found), found


@pytest.mark.parametrize("text", ["500ms", "4500ms", "90s", "5m", "26h", "7d", "3665s"])
def test_a_duration_is_shown_as_it_was_written(tmp_path: Path, text: str) -> None:
    config = read(tmp_path, SOUND + f'every = "{text}"\ntimeout = "500ms"')
    assert config.model_dump()["services"][0]["checks"][0]["every"] == text


def test_everything_else_that_may_stand_in_a_file(tmp_path: Path) -> None:
    top = 'database = "postgresql://h/d"\nrunbooks = ["r.toml", "/etc/r.toml"]\ntheme = "ansi"\n[keys]\n"check.ack" = "f5"\n'
    config = read(tmp_path, top + SOUND)
    assert config.database == "postgresql://h/d"
    assert config.runbook_files == (tmp_path / "r.toml", Path("/etc/r.toml"))
    assert config.theme == "ansi"
    assert config.bindings == {"check.ack": "f5"}


@pytest.mark.parametrize("text", [SOUND.replace("\n", "\r\n"), "\ufeff" + SOUND, SOUND.rstrip("\n")])
def test_what_editors_leave_behind(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, text).services[0].id == "api"


# (bytes, line, what, mend)
HARDLY: list[tuple[bytes, int | None, str, str]] = [
    (b"", None, "the file is empty", "config init"),
    (b" \n\t\n", None, "the file is empty", "config init"),
    (b"# only a comment\n", None, "no [[service]] is configured", "config init"),
    (b"a = 1\nb = '\xff'\n", 2, "not UTF-8", "UTF-8"),
    (SOUND.encode("utf-16"), 1, "not UTF-8", "UTF-8"),
    (b"[artisan]\nname = 'x\n", 2, "not TOML: Expected", "correct the line"),
    (b"[artisan]\nname = Artisan\n", 2, "column 8", "correct the line"),
    (b"[artisan]\nname = 1\nname = 2\n", 3, "overwrite", "correct the line"),
    (b"[artisan", 1, "end of the file", "correct the line"),
    (b'x = """\n\n', 1, "at the end of the file", "correct the line"),
    (b"a = " + b"[" * 100_000, None, "nested too deeply", "fewer nesting levels"),
    (b"a = " + b"1" * 10_000, None, "too many digits", "shorter"),
    (b"a = 1e99999999999999999999", None, "too many digits", "shorter"),
    (b"#" * (LARGEST + 1), None, "larger than 4 MB", "not a log"),
    (b"\x00\x1b[2J", 1, "not TOML", "correct the line"),
]


@pytest.mark.parametrize(("data", "line", "what", "mend"), HARDLY, ids=range(len(HARDLY)))
def test_what_is_hardly_a_configuration(tmp_path: Path, data: bytes, line: int | None, what: str, mend: str) -> None:
    found = problems(tmp_path, data)[0]
    assert what in found.what
    assert mend in found.mend
    assert found.line == line
    assert str(found).isprintable()


def test_what_is_no_file(tmp_path: Path) -> None:
    cases = [(tmp_path, "this is a directory"), (tmp_path / "none.toml", "no such file"), (Path("a\0b"), "not a path")]
    for path, what in cases:
        with pytest.raises(ConfigError, match=what):
            load(path, KINDS)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    path = write(tmp_path, SOUND)
    path.chmod(0)
    with pytest.raises(ConfigError, match="Permission denied"):
        load(path, KINDS)


def test_a_read_that_fails_says_why(tmp_path: Path) -> None:
    # The kernel refuses to read a process's memory from its start: a real error, also for root.
    with pytest.raises(ConfigError, match="cannot be read: Input/output error"):
        load(Path("/proc/self/mem"), KINDS)


def test_the_lookup_order(tmp_path: Path) -> None:
    cwd, xdg, home = tmp_path / "cwd", tmp_path / "xdg", tmp_path / "home"
    for folder in (cwd, xdg / "artisan-tui", home / ".config" / "artisan-tui"):
        folder.mkdir(parents=True)
    environ = {"XDG_CONFIG_HOME": str(xdg), "HOME": str(home), "ARTISAN_CONFIG": "named.toml"}
    places = [
        cwd / "given.toml",
        cwd / "named.toml",
        cwd / "artisan.toml",
        xdg / "artisan-tui" / "artisan.toml",
        home / ".config" / "artisan-tui" / "artisan.toml",
    ]
    for place in places:
        place.touch()
    assert find(Path("given.toml"), environ, cwd) == places[0]
    assert find(None, environ, cwd) == places[1]
    environ["ARTISAN_CONFIG"] = ""
    assert find(None, environ, cwd) == places[2]
    places[2].unlink()
    assert find(None, environ, cwd) == places[3]
    environ["XDG_CONFIG_HOME"] = "relative"
    assert find(None, environ, cwd) == places[4]
    places[4].unlink()
    with pytest.raises(ConfigError) as caught:
        find(None, environ, cwd)
    for words in ("--config", "$ARTISAN_CONFIG", str(places[2]), str(places[4]), "artisan-tui config init"):
        assert words in str(caught.value)


def test_a_named_file_is_not_replaced_by_another(tmp_path: Path) -> None:
    write(tmp_path, SOUND)
    for explicit, environ, by in (
        (Path("x.toml"), {}, "--config"),
        (None, {"ARTISAN_CONFIG": "x.toml"}, "ARTISAN_CONFIG"),
    ):
        with pytest.raises(ConfigError, match=by) as caught:
            find(explicit, environ, tmp_path)
        assert caught.value.problems[0].file == str(tmp_path / "x.toml")


def test_addresses_are_replaced_as_a_whole(tmp_path: Path) -> None:
    addresses = {"http://127.0.0.1:8000": "http://127.0.0.1:41231", "127.0.0.1:8000": "127.0.0.1:9"}
    cases = {
        "http://127.0.0.1:8000": "http://127.0.0.1:41231",
        "http://127.0.0.1:8000/health?x=1": "http://127.0.0.1:41231/health?x=1",
        "127.0.0.1:8000": "127.0.0.1:9",
        "see 127.0.0.1:8000, please": "see 127.0.0.1:9, please",
        "ws://127.0.0.1:8000/": "ws://127.0.0.1:9/",
        "http://127.0.0.1:80001/": "http://127.0.0.1:80001/",
        "10.127.0.0.1:8000": "10.127.0.0.1:8000",
        "a127.0.0.1:8000": "a127.0.0.1:8000",
        "127x0.0.1:8000": "127x0.0.1:8000",
    }
    for before, after in cases.items():
        assert readdress({"a": [before, 1, {"b": before}]}, addresses) == {"a": [after, 1, {"b": after}]}
    path = write(tmp_path, SOUND)
    config = load(path, KINDS, addresses=addresses)
    assert config.metrics is not None
    assert config.metrics.scrape == ("http://127.0.0.1:41231/metrics",)
    assert config.digest == hashlib.sha256(SOUND.encode()).hexdigest()
    # What was put in is not replaced again.
    assert readdress("a b", {"a": "b", "b": "c"}) == "b c"
