"""Steps of our own kinds, made for tests."""

from __future__ import annotations

from artisan_tui.engine.runbooks.step_journal import StepJournal
from artisan_tui.engine.runbooks.step_measures import StepMeasures

LENT = {"measure": StepMeasures(), "journal": StepJournal()}
