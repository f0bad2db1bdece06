"""An act that only reads, repeated until its conditions hold, and for as long as they have to hold."""

from __future__ import annotations

from dataclasses import replace

from artisan_tui.steps.runbooks.answers import completed
from artisan_tui.steps.runbooks.protocol import (
    FAILED,
    OK,
    Resolved,
    StepChannel,
    StepKind,
    StepOutcome,
    StepRefused,
    Until,
)


def verified(kind: StepKind, resolved: Resolved, channel: StepChannel) -> StepOutcome:
    """The last outcome: well when the conditions held for ``stable_for`` seconds within ``within``.

    A kind may have ``unbroken``, which tells what changed between two outcomes of which each is well by itself.
    """
    until = resolved.until or Until(resolved.timeout)
    began = channel.clock()
    held: tuple[float, StepOutcome] | None = None
    last, tries = StepOutcome(FAILED, "nothing was read"), 0
    while True:
        tries += 1
        last = _once(kind, resolved, channel)
        now = channel.clock()
        broken = ""
        if last.state == OK and held is not None:
            broken = getattr(kind, "unbroken", _any)(held[1], last)
        if last.state != OK or broken:
            held = (now, last) if last.state == OK else None
            last = replace(last, state=FAILED, why=broken) if broken else last
            channel.say(f"{now - began:.1f}s not yet: {last.why}")
        else:
            if held is None:
                held = (now, last)
                channel.say(f"{now - began:.1f}s met" + (f", for {until.stable_for:g}s" if until.stable_for else ""))
            if now - held[0] >= until.stable_for:
                return last
        if now + min(until.every, 0.05) >= began + until.within:
            why = last.why or f"met, and not yet for {until.stable_for:g} s"
            return replace(last, state=FAILED, why=f"not met within {until.within:g} s, after {tries} tries: {why}")
        wait = min(until.every, began + until.within - now)
        if held is not None and until.stable_for:
            wait = min(wait, max(held[0] + until.stable_for - now, 0.01))
        channel.sleep(wait)


def _once(kind: StepKind, resolved: Resolved, channel: StepChannel) -> StepOutcome:
    one = replace(channel, deadline=min(channel.deadline, channel.clock() + resolved.timeout))
    try:
        return completed(resolved, kind.act(resolved, {}, one))
    except StepRefused as refused:
        return StepOutcome(FAILED, str(refused))
    except TimeoutError:
        return StepOutcome(FAILED, "no answer in time")


def _any(first: StepOutcome, now: StepOutcome) -> str:
    return ""
