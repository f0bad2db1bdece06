"""``[[target]]``: the places where the same services run, of which one is probed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field

from artisan_tui.config.base import Frozen, Id, PathText
from artisan_tui.config.raw import Finding, LineOf, Table, duplicates, tables
from artisan_tui.config.suggest import closest
from artisan_tui.config.url import HttpUrl

Address = Annotated[str, Field(min_length=1, max_length=2048)]


class Target(Frozen):
    """``[[target]]``: one place where the same services run, such as Compose or Kubernetes."""

    id: Annotated[Id, Field(description="Chosen by [artisan].target or $ARTISAN_TARGET; checks name it in `targets`")]
    title: Annotated[str, Field(max_length=60, description="Shown instead of the id")] = ""
    addresses: Annotated[
        dict[Address, Address], Field(description="Address in this file -> address in this target")
    ] = Field(default_factory=dict)
    context: Annotated[str | None, Field(min_length=1, max_length=253, description="The kubectl context")] = None
    namespace: Annotated[str | None, Field(min_length=1, max_length=63, description="The Kubernetes namespace")] = None
    compose_file: Annotated[PathText | None, Field(description="The Compose file")] = None
    prometheus: Annotated[HttpUrl | None, Field(description="Instead of [metrics].prometheus in this target")] = None
    history: Annotated[HttpUrl | None, Field(description="Instead of [metrics].history in this target")] = None
    stack: Annotated[
        HttpUrl | None,
        Field(description="A simulated stack on this machine, which carries out the runs of this target"),
    ] = None


def target_findings(document: Table, line_of: LineOf) -> Iterator[Finding]:
    """Every name of a target exists, and every target has a check."""
    targets = tables(document, (), "target")
    yield from duplicates(targets, line_of)
    checks = [each for at, service in tables(document, (), "service") for each in tables(service, at, "check")]
    known = [name for _, target in targets if isinstance(name := target.get("id"), str)]
    artisan = document.get("artisan")
    chosen = artisan.get("target") if isinstance(artisan, Mapping) else None
    if isinstance(chosen, str) and chosen not in known:
        yield ("artisan", "target"), *no_target(chosen, known)
    for at, target in targets:
        stack = target.get("stack")
        if isinstance(stack, str) and not _on_this_machine(stack):
            yield (*at, "stack"), f"{stack[:80]!r} is not on this machine", "write http://127.0.0.1:PORT"
    for at, check in checks:
        listed = check.get("targets")
        for index, name in enumerate(listed if isinstance(listed, list) else []):
            if isinstance(name, str) and name not in known:
                yield (*at, "targets", index), *no_target(name, known)
    for at, target in targets:
        name = target.get("id")
        if isinstance(name, str) and checks and not any(_is_probed(check, name) for _, check in checks):
            yield (*at, "id"), f"no check is left for the target {name[:80]!r}", "add it to the targets of some check"


def _on_this_machine(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1", "localhost")


def _is_probed(check: Table, target: str) -> bool:
    """Whether a raw check is probed in ``target``."""
    listed = check.get("targets")
    return not isinstance(listed, list) or not listed or target in listed


def no_target(name: str, known: Sequence[str]) -> tuple[str, str]:
    """(what is wrong, how to correct it) for a target that does not exist."""
    if not known:
        return f"there is no target {name[:80]!r}: this file has no [[target]]", "add one with this id, or take it out"
    near = closest(name, known)
    hint = f"did you mean {near!r}? " if near else ""
    return f"there is no target {name[:80]!r}", f"{hint}write one of {', '.join(known)[:600]}"
