"""Steps of kind helm. A value ``canary.weight`` of an upgrade is the share of the traffic in per cent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from artisan_tui.drill.actions.components import answered, component
from artisan_tui.drill.actions.protocol import ActAnswer, ActRefused, Estate


class HelmActions:
    def capture(self, estate: Estate, action: Mapping[str, Any]) -> Mapping[str, Any]:
        request = action["request"]
        releases = estate.releases(component(str(request["release"])))
        if not releases:
            raise ActRefused(f"there is no release {request['release']}")
        found: dict[str, Any] = {
            "latest": releases[-1].revision,
            "status": releases[-1].status,
            "deployed": releases[-1].revision,
            "notes": [],
        }
        if request["verb"] == "rollback":
            if "revision" not in request and len(releases) < 2:
                raise ActRefused(f"{request['release']} cannot be undone: no earlier revision ran well")
            found["to"] = int(request["revision"]) if "revision" in request else releases[-2].revision
        return found

    def read(self, estate: Estate, action: Mapping[str, Any]) -> ActAnswer:
        raise ActRefused("helm has no verb that only reads")

    def change(self, estate: Estate, action: Mapping[str, Any], before: Mapping[str, Any]) -> ActAnswer:
        request = action["request"]
        name = component(str(request["release"]))
        latest = estate.releases(name)[-1].revision
        if before.get("latest") not in (None, latest):
            raise ActRefused(f"revision {before['latest']} was the latest and {latest} is now: nothing was run")
        if request["verb"] == "rollback":
            to = request.get("revision", before.get("to"))
            return answered(estate.rollback(name, None if to is None else int(to)), body={"from": latest, "to": to})
        given = request.get("set", {})
        version = str(given.get("image.tag") or request.get("version") or "")
        if not version:
            raise ActRefused("an upgrade in a drill needs image.tag among its values")
        share = float(given.get("canary.weight", 100)) / 100
        return answered(estate.deploy(name, version, share), body={"from": latest, "to": latest + 1})


ACTIONS = HelmActions()
