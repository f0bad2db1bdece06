"""No key reads one type as another: "yes" is no true, "5" is no number, and neither is said to be fine."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from typing import get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

import artisan_tui.config
import artisan_tui.sources.checks

_OURS = ("artisan_tui.config.", "artisan_tui.sources.")


def _models(base: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for model in base.__subclasses__():
        yield model
        yield from _models(model)


def _lenient(field: FieldInfo) -> bool:
    """Whether pydantic itself would convert a text; a validator of ours in front of it reads what is written."""
    if not {bool, int} & set(get_args(field.annotation) or (field.annotation,)):
        return False
    ours = any(type(each).__name__ == "BeforeValidator" for each in field.metadata)
    return not ours and not any(getattr(each, "strict", None) for each in field.metadata)


def test_every_switch_and_every_whole_number_is_read_strictly() -> None:
    for package in (artisan_tui.config, artisan_tui.sources.checks):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    ours = [each for each in _models(BaseModel) if each.__module__.startswith(_OURS)]
    assert len(ours) > 60, "the models were not found"
    found = {f"{each.__name__}.{name}" for each in ours for name, field in each.model_fields.items() if _lenient(field)}
    assert found == set()
