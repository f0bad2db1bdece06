"""Steps of kind compose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from artisan_tui.drill.actions.components import SERVICES, STARTED, component
from artisan_tui.drill.actions.protocol import ActAnswer, ActRefused, Estate
from artisan_tui.drill.model.outcome import Outcome


class ComposeActions:
    def capture(self, estate: Estate, action: Mapping[str, Any]) -> Mapping[str, Any]:
        """The containers by service, as the labels of a daemon tell them."""
        found: dict[str, list[dict[str, Any]]] = {}
        for name in SERVICES:
            wanted, ready = estate.replicas(component(name))
            found[name] = [_container(name, number, number <= ready) for number in range(1, wanted + 1)]
        return {"services": found}

    def read(self, estate: Estate, action: Mapping[str, Any]) -> ActAnswer:
        names = [str(each) for each in action["request"].get("services", ())] or list(SERVICES)
        listed: list[dict[str, Any]] = []
        for name in names:
            wanted, ready = estate.replicas(component(name))
            well = estate.works(component(name))
            for number in range(1, wanted + 1):
                runs = number <= ready
                listed.append(
                    {
                        "ID": f"{name}-{number}",
                        "Name": f"artisan-{name}-{number}",
                        "Service": name,
                        "State": "running" if runs else "restarting",
                        "Health": "healthy" if runs and well else "unhealthy",
                        "ExitCode": 0,
                    }
                )
        missing = [each for each in names if all(one["Service"] != each for one in listed)]
        wrong = [each for each in listed if each["State"] != "running" or each["Health"] != "healthy"]
        output = "\n".join(f"{each['Name']} {each['State']} {each['Health']}" for each in listed)
        said = f"{missing[0]} has no container" if missing else f"{wrong[0]['Name']} is not well" if wrong else ""
        return ActAnswer(not said, 0, f"{output}\n{said}".strip(), {"body": listed})

    def change(self, estate: Estate, action: Mapping[str, Any], before: Mapping[str, Any]) -> ActAnswer:
        request = action["request"]
        verb, names = str(request["verb"]), [str(each) for each in request.get("services", ())]
        lines: list[Outcome] = []
        if verb == "scale":
            for name in names:
                _check_count(estate, request, before, name)
            lines = [estate.scale(component(name), int(request["scale"][name])) for name in names]
        elif verb == "restart":
            lines = [estate.restart(component(name)) for name in names]
        elif verb == "up":
            lines = [estate.start(component(name)) for name in names]
        elif verb == "down":
            lines = [estate.stop(component(name)) for name in SERVICES]
        else:
            raise ActRefused(f"compose has no verb {verb[:40]}")
        well = all(each.ok for each in lines)
        body = {name: estate.replicas(component(name))[0] for name in SERVICES}
        return ActAnswer(well, 0 if well else 1, "\n".join(each.output for each in lines), {"body": body})


def _container(name: str, number: int, runs: bool) -> dict[str, Any]:
    return {"id": f"{name}-{number}", "started_at": STARTED, "running": runs, "restarts": 0}


def _check_count(estate: Estate, request: Mapping[str, Any], before: Mapping[str, Any], name: str) -> None:
    """Raises ActRefused when another hand scaled it meanwhile."""
    there = estate.replicas(component(name))[0]
    kept = before.get("services", {}).get(name)
    expected = request["from"][name] if "from" in request else len(kept) if kept is not None else there
    if "from" in request and there == request["scale"][name]:
        return
    if there != expected:
        raise ActRefused(f"{expected} containers of {name} were expected and {there} run: nothing was started")


ACTIONS = ComposeActions()
