"""Rows of the ledger, and statements behind its back."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from artisan_tui.domain.slo.counts import Row
from artisan_tui.domain.slo.windows import Span

BASE = 29_000_080  # 40 minutes into an hour
WHAT, OTHER = "a" * 64, "b" * 64
EVER = Span(BASE - 10_000, BASE + 10_000)
Execute = Callable[..., list[tuple[Any, ...]]]


NUMBERS = itertools.count(1)


def row(minute: int, measured: int = 1, bad: int = 0, total: int = 1200) -> Row:
    return BASE + minute, bad, total, measured
