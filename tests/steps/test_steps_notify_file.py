"""The channel that is a file of this machine."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from artisan_tui.config.notify import FileChannel
from artisan_tui.domain.notify.notice import Notice
from artisan_tui.domain.notify.outcome import Came, SendOutcome
from artisan_tui.steps.notify import open_channel
from artisan_tui.steps.notify.channel import Dispatch, Sending

AT = datetime(2026, 11, 21, 9, 42, tzinfo=UTC)


async def sent(path: Path, *titles: str) -> SendOutcome:
    sendings = [Sending(f"{n:010x}", Notice("page", "INC-1", "Sev2", each, ""), AT) for n, each in enumerate(titles)]
    channel = FileChannel(id="log", path=str(path))
    return await open_channel(channel, lambda name: "").send(Dispatch(sendings, AT, "Artisan"))


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


async def test_a_file_gets_a_line_for_each_request(tmp_path: Path) -> None:
    path = tmp_path / "messages.jsonl"
    assert (await sent(path, "a\x1b[2Jb\n")).came is Came.SENT
    assert (await sent(path, "b", "c")).came is Came.SENT
    first, second = lines_of(path)
    assert "\x1b" not in first["notices"][0]["title"]
    assert (len(second["notices"]), second["version"]) == (2, 1)
    assert path.stat().st_mode & 0o777 == 0o600


async def test_what_is_no_file_to_write_is_said(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path, said in (
        (tmp_path / "pipe", "cannot be written"),
        (tmp_path, "Is a directory"),
        (tmp_path / "none" / "x", "No such file"),
        (Path("/dev/null"), "is no regular file"),
        (Path("/dev/full"), "is no regular file"),
    ):
        found = await sent(path, "a")
        assert (found.came, found.broken, said in found.said) == (Came.FAILED, True, True), found
