"""The log of an attempt: its end is its end, however fast it came."""

from __future__ import annotations

from pathlib import Path

from artisan_tui.engine.runbooks.shim.log import CappedLog, tail_of

CAP = 400


def test_the_last_bytes_are_the_last_however_fast_the_files_took_turns(tmp_path: Path) -> None:
    """Thousands of turns of the two files are one tick of the kernel's clock."""
    for total in range(0, 4 * CAP, 7):
        folder = tmp_path / str(total)
        folder.mkdir()
        data = bytes(33 + n % 90 for n in range(total))
        log = CappedLog(folder, CAP)
        for at in range(0, total, 13):
            log.write(data[at : at + 13])
            # Also while it is written: the newest quarter is always there.
            written = min(total, at + 13)
            assert tail_of(folder, CAP // 4) == data[max(0, written - CAP // 4) : written], (total, at)
        printed = log.close()
        assert (printed.total, printed.lost) == (total, False)
        assert tail_of(folder, CAP // 4) == data[-CAP // 4 :]
