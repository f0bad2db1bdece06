"""``verify`` of an item: how the program looks by itself. Whatever it is, it only reads."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal, cast

from pydantic import AfterValidator, BeforeValidator, Field, SerializeAsAny, ValidationInfo, WithJsonSchema

from artisan_tui.config.base import Frozen, Id
from artisan_tui.config.choice import Choice
from artisan_tui.config.problems import Mistake
from artisan_tui.config.runbooks.step import VerifyFields, verify_model
from artisan_tui.config.suggest import closest
from artisan_tui.domain.json_value import as_json

_TEMPLATE = re.compile(r"\{\{|\{%")
_ADDRESS = re.compile(r"(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]{1,253}):(\d{1,5})")


class OwnLook(Frozen):
    """Base of what only a checklist has. ``KIND`` names it."""

    KIND: ClassVar[str] = ""

    kind: Annotated[str, Field(description="What is looked at")]

    def as_verify(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = as_json(self.model_dump(exclude_none=True))
        return found


class CheckLook(OwnLook):
    """The checks are probed once, and are up."""

    KIND = "check"
    checks: Annotated[
        tuple[str, ...], Field(min_length=1, max_length=50, description='Checks as "service.check", or services')
    ]


class MetricsLook(OwnLook):
    """The backend of [metrics] answers."""

    KIND = "metrics"


class AlertsLook(OwnLook):
    """Every source of alerts answers."""

    KIND = "alerts"


class ChannelLook(OwnLook):
    """The channels have their secrets, and their addresses can be reached. Nothing is sent."""

    KIND = "channel"
    channels: Annotated[tuple[Id, ...], Field(max_length=50, description="Ids of [[notify]]; empty: all of them")] = ()
    of: Annotated[
        tuple[Literal["slack", "pagerduty", "email", "webhook", "command", "terminal", "file"], ...],
        Field(description="Only channels of these kinds; there has to be one"),
    ] = ()


class ContextLook(OwnLook):
    """The cluster of a context of the kubeconfig answers, and lets this login read."""

    KIND = "context"
    context: Annotated[
        str | None, Field(min_length=1, max_length=200, description="Its name; without it that of the chosen target")
    ] = None
    namespace: Annotated[str, Field(min_length=1, max_length=63, description="Namespace that is read")] = "default"


class RunbookLook(OwnLook):
    """A runbook would work: what `runbook verify` says of it."""

    KIND = "runbook"
    runbook: Annotated[Id, Field(description="Id of the runbook")]
    target: Annotated[Id | None, Field(description="Place where it would run; without it the chosen target")] = None


class GateLook(OwnLook):
    """The error budgets allow deployments: what `slo gate` says."""

    KIND = "gate"
    slos: Annotated[tuple[Id, ...], Field(max_length=50, description="Only these SLOs; empty: all")] = ()


class OnCallLook(OwnLook):
    """Somebody who can be reached is on call."""

    KIND = "oncall"
    level: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,20}$", description="Level of the escalation")] = "L1"


class IncidentLook(OwnLook):
    """The incident that the checklist is about has all of this. Only in a checklist that an incident opens."""

    KIND = "incident"
    has: Annotated[
        tuple[Literal["root-cause", "resolution", "postmortem", "informed", "actions"], ...],
        Field(min_length=1, description="root-cause, resolution, postmortem (begun), informed, actions"),
    ]


def _address(value: str) -> str:
    found = _ADDRESS.fullmatch(value)
    if found is None or not 0 < int(found[2]) < 65536:
        raise Mistake("this is not an address", 'write host and port, like "vpn.example.com:443"')
    return value


class TcpLook(OwnLook):
    """A connection to an address can be made."""

    KIND = "tcp"
    address: Annotated[str, AfterValidator(_address), Field(description='Host and port, like "grafana:3000"')]


OWN: dict[str, type[OwnLook]] = {
    each.KIND: each
    for each in (
        *(CheckLook, MetricsLook, AlertsLook, ChannelLook, ContextLook),
        *(RunbookLook, GateLook, OnCallLook, IncidentLook, TcpLook),
    )
}
#: Kinds of steps of runbooks that can be held to reading.
READING = ("http", "sql", "measure", "kubernetes", "docker", "compose")
KINDS = (*OWN, *READING)


def model_of(raw: object, _kinds: object = None) -> type[OwnLook | VerifyFields] | None:
    """The model of a raw table by its ``kind``."""
    kind = raw.get("kind") if isinstance(raw, Mapping) else None
    if kind in OWN:
        return OWN[str(kind)]
    return cast("type[VerifyFields]", verify_model(str(kind))) if kind in READING else None


def _read(raw: object, info: ValidationInfo) -> OwnLook | VerifyFields:
    if isinstance(raw, OwnLook | VerifyFields):
        return raw
    listed = ", ".join(KINDS)
    if not isinstance(raw, Mapping):
        raise Mistake("a verify is a table", 'write { kind = "check", checks = ["api.health"] }')
    model = model_of(raw)
    if model is None:
        if "kind" not in raw:
            raise Mistake("a verify needs a kind", f'add kind = "…"; kinds are {listed}')
        if raw["kind"] == "command":
            what = "a command is not verified here: only its author knows whether it reads"
            raise Mistake(what, 'declare a check of kind "command", and name it with kind = "check"', ("kind",))
        near = closest(str(raw["kind"]), KINDS)
        hint = f"did you mean {near!r}? " if near else ""
        raise Mistake(f"unknown kind {str(raw['kind'])[:40]!r}", f"{hint}kinds are {listed}", ("kind",))
    found = model.model_validate(raw, context=info.context, by_alias=True, by_name=False)
    if isinstance(found, VerifyFields):
        _check_reads(found, raw)
    return found


def _check_reads(found: VerifyFields, raw: Mapping[str, Any]) -> None:
    action = found.as_action()
    if action.can_change:
        key: tuple[str | int, ...] = ("request", "method") if action.kind == "http" else (action.verb,)
        what = f"a verify only reads, and this {action.kind} changes something"
        mend = (
            "use GET or HEAD" if action.kind == "http" else "write a verb that reads, like get, status, inspect or ps"
        )
        raise Mistake(what, mend, key if key[0] in raw else ("kind",))
    for path, text in _texts(raw, ()):
        if _TEMPLATE.search(text):
            raise Mistake("a checklist has no parameters, so there is nothing to fill in", "write the value", path)
    for name in ("within", "every", "stable_for"):
        if name in raw:
            raise Mistake("a verify of a checklist looks once", f"remove {name}", (name,))


def _texts(value: object, at: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(value, str):
        yield at, value
    elif isinstance(value, Mapping):
        for name, each in value.items():
            yield from _texts(each, (*at, str(name)))
    elif isinstance(value, list | tuple):
        for index, each in enumerate(value):
            yield from _texts(each, (*at, index))


def verify_of(found: OwnLook | VerifyFields) -> Mapping[str, Any]:
    """As JSON values: the keys of an own kind, or ``kind`` and the whole ``action`` of a step's."""
    if isinstance(found, OwnLook):
        return found.as_verify()
    return {"kind": found.kind, "action": as_json(found.as_action())}


VerifyLook = Annotated[
    SerializeAsAny[Frozen], BeforeValidator(_read), Choice(model_of), WithJsonSchema({"type": "object"})
]
