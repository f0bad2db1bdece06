"""The configuration keys of the kind systemd."""

from __future__ import annotations

import re
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from artisan_tui.config.base import Span
from artisan_tui.config.checks import CheckSpec
from artisan_tui.config.problems import Mistake
from artisan_tui.domain.text.printable import printable

_NAME = re.compile(r"[A-Za-z0-9:_.\\@-]+", re.ASCII)
_SUFFIXES = (
    *(".service", ".socket", ".timer", ".mount", ".automount", ".swap", ".target", ".path", ".slice", ".scope"),
    ".device",
)


class SystemdSpec(CheckSpec):
    """A unit of systemd that must be active."""

    kind: Annotated[Literal["systemd"], Field(description="Read the state of a unit of systemd")] = "systemd"
    unit: Annotated[
        str, Field(max_length=255, description='Its name, like "nginx.service"; without a suffix it is a service')
    ]
    user: Annotated[bool, Field(strict=True, description="A unit of this user's systemd, not of the system's")] = False
    restarts: Annotated[int, Field(ge=0, le=1000, strict=True, description="Number of restarts that is acceptable")] = 3
    restarts_within: Annotated[Span, Field(description="The time in which restarts are counted")] = 600.0

    ANSWERS: ClassVar[frozenset[str]] = frozenset({"body", "value", "latency"})
    FIELDS: ClassVar[frozenset[str]] = frozenset(
        {"unit", "load", "active", "sub", "result", "restarts", "restarts_lately", "exit_status", "pid", "status"}
    )

    @model_validator(mode="after")
    def _one_unit(self) -> SystemdSpec:
        if not _NAME.fullmatch(self.unit):
            pattern = any(char in self.unit for char in "*?[")
            raise Mistake(
                f"{printable(self.unit, 60)!r} is {'a pattern' if pattern else 'not the name of a unit'}",
                "write one unit a check" if pattern else 'write a name of `systemctl list-units`, like "nginx.service"',
                ("unit",),
            )
        if self.full_name.endswith("@.service"):
            raise Mistake(
                f"{self.unit!r} is a template",
                f'name an instance of it, like "{self.unit.partition("@")[0]}@1"',
                ("unit",),
            )
        return self

    @property
    def full_name(self) -> str:
        """The unit with its suffix, as systemctl completes it."""
        return self.unit if self.unit.endswith(_SUFFIXES) else f"{self.unit}.service"

    @property
    def target(self) -> str:
        return printable(f"{self.full_name} (user)" if self.user else self.full_name, 300)

    @property
    def argv(self) -> tuple[str, ...]:
        """The beginning of every call of systemctl."""
        return ("systemctl", "--user") if self.user else ("systemctl",)

    def accepts_other_states(self) -> bool:
        """Whether a condition says which state is right."""
        return any(c.root == "body" and re.search(r"\b(active|sub|load|result)\b", c.path) for c in self.expect)
