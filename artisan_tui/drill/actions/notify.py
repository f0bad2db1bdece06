"""Steps of kind notify: nobody is told, and the text says that it is a drill."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from artisan_tui.drill.actions.protocol import ActAnswer, ActRefused, Estate


class NotifyActions:
    def capture(self, estate: Estate, action: Mapping[str, Any]) -> Mapping[str, Any]:
        return {}

    def read(self, estate: Estate, action: Mapping[str, Any]) -> ActAnswer:
        raise ActRefused("notify has nothing to read")

    def change(self, estate: Estate, action: Mapping[str, Any], before: Mapping[str, Any]) -> ActAnswer:
        request = action["request"]
        text = f"DRILL, no action is needed: {request['message']}"
        estate.hears(f"{', '.join(map(str, request['to']))}: {text}")
        return ActAnswer(output=text, values={"body": {"to": list(request["to"])}})


ACTIONS = NotifyActions()
