"""Stand-ins of a web hook and of PagerDuty."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.notify_servers import HttpStandIn, http_stand_in


@pytest.fixture
def hook() -> Iterator[HttpStandIn]:
    with http_stand_in((200, "ok")) as one:
        yield one


@pytest.fixture
def pd() -> Iterator[HttpStandIn]:
    with http_stand_in((202, '{"status":"success"}')) as one:
        yield one
