"""What services and checks say of themselves besides what is probed: who owns them, where to read on, where their logs are."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from artisan_tui.config.base import Frozen, PathText
from artisan_tui.config.problems import Mistake
from artisan_tui.config.url import read_http_url

_LONGEST = 60
_MOST = 20
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}", re.ASCII)
_CONTAINER = r"^[a-zA-Z0-9][a-zA-Z0-9_.-]*$"
_SOCKET = r"^(unix:///[^\s?#]+|tcp://(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):\d{1,5})$"
#: systemd allows these in the name of a unit; one that begins with "-" would be an option of journalctl.
_UNIT = r"^[A-Za-z0-9:_.\\@][A-Za-z0-9:_.\\@-]*$"
_NAME = r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$"
WORKLOADS = ("deployment", "statefulset", "daemonset", "pods")


def _word(value: object, what: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise Mistake(f"{what} is text", "write it in quotes")
    if len(value) > _LONGEST or not value.isprintable():
        raise Mistake(f"{what} has at most {_LONGEST} printable characters", "write a shorter one in one line")
    return value.strip()


def _owner(value: object) -> str:
    return _word(value, "an owner")


def _tags(value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        raise Mistake("tags are a list", 'write tags = ["database", "tier-1"]')
    if len(value) > _MOST:
        raise Mistake(f"these are {len(value)} tags", f"write at most {_MOST}")
    tags = []
    for index, each in enumerate(value):
        try:
            tags.append(_word(each, "a tag"))
        except Mistake as mistake:
            raise Mistake(mistake.what, mistake.mend, (index,)) from None
    return tuple(dict.fromkeys(tags))


def _links(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        raise Mistake("links are a table of names and addresses", 'write links = { dashboard = "https://…" }')
    if len(value) > _MOST:
        raise Mistake(f"these are {len(value)} links", f"write at most {_MOST}")
    links = {}
    for name, where in value.items():
        try:
            # A plain id names a runbook of ours or a page that everybody knows; anything with a scheme must be http.
            plain = isinstance(where, str) and _ID.fullmatch(where)
            links[_word(name, "the name of a link")] = str(where) if plain else read_http_url(where)
        except Mistake as mistake:
            raise Mistake(mistake.what, mistake.mend, (str(name),)) from None
    return links


Owner = Annotated[str, BeforeValidator(_owner), WithJsonSchema({"type": "string", "maxLength": _LONGEST})]
Tags = Annotated[
    tuple[str, ...],
    BeforeValidator(_tags),
    WithJsonSchema({"type": "array", "items": {"type": "string", "maxLength": _LONGEST}, "maxItems": _MOST}),
]
Links = Annotated[
    dict[str, str],
    BeforeValidator(_links),
    WithJsonSchema(
        {
            "type": "object",
            "additionalProperties": {"type": "string"},
            "examples": [{"dashboard": "https://grafana.example/d/api", "runbook": "api_down"}],
        }
    ),
]


class Logs(Frozen):
    """Where the last lines of a failing thing are read: one container, workload or unit."""

    docker: Annotated[
        str | None, Field(pattern=_CONTAINER, max_length=255, description="Name of a container on `host`")
    ] = None
    kubernetes: Annotated[
        str | None,
        Field(
            max_length=1000,
            description='"deployment/NAME", "statefulset/NAME", "daemonset/NAME", or "pods/LABEL SELECTOR"',
        ),
    ] = None
    journal: Annotated[
        str | None, Field(pattern=_UNIT, max_length=255, description="A unit of this machine's systemd")
    ] = None
    host: Annotated[
        str | None,
        Field(pattern=_SOCKET, max_length=300, description="docker: the daemon, unix:///path or tcp://host:port"),
    ] = None
    namespace: Annotated[
        str | None, Field(pattern=_NAME, max_length=253, description='kubernetes: namespace ("default")')
    ] = None
    context: Annotated[
        str | None, Field(max_length=300, description="kubernetes: instead of the kubeconfig's current one")
    ] = None
    kubeconfig: Annotated[
        PathText | None,
        Field(description="kubernetes: instead of $KUBECONFIG, ~/.kube/config or the pod's service account"),
    ] = None

    @model_validator(mode="after")
    def _one_source(self) -> Logs:
        sources = [key for key in ("docker", "kubernetes", "journal") if getattr(self, key) is not None]
        if len(sources) != 1:
            raise Mistake(
                "logs are read from one source",
                'write one of docker = "container", kubernetes = "deployment/name", or journal = "unit"',
            )
        belongs = {"docker": ("host",), "kubernetes": ("namespace", "context", "kubeconfig"), "journal": ()}
        for key in ("host", "namespace", "context", "kubeconfig"):
            if getattr(self, key) is not None and key not in belongs[sources[0]]:
                raise Mistake(f"{key} says nothing about {sources[0]}", "remove it", (key,))
        if self.kubernetes is not None:
            kind, _, name = self.kubernetes.partition("/")
            good = kind in WORKLOADS and name.strip() and (kind == "pods" or re.fullmatch(_NAME, name))
            if not good or not name.isprintable():
                raise Mistake(
                    "this is no workload", 'write it like "deployment/api" or "pods/app=api"', ("kubernetes",)
                )
        return self

    @property
    def workload(self) -> dict[str, Any]:
        """The keys of a kubernetes check that reads the same workload."""
        kind, _, name = (self.kubernetes or "").partition("/")
        more = {"namespace": self.namespace, "context": self.context, "kubeconfig": self.kubeconfig}
        return {kind: name, **{key: value for key, value in more.items() if value is not None}}
