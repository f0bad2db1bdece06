"""Asks for one line of text."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from artisan_tui.i18n import _
from artisan_tui.tui.kit.dialog import Box, Dialog
from artisan_tui.tui.kit.typed_line import TypedLine


class Ask(Dialog[str]):
    """Answers with the text, or None when left."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "answer", show=False, priority=True)]

    def __init__(self, title: str, label: str, explanation: str) -> None:
        super().__init__()
        self._title, self._label, self._explanation = title, label, explanation

    def compose(self) -> ComposeResult:
        with Box() as box:
            box.border_title = self._title
            yield Static(self._explanation, markup=False)
            yield TypedLine(placeholder=self._label, max_length=2000)
            yield Static("", classes="refusal", markup=False)
            close = self.shell.key_of("dialog.close")
            yield Static(_("Enter saves, {close} cancels").format(close=close), markup=False)

    async def action_answer(self) -> None:
        """A priority binding, awaited before the next key, which is meant for what is below."""
        line = self.query_one(TypedLine)
        await line.typed()
        text = line.value.strip()
        if text:
            self.dismiss(text)
        else:
            said = _("{name}: must not be empty").format(name=self._label)
            self.query_one(".refusal", Static).update(said)
