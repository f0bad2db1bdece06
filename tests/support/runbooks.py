"""Runbooks for tests: short TOML texts, and the definitions in them."""

from __future__ import annotations

from artisan_tui.config.problems import ConfigError
from artisan_tui.config.runbooks.load import read_text
from artisan_tui.domain.runbooks.definition import Runbook

HEAD = '[vars]\napi = "http://127.0.0.1:8000"\n'


def step(step_id: str = "one", **keys: object) -> str:
    """One ``[[runbook.step]]``; a value is TOML as it is written."""
    keys.setdefault("kind", '"command"')
    if keys["kind"] == '"command"' and "run" not in keys and "shell" not in keys:
        keys["run"] = '["true"]'
    lines = "".join(f"{name} = {value}\n" for name, value in keys.items())
    return f'[[runbook.step]]\nid = "{step_id}"\n{lines}'


def book(*steps: str, name: str = "example", params: str = "", **keys: object) -> str:
    """One ``[[runbook]]`` with its steps."""
    lines = "".join(f"{key} = {value}\n" for key, value in keys.items())
    table = f"[runbook.params]\n{params}\n" if params else ""
    return f'[[runbook]]\nid = "{name}"\ntitle = "Example"\n{lines}{table}{"".join(steps)}'


def defined(text: str) -> Runbook:
    """The first runbook of a text."""
    return read_text(text).runbooks[0]


def problems(text: str) -> list[str]:
    """What is wrong with a text, as it is said; [] when nothing is."""
    try:
        read_text(text)
    except ConfigError as error:
        return [str(each) for each in error.problems]
    return []
