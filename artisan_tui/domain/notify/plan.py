"""What the outbox does next: what is sent now, what is dropped, and when to ask again.

In a storm, which is more than `STORM` messages of a lane in a minute, the first leaves at once and the others together:
after ten seconds, or thirty when they are many. Something worse than what left already does not wait that long.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from artisan_tui.domain.notify.line import LINES, Line
from artisan_tui.domain.notify.message import SENDING, SHOWN, WAITING, Message
from artisan_tui.domain.notify.superseded import Drop, superseded

#: Messages of one lane within `MINUTE` that make a storm, and a heavy one.
STORM, HEAVY = 5, 20
MINUTE = timedelta(seconds=60)
#: Between two bundles in a storm, and in a heavy one; and how many bundles leave within a minute.
STORM_EVERY, HEAVY_EVERY, MOST_BUNDLES = timedelta(seconds=10), timedelta(seconds=30), 3
#: Messages that wait at once to leave as a bundle, and how many one holds at most.
BUNDLE_FROM, BUNDLE_MOST = 3, 300
#: When a lane that is busy is asked again if nobody says that it is free.
BUSY = timedelta(seconds=60)
_DRILL = "a drill: nothing leaves this machine"
_NO_CHANNEL = "the channel is not configured any more"
_INTERRUPTED = "the session that sent it ended before it heard the answer"

Lane = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Departure:
    """A request that left: when, with how many messages, the worst of them (0 is Sev1)."""

    at: datetime
    messages: int
    worst: int


@dataclass(frozen=True, slots=True)
class Send:
    """These leave now, in one request."""

    messages: tuple[Message, ...]

    @property
    def lane(self) -> Lane:
        return self.messages[0].lane


@dataclass(frozen=True, slots=True)
class Lost:
    """Claimed by a session that is not there any more, or meant for a channel that is not there any more."""

    message: Message
    why: str
    #: Perhaps it was sent.
    possibly: bool


@dataclass(frozen=True, slots=True)
class OutboxPlan:
    """``wake`` is when to ask again if nothing happens before, None for not at all."""

    sends: tuple[Send, ...] = ()
    drops: tuple[Drop, ...] = ()
    lost: tuple[Lost, ...] = ()
    wake: datetime | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What a plan is made from.

    ``messages`` are all that are open, and those of the last minute or of their orders, by place. ``reached`` are the
    orders of which something left before. ``held`` says until when a channel takes nothing. ``busy`` are lanes with a
    request under way from this session. ``kinds`` are the configured channels and their kinds.
    """

    messages: Sequence[Message]
    kinds: Mapping[str, str]
    reached: Collection[str] = ()
    held: Mapping[str, datetime] = field(default_factory=dict)
    busy: Collection[Lane] = ()
    departures: Mapping[Lane, Sequence[Departure]] = field(default_factory=dict)
    drill: bool = False


def plan(known: Known, now: datetime) -> OutboxPlan:
    """Pure: the same knowledge at the same moment gives the same plan."""
    drops: list[Drop] = []
    lost: list[Lost] = []
    wakes: list[datetime] = []
    orders: dict[str, list[Message]] = {}
    for message in known.messages:
        if message.state != SHOWN:
            orders.setdefault(message.order, []).append(message)
    ready: dict[Lane, list[list[Message]]] = {}
    for order, queue in orders.items():
        drops_here = [*_unwanted(queue, known), *superseded(queue, reached=order in known.reached)]
        drops += drops_here
        gone = {each.id for drop in drops_here for each in drop.messages}
        waiting = [each for each in queue if each.state == WAITING and each.id not in gone]
        flying = [each for each in queue if each.state == SENDING]
        stale = [each for each in flying if given_up_at(each) <= now and each.lane not in known.busy]
        lost += [Lost(each, _INTERRUPTED, True) for each in stale]
        wakes += [given_up_at(each) for each in flying if each not in stale]
        if waiting and waiting[0].channel not in known.kinds:
            lost += [Lost(each, _NO_CHANNEL, False) for each in waiting]
        elif waiting and not flying:
            if waiting[0].later_than(now):
                wakes.append(waiting[0].due)
            else:
                ready.setdefault(waiting[0].lane, []).append(waiting)
    sends = []
    for lane, queues in ready.items():
        at, messages = _leaving(lane, queues, known, now)
        if at <= now:
            sends.append(Send(messages))
        else:
            wakes.append(at)
    return OutboxPlan(tuple(sends), tuple(_once(drops)), tuple(lost), min(wakes, default=None))


