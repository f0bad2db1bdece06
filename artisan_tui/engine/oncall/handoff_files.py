"""A hand-over review as files in the state folder."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import _

if TYPE_CHECKING:
    from artisan_tui.engine.wing import Core


@dataclass(frozen=True, slots=True)
class WriteReview:
    """Writes ``texts`` by the end of their name; the path of the first. LookupError when they cannot be written."""

    id: str
    texts: Mapping[str, str]

    async def run(self, core: Core) -> Path:
        if core.options.session.read_only:
            raise LookupError(_("this session is read-only: use artisan-tui handoff report --format html"))
        folder = core.options.place.state_dir / "handoffs"
        try:
            return await asyncio.to_thread(write_review, folder, self.id, self.texts)
        except OSError as error:
            said = _("cannot write into {path}: {why}")
            raise LookupError(said.format(path=folder, why=printable(error.strerror or "", 200))) from None


def write_review(folder: Path, name: str, texts: Mapping[str, str]) -> Path:
    """One file per text, for nobody else to read. Raises OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    paths = []
    for end, text in texts.items():
        path = folder / f"handoff-{name.replace(':', '')}.{end}"
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        paths.append(path)
    return paths[0]
