"""Steps of kind docker."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from artisan_tui.drill.actions.components import STARTED, image, of_container
from artisan_tui.drill.actions.protocol import ActAnswer, ActRefused, Estate


class DockerActions:
    def capture(self, estate: Estate, action: Mapping[str, Any]) -> Mapping[str, Any]:
        name = str(action["request"]["name"])
        found = of_container(name)
        return {
            "id": f"id-{name}",
            "image": image(estate, found),
            "running": estate.replicas(found)[1] > 0,
            "started_at": STARTED,
            "restarts": 0,
        }

    def read(self, estate: Estate, action: Mapping[str, Any]) -> ActAnswer:
        name, body = str(action["request"]["name"]), _body(estate, action)
        if action["request"]["verb"] == "logs":
            said = "serving" if body["state"] == "running" else "ended"
            return ActAnswer(output=said, values={"body": body})
        well = body["health"] == "healthy" or bool(action.get("expect"))
        return ActAnswer(well, 0, f"{name} is {body['state']}, {body['health']}", {"body": body})

    def change(self, estate: Estate, action: Mapping[str, Any], before: Mapping[str, Any]) -> ActAnswer:
        verb, name = str(action["request"]["verb"]), of_container(str(action["request"]["name"]))
        operations = {"restart": estate.restart, "stop": estate.stop, "start": estate.start}
        if verb not in operations:
            raise ActRefused(f"docker has no verb {verb[:40]} that changes something")
        done = operations[verb](name)
        return ActAnswer(done.ok, 0 if done.ok else 1, done.output, {"body": _body(estate, action)})


def _body(estate: Estate, action: Mapping[str, Any]) -> dict[str, Any]:
    name = str(action["request"]["name"])
    found = of_container(name)
    runs = estate.replicas(found)[1] > 0
    return {
        "name": name,
        "id": f"id-{name}",
        "state": "running" if runs else "exited",
        "health": "healthy" if runs and estate.works(found) else "unhealthy",
        "restarts": 0,
        "exit_code": 0,
        "oom_killed": False,
        "image": image(estate, found),
        "started_at": STARTED,
    }


ACTIONS = DockerActions()
