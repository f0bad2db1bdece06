"""The files that are shipped load, and the schema knows every key in them."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from artisan_tui.config.checks import CheckSpec
from artisan_tui.config.keys import key_problems
from artisan_tui.config.load import load
from artisan_tui.config.runbooks.load import load_library
from artisan_tui.config.schema import json_schema
from artisan_tui.config.starter import starter_text
from config.config_stubs import KINDS, read

REPOSITORY = Path(__file__).parents[2]


def _real_kinds() -> Mapping[str, type[CheckSpec]]:
    from artisan_tui.sources.checks import KINDS as REAL

    return {name: kind.spec for name, kind in REAL.items()}


@pytest.fixture(params=["stubs", "real"])
def kinds(request: pytest.FixtureRequest) -> Mapping[str, type[CheckSpec]]:
    return KINDS if request.param == "stubs" else _real_kinds()


@pytest.fixture
def everything() -> Mapping[str, type[CheckSpec]]:
    return _real_kinds()


#: Where the simulated stack answers, in each of its shapes.
DRILLS = ("drill", "drill-small", "drill-kra", "drill-seeds")


@pytest.mark.parametrize("target", ["compose", "kubernetes", "helm", *DRILLS])
def test_the_reference_configuration(everything: Mapping[str, type[CheckSpec]], target: str) -> None:
    config = load(REPOSITORY / "artisan.toml", everything, target=target)
    assert config.artisan.environment == "production"
    checks = {name: spec for name, _, spec in config.checks()}
    machine = "host" if target in DRILLS else "here"
    assert {name.partition(".")[0] for name in checks} >= {"api", "database", "redis", "workers", "rl", machine}
    assert ("llm.qwen" in checks) is (target not in ("drill-small", "drill-kra"))
    # The schedule of the operations runbook, line by line.
    schedule = _SCHEDULE | (_THROUGH_EXPORTERS if target in DRILLS else _BY_THEMSELVES)
    if "llm.qwen" in checks:
        schedule = schedule | {"llm.qwen": (30.0, 3)}
    assert {name: (checks[name].every, checks[name].fall) for name in schedule} == schedule
    assert len(config.slos) == 6
    assert [slo.window for slo in config.slos] == ["30d", "7d", "7d", "7d", "7d", "7d"]
    kinds = {spec.kind for spec in checks.values()}
    assert ("docker" in kinds, "kubernetes" in kinds) == (target == "compose", target == "kubernetes")
    # Every need is there, and a database that is down explains what hangs on it.
    stores = ("database.up", "redis.up") if target in DRILLS else ("database.ping", "redis.ping")
    assert set(checks["api.health"].needs) >= {"api.port", *stores}
    numbers = {name: spec for name, spec in checks.items() if spec.kind == "measure" and spec.limit not in ("", "1")}
    assert all(spec.unit for spec in numbers.values())
    assert all(need in checks for spec in checks.values() for need in spec.needs)


def test_the_reference_configuration_watches_what_the_documents_name(everything: Mapping[str, type[CheckSpec]]) -> None:
    watched = set()
    for target in ("compose", "kubernetes", "drill-seeds"):
        config = load(REPOSITORY / "artisan.toml", everything, target=target)
        for _, _, spec in config.checks():
            for key in ("url", "address", "compose_service", "deployment"):
                if getattr(spec, key, None):
                    watched.add(re.sub(r"^.*?:(8000|5432|6379)", "", str(getattr(spec, key))) or key)
    assert watched >= {
        *("/health", "/health/detailed", "/health/ready", "/health/live", "/health/llm/all", "/version", "/metrics"),
        *(f"/health/llm?model={model}" for model in ("qwen", "mistral", "llama")),
        *("app", "nginx", "worker-llm", "worker-rl", "postgres", "redis"),
        *("artisan-api", "qwen-llm"),
    }


_SCHEDULE = {"api.health": (30.0, 2), "workers.queue": (300.0, 2)}
#: The simulated stack has no database, no Redis and no disk to look at, only what exporters say of them.
_THROUGH_EXPORTERS = {
    "database.up": (60.0, 1),
    "redis.up": (60.0, 1),
    "host.disk": (600.0, 1),
    "host.memory": (300.0, 1),
}
#: Where there is more to look at than the API.
_BY_THEMSELVES = {
    "database.ping": (60.0, 1),
    "redis.ping": (60.0, 1),
    "here.disk": (600.0, 1),
    "here.memory": (300.0, 1),
}


def test_the_reference_configuration_moves_as_a_whole(everything: Mapping[str, type[CheckSpec]]) -> None:
    moved = {"127.0.0.1:8000": "127.0.0.1:41231"}
    config = load(REPOSITORY / "artisan.toml", everything, addresses=moved, target="drill")
    # The other targets keep theirs: they are not looked at.
    assert "127.0.0.1:8000" not in config.model_copy(update={"targets": ()}).model_dump_json()


def test_kubernetes_is_reached_where_it_is(everything: Mapping[str, type[CheckSpec]]) -> None:
    config = load(REPOSITORY / "artisan.toml", everything, target="kubernetes")
    checks = {name: spec for name, _, spec in config.checks()}
    assert checks["api.health"].url == "http://artisan-api.production.svc:8000/health"  # type: ignore[attr-defined]
    assert checks["api.port"].address == "artisan-api.production.svc:8000"  # type: ignore[attr-defined]


def test_the_reference_runbooks() -> None:
    """The index names every file beside it, and each runbook says in both languages what it is and where it is from."""
    library = load_library([REPOSITORY / "runbooks.toml"])
    assert {each.path for each in library.files[1:]} == set((REPOSITORY / "runbooks").glob("*.toml"))
    assert len(library.runbooks) >= 40
    for each in library:
        texts = (each.title_ko, each.description, each.description_ko, each.trigger, each.trigger_ko)
        assert all(texts), each.id
        assert each.source, each.id
        assert each.expected, each.id
        assert each.drill_every, each.id
        for step in each.steps:
            assert step.title_ko, (each.id, step.id)
            body = step.action.body
            assert body.get("instructions_ko") or "instructions" not in body, (each.id, step.id)
            assert all(option.get("label_ko") for option in body.get("options", ())), (each.id, step.id)
            if step.rollback is not None and step.rollback.action.kind == "manual":
                assert step.rollback.action.body.get("instructions_ko"), (each.id, step.id)


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("examples", [False, True])
def test_the_starter_loads(tmp_path: Path, kinds: Mapping[str, type[CheckSpec]], language: str, examples: bool) -> None:
    text = starter_text(language)
    if examples:
        text, count = re.subn(r"^#(?=[^ #])", "", text, flags=re.MULTILINE)
        assert count > 30
    path = tmp_path / "artisan.toml"
    path.write_text(text, "utf-8")
    real = _real_kinds()
    config = load(path, real if examples else kinds)
    assert config.artisan.language == language
    checks = [spec.kind for _name, _service, spec in config.checks()]
    # An example of every kind; http has two.
    assert sorted(checks) == sorted([*real, "http"] if examples else ["http"])
    assert key_problems(path) == ()
    assert all(len(line) <= 110 for line in text.splitlines())


def test_both_starters_configure_the_same() -> None:
    def settings(language: str) -> list[str]:
        lines = (line.partition(" # ")[0].rstrip() for line in starter_text(language).splitlines())
        return [line for line in lines if not re.match(r"# |#?(name|timezone|language) =", line)]

    assert settings("en") == settings("ko")
    assert starter_text("fr") == starter_text("en")


# The schema, walked by hand: what it means for a validator, as far as the shipped file goes.


def _resolve(schema: Any, root: Any) -> Any:
    while "$ref" in schema or "allOf" in schema:
        schema = schema["allOf"][0] if "allOf" in schema else root["definitions"][schema["$ref"].rpartition("/")[2]]
    return schema


def _complaints(value: Any, schema: Any, root: Any, at: str = "") -> Iterator[str]:
    schema = _resolve(schema, root)
    branches = schema.get("oneOf") or schema.get("anyOf")
    if branches:
        results = [list(_complaints(value, branch, root, at)) for branch in branches]
        passing = sum(not r for r in results)
        if passing == 0 or (passing > 1 and "oneOf" in schema):
            yield f"{at}: {passing} of {len(branches)} branches match: {min(results, key=len)}"
        return
    types: dict[str, Any] = {
        "object": dict,
        "array": list,
        "string": str,
        "integer": int,
        "number": (int, float),
        "boolean": bool,
    }
    if "type" in schema and not isinstance(value, types[schema["type"]]):
        yield f"{at}: not {schema['type']}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at}: not one of {schema['enum']}"
    if isinstance(value, str) and "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{at}: does not match {schema['pattern']}"
    if isinstance(value, dict) and isinstance(schema.get("properties"), dict):
        yield from (f"{at}.{key}: missing" for key in schema.get("required", []) if key not in value)
        for key, each in value.items():
            if key in schema["properties"]:
                yield from _complaints(each, schema["properties"][key], root, f"{at}.{key}")
            elif schema.get("additionalProperties") is False:
                yield f"{at}.{key}: unknown"
    if isinstance(value, list) and "items" in schema:
        for index, each in enumerate(value):
            yield from _complaints(each, schema["items"], root, f"{at}[{index}]")


def test_the_schema_accepts_what_is_shipped_and_refuses_mistakes(everything: Mapping[str, type[CheckSpec]]) -> None:
    schema = json_schema(everything)
    json.dumps(schema)
    text = (REPOSITORY / "artisan.toml").read_text("utf-8")
    assert list(_complaints(tomllib.loads(text), schema, schema)) == []
    starter = tomllib.loads(re.sub(r"^#(?=[^ #])", "", starter_text(), flags=re.MULTILINE))
    assert list(_complaints(starter, schema, schema)) == []
    for good, bad in (
        ("every =", "intervall ="),
        ('kind = "http"', 'kind = "htp"'),
        ('every = "30s"', "every = 30"),
        ("url =", "uri ="),
        ("{ ratio =", "{ ratoi ="),
        ('objective = "99.9%"', 'objective = "99.9"'),
        ('environment = "production"', 'environment = "prod"'),
        ('kind = "events"', 'kind = "event"'),
    ):
        assert good in text
        assert list(_complaints(tomllib.loads(text.replace(good, bad, 1)), schema, schema)), bad


def _keys(schema: Any, at: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(schema, list):
        for each in schema:
            yield from _keys(each, at)
    elif isinstance(schema, dict):
        for key, each in schema.items():
            if key in ("properties", "definitions"):
                for name, inner in each.items():
                    if key == "properties":
                        yield f"{at}.{name}", inner
                    yield from _keys(inner, f"{at}.{name}")
            else:
                yield from _keys(each, at)


def test_the_schema_describes_every_key_and_stays_within_draft_4(kinds: Mapping[str, type[CheckSpec]]) -> None:
    schema = json_schema(kinds)
    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"
    named = list(_keys(schema))
    assert len(named) > 50
    undescribed = [at for at, inner in named if not inner.get("description") and not at.endswith(".kind")]
    assert undescribed == []
    text = json.dumps(schema)
    for word in ('"const"', '"$defs"', '"null"', '"exclusiveMinimum"', '"title": "Every"'):
        assert word not in text
    every = schema["definitions"]["check-http"]["properties"]["every"]
    assert every["default"] == "30s"
    for one in re.findall(r'"#/definitions/([^"]+)"', text):
        assert one in schema["definitions"]


def test_a_stranger_s_file_is_read_the_same_way(tmp_path: Path) -> None:
    assert read(tmp_path, starter_text()).artisan.name == "My service"
