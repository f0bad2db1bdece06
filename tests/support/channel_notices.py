"""Notices, and channels to a stand-in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from artisan_tui.config.secret import SecretMissing
from artisan_tui.domain.notify.notice import Notice
from artisan_tui.domain.text.redaction import hide
from artisan_tui.steps.notify.channel import Dispatch, Sending

AT = datetime(2026, 11, 21, 9, 42, tzinfo=UTC)


def notice(purpose: str = "page", **changes: Any) -> Notice:
    values: dict[str, Any] = {
        "incident": "INC-20261121-093012", "severity": "Sev2", "title": "Qwen LLM failure", "text": "503 since 09:30",
        "links": ("http://127.0.0.1:3000/d/llm?x=1&y=2",),
    }  # fmt: skip
    return Notice(purpose, **{**values, **changes})


def dispatch(*notices: Notice, **changes: Any) -> Dispatch:
    sendings = [Sending(f"{n:010x}", each, AT) for n, each in enumerate(notices or (notice(),))]
    return Dispatch(sendings, AT, "Artisan", "production", **changes)


def revealed(values: Mapping[str, str]) -> Callable[[str], str]:
    def reveal(name: str) -> str:
        if name not in values:
            raise SecretMissing(f"the environment variable {name.upper()} is not set")
        hide(values[name])  # as `Secret.reveal` does
        return values[name]

    return reveal
