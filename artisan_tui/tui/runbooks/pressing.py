"""What the buttons of a run do, and their keys: always on what is on the screen, never on what changed behind it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from textual import on

from artisan_tui.engine.runbooks.owner import owner_label
from artisan_tui.engine.runbooks.watching import ShownRun
from artisan_tui.i18n import _
from artisan_tui.tui.kit.screen import ArtisanScreen
from artisan_tui.tui.runbooks import answering
from artisan_tui.tui.runbooks.buttons import Button, RunButton, buttons_of
from artisan_tui.tui.runbooks.detail import StepDetail
from artisan_tui.tui.runbooks.steps import StepList
from artisan_tui.tui.runbooks.waiting import waiting_words

if TYPE_CHECKING:
    from textual.widget import AwaitMount

    from artisan_tui.domain.runbooks.run import Run
    from artisan_tui.engine.runbooks.records import RunRecord

#: Buttons that answer a question.
_ANSWERS = frozenset({"go", "no"})


class PressedScreen(ArtisanScreen):
    """A subclass says what is known of the run; ``stored`` is what the screen shows of it, with what is asked in full."""

    def __init__(self, run_id: str) -> None:
        super().__init__()
        self.run_id = run_id
        self.stored: ShownRun | None = None
        self.problem = ""

    @property
    def known_run(self) -> Run | None:
        """The newest that is known of it."""
        raise NotImplementedError

    @property
    def orphaned(self) -> bool:
        raise NotImplementedError

    @property
    def undoable(self) -> bool:
        """Whether a rollback would have something to undo."""
        return self.stored is not None and bool(self.stored.record.undos)

    @property
    def asking(self) -> RunRecord | None:
        """The run within this one that a person is waited for in; its questions are shown and answered here."""
        child = None if self.stored is None else self.stored.record.child
        if child is None or (child.run.asked is None and (child.run.unknown is None or child.run.current is not None)):
            return None
        return child

    def newest(self, run_id: str) -> Run | None:
        """What the session knows of another run."""
        raise NotImplementedError

    @property
    def buttons(self) -> tuple[Button, ...]:
        """Those of the run; what answers a question is that of the run within it that asks."""
        own = buttons_of(self.known_run, orphaned=self.orphaned, undoable=self.undoable)
        child = self.asking
        if child is None:
            return own
        theirs = {each.act: each for each in buttons_of(child.run)}
        more = [theirs["no"]] if "no" in theirs and all(each.act != "no" for each in own) else []
        return (*(theirs["go"] if each.act == "go" else each for each in own), *more)

    def press_focused(self) -> object:
        """Press the button with the focus; on a step, go to what it does."""
        if isinstance(self.focused, RunButton):
            return self._press(self.focused.button.act)
        self.set_focus(self.query_one(StepDetail))
        return None

    @on(RunButton.Pressed)
    def _pressed(self, event: RunButton.Pressed) -> None:
        self._press(event.act)

    def _press(self, act: str) -> object:
        pressed: object = getattr(self, f"press_{act}")()
        return pressed

    def _shown(self, act: str) -> ShownRun | None:
        """What is on the screen, for an act on it; None, and that is said, where nothing is to be done."""
        stored, run = self.stored, self.known_run
        if stored is None or run is None:
            self.shell.say(self.problem or _("reading the run"))
            return None
        button = next((each for each in self.buttons if each.act == act), None)
        if button is None or not button.ready:
            self.shell.say(self._why_not(run))
            return None
        child = self.asking
        if child is not None and act in _ANSWERS:
            stored = ShownRun(child, "" if child.run.asked is None else child.run.asked.step, child.act, child.undo)
            run = self.newest(child.run.id) or child.run
        if stored.record.run.version != run.version:
            self.shell.say(_("the run changed this moment: look, and press again"))
            return None
        return stored

    def _why_not(self, run: Run) -> str:
        said = waiting_words(run, orphaned=self.orphaned, owner=owner_label(run.owner))
        return _("not now: {why}").format(why=said) if said else _("not now")

    def press_go(self) -> AwaitMount | None:
        shown = self._shown("go")
        return None if shown is None else answering.agree(self.shell, shown)

    def press_skip(self) -> AwaitMount | None:
        shown = self._shown("skip")
        return None if shown is None else answering.skip(self.shell, shown)

    def press_retry(self) -> None:
        shown = self._shown("retry")
        if shown is not None:
            answering.retry(self.shell, shown)

    def press_back(self) -> AwaitMount | None:
        """Show every undo first; Enter there begins."""
        shown = self._shown("back")
        if shown is None:
            return None
        from artisan_tui.tui.runbooks.rollback import RollbackPreview

        known = {"run": self.run_id, "seen": str(shown.record.run.version), "how": "start"}

        def answered(typed: Mapping[str, str] | None) -> None:
            if typed is not None:
                self.shell.execute("runbook.rollback", {**known, **typed})

        return self.shell.show_dialog(RollbackPreview(shown.record), answered)

    def press_abort(self) -> None:
        """At once: whoever aborts has no time for a question. The second press kills."""
        run = self.known_run
        if run is None or run.finished:
            self.shell.say(_("not now") if run is None else self._why_not(run))
            return
        self.shell.execute("runbook.abort", {"run": run.id})

    def press_adopt(self) -> AwaitMount | None:
        stored, run = self.stored, self.known_run
        if stored is None or run is None:
            self.shell.say(self.problem or _("reading the run"))
            return None
        if run.over:
            self.shell.say(_("not now"))
            return None
        return answering.adopt(self.shell, stored)

    def press_no(self) -> AwaitMount | None:
        shown = self._shown("no")
        return None if shown is None else answering.refuse(self.shell, shown)

    def press_leave(self) -> AwaitMount | None:
        shown = self._shown("leave")
        return None if shown is None else answering.leave(self.shell, shown)

    def jump(self) -> AwaitMount | None:
        step, part = self.query_one(StepList).selected
        if self.stored is None or not step or part != "do":
            self.shell.say(_("select an earlier step first"))
            return None
        return answering.jump(self.shell, self.stored, step)
