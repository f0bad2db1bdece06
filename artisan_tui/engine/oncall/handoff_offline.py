"""The hand-over review for the command line, read from the store without a running session."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from artisan_tui.domain.oncall.moments import parse_moment
from artisan_tui.domain.when import NotOneMoment
from artisan_tui.engine.launch import GlobalOptions, state_dir
from artisan_tui.engine.offline import with_journal
from artisan_tui.i18n import _

if TYPE_CHECKING:
    from artisan_tui.domain.oncall.handoff_review import HandoffReview
    from artisan_tui.engine.decision import Present
    from artisan_tui.engine.settings import Config
    from artisan_tui.store.store import Store


class NoMoment(ValueError):
    """What was typed is no moment. The message is for the person."""


def handoff_review(
    options: GlobalOptions,
    at: str = "",
    back: int = 0,
    weeks: int = 8,
    environ: Mapping[str, str] = os.environ,
) -> HandoffReview:
    """As it was ``at`` a moment that a person typed, "" for now. Raises NoMoment, ConfigError and StoreError."""

    def read(present: Present, config: Config, store: Store) -> HandoffReview:
        from artisan_tui.engine.oncall.handoff_query import review_once  # heavy, and loaded with the store

        try:
            then = parse_moment(at, present.now, config.zone, ahead=False) if at else present.now
        except NotOneMoment as several:
            raise NoMoment(several.said(_)) from None
        except ValueError as error:
            raise NoMoment(str(error)) from None
        return review_once(store, config, state_dir(options), then, back, weeks, environ)

    return with_journal(options, read, read_only=options.read_only)
