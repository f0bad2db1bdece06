"""``[artisan]`` and ``[keys]``: the settings of every session."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from artisan_tui.config.base import Frozen, Id, MadePathText
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


class Audit(Frozen):
    """``[audit]``: where the heads of the journal's hash chain are kept besides the store."""

    heads: Annotated[
        MadePathText | None,
        Field(description="File that each new head of the journal is appended to; best on another machine"),
    ] = None
    command: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=1000)], ...],
        Field(description="Program that gets each new head as a line on stdin; never a shell", max_length=50),
    ] = ()
