"""The names that a scenario can use: operations with their parameters, acts of people, faults, and measures.

They are those of the simulated stack, which is a process of its own. A test holds these lists against it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from artisan_tui.domain.json_value import frozen

Argument = str | int | float | bool


@dataclass(frozen=True, slots=True)
class ActParameter:
    """One parameter of an act. ``kind`` is str, int, float or bool; an int is a float too."""

    name: str
    kind: str
    required: bool = True


def _takes(**kinds: str) -> tuple[ActParameter, ...]:
    """Parameters by name; a kind with ``?`` at its end can be left out."""
    return tuple(ActParameter(name, kind.rstrip("?"), not kind.endswith("?")) for name, kind in kinds.items())


#: What an operator can do to the stack.
OPERATIONS: Final[Mapping[str, tuple[ActParameter, ...]]] = {
    "scale": _takes(component="str", replicas="int"),
    "restart": _takes(component="str"),
    "stop": _takes(component="str"),
    "start": _takes(component="str"),
    "autoscale": _takes(component="str", minimum="int", maximum="int"),
    "deploy": _takes(component="str", version="str", share="float?"),
    "promote": _takes(component="str"),
    "rollback": _takes(component="str", revision="int?"),
    "migrate": _takes(revision="str"),
    "backup": (),
    "restore": _takes(backup_id="str"),
    "declare_disaster": (),
    "switch_region": _takes(region="str"),
    "trainer_stop": (),
    "trainer_load": _takes(checkpoint="int"),
    "trainer_start": _takes(learning_rate="float?"),
    "breaker": _takes(model="str", do="str"),
    "downshift": _takes(mode="str", to="str"),
    "restore_mode": _takes(mode="str"),
    "bypass_cache": _takes(on="bool"),
    "warm_cache": _takes(keys="int?"),
    "flush_cache": (),
    "set_retries": _takes(n="int", budget="float?"),
    "limit_traffic": _takes(share="float"),
    "maintenance_page": _takes(on="bool"),
}
#: What a person can do besides. `hint` asks for a hint, `answer` answers an inject, `run` says how a run ended.
PERSON_ACTS: Final[Mapping[str, tuple[ActParameter, ...]]] = {
    "acknowledge": (),
    "note": _takes(text="str"),
    "update": _takes(text="str"),
    "answer": _takes(inject="str", text="str"),
    "resolve": (),
    "run": _takes(runbook="str", state="str"),
    "hint": _takes(objective="str?"),
}
ACTS: Final[Mapping[str, tuple[ActParameter, ...]]] = {**OPERATIONS, **PERSON_ACTS}
#: Acts that can be the aim of an objective.
AIMS: Final = ("acknowledge", "update", "answer", "resolve")
FAULTS: Final = (
    *("qwen_down", "qwen_hang", "latency_high", "cache_cold", "redis_down", "database_refusing", "reward_runaway"),
    *("workers_stuck", "errors_5xx", "disk_filling", "metrics_gone", "redirect", "garbage"),
    *("traffic_surge", "database_slow", "models_down", "connector_down", "region_lost"),
    "data_corrupted",
)
#: Faults that have a level and can grow to it: a factor, or a share of all requests (0 to 1).
FACTORS: Final = ("traffic_surge", "database_slow", "latency_high")
SHARES: Final = ("errors_5xx", "connector_down", "data_corrupted")
#: Times are in seconds, shares from 0 to 1.
MEASURES: Final = (
    *("api.p95", "api.wait", "api.waiting", "api.utilisation", "api.attempts_per_second", "api.error_ratio"),
    *("api.useful_per_second", "api.replicas", "api.cpu", "fast.p95", "fast.failing", "balanced.p95"),
    *("balanced.failing", "creative.p95", "creative.failing", "creative.good_share", "requests.total"),
    *("good_requests.total", "bad_requests.total", "bad_requests.plain", "bad_requests.fast"),
    *("bad_requests.balanced", "bad_requests.creative", "rejected.total", "queue.length", "workers.ready"),
    *("cache.hit_ratio", "database.connections", "database.waiting", "database.wait", "database.revision"),
    *("rl.reward", "rl.kl", "rl.step", "rl.running", "rl.learning_rate", "host.disk", "host.memory"),
    *("models.healthy", "qwen.breaker_open", "mistral.breaker_open", "llama.breaker_open", "dr.rpo", "dr.rto"),
    *("dr.region_works", "dr.lost_seconds", "data.corrupted", "metrics.gone"),
    *("canary.share", "canary.requests", "canary.error_ratio"),
    *("canary.errors_expected", "judgment.p95", "parse_failures.share", "workflow_failures.share"),
    "mcp_timeouts.share",
)


def fault_in(do: str, arguments: Mapping[str, object]) -> tuple[str, str, str]:
    """(key, what is wrong, how to mend it) of the arguments of an act; three empty texts if nothing is.

    The key is the argument, or empty where the act itself is unknown.
    """
    if do not in ACTS:
        return "", f"there is no act {do[:60]!r}", f"write one of {', '.join(ACTS)}"
    known = {each.name: each for each in ACTS[do]}
    listed = ", ".join(known) or "no arguments"
    for name, value in arguments.items():
        if name not in known:
            return name, f"`{do}` takes no `{name[:60]}`", f"it takes {listed}"
        if not _fits(known[name].kind, value):
            return name, f"`{name}` of `{do}` must be {_KINDS[known[name].kind]}", "correct the value"
    for each in known.values():
        if each.required and each.name not in arguments:
            return each.name, f"`{do}` needs `{each.name}`", f"write with = {{ {each.name} = … }}"
    return "", "", ""


_KINDS: Final = {"str": "text", "int": "a whole number", "float": "a number", "bool": "true or false"}


def _fits(kind: str, value: object) -> bool:
    if isinstance(value, bool) or kind == "bool":
        return kind == "bool" and isinstance(value, bool)
    if kind == "str":
        return isinstance(value, str)
    return isinstance(value, int) or (kind == "float" and isinstance(value, float))


def arguments_of(raw: Mapping[str, object]) -> Mapping[str, Argument]:
    """The arguments as plain values, in the order of their names."""
    return {name: frozen(raw[name]) for name in sorted(raw)}
