"""``python -m bench.screenshots``: SVGs of the real program on the simulated stack, in ``screenshots/``.

The engine probes the simulated stack, in which two faults are then activated. The files are written only if all
pictures succeeded.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from textual.pilot import Pilot

from artisan_tui.domain.state import State
from artisan_tui.engine.checks.slice import CheckSlice, CheckView
from artisan_tui.engine.drills.stack import Stack, demo_options, start_stack
from artisan_tui.engine.host import EngineHost
from artisan_tui.engine.launch import GlobalOptions, Options
from artisan_tui.engine.settings import reference
from artisan_tui.engine.slo.slice import SloSlice
from artisan_tui.tui.app import ArtisanApp
from artisan_tui.tui.checks.screen import CheckScreen
from artisan_tui.tui.terminal import Terminal

FOLDER = Path(__file__).resolve().parents[1] / "screenshots"
SMALL, MEDIUM, WIDE = (80, 24), (120, 40), (200, 50)
#: The operator on the pictures, independent of the user who runs this.
ACTOR = "oncall"
NOTE = "handover: watch the Qwen pod, memory grew since the deploy"
#: Seconds to wait for a state of the stack.
PATIENCE = 60.0
#: Probes in a strip before the faults.
PROBES = 10
#: The faults to activate, and the checks that fail after the first one.
FAULTS = ("qwen_down", "cache_cold")
FOLLOWER = ("api.health", "llm.all", "redis.hit-rate")
#: Terminals with 16 colours, without colours, and with ASCII only.
TERMINALS = {"ansi": Terminal(colours=16), "no-color": Terminal(colours=0), "ascii": Terminal(ascii=True)}
#: Seconds after which a screen is drawn.
SETTLED = 0.3

Checks = Mapping[str, CheckView]


class NotDrawnError(Exception):
    """A picture could not be taken. The message says what it waited for."""


@dataclass(frozen=True, slots=True)
class Scene:
    """The running program, and its pictures by file name."""

    app: ArtisanApp
    host: EngineHost
    pilot: Pilot[BaseException | None]
    pictures: dict[str, str]

    async def until(self, what: str, holds: Callable[[Checks], bool]) -> None:
        """Wait until ``holds`` is true for the checks of the snapshot."""
        deadline = time.monotonic() + PATIENCE
        while self.app.snapshot is None or not holds({view.id: view for view in self.app.snapshot[CheckSlice].views}):
            if self.app.return_value is not None:
                raise NotDrawnError(f"the engine ended: {self.app.return_value}")
            if time.monotonic() > deadline:
                raise NotDrawnError(f"{what}: not within {PATIENCE:.0f} s")
            await asyncio.sleep(0.1)
            await self.pilot.pause()

    async def counted(self) -> None:
        """Wait until all SLO ledgers are filled."""
        deadline = time.monotonic() + PATIENCE
        while self.app.snapshot is None or not _counted(self.app.snapshot[SloSlice]):
            if time.monotonic() > deadline:
                raise NotDrawnError(f"the budgets: not within {PATIENCE:.0f} s")
            await asyncio.sleep(0.1)
            await self.pilot.pause()

    async def do(self, command_id: str, **arguments: str) -> None:
        """Run a command of the registry."""
        reply = await asyncio.wrap_future(self.host.submit(command_id, arguments))
        if not reply.ok:
            raise NotDrawnError(f"{command_id}: {reply.text}")

    async def take(self, name: str, size: tuple[int, int]) -> None:
        """Take a picture of the current screen at ``size``."""
        await self.pilot.resize_terminal(*size)
        await asyncio.sleep(SETTLED)
        await self.pilot.pause()
        self.pictures[f"{name}-{size[0]}x{size[1]}.svg"] = hostless(self.app.export_screenshot(title="artisan-tui"))


def _counted(budgets: SloSlice) -> bool:
    return bool(budgets.slo_statuses) and not any(each.progress or each.problem for each in budgets.slo_statuses)


def hostless(svg: str) -> str:
    """The SVG without the web font and the generator's comment, so that it needs no network."""
    svg = re.sub(r"^ *<!-- Generated with .*?-->\n", "", svg, flags=re.MULTILINE)
    return re.sub(r',\s*url\("[^"]*"\) format\("[^"]*"\)', "", svg)


