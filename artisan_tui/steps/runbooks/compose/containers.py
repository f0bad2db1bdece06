"""The containers of a compose project, by their labels: what no exit code tells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from artisan_tui.domain.text.printable import printable
from artisan_tui.steps.runbooks.daemon import daemon_address
from artisan_tui.steps.runbooks.protocol import StepChannel, StepRefused

_PROJECT: Final = "com.docker.compose.project"
_SERVICE: Final = "com.docker.compose.service"
_ONE_OFF: Final = "com.docker.compose.oneoff"

#: By service: its containers, each with id, started_at and running.
Services = dict[str, list[dict[str, Any]]]


def services_of(project: str, channel: StepChannel) -> Services:
    """Every container of the project that is no one-off. Raises StepRefused when the daemon does not answer."""
    import docker
    from requests.exceptions import RequestException

    try:
        client = docker.APIClient(
            base_url=daemon_address(channel.environ), version="auto", timeout=max(1.0, min(20.0, channel.left))
        )
    except (docker.errors.DockerException, OSError) as error:
        raise StepRefused(f"the docker daemon does not answer: {printable(str(error), 200)}", "start it") from None
    try:
        found: Services = {}
        for each in client.containers(all=True, filters={"label": f"{_PROJECT}={project}"}):
            labels = each.get("Labels") or {}
            if labels.get(_ONE_OFF) == "True" or _SERVICE not in labels:
                continue
            try:
                document = client.inspect_container(each["Id"])
            except docker.errors.NotFound:
                continue  # it went meanwhile
            state = document["State"]
            found.setdefault(labels[_SERVICE], []).append(
                {
                    "id": document["Id"],
                    "started_at": str(state.get("StartedAt")),
                    "running": bool(state.get("Running")),
                    "restarts": int(document.get("RestartCount") or 0),
                }
            )
        return {name: sorted(found[name], key=lambda one: str(one["id"])) for name in sorted(found)}
    except RequestException as error:
        raise StepRefused(f"the docker daemon hung up: {type(error).__name__}") from None
    finally:
        client.close()


def running(services: Mapping[str, Any], name: str) -> int:
    """How many containers of a service run."""
    return sum(bool(each["running"]) for each in services.get(name, ()))


def touched(before: Mapping[str, Any], now: Mapping[str, Any], named: frozenset[str]) -> list[str]:
    """The services that nobody named and whose containers are others now, or were started again."""

    def facts(services: Mapping[str, Any], name: str) -> set[tuple[str, str]]:
        return {(str(each["id"]), str(each["started_at"])) for each in services.get(name, ()) if each["running"]}

    return [name for name in {**before, **now} if name not in named and facts(before, name) - facts(now, name)]
