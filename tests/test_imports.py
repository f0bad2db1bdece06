"""What may be loaded when. import-linter holds the arrows; this holds the clock."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

HEAVY = (
    "sqlmodel",
    "sqlalchemy",
    "alembic",
    "pydantic",
    "httpx",
    "requests",
    "kubernetes",
    "docker",
    "typer",
    "starlette",
    "re2",
    "jmespath",
    "aiohttp",
    "textual_serve",
    "artisan_tui.web",
)


def loaded_after(code: str) -> set[str]:
    program = f"import json, sys\n{code}\nprint(json.dumps(sorted({{name.partition('.')[0] for name in sys.modules}} | set(sys.modules))))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_nothing_heavy_before_the_first_frame() -> None:
    # Everything the front door and the board import until the first frame is on the wire.
    modules = loaded_after(
        "import artisan_tui.main, artisan_tui.tui.run\n"
        "from artisan_tui.engine.access import Session\n"
        "artisan_tui.tui.run.ArtisanApp(Session('x')).get_default_screen()"
    )
    assert "textual" in modules
    assert not modules.intersection(HEAVY)


def test_the_first_frame_shows_now_and_loads_nothing_of_the_time_machine() -> None:
    # What a screen does when it is mounted is on the wire too, not only what is imported at the top of a module.
    modules = loaded_after(
        "import asyncio\n"
        "from artisan_tui.engine.access import Session\n"
        "from artisan_tui.tui.app import ArtisanApp\n"
        "from artisan_tui.tui.kit.header import Header\n"
        "async def shown():\n"
        "    app = ArtisanApp(Session('x'))\n"
        "    async with app.run_test(size=(80, 24)):\n"
        "        app.screen.query_one(Header)\n"
        "asyncio.run(shown())"
    )
    assert "artisan_tui.tui.board.screen" in modules
    assert not {name for name in modules if name.startswith("artisan_tui.engine.past")}
    assert not modules.intersection({*HEAVY, "artisan_tui.tui.past.travel", "artisan_tui.engine.bus"})


def test_the_declarations_of_commands_load_nothing_that_carries_them_out() -> None:
    modules = loaded_after("import artisan_tui.engine.commands, artisan_tui.engine.host, artisan_tui.engine.snapshot")
    own = {name for name in modules if name.startswith("artisan_tui.")}
    assert not {name for name in own if name.endswith((".decisions", ".wing", ".decision", ".core"))}
    assert not {name for name in own if name.startswith(("artisan_tui.config", "artisan_tui.sources"))}
    assert not modules.intersection({*HEAVY, "decimal", "sqlite3", "importlib.util"})


def test_the_command_line_loads_no_models_and_no_store_before_it_knows_what_to_do() -> None:
    # `--version`, `--help` and each Tab pay for what is loaded here; so does every other command.
    modules = loaded_after("import artisan_tui.cli.app")
    assert "typer" in modules
    assert not modules.intersection({*HEAVY, "textual", "rich", "jinja2", "babel"} - {"typer"})
    assert not {name for name in modules if name.endswith((".core", ".part")) and name.startswith("artisan_tui.")}


@pytest.mark.parametrize("module", ["core", "checks.once", "doctor", "drills.stack", "audit", "host"])
def test_the_engine_has_no_screen(module: str) -> None:
    modules = loaded_after(f"import artisan_tui.engine.{module}")
    assert not {name for name in modules if name.startswith(("textual", "artisan_tui.tui"))}


def test_check_kinds_load_their_libraries_when_first_used() -> None:
    modules = loaded_after("import artisan_tui.sources.checks")
    assert not modules.intersection(
        {"httpx", "requests", "prometheus_client", "sqlmodel", "kubernetes", "docker", "dns", "h2"}
    )


def test_the_last_known_state_is_read_without_the_store_s_libraries() -> None:
    modules = loaded_after("import artisan_tui.store.opening, artisan_tui.store.place, artisan_tui.store.errors")
    assert not modules.intersection({"sqlmodel", "sqlalchemy", "pydantic", "alembic"})


def test_every_check_kind_but_postgres_comes_with_the_program() -> None:
    project = tomllib.loads((Path(__file__).resolve().parents[1] / "pyproject.toml").read_text("utf-8"))["project"]
    own = {Requirement(line).name for line in project["dependencies"]}
    assert {"docker", "kubernetes", "psutil"} <= own
    assert set(project["optional-dependencies"]) == {"calendars", "postgres"}
