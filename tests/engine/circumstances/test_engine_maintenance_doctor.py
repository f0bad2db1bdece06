"""Recurring maintenance at hours that the clocks skip or repeat is said before it happens."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from artisan_tui.engine.maintenance.doctor import clock_findings
from artisan_tui.engine.oncall.doctor import schedule_findings
from artisan_tui.engine.settings import read
from support.services import config_text, http_check

NOW = datetime(2027, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (
            'from = "02:00"\nto = "03:00"\nzone = "America/New_York"',
            [
                "nightly: 2027-03-14 02:00 does not occur in America/New_York: the window of 2027-03-14 lasts 0 h",
            ],
        ),
        (
            'from = "01:30"\nto = "04:00"\nzone = "America/New_York"',
            [
                "nightly: 2027-11-07 01:30 occurs twice in America/New_York: the window of 2027-11-07 lasts 3.5 h",
            ],
        ),
        ('from = "02:00"\nto = "03:00"\nzone = "Asia/Seoul"', []),
        ('from = "02:00"\nto = "03:00"\nzone = "America/New_York"\ndays = ["mon"]', []),
        ('from = "02:00"\nto = "03:00"\nzone = "America/New_York"\nlast = 2027-03-01', []),
    ],
)
def test_the_days_on_which_a_window_is_another_one(tmp_path: Path, keys: str, said: list[str]) -> None:
    window = f'\n[[maintenance]]\nid = "nightly"\nreason = "Backup"\n{keys}\n'
    (tmp_path / "artisan.toml").write_text(config_text(http_check("web", "http://127.0.0.1:1/")) + window)
    config = read(tmp_path / "artisan.toml")
    assert [text for _what, _well, text, _mend in clock_findings(config, NOW)] == said
    assert set(said) <= {text for _what, _well, text, _mend in schedule_findings(config, NOW)}
