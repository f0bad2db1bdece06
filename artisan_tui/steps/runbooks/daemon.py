"""The docker daemon that the command line talks to, too: the variable, else the current context, else the usual socket."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def daemon_address(environ: Mapping[str, str], given: Any = None) -> str:
    """``given`` is what the step says, None for nothing."""
    if given or environ.get("DOCKER_HOST"):
        return str(given or environ["DOCKER_HOST"])
    from docker.context import ContextAPI

    try:
        context = ContextAPI.get_current_context()
    except Exception:  # noqa: BLE001 - a damaged file of contexts raises what its parser raises
        context = None
    return str(getattr(context, "Host", None) or "unix:///var/run/docker.sock")
