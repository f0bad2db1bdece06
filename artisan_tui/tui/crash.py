"""After a crash: a traceback in a file for us, a sentence for the person."""

from __future__ import annotations

import os
import traceback
from datetime import datetime
from pathlib import Path

from artisan_tui.domain.text.redaction import redacted
from artisan_tui.i18n import _


def write_crash(folder: Path | None, at: datetime, error: BaseException | None) -> str:
    """Write the traceback beside the store, readable by its owner only; the sentence to show."""
    name = type(error).__name__ if error is not None else "?"
    if folder is None:
        return _("internal error: the board stopped ({name})").format(name=name)
    text = "".join(traceback.format_exception(error)) if error is not None else "no exception recorded\n"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, path = _create(folder, f"crash-{at:%Y%m%d-%H%M%S}")
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(redacted(text))
    except OSError:
        return _("internal error: the board stopped ({name})").format(name=name)
    return _("internal error: the board stopped ({name}); see {path} for details. All recorded data is saved.").format(
        name=name, path=path
    )


def _create(folder: Path, stem: str) -> tuple[int, Path]:
    """A new file that only we may read; an existing file, or a link, is not written to."""
    for suffix in ("", "-2", "-3", "-4"):
        path = folder / f"{stem}{suffix}.txt"
        try:
            return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), path
        except FileExistsError:
            continue
    raise FileExistsError(stem)
