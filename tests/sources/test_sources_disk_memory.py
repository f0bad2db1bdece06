"""The disk and memory kinds against this machine, against df, and against a filesystem that is really full."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import threading
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from artisan_tui.sources.checks import disk, memory
from artisan_tui.sources.checks.disk import DiskProbe, DiskSpec
from artisan_tui.sources.probe_context import ProbeContext
from support.probing import run_probe
from support.servers import require


@contextlib.contextmanager
def tmpfs(place: Path, options: str) -> Iterator[Path]:
    """A filesystem of its own; skips where mounting is not allowed."""
    mount = require("mount")
    place.mkdir()
    done = subprocess.run([mount, "-t", "tmpfs", "-o", options, "h3", str(place)], capture_output=True, check=False)
    if done.returncode:
        pytest.skip(f"mounting is not allowed here: {done.stderr.decode().strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


def df(path: str) -> int:
    """Per cent used, as df says it."""
    done = subprocess.run(["df", "--output=pcent", path], capture_output=True, text=True, check=True)
    return int(done.stdout.split()[-1].rstrip("%"))


async def test_a_disk_as_df_counts_it() -> None:
    seen, _ = await run_probe("disk", expect=["value <= 100"])
    value = seen.answers["value"]
    assert isinstance(value, Decimal)
    assert abs(df("/") - value) <= 1
    body = seen.answers["body"]
    assert isinstance(body, dict)
    assert body["used_percent"] == value
    assert body["mount"] == "/"
    assert body["filesystem"]
    assert 0 < body["free_bytes"] < body["total_bytes"]
    assert seen.query == 'statvfs("/")'
    assert seen.latency is not None


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/", ("ext4", "/")),
        ("/data/x/y", ("nfs", "/data/x")),
        ("/data/xy", ("zfs", "/data")),
        ("/data", ("zfs", "/data")),
        ("/database", ("ext4", "/")),
    ],
)
def test_the_mount_is_the_innermost_and_of_two_the_later(
    monkeypatch: pytest.MonkeyPatch, path: str, found: tuple[str, str]
) -> None:
    listed = [("/data/x", "nfs"), ("/", "ramfs"), ("/data", "xfs"), ("/", "ext4"), ("/data", "zfs"), ("/proc", "proc")]
    mounts = [SimpleNamespace(mountpoint=place, fstype=kind) for place, kind in listed]
    monkeypatch.setattr(psutil, "disk_partitions", lambda all: mounts)
    assert disk._mounted(path) == found


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [
        (8500, 10000, "85.0"),
        (85001, 100000, "85.1"),
        (1, 10**15, "0.1"),
        (0, 5, "0.0"),
        (5, 5, "100.0"),
        (0, 0, "None"),
    ],
)
def test_per_cent_are_rounded_up(part: int, whole: int, shown: str) -> None:
    assert str(disk.percent(part, whole)) == shown


async def test_a_disk_that_fills(tmp_path: Path) -> None:
    with tmpfs(tmp_path / "full", "size=1m") as place:
        _, outcome = await run_probe("disk", path=str(place), expect=["value <= 85", f"body.mount == {place}"])
        assert outcome.verdict is State.UP
        (place / "log").write_bytes(bytes(880 * 1024))
        seen, outcome = await run_probe("disk", path=str(place / "log"))
        assert (outcome.verdict, outcome.reason) == (State.DOWN, Reason.VALUE)
        assert outcome.detail == "value 86.0, expected <= 85"
        body = seen.answers["body"]
        assert isinstance(body, dict)
        assert body["total_bytes"] == 1024 * 1024
        assert body["free_bytes"] == 144 * 1024
        assert (body["filesystem"], body["mount"]) == ("tmpfs", str(place))
        _, outcome = await run_probe("disk", path=str(place), expect=["value <= 90"])
        assert outcome.verdict is State.UP
    # What an unmounted disk leaves behind is a folder on another one, and must not pass for it.
    _, outcome = await run_probe("disk", path=str(place), expect=["value <= 100", f"body.mount == {place}"])
    assert (outcome.verdict, outcome.reason) == (State.DOWN, Reason.BODY)


async def test_no_inodes_left_is_degraded_whatever_the_room(tmp_path: Path) -> None:
    with tmpfs(tmp_path / "inodes", "size=1m,nr_inodes=40") as place:
        assert (await run_probe("disk", path=str(place)))[1].verdict is State.UP
        with contextlib.suppress(OSError):
            for number in range(40):
                (place / str(number)).touch()
        seen, outcome = await run_probe("disk", path=str(place))
        assert outcome.verdict is State.DEGRADED
        assert "100.0 % of the inodes" in outcome.detail
        assert seen.answers["value"] == Decimal("0.0")


async def test_what_is_no_disk() -> None:
    _, outcome = await run_probe("disk", path="/no/such/place")
    assert (outcome.verdict, outcome.reason) == (State.DOWN, Reason.ABSENT)
    assert "mount it" in outcome.detail
    _, outcome = await run_probe("disk", path="/proc")
    assert (outcome.verdict, outcome.reason) == (State.UNKNOWN, Reason.NO_DATA)


async def test_a_mount_that_hangs_is_down_and_costs_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    real, gate = os.statvfs, threading.Event()

    def hang(path: str) -> os.statvfs_result:
        if path == "/dead":
            gate.wait(30)
        return real("/")

    monkeypatch.setattr(disk.os, "statvfs", hang)
    probe = DiskProbe(
        DiskSpec.model_validate({"id": "dead", "path": "/dead", "timeout": "200ms"}), ProbeContext.open(None, {})
    )
    async with asyncio.timeout(10):  # it would hang for thirty
        first, second = (await probe.probe()).failure, (await probe.probe()).failure
    assert [thread.name for thread in threading.enumerate()].count("probe dead") == 1
    gate.set()
    assert first is not None
    assert second is not None
    assert (first.reason, first.blind) == (Reason.TIMEOUT, False)
    assert (second.reason, second.blind) == (Reason.BLOCKED, False)
    assert "/dead does not respond" in second.detail


async def test_memory_is_the_machine_s() -> None:
    seen, outcome = await run_probe(
        "memory", expect=["value < 100", "body.total_bytes > 1000000", "body.swap_used_percent <= 100"]
    )
    assert outcome.verdict is State.UP
    total = psutil.virtual_memory().total
    body = seen.answers["body"]
    assert isinstance(body, dict)
    assert body["used_percent"] == seen.answers["value"]
    if not seen.remarks:
        assert body["total_bytes"] == total
        assert abs(body["available_bytes"] - psutil.virtual_memory().available) < total / 10
    _, outcome = await run_probe("memory", expect=["value < 0"])
    assert (outcome.verdict, outcome.reason) == (State.DOWN, Reason.VALUE)


def group(place: Path, limit: str, used: int, inactive: int) -> None:
    place.mkdir(parents=True, exist_ok=True)
    (place / "memory.max").write_text(f"{limit}\n")
    (place / "memory.current").write_text(f"{used}\n")
    (place / "memory.stat").write_text(f"anon 5\nfile 900\ninactive_file {inactive}\n")


@pytest.mark.parametrize("own", ["/a/b", "/", "/../../elsewhere"])
def test_the_tightest_control_group_counts(tmp_path: Path, own: str) -> None:
    groups, ours, gib = tmp_path / "cgroup", tmp_path / "self", 2**30
    ours.write_text(f"1:name=systemd:/x\n0::{own}\n")
    assert memory.tightest_limit(groups, ours, 8 * gib) is None
    group(groups, "max", 4 * gib, gib)
    assert memory.tightest_limit(groups, ours, 8 * gib) is None
    group(groups, str(2 * gib), gib, gib // 2)
    assert memory.tightest_limit(groups, ours, 8 * gib) == memory.Limit(gib // 2, 2 * gib)
    assert memory.tightest_limit(groups, ours, gib) is None, "a limit above the machine's memory is none"
    if own == "/a/b":
        group(groups / "a", str(3 * gib), 2 * gib, 0)
        group(groups / "a/b", str(4 * gib), gib, 0)
        assert memory.tightest_limit(groups, ours, 8 * gib) == memory.Limit(2 * gib, 3 * gib)


async def test_a_container_is_told_its_own_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    group(tmp_path, str(512 * 2**20), 500 * 2**20, 20 * 2**20)
    (tmp_path / "self").write_text("0::/\n")
    monkeypatch.setattr(memory, "_GROUPS", tmp_path)
    monkeypatch.setattr(memory, "_OURS", tmp_path / "self")
    seen, outcome = await run_probe("memory")
    assert (outcome.verdict, outcome.detail) == (State.DOWN, "value 93.8, expected <= 90")
    assert "512 MiB" in seen.remarks[0]
    assert "OOM" in seen.remarks[0]
    body = seen.answers["body"]
    assert isinstance(body, dict)
    assert (body["total_bytes"], body["available_bytes"]) == (512 * 2**20, 32 * 2**20)


async def test_without_the_kernel_s_counts_it_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    def hidden() -> object:
        raise PermissionError(13, "hidden")

    monkeypatch.setattr(psutil, "virtual_memory", hidden)
    _, outcome = await run_probe("memory")
    assert (outcome.verdict, outcome.reason) == (State.UNKNOWN, Reason.INTERNAL)
    assert "memory" in outcome.detail
