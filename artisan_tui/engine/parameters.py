"""Parameters that commands of several wings have."""

from __future__ import annotations

from artisan_tui.engine.command import Parameter, ParameterType
from artisan_tui.i18n import N_


def text_option(
    name: str, title: str, option: str, help_: str, *, required: bool = False, most: int = 4000
) -> Parameter:
    """A text of at most ``most`` characters, an option at the command line."""
    return Parameter(name, title, required=required, max_length=most, option=option, help=help_)


def reason(help_: str, *, required: bool = True) -> Parameter:
    return text_option("reason", N_("Reason"), "--reason", help_, required=required, most=2000)


def seen_version(help_: str) -> Parameter:
    """The version that the person saw; a screen gives it unasked."""
    return Parameter(
        "seen",
        N_("Version that was shown"),
        ParameterType.NUMBER,
        required=False,
        max_length=12,
        option="--seen",
        help=help_,
        asked=False,
    )
