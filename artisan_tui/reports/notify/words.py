"""What a message is for and how it stands, in the reader's words."""

from __future__ import annotations

from collections.abc import Mapping

from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import N_, _

_PURPOSES: Mapping[str, str] = {
    "page": N_("page"),
    "inform": N_("information"),
    "reminder": N_("reminder"),
    "acknowledged": N_("acknowledgement"),
    "resolved": N_("resolution"),
    "update": N_("update"),
    "comms": N_("message"),
    "change": N_("change"),
    "test": N_("test"),
}
_STATES: Mapping[str, str] = {
    "waiting": N_("waiting"),
    "sending": N_("being sent"),
    "sent": N_("sent"),
    "failed": N_("failed"),
    "unsure": N_("possibly sent"),
    "dropped": N_("not sent"),
    "shown": N_("shown"),
}


def purpose_word(purpose: str) -> str:
    return _(_PURPOSES[purpose]) if purpose in _PURPOSES else printable(purpose, 40)


def message_state_word(state: str) -> str:
    return _(_STATES[state]) if state in _STATES else printable(state, 40)


_CHANNELS: Mapping[str, str] = {
    "ok": N_("ok"),
    "untried": N_("not used yet"),
    "held": N_("held"),
    "failing": N_("failing"),
    "broken": N_("BROKEN"),
}


def channel_state_word(state: str) -> str:
    return _(_CHANNELS[state]) if state in _CHANNELS else printable(state, 40)
