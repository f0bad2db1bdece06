"""Files that an act uses, by the digest of their content: an approval is for these contents and no others."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from artisan_tui.domain.text.printable import printable
from artisan_tui.steps.runbooks.protocol import StepRefused

#: Bytes of one file.
LARGEST: Final = 64 * 1024 * 1024


def digests(names: Iterable[str], folder: Path) -> dict[str, str]:
    """SHA-256 by path as it was written. Raises StepRefused for a file that cannot be read."""
    found: dict[str, str] = {}
    for name in names:
        path = folder / os.path.expanduser(name)
        try:
            if path.stat().st_size > LARGEST:
                raise StepRefused(f"{printable(name, 200)} is larger than 64 MiB", "name a smaller file")
            found[str(path)] = hashlib.sha256(path.read_bytes()).hexdigest()
        except OSError as error:
            raise StepRefused(f"{printable(name, 200)} cannot be read: {error.strerror}", "correct the path") from None
    return found


def changed(files: Mapping[str, str]) -> list[str]:
    """The paths whose content is not what it was."""
    return [name for name, digest in files.items() if _digest(name) != digest]


def check_unchanged(files: Mapping[str, str]) -> None:
    """Raises StepRefused when a file is not what it was when the act was resolved."""
    others = changed(files)
    if others:
        names = ", ".join(printable(each, 200) for each in others)
        raise StepRefused(f"{names} changed since this was resolved", "look at it again, and confirm again")


def _digest(name: str) -> str:
    try:
        return hashlib.sha256(Path(name).read_bytes()).hexdigest()
    except OSError:
        return ""
