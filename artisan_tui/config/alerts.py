"""``[alerts]``: the source of alerts."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from artisan_tui.config.base import Frozen
from artisan_tui.config.url import HttpUrl


class Alerts(Frozen):
    """``[alerts]``: the Alertmanager to read alerts from."""

    alertmanager: Annotated[HttpUrl, Field(description="Alertmanager, its v2 API")]
