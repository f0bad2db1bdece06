"""``[artisan]`` and ``[keys]``: the settings of every session."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from artisan_tui.config.base import Frozen, Id
from artisan_tui.config.maintenance import ZoneName

BindingId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,62}$")]
KeyText = Annotated[str, Field(pattern=r"^[!-~]{1,60}$")]


class Artisan(Frozen):
    """``[artisan]``: name, environment, time zone and language."""

    name: Annotated[str, Field(min_length=1, max_length=60, description="Shown in the header")] = "Artisan"
    # The default is the safest: a typed confirmation does no harm in a drill, and its absence can in production.
    environment: Annotated[
        Literal["production", "staging", "drill"],
        Field(description="production is shown in red and asks for typed confirmation"),
    ] = "production"
    timezone: Annotated[ZoneName, Field(description="Time zone of local times and calendar windows")] = "UTC"
    language: Annotated[Literal["en", "ko"], Field(description="Language of the screen and the templates")] = "en"
    target: Annotated[
        Id | None, Field(description="The [[target]] to probe, default: the first; $ARTISAN_TARGET overrides it")
    ] = None
