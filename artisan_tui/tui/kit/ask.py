"""Asks for one line of text."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input, Static

from artisan_tui.i18n import _
from artisan_tui.tui.kit.dialog import Box, Dialog


class Ask(Dialog[str]):
    """Answers with the text, or None when left."""

    def __init__(self, title: str, label: str, explanation: str) -> None:
        super().__init__()
        self._title, self._label, self._explanation = title, label, explanation

    def compose(self) -> ComposeResult:
        with Box() as box:
            box.border_title = self._title
            yield Static(self._explanation, markup=False)
            line = Input(placeholder=self._label, max_length=2000)
            line.cursor_blink = False
            yield line
            yield Static("", classes="refusal", markup=False)
            close = self.shell.key_of("dialog.close")
            yield Static(_("Enter saves, {close} cancels").format(close=close), markup=False)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        text = event.value.strip()
        if text:
            self.dismiss(text)
        else:
            said = _("{name}: must not be empty").format(name=self._label)
            self.query_one(".refusal", Static).update(said)
