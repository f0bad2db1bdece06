"""Asks for what a command needs, a line for each parameter."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from artisan_tui.engine.command import Command, Confirm
from artisan_tui.engine.commands import CONFIRM
from artisan_tui.engine.reply import Reply
from artisan_tui.i18n import _
from artisan_tui.reports.read_back import read_reply
from artisan_tui.tui.kit.dialog import Box, Dialog
from artisan_tui.tui.kit.typed_line import TypedLine

Submit = Callable[[Mapping[str, str]], Awaitable[Reply]]

#: Whether these may stay empty depends on the other lines: the name of the place is typed unless it is a dry run.
_BY_OTHER_LINES = frozenset({"typed"})


class Form(Dialog[Reply]):
    """Stays open, with what was typed, until ``submit`` accepts it. Answers with the reply, None when left.

    ``known`` are parameters that are not asked for, ``offered`` what a line begins with, ``asks`` the names of those
    that are asked for where that is not every other one;
    ``about`` says in a line what the command will act on. ``confirm`` is what the person does besides filling in:
    with TYPE the name of the ``environment`` is typed into the last line; with ASK the last Enter is the answer.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "go_on", show=False, priority=True)]

    def __init__(
        self,
        command: Command,
        known: Mapping[str, str],
        offered: Mapping[str, str],
        about: str,
        submit: Submit,
        confirm: Confirm = Confirm.NONE,
        environment: str = "",
        asks: Sequence[str] = (),
    ) -> None:
        super().__init__()
        self._command, self._known, self._offered = command, dict(known), offered
        self._about, self._submit, self._under_way = about, submit, False
        self._asked = [
            each
            for each in command.parameters
            if each.name not in known and (each.name in asks if asks else each.asked)
        ]
        self._confirm, self._environment = confirm, environment

    def compose(self) -> ComposeResult:
        with Box() as box:
            box.border_title = _(self._command.title)
            if self._about:
                yield Static(self._about, classes="about", markup=False)
            yield Static(_(self._command.help), markup=False)
            for parameter in self._asked:
                title = _(parameter.title)
                if parameter.choices:
                    title = _("{title}: {choices}").format(
                        title=title, choices=", ".join(map(_choice, parameter.choices))
                    )
                unsaid = parameter.required or parameter.name in _BY_OTHER_LINES
                label = title if unsaid else _("{title} (may stay empty)").format(title=title)
                yield Static(label, classes="label", markup=False)
                offered = self._offered.get(parameter.name, "")
                yield TypedLine(offered, max_length=parameter.max_length, compact=True)
            if self._confirm is Confirm.TYPE:
                label = _("Type {environment} to confirm").format(environment=self._environment)
                yield Static(label, classes="label warning", markup=False)
                yield TypedLine(max_length=60, compact=True)
            yield Static("", classes="refusal", markup=False)
            close = self.shell.key_of("dialog.close")
            yield Static(_("Enter: next field, then run; {close}: cancel").format(close=close), markup=False)

    @property
    def _lines(self) -> Sequence[TypedLine]:
        return list(self.query(TypedLine))

    async def action_go_on(self) -> None:
        """Enter goes to the next line; on the last one it runs the command.

        A priority binding, awaited before the next key: a line and what follows it arrive in one piece.
        """
        if isinstance(self.focused, TypedLine):
            await self.focused.typed()
        lines = self._lines
        at = lines.index(self.focused) if isinstance(self.focused, TypedLine) else len(lines) - 1
        filled = list(zip(self._asked, lines, strict=False))
        empty = next((line for each, line in filled if each.required and not line.value.strip()), None)
        if at < len(lines) - 1:
            self.set_focus(lines[at + 1])
            return
        if empty is not None:
            missing = self._asked[lines.index(empty)]
            self.set_focus(empty)
            self._refuse(_("{name}: must not be empty").format(name=_(missing.title)))
            return
        given = {each.name: line.value for each, line in filled if each.required or line.value.strip()}
        if self._confirm is Confirm.TYPE:
            given[CONFIRM] = lines[-1].value.strip()
        elif self._confirm is Confirm.ASK:
            given[CONFIRM] = "yes"
        if self._under_way:
            return  # a second Enter before the answer to the first
        self._under_way = True
        try:
            reply = await self._submit({**self._known, **given})
        finally:
            self._under_way = False
        if not self.is_current:
            return  # left meanwhile
        if reply.ok:
            self.dismiss(reply)
        else:
            refused = [line for line in lines if _begins_with(reply.text, line.value.strip())]
            if len(refused) == 1:
                self.set_focus(refused[0])  # "Sev5 is no severity": that line is to be mended
            self._refuse(read_reply(reply.text))

    def _refuse(self, text: str) -> None:
        refusal = self.query_one(".refusal", Static)
        refusal.update(text)
        # In a low window the form scrolls; the sentence has its lines after the next layout.
        self.call_after_refresh(refusal.scroll_visible, animate=False)


def _choice(choice: str) -> str:
    """What is typed, and the reader's word for it where there is another."""
    word = _(choice)
    return choice if word == choice else f"{choice} {word}"


def _begins_with(text: str, value: str) -> bool:
    """Whether a sentence begins with the whole of ``value``; in Korean a particle follows it without a blank."""
    behind = text[len(value) : len(value) + 1]
    return bool(value) and text.startswith(value) and not (behind.isascii() and behind.isalnum())
