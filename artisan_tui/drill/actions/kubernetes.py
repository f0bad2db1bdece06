"""Steps of kind kubernetes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from artisan_tui.drill.actions.components import IMAGE, answered, component
from artisan_tui.drill.actions.protocol import ActAnswer, ActRefused, Estate


class KubernetesActions:
    def capture(self, estate: Estate, action: Mapping[str, Any]) -> Mapping[str, Any]:
        request = action["request"]
        name = component(str(request["name"]))
        found: dict[str, Any] = {"uid": f"uid-{request['name']}"}
        if request["verb"] == "scale":
            _check_scale(estate, request, {}, name)
            return {**found, "replicas": estate.replicas(name)[0]}
        if request["verb"] == "undo":
            releases = estate.releases(name)
            if len(releases) < 2 and "revision" not in request:
                raise ActRefused(f"{request['name']} has no earlier revision")
            to = int(request.get("revision") or releases[-2].revision)
            found |= {"to": {"revision": to}, "from": {"revision": releases[-1].revision}}
        return found

    def read(self, estate: Estate, action: Mapping[str, Any]) -> ActAnswer:
        request = action["request"]
        name, verb = component(str(request["name"])), str(request["verb"])
        wanted, ready = estate.replicas(name)
        body = _body(estate, str(request["name"]), name)
        if verb == "logs":
            state = "serving" if estate.works(name) else "ERROR does not serve"
            return ActAnswer(output=f"--- {request['name']}\n{state}", values={"body": [request["name"]]})
        if verb == "status" and wanted and (ready < wanted or not estate.works(name)):
            return ActAnswer(False, 1, f"{ready} of {wanted} replicas are ready", {"body": body})
        return ActAnswer(
            output=f"{request['kind']} {request['name']}: {ready} of {wanted} ready", values={"body": body}
        )

    def change(self, estate: Estate, action: Mapping[str, Any], before: Mapping[str, Any]) -> ActAnswer:
        request = action["request"]
        name, verb = component(str(request["name"])), str(request["verb"])
        if verb == "scale":
            _check_scale(estate, request, before, name)
            done = estate.scale(name, int(request["replicas"]))
        elif verb == "restart":
            done = estate.restart(name)
        elif verb == "undo":
            to = request.get("to") or before.get("to") or {}
            done = estate.rollback(name, int(to["revision"]) if "revision" in to else request.get("revision"))
        else:
            raise ActRefused(f"kubernetes has no verb {verb[:40]} that changes something")
        return answered(done, body=_body(estate, str(request["name"]), name))


def _check_scale(estate: Estate, request: Mapping[str, Any], before: Mapping[str, Any], name: str) -> None:
    """Raises ActRefused when another hand, or an autoscaler, has the number."""
    there, expected = estate.replicas(name)[0], request.get("from_replicas", before.get("replicas"))
    is_back = bool(request.get("put_back")) and there == int(request["replicas"])
    if expected is not None and there != int(expected) and not is_back:
        raise ActRefused(f"{expected} replicas were expected and {there} are there: nothing was written")
    bounds = estate.autoscaled(name)
    if bounds is not None and not request.get("force"):
        raise ActRefused(
            f"the autoscaler of {request['name']} ({bounds[0]} to {bounds[1]}) would take it back: "
            f"set minReplicas = {request['replicas']} of it instead"
        )


def _body(estate: Estate, name: str, of: str) -> dict[str, Any]:
    wanted, ready = estate.replicas(of)
    releases = estate.releases(of)
    version = releases[-1].version if releases else "latest"
    return {
        "name": name,
        "replicas": wanted,
        "ready": ready,
        "updated": ready,
        "revision": releases[-1].revision if releases else 1,
        "spec": {"replicas": wanted, "template": {"spec": {"containers": [{"image": f"{IMAGE}:{version}"}]}}},
        "status": {"readyReplicas": ready},
        "metadata": {"name": name},
    }


ACTIONS = KubernetesActions()
