"""What to say when a package that a check kind needs is not there."""

from __future__ import annotations

from artisan_tui.domain.probe_result import Failure, Reason


def missing(package: str, extra: str = "") -> Failure:
    """Our own lack, never evidence against the target. Without ``extra`` a whole installation has the package."""
    mend = f'pip install "artisan-tui[{extra}]"' if extra else "pip install artisan-tui"
    return Failure(Reason.NOT_INSTALLED, f"the {package} package is not installed: {mend}", blind=True)
