"""What the declared commands do. `commands.COMMANDS` says what there is and who may."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from artisan_tui.domain.event import Entry
from artisan_tui.domain.plain import printable
from artisan_tui.engine.commands import Refused, Reply
from artisan_tui.engine.snapshot import Fault
from artisan_tui.i18n import _
from artisan_tui.steps.simulated import PlatformError, SimulatedPlatform

if TYPE_CHECKING:
    from artisan_tui.engine.core import Engine

Arguments = Mapping[str, str]


async def run_check(engine: Engine, arguments: Arguments) -> Reply:
    check_id = arguments["check"]
    if check_id not in engine.check_ids:
        raise Refused(_("there is no check {check}").format(check=printable(check_id, 80)))
    await engine.check_now([check_id])
    return Reply(True)


async def run_all_checks(engine: Engine, arguments: Arguments) -> Reply:
    await engine.check_now(engine.check_ids)
    return Reply(True)


async def write_note(engine: Engine, arguments: Arguments) -> Reply:
    text = printable(arguments["text"].strip(), 2000)
    engine.tell(Entry(engine.clock.now(), engine.options.session.actor, "note", "", {"text": text}))
    return Reply(True)


async def reload_config(engine: Engine, arguments: Arguments) -> Reply:
    return await engine.reload()


async def toggle_fault(engine: Engine, arguments: Arguments) -> Reply:
    platform = _platform(engine)
    wanted = arguments["fault"]
    try:
        faults = {fault.id: fault for fault in await platform.faults()}
        if wanted not in faults:
            raise Refused(_("the simulated stack has no part {part}").format(part=printable(wanted, 80)))
        broken = not faults[wanted].active
        await platform.set_fault(wanted, broken)
        await engine.refresh_faults()
    except PlatformError as error:
        return Reply(False, str(error))
    kind = "drill.break" if broken else "drill.mend"
    body = {"title": faults[wanted].title, "title_ko": faults[wanted].title_ko}
    engine.tell(Entry(engine.clock.now(), engine.options.session.actor, kind, wanted, body))
    return Reply(True)


async def mend_all(engine: Engine, arguments: Arguments) -> Reply:
    platform = _platform(engine)
    try:
        await platform.mend_all()
        await engine.refresh_faults()
    except PlatformError as error:
        return Reply(False, str(error))
    engine.tell(Entry(engine.clock.now(), engine.options.session.actor, "drill.mend-all"))
    return Reply(True)


def _platform(engine: Engine) -> SimulatedPlatform:
    if engine.platform is None:
        raise Refused(_("there is no simulated stack here"))
    return engine.platform


async def faults_of(platform: SimulatedPlatform, language: str) -> tuple[Fault, ...]:
    korean = language == "ko"
    return tuple(
        Fault(
            fault.id,
            fault.title_ko if korean else fault.title,
            fault.description_ko if korean else fault.description,
            fault.active,
        )
        for fault in await platform.faults()
    )


ACTS: Mapping[str, Callable[[Engine, Arguments], Awaitable[Reply]]] = {
    "check.run": run_check,
    "check.run-all": run_all_checks,
    "journal.note": write_note,
    "config.reload": reload_config,
    "drill.toggle": toggle_fault,
    "drill.mend-all": mend_all,
}
