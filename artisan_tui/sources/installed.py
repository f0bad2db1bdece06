"""The failure of a probe whose Python package is not installed."""

from __future__ import annotations

from artisan_tui.domain.probe_result import Failure
from artisan_tui.domain.reason import Reason


def missing(package: str, extra: str = "") -> Failure:
    """A blind failure with the pip command. Without ``extra`` the package is one of the base requirements."""
    mend = f'pip install "artisan-tui[{extra}]"' if extra else "pip install artisan-tui"
    return Failure(Reason.NOT_INSTALLED, f"the {package} package is not installed: {mend}", blind=True)
