"""What states, roles and kinds of incidents are called."""

from __future__ import annotations

from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import N_, _

_STATUSES = {
    "declared": N_("declared"),
    "acknowledged": N_("acknowledged"),
    "investigating": N_("investigating"),
    "mitigating": N_("mitigating"),
    "mitigated": N_("mitigated"),
    "resolved": N_("resolved"),
    "closed": N_("closed"),
    "cancelled": N_("cancelled"),
}
#: What customers are told; see the templates of communication.
_PUBLIC = {
    "declared": N_("Investigating"),
    "acknowledged": N_("Investigating"),
    "investigating": N_("Investigating"),
    "mitigating": N_("Identified"),
    "mitigated": N_("Monitoring"),
    "resolved": N_("Resolved"),
    "closed": N_("Resolved"),
}
_ROLES = {"commander": N_("commander"), "communications": N_("communications"), "scribe": N_("scribe")}
_BECAUSE = {"false_positive": N_("false positive"), "duplicate_of": N_("duplicate")}
_POSTMORTEM = {
    "not_required": N_("not required"),
    "required": N_("required"),
    "draft": N_("draft"),
    "in_review": N_("in review"),
    "complete": N_("complete"),
    "waived": N_("waived"),
}
_SORTS = {"prevent": N_("prevent"), "detect": N_("detect"), "mitigate": N_("mitigate")}
_ITEMS = {"open": N_("to do"), "done": N_("done"), "dropped": N_("dropped")}


def status_word(status: str) -> str:
    return _word(_STATUSES, status)


def public_status_word(status: str) -> str:
    """What customers are told of a state, "" for one that they are told nothing of."""
    return _(_PUBLIC[status]) if status in _PUBLIC else ""


def role_word(role: str) -> str:
    return _word(_ROLES, role)


def because_word(because: str) -> str:
    return _word(_BECAUSE, because)


def postmortem_word(state: str) -> str:
    return _word(_POSTMORTEM, state)


def item_sort_word(sort: str) -> str:
    return _word(_SORTS, sort)


def item_state_word(state: str) -> str:
    return _word(_ITEMS, state)


def _word(words: dict[str, str], name: str) -> str:
    return _(words[name]) if name in words else printable(name, 40)
