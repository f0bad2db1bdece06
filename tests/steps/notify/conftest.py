"""A stand-in of the channels, and an authority for mail."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.notify_servers import HttpStandIn, http_stand_in


@pytest.fixture
def server() -> Iterator[HttpStandIn]:
    with http_stand_in((200, "ok")) as one:
        yield one
