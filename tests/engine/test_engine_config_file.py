"""A configuration file that changes under a running session: what is taken, what is only said."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from artisan_tui.domain.journal_body import Body
from artisan_tui.domain.session.events import ConfigLoaded
from artisan_tui.engine.access import Session
from artisan_tui.engine.config_file import ConfigFile, config_entry
from artisan_tui.engine.launch import Options
from artisan_tui.engine.settings import ConfigError
from artisan_tui.store.place import StorePlace
from support.clock import Hands

TEXT = '[artisan]\nname = "{name}"\n[[service]]\nid = "s"\n[[service.check]]\nid = "m"\nkind = "memory"\n'


class Around:
    """A file, and what was made of it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "artisan.toml"
        self.adopted: list[str] = []
        self.told: list[Body] = []
        self.problems: tuple[str, ...] = ()
        self.options = Options(self.path, StorePlace(folder / "state"), Session("j.park"))

    async def adopt(self, config: Any) -> None:
        self.adopted.append(config.artisan.name)

    def tell(self, body: Body) -> None:
        self.told.append(body)

    def write(self, text: str) -> None:
        """Whole at once, as an editor does it; another file, so that no clock decides whether it changed."""
        fresh = self.path.with_suffix(".new")
        fresh.write_text(text, "utf-8")
        os.replace(fresh, self.path)

    def kinds(self) -> list[str]:
        return [body.KIND for body in self.told]


class Shown:
    """The part of what is published that a file's problems are in."""

    def __init__(self) -> None:
        self.session_status = SimpleNamespace(config_problems=())

    def update_session(self, **changes: object) -> None:
        self.session_status = SimpleNamespace(**changes)


@pytest.fixture
def around(tmp_path: Path) -> Around:
    found = Around(tmp_path)
    found.write(TEXT.format(name="One"))
    return found


@pytest.fixture
def shown() -> Shown:
    return Shown()


@pytest.fixture
def file(around: Around, shown: Shown) -> ConfigFile:
    publisher: Any = shown
    return ConfigFile(around.options, publisher, around.adopt, around.tell)


async def test_a_file_that_did_not_change_is_not_read(file: ConfigFile, around: Around) -> None:
    await file.read()
    await file.check()
    assert (around.adopted, around.told) == ([], [])


async def test_a_sound_change_is_adopted_and_told_once(file: ConfigFile, around: Around) -> None:
    await file.read()
    around.write(TEXT.format(name="Two"))
    await file.check()
    await file.check()
    assert around.adopted == ["Two"]
    (body,) = around.told
    assert isinstance(body, ConfigLoaded)
    assert body.checks == 1


async def test_the_same_text_again_is_no_news(file: ConfigFile, around: Around) -> None:
    await file.read()
    around.write(TEXT.format(name="One"))
    await file.check()
    reply = await file.reload()
    assert (reply.ok, reply.text) == (True, "the configuration is unchanged")
    assert (around.adopted, around.told) == ([], [])


async def test_a_broken_file_is_said_once_and_changes_nothing(file: ConfigFile, around: Around, shown: Shown) -> None:
    await file.read()
    around.write(TEXT.format(name="One") + "evry = 3\n")
    await file.check()
    reply = await file.reload()
    assert not reply.ok
    assert reply.text == shown.session_status.config_problems[0]
    assert reply.text.startswith("artisan.toml:8"), "without its folder"
    assert around.adopted == []
    assert around.kinds() == ["config.refused"]
    around.write(TEXT.format(name="One"))
    await file.check()
    assert shown.session_status.config_problems == ()
    assert around.adopted == [], "it is what runs"


async def test_a_file_that_is_away_for_a_moment_is_waited_for(file: ConfigFile, around: Around) -> None:
    await file.read()
    around.path.unlink()
    await file.check()
    assert around.told == []
    around.write(TEXT.format(name="Two"))
    await file.check()
    assert around.adopted == ["Two"]


async def test_at_the_start_everything_that_is_wrong_is_raised(file: ConfigFile, around: Around) -> None:
    around.write("a = 1\nb = 2\n")
    with pytest.raises(ConfigError) as caught:
        await file.read()
    assert len(caught.value.problems) >= 2


def test_the_journal_names_the_file_and_not_its_folder(around: Around) -> None:
    entry = config_entry(around.options, Hands().now(), ConfigLoaded(digest="x", checks=2))
    assert (entry.kind, entry.subject, entry.body) == (
        "config.loaded",
        "artisan.toml",
        {"v": 1, "digest": "x", "checks": 2},
    )
