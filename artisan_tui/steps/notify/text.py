"""The words of a dispatch as plain text, cut to what a channel takes. Text from outside is made printable here."""

from __future__ import annotations

from collections.abc import Callable

from artisan_tui.domain.notify.notice import Notice
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import _
from artisan_tui.steps.notify.channel import Dispatch

#: Characters of a title, and titles of a bundle that are listed.
TITLE, LISTED = 300, 20


def heading(notice: Notice) -> str:
    """One line: severity, incident, title."""
    parts = (f"[{notice.severity}]" if notice.severity else "", notice.incident, notice.title)
    return printable(" ".join(filter(None, parts)), TITLE)


def subject(dispatch: Dispatch) -> str:
    """One line for the whole dispatch."""
    first = heading(dispatch.first.notice)
    more = len(dispatch.sendings) - 1
    if not more:
        return first
    return printable(_("{n} messages: {first} …").format(n=more + 1, first=first), TITLE)


def body(dispatch: Dispatch) -> str:
    """Everything there is to say, in lines. Of a bundle the headings, the worst first."""
    lines = []
    if dispatch.possibly_sent:
        lines.append(_("(sent again: the first try possibly arrived)"))
    if len(dispatch.sendings) == 1:
        notice = dispatch.first.notice
        lines.append(printable(notice.text, 1_000_000, lines=True))
        lines += [printable(link, 2000) for link in notice.links]
        return "\n".join(filter(None, lines))
    notices = sorted((each.notice for each in dispatch.sendings), key=lambda each: each.severity or "Sev9")
    lines += [f"- {heading(each)}" for each in notices[:LISTED]]
    if len(notices) > LISTED:
        left = len(notices) - LISTED
        lines.append(_("and {n} more: see `artisan-tui notify list` and the incidents").format(n=left))
    return "\n".join(lines)


def cut(text: str, most: int, spell: Callable[[str], str] = str) -> tuple[str, int]:
    """(``spell`` of ``text``, at most ``most`` characters and said to be cut; characters left out, 0 for none).

    ``spell`` escapes: it is applied to whole characters, so that a cut never leaves half of an escape.
    """
    spelt = spell(text)
    if len(spelt) <= most:
        return spelt, 0
    kept = len(text)
    while True:
        mark = " " + _("… (cut: {n} more characters)").format(n=len(text) - kept)
        over = len(spell(text[:kept])) + len(mark) - most
        if over <= 0:
            return spell(text[:kept]) + mark, len(text) - kept
        if kept == 0:
            return spell(text)[:0] + mark[:most], len(text)
        kept = max(0, kept - max(1, over // 6))


def cut_note(left_out: int) -> str:
    """What the journal says of a cut, "" for none."""
    return f"cut: {left_out} characters were too many for the channel" if left_out else ""