def _once(drops: Iterable[Drop]) -> Iterable[Drop]:
    seen: set[str] = set()
    for drop in drops:
        fresh = tuple(each for each in drop.messages if each.id not in seen)
        seen |= {each.id for each in fresh}
        if fresh:
            yield Drop(fresh, drop.why)


def _unwanted(queue: Sequence[Message], known: Known) -> Iterable[Drop]:
    """In a drill nothing leaves, not even what a person asks for again."""
    found = [
        each for each in queue if each.state == WAITING and (known.drill or each.drill) and not _line(each.by).local
    ]
    return [Drop(tuple(found), _DRILL)] if found else []


def _leaving(
    lane: Lane, queues: Sequence[Sequence[Message]], known: Known, now: datetime
) -> tuple[datetime, tuple[Message, ...]]:
    """(when, what) leaves next through ``lane``: the heads of its ``queues`` are due."""
    heads = sorted((queue[0] for queue in queues), key=_urgency)
    line = _line(heads[0].by)
    messages: tuple[Message, ...] = (heads[0],)
    if line.bundles:
        together = sorted((each for queue in queues for each in _due(queue, now)), key=lambda each: each.seq)
        if len(together) >= BUNDLE_FROM or (_recent(lane, known, now) > STORM and len(together) > 1):
            messages = tuple(together[:BUNDLE_MOST])
    at = max(known.held.get(lane[0], now), _paced(lane, line, messages, known, now))
    if lane in known.busy:
        at = max(at, now + BUSY)  # asked again when that request ends
    return at, messages


def _due(queue: Sequence[Message], now: datetime) -> list[Message]:
    """Those at the front that are due: a later one never overtakes."""
    found = []
    for each in queue:
        if each.later_than(now):
            break
        found.append(each)
    return found


def _recent(lane: Lane, known: Known, now: datetime) -> int:
    return sum(each.lane == lane and now - each.queued_at < MINUTE for each in known.messages)


def _paced(lane: Lane, line: Line, messages: Sequence[Message], known: Known, now: datetime) -> datetime:
    """When the next request may leave: as fast as the channel takes them, and slowly in a storm."""
    left = [each for each in known.departures.get(lane, ()) if now - each.at < MINUTE]
    if not left:
        return now
    last = left[-1].at
    at = last + timedelta(seconds=line.spacing)
    recent = _recent(lane, known, now)
    if not line.bundles or recent <= STORM:
        return at
    bundles = [each for each in left if each.messages > 1]
    full = len(bundles) >= MOST_BUNDLES
    if min(map(_rank, messages)) >= min(each.worst for each in left) or full:
        at = max(at, last + (HEAVY_EVERY if recent > HEAVY else STORM_EVERY))
    if full:
        at = max(at, bundles[-MOST_BUNDLES].at + MINUTE)
    return at


def _line(kind: str) -> Line:
    return LINES.get(kind, LINES["webhook"])


def _rank(message: Message) -> int:
    """0 for Sev1; messages without a severity come last."""
    return int(message.severity[3:]) - 1 if message.severity[3:].isdigit() else 9


def _urgency(message: Message) -> tuple[bool, int, int]:
    return message.purpose != "page", _rank(message), message.seq


def departure(messages: Sequence[Message], at: datetime) -> Departure:
    """A request with ``messages`` that leaves ``at``."""
    return Departure(at, len(messages), min(map(_rank, messages)))


def given_up_at(claimed: Message) -> datetime:
    """When a claim is given up, if its session says nothing more."""
    return claimed.changed_at + timedelta(seconds=_line(claimed.by).lasts)
