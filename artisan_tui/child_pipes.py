"""Letting go of a program that asyncio started, in whatever room it was started."""

from __future__ import annotations

from asyncio.subprocess import Process


def let_go(process: Process) -> None:
    """Close our ends of its pipes, and kill it if it still runs. To be called when nothing more is expected of it.

    Another process may hold the pipes open: asyncio would close ours when the loop is gone, and fail.
    """
    process._transport.close()  # type: ignore[attr-defined]
