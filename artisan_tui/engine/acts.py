"""What the declared commands do. `commands.COMMANDS` says what there is and who may."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from artisan_tui.domain.drills.events import AllFaultsCleared, FaultCleared, FaultInjected
from artisan_tui.domain.session.events import NoteWritten, NoticeAcknowledged
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.commands import CommandRefused, Reply
from artisan_tui.engine.maintenance.ordering import ORDERS, Present
from artisan_tui.engine.snapshot import StackFault
from artisan_tui.i18n import _
from artisan_tui.steps.drills import PlatformError, SimulatedPlatform

if TYPE_CHECKING:
    from artisan_tui.engine.core import Engine

Arguments = Mapping[str, str]


async def run_check(engine: Engine, arguments: Arguments) -> Reply:
    check_id = arguments["check"]
    if check_id not in engine.check_ids:
        raise CommandRefused(_("there is no check {check}").format(check=printable(check_id, 80)))
    return await _look(engine, [check_id])


async def run_all_checks(engine: Engine, arguments: Arguments) -> Reply:
    return await _look(engine, engine.check_ids)


async def _look(engine: Engine, check_ids: Sequence[str]) -> Reply:
    other = engine.publisher.session_status.leader
    if not await engine.check_now(check_ids):
        return Reply(False, _("{who} is the leader and cannot be reached from this session").format(who=other))
    return Reply(True, _("asked the leader {who} to probe").format(who=other) if other else "")


async def _order(engine: Engine, arguments: Arguments, command_id: str) -> Reply:
    present = Present(engine.clock.now(), engine.options.session.actor, engine.check_ids, engine.orders)
    ordered = ORDERS[command_id](present, arguments)
    engine.tell(ordered.entry)
    return Reply(True, ordered.said)


async def write_note(engine: Engine, arguments: Arguments) -> Reply:
    text = printable(arguments["text"].strip(), 2000)
    engine.tell(NoteWritten(text=text).entry(engine.clock.now(), engine.options.session.actor))
    return Reply(True)


async def acknowledge_notice(engine: Engine, arguments: Arguments) -> Reply:
    notice = engine.publisher.session_status.store_notice
    if not notice:
        raise CommandRefused(_("there is no notice to acknowledge"))
    engine.publisher.update_session(store_notice="")
    engine.tell(NoticeAcknowledged(notice=notice).entry(engine.clock.now(), engine.options.session.actor))
    return Reply(True)


async def refill(engine: Engine, arguments: Arguments) -> Reply:
    engine.slo_service.ask_again()
    return Reply(True)


async def reload_config(engine: Engine, arguments: Arguments) -> Reply:
    return await engine.config_file.reload()


async def toggle_fault(engine: Engine, arguments: Arguments) -> Reply:
    platform = _platform(engine)
    wanted = arguments["fault"]
    try:
        faults = {fault.id: fault for fault in await platform.faults()}
        if wanted not in faults:
            raise CommandRefused(_("the simulated stack has no fault {part}").format(part=printable(wanted, 80)))
        broken = not faults[wanted].active
        await platform.set_fault(wanted, broken)
        await engine.refresh_faults()
    except PlatformError as error:
        return Reply(False, str(error))
    kind = FaultInjected if broken else FaultCleared
    body = kind(title=faults[wanted].title, title_ko=faults[wanted].title_ko)
    engine.tell(body.entry(engine.clock.now(), engine.options.session.actor, wanted))
    return Reply(True)


async def mend_all(engine: Engine, arguments: Arguments) -> Reply:
    platform = _platform(engine)
    try:
        await platform.mend_all()
        await engine.refresh_faults()
    except PlatformError as error:
        return Reply(False, str(error))
    engine.tell(AllFaultsCleared().entry(engine.clock.now(), engine.options.session.actor))
    return Reply(True)


def _platform(engine: Engine) -> SimulatedPlatform:
    if engine.platform is None:
        raise CommandRefused(_("no simulated stack is running"))
    return engine.platform


async def faults_of(platform: SimulatedPlatform, language: str) -> tuple[StackFault, ...]:
    korean = language == "ko"
    return tuple(
        StackFault(
            fault.id,
            printable(fault.title_ko if korean else fault.title, 80),
            printable(fault.description_ko if korean else fault.description, 300),
            fault.active,
        )
        for fault in await platform.faults()
    )


ACTS: Mapping[str, Callable[[Engine, Arguments], Awaitable[Reply]]] = {
    "check.run": run_check,
    "check.run-all": run_all_checks,
    **{command_id: partial(_order, command_id=command_id) for command_id in ORDERS},
    "journal.note": write_note,
    "notice.acknowledge": acknowledge_notice,
    "slo.refill": refill,
    "config.reload": reload_config,
    "drill.toggle": toggle_fault,
    "drill.mend-all": mend_all,
}
