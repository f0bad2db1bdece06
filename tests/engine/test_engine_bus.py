"""Who is told what inside the engine, in which order, and which handlers may wait."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest

from artisan_tui.engine.bus import Bus


@dataclass(frozen=True)
class Rang:
    times: int


@dataclass(frozen=True)
class Knocked:
    pass


async def test_handlers_are_told_one_after_the_other_in_the_order_they_came() -> None:
    bus, heard = Bus(), list[str]()

    async def slow(rang: Rang) -> None:
        await asyncio.sleep(0)
        heard.append(f"slow {rang.times}")

    bus.on(Rang, slow)
    bus.on(Rang, lambda rang: heard.append(f"quick {rang.times}"))
    bus.on(Knocked, lambda knocked: heard.append("knock"))
    await bus.tell(Rang(1))
    await bus.tell(Rang(2))
    assert heard == ["slow 1", "quick 1", "slow 2", "quick 2"]


def test_what_is_said_is_heard_at_once_and_only_by_who_asked_for_its_type() -> None:
    bus, heard = Bus(), list[object]()
    bus.on(Rang, heard.append)
    bus.say(Rang(1))
    bus.say(Knocked())
    assert heard == [Rang(1)]


@pytest.mark.filterwarnings("ignore:coroutine")
async def test_what_is_said_has_no_coroutine_among_its_handlers() -> None:
    bus = Bus()

    async def slow(rang: Rang) -> None:
        await asyncio.sleep(0)

    bus.on(Rang, slow)
    with pytest.raises(AssertionError, match="Rang must be a plain function"):
        bus.say(Rang(1))


async def test_a_handler_that_fails_is_not_passed_over() -> None:
    bus, heard = Bus(), list[object]()

    def broken(rang: Rang) -> None:
        raise RuntimeError("no bell")

    bus.on(Rang, broken)
    bus.on(Rang, heard.append)
    with pytest.raises(RuntimeError, match="no bell"):
        await bus.tell(Rang(1))
    assert heard == []
