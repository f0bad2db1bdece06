"""A defect of ours: the terminal is given back, a file holds the details, the person gets a sentence."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from artisan_tui.tui.app import ArtisanApp
from artisan_tui.tui.checks.services import Services
from artisan_tui.tui.crash import write_crash
from support.snapshots import NOW, make_app, scene, snapshot


class Defect(Exception):
    pass


async def crash(app: ArtisanApp, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Services, width: int) -> int:
        raise Defect("secret detail")

    monkeypatch.setattr(Services, "prepare", broken)
    with pytest.raises(Defect):
        await _run(app)


async def _run(app: ArtisanApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        app.receive(snapshot(scene()))
        for _ in range(20):
            await pilot.pause()


async def test_leaves_a_file_for_its_owner_and_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "state" / "deeper"
    app = make_app(crash_dir=folder)
    await crash(app, monkeypatch)
    (file,) = folder.iterdir()
    assert file.name == f"crash-{NOW:%Y%m%d-%H%M%S}.txt"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    written = file.read_text()
    assert "Traceback (most recent call last)" in written
    assert "Defect: secret detail" in written
    assert str(file) in app.crash_note
    assert "internal error: the board stopped (Defect)" in app.crash_note
    assert "\n" not in app.crash_note
    assert "Traceback" not in app.crash_note
    out, err = capfd.readouterr()
    assert "Traceback" not in out + err
    assert "secret detail" not in out + err
    assert app.return_code != 0


async def test_without_a_place_to_write_there_is_still_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    occupied = tmp_path / "file"
    occupied.write_text("")
    for folder in (None, occupied):
        app = make_app(crash_dir=folder)
        await crash(app, monkeypatch)
        monkeypatch.undo()
        assert app.crash_note == "internal error: the board stopped (Defect)"


def test_a_second_crash_in_the_same_second_keeps_the_file_closed(tmp_path: Path) -> None:
    file = tmp_path / f"crash-{NOW:%Y%m%d-%H%M%S}.txt"
    file.write_text("old")
    file.chmod(0o644)
    note = write_crash(tmp_path, NOW, Defect("\ud800"))
    files = [path for path in tmp_path.iterdir() if "Defect" in path.read_text(errors="replace")]
    assert files
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in files)
    assert str(files[0]) in note


def test_a_link_in_the_way_is_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "precious"
    elsewhere.write_text("precious")
    folder = tmp_path / "state"
    folder.mkdir()
    (folder / f"crash-{NOW:%Y%m%d-%H%M%S}.txt").symlink_to(elsewhere)
    write_crash(folder, NOW, Defect())
    assert elsewhere.read_text() == "precious"


async def test_an_engine_that_ends_ends_the_board_with_its_error() -> None:
    app = make_app()
    error = Defect("the engine")
    async with app.run_test(size=(80, 24)) as pilot:
        app.engine_failed(error)
        await pilot.pause()
    assert app.return_value is error
