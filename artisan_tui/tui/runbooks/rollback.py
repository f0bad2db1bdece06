"""The preview of a rollback: every undo in its order, with what it restores, before any of it runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from artisan_tui.domain.runbooks.acting import typed_name
from artisan_tui.domain.runbooks.undo import undo_way
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import _, ngettext
from artisan_tui.reports.runbooks.words import by_hand_text, step_title
from artisan_tui.tui.cells import Run, wrapped
from artisan_tui.tui.kit.dialog import Box, Dialog
from artisan_tui.tui.kit.keys import key_name
from artisan_tui.tui.kit.lines import Lines
from artisan_tui.tui.kit.typed_line import TypedLine
from artisan_tui.tui.runbooks.place import DIALOG_KEYS
from artisan_tui.tui.runbooks.steps import undo_word

if TYPE_CHECKING:
    from artisan_tui.engine.runbooks.records import RunRecord


def preview_lines(record: RunRecord, width: int) -> Iterator[list[Run]]:
    """Each undo: its number, the step, what will be sent or done, and what shows that it worked."""
    for number, each in enumerate(record.undos, 1):
        step = record.definition.step(each.step)
        titled = step_title(step) if step is not None else each.step
        state = f"  {undo_word(each.state)}" if each.state not in ("", "pending") else ""
        yield [(f"{number:>2} ", "-dim"), (titled, "-strong"), (f"  {each.step}", "-dim"), (state, "-warn")]
        way = "hand" if step is None else undo_way(step)
        if way == "barrier":
            said, role = _("IRREVERSIBLE: nothing can undo it; you are asked before the rollback goes on"), "-bad"
        elif each.act:
            said, role = each.act, "-accent"
        else:
            said, role = by_hand_text(step), "-warn"
        for line in printable(said, 4000, lines=True).splitlines():
            for piece in wrapped(line, max(8, width - 4)):
                yield [("    ", ""), (piece, role)]
        verify = None if step is None or step.rollback is None else step.rollback.verify
        if verify is not None and verify.action.expect:
            for piece in wrapped(_("undone when: {what}").format(what="; ".join(verify.action.expect)), width - 4):
                yield [("    ", ""), (piece, "-dim")]


class _Undos(Lines):
    GROUND = "-surface"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(DIALOG_KEYS["rollback.start"], "start", show=False, id="rollback.start", priority=True)
    ]

    def __init__(self, record: RunRecord) -> None:
        super().__init__()
        self._record = record

    def compose_lines(self, width: int) -> Sequence[Sequence[Run]]:
        return list(preview_lines(self._record, width))

    def action_start(self) -> None:
        assert isinstance(self.screen, RollbackPreview)
        self.screen.start()


class RollbackPreview(Dialog[Mapping[str, str]]):
    """Answers with what was typed to begin, None when left. In production the name of the place is typed."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "go_on", show=False, priority=True)]

    def __init__(self, record: RunRecord) -> None:
        super().__init__()
        self._record = record
        run = record.run
        self._name = typed_name(run) if run.environment == "production" and run.mode != "dry" else ""

    def compose(self) -> ComposeResult:
        run = self._record.run
        with Box() as box:
            box.border_title = _("Roll back {run}").format(run=run.id)
            where = run.target or run.environment or "-"
            undos = len(self._record.undos)
            said = ngettext("{n} undo runs at {place}:", "These {n} undos run at {place}, in this order:", undos)
            yield Static(said.format(n=undos, place=where), markup=False)
            yield _Undos(self._record)
            if self._name:
                label = _("Type {environment} to confirm").format(environment=printable(self._name, 200))
                yield Static(label, classes="label warning", markup=False)
                yield TypedLine(max_length=300, compact=True)
                yield Static("", classes="refusal", markup=False)
            keys = self.shell.keys.get("rollback.start", DIALOG_KEYS["rollback.start"])
            close = self.shell.key_of("dialog.close")
            yield Static(_("{key}: roll back, {close}: cancel").format(key=key_name(keys), close=close), markup=False)

    async def action_go_on(self) -> None:
        """Enter on the list goes to the line where the name is typed; on that line it begins, if it is the name."""
        if isinstance(self.focused, TypedLine):
            await self.focused.typed()
        self.start()

    def start(self) -> None:
        if not self._name:
            self.dismiss({})
            return
        line = self.query_one(TypedLine)
        typed = line.value.strip()
        if self.focused is not line:
            self.set_focus(line)
        elif typed != self._name:
            self.query_one(".refusal", Static).update(_("type {name} to confirm").format(name=self._name))
        else:
            self.dismiss({"typed": typed})
