"""Secrets in a resolved act: references until the moment of the start."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from artisan_tui.config.secret import Secret, SecretMissing

_MARKED: Final = re.compile("\u27e6([^\u27e6\u27e7]{1,4096})\u27e7")


def with_secrets(text: str, environ: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """(the JSON text of a job with the values in place of the references, the values to mask).

    Only its act has references: what was found outside before, or noted, is data. Raises config.secret.SecretMissing.
    """
    masks: dict[str, None] = {}

    def filled(value: Any) -> Any:
        if isinstance(value, str):
            return _MARKED.sub(one, value)
        if isinstance(value, dict):
            return {key: filled(each) for key, each in value.items()}
        return [filled(each) for each in value] if isinstance(value, list) else value

    def one(found: re.Match[str]) -> str:
        source, _, place = found[1].partition(":")
        if source not in ("env", "file"):
            raise SecretMissing("a secret is no reference: write env:NAME or file:PATH")
        value = Secret("env" if source == "env" else "file", place).reveal(environ)
        masks[value] = None
        return value

    document = json.loads(text)
    document["resolved"] = filled(document["resolved"])
    return json.dumps(document, ensure_ascii=False), tuple(masks)
