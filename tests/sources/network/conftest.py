"""Servers for the tests of lines to real sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from artisan_tui.sources.network import Network
from support.network_lines import sockets, until_true


@pytest.fixture
async def net() -> AsyncIterator[Network]:
    """A network; its test must leave no socket open."""
    before = sockets()
    made = Network()
    yield made
    made.close()
    await until_true(lambda: sockets() <= before)