@asynccontextmanager
async def scene(options: Options, pictures: dict[str, str], terminal: Terminal | None = None) -> AsyncIterator[Scene]:
    """Run the program like ``artisan-tui demo``, headless, for the given terminal."""
    app = ArtisanApp(options.session, terminal=terminal, crash_dir=options.place.state_dir)
    app.host = host = EngineHost(options, app.receive, app.engine_failed)
    async with app.run_test(size=MEDIUM) as pilot:
        try:
            yield Scene(app, host, pilot, pictures)
        finally:
            await asyncio.to_thread(host.stop, 5.0)


def everything_up(checks: Checks) -> bool:
    """Whether every check is up."""
    return bool(checks) and all(view.health.state is State.UP for view in checks.values())


def probed(check_id: str, least: int) -> Callable[[Checks], bool]:
    """A predicate: the strip of ``check_id`` has at least ``least`` probes."""
    return lambda checks: len(checks[check_id].strip) >= least


def settled(checks: Checks) -> bool:
    """Whether all faults show, no state is about to change, and no state is a restored one."""
    return (
        checks["llm.qwen"].health.state is State.DOWN
        and all(checks[check_id].health.state is not State.UP for check_id in FOLLOWER)
        and not any(view.restored or view.health.shaky for view in checks.values())
    )


async def english(options: Options, pictures: dict[str, str]) -> None:
    """The pictures in English."""
    async with scene(options, pictures) as it:
        await it.until("every check is up", everything_up)
        await it.do("journal.note", text=NOTE)
        await it.until("the strips have content", probed("llm.qwen", PROBES))
        for fault in FAULTS:
            await it.do("drill.toggle", fault=fault)
        await it.until("what was broken shows", settled)
        await it.counted()
        for size in (SMALL, MEDIUM, WIDE):
            await it.take("board", size)
        await it.pilot.press("t")
        await it.take("board-light", MEDIUM)
        await it.pilot.press("t", "b")
        await it.take("break", MEDIUM)
        await it.pilot.press("escape", "2")
        for size in (SMALL, MEDIUM):
            await it.take("slos", size)
        await it.pilot.press("x")
        await it.take("explain", MEDIUM)
        await it.pilot.press("escape", "escape", "question_mark")
        await it.take("help", SMALL)
        await it.pilot.press("escape")
        await it.app.open("check", check_id="llm.qwen")
        if not isinstance(it.app.screen, CheckScreen):
            raise NotDrawnError("the check's own screen did not open")
        await it.take("check", MEDIUM)


async def korean(options: Options, pictures: dict[str, str]) -> None:
    """A second session with the same state directory, so that strips and journal continue."""
    async with scene(options, pictures) as it:
        await it.until("what was broken shows again", settled)
        await it.counted()
        await it.take("board-ko", MEDIUM)
        await it.pilot.press("2")
        await it.take("slos-ko", MEDIUM)


async def other_terminals(options: Options, pictures: dict[str, str]) -> None:
    """The board in terminals with fewer capabilities."""
    for name, terminal in TERMINALS.items():
        async with scene(options, pictures, terminal) as it:
            await it.until("what was broken shows again", settled)
            await it.counted()
            await it.take(f"board-{name}", SMALL)


async def draw(stack: Stack, folder: Path) -> dict[str, str]:
    """All pictures, by file name."""
    pictures: dict[str, str] = {}
    asked = GlobalOptions(reference("artisan.toml"))
    options = demo_options(asked, stack, folder / "state")
    options = options._replace(session=options.session._replace(actor=ACTOR))
    await english(options, pictures)
    await other_terminals(options, pictures)
    text, changed = re.subn(
        r'^language = "en"', 'language = "ko"', options.config_path.read_text("utf-8"), count=1, flags=re.MULTILINE
    )
    if not changed:
        raise NotDrawnError("the shipped artisan.toml does not say its language")
    in_korean = folder / "artisan.toml"
    in_korean.write_text(text, "utf-8")
    await korean(options._replace(config_path=in_korean), pictures)
    return pictures


def main() -> int:
    """Take all pictures, then write them."""
    os.environ.pop("NO_COLOR", None)  # the pictures have colours in any environment
    stack = start_stack()
    try:
        with tempfile.TemporaryDirectory(prefix="artisan-pictures-", ignore_cleanup_errors=True) as folder:
            pictures = asyncio.run(draw(stack, Path(folder)))
    except NotDrawnError as error:
        print(f"screenshots: {error}", file=sys.stderr)
        return 1
    finally:
        stack.close()
    FOLDER.mkdir(exist_ok=True)
    for name, svg in pictures.items():
        (FOLDER / name).write_text(svg, "utf-8")
        print(f"screenshots/{name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
