"""Every test begins without secrets to hide: the registry belongs to the process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from artisan_tui.domain.text.redaction import forget_all


@pytest.fixture(autouse=True)
def no_secrets() -> Iterator[None]:
    forget_all()
    yield
    forget_all()
