"""The configuration's file, as the engine reads it: at the start, when it changes, and when asked."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from artisan_tui.domain.event import Entry
from artisan_tui.domain.journal_body import Body
from artisan_tui.domain.session.events import ConfigLoaded, ConfigRefused
from artisan_tui.engine.identity import OBSERVER
from artisan_tui.engine.launch import Options
from artisan_tui.engine.publisher import Publisher
from artisan_tui.engine.reply import Reply
from artisan_tui.i18n import _

if TYPE_CHECKING:
    from artisan_tui.config.models import Config
    from artisan_tui.engine.settings import Fingerprint


class ConfigFile:
    """``adopt`` is awaited with every sound configuration that differs from the one before, after the first."""

    def __init__(
        self,
        options: Options,
        publisher: Publisher,
        adopt: Callable[[Config], Awaitable[None]],
        tell: Callable[[Body], None],
    ) -> None:
        self._options, self._publisher, self._adopt, self._tell = options, publisher, adopt, tell
        self._digest = ""
        self._fingerprint: Fingerprint | None = None

    async def read(self) -> Config:
        """Raises ConfigError with everything that is wrong with it."""
        config, self._fingerprint = await asyncio.to_thread(self._read)
        self._digest = config.digest
        return config

    def _read(self) -> tuple[Config, Fingerprint | None]:
        from artisan_tui.engine.settings import fingerprint, read  # pydantic waits for the first frame

        # Traced before it is read: a change in between is then seen as one.
        seen = fingerprint(self._options.config_path)
        return read(self._options.config_path, self._options.overlay), seen

    async def check(self) -> None:
        """Read it again if it changed on disk."""
        from artisan_tui.engine.settings import fingerprint

        seen = fingerprint(self._options.config_path)
        if seen is not None and seen != self._fingerprint:
            self._fingerprint = seen
            await self.reload()

    async def reload(self) -> Reply:
        """Read the file again; a broken one changes nothing but the notice on screen."""
        from artisan_tui.engine.settings import ConfigError

        before = self._digest
        try:
            config = await self.read()
        except ConfigError as error:
            # The folder is known; on a narrow screen it would push the way to fix it out of sight.
            problems = tuple(str(replace(p, file=Path(p.file).name)) for p in error.problems)
            if problems != self._publisher.session_status.config_problems:
                self._publisher.update_session(config_problems=problems)
                self._tell(ConfigRefused(problems=problems[:20]))
            return Reply(False, problems[0])
        if config.digest == before:
            self._publisher.update_session(config_problems=())
            return Reply(True, _("the configuration is unchanged"))
        await self._adopt(config)
        self._tell(ConfigLoaded(digest=config.digest, checks=sum(1 for _ in config.checks())))
        return Reply(True, _("the configuration was reloaded"))


def config_entry(options: Options, at: datetime, body: Body) -> Entry:
    """What happened to the file, for the journal."""
    return body.entry(at, OBSERVER, options.config_path.name)
