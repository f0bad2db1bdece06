"""What is known of a check besides its probes, with what its service says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.checks.slice import About

if TYPE_CHECKING:
    from artisan_tui.config.about import Logs
    from artisan_tui.config.checks import CheckSpec, Service

#: Kinds that probe something which writes a log.
_OWN_LOG = ("docker", "kubernetes", "systemd")


def about_service(service: Service) -> About:
    links = tuple((name, where) for name, where in service.links.items())
    return About(service.owner or "", service.tags, links, _name(service.logs))


def about_check(service: Service, spec: CheckSpec) -> About:
    """What the check says comes first; what it does not say, its service does."""
    links = {**spec.links, **{name: where for name, where in service.links.items() if name not in spec.links}}
    own = "journal" if spec.kind == "systemd" else spec.kind
    logs = _name(spec.logs) or (f"{own} {spec.target}" if spec.kind in _OWN_LOG else _name(service.logs))
    return About(
        spec.owner or service.owner or "",
        tuple(dict.fromkeys((*spec.tags, *service.tags))),
        tuple(links.items()),
        printable(logs, 300),
    )


def logs_of(service: Service, spec: CheckSpec) -> Logs | None:
    """Where its log is, None for one that is read of what the check itself probes, and for none."""
    return spec.logs or (None if spec.kind in _OWN_LOG else service.logs)


def _name(logs: Logs | None) -> str:
    """``docker web``, "" for none."""
    if logs is None:
        return ""
    found = (f"{key} {value}" for key in ("docker", "kubernetes", "journal") if (value := getattr(logs, key)))
    return printable(next(found, ""), 300)
