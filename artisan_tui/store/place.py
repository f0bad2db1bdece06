"""Where the store is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

FILE_NAME = "artisan.db"


class StorePlace(NamedTuple):
    """The state folder, and an SQLAlchemy URL when the store is elsewhere than in its `FILE_NAME`."""

    state_dir: Path
    url: str | None = None

    @property
    def sqlite_path(self) -> Path | None:
        """The SQLite file; None when the store is another database or would be in memory only."""
        if self.url is None:
            return self.state_dir / FILE_NAME
        scheme, _, rest = self.url.partition("://")
        path = rest.partition("?")[0][1:]
        if scheme.partition("+")[0] != "sqlite" or path in ("", ":memory:"):
            return None
        return Path(path)

    @property
    def sqlalchemy_url(self) -> str:
        return self.url or f"sqlite:///{self.sqlite_path}"

    @property
    def label(self) -> str:
        """The place as a person may read it: the file, or the URL without its password."""
        path = self.sqlite_path
        if path:
            return str(path)
        return re.sub(
            r"((?:ssl)?password=)[^&]*", r"\1***", re.sub(r"(://[^:@/]*):.*@", r"\1:***@", self.sqlalchemy_url)
        )
