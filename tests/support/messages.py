"""Messages of an outbox, made with few words; and an outbox in memory that a plan is carried out on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from artisan_tui.domain.notify.message import SENT, Message, order_of
from artisan_tui.domain.notify.plan import MINUTE, Departure, Known, Lane, OutboxPlan, departure, plan

AT = datetime(2026, 11, 21, 9, 42, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)


def message(number: int, purpose: str = "page", *, at: float = 0.0, **changes: object) -> Message:
    """The message in place ``number``, queued ``at`` seconds, of INC-1 through the Slack channel ops."""
    queued = after(at)
    made = Message(
        f"{number:010x}", number, "ops", "slack", "INC-1", purpose, "Sev2", f"title {number}", (), "", 0,
        f"page {number}" if purpose == "page" else "", False, False, queued, queued, queued,
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


class PlainOutbox:
    """Carries plans out at once: what is sent becomes ``answer`` of it, sent unless a test says otherwise."""

    def __init__(self, kinds: dict[str, str] | None = None, *, drill: bool = False) -> None:
        self.kinds = kinds or {"ops": "slack"}
        self.messages: dict[str, Message] = {}
        self.departures: dict[Lane, list[Departure]] = {}
        self.held: dict[str, datetime] = {}
        self.requests: list[tuple[datetime, tuple[Message, ...]]] = []
        self.dropped: dict[str, str] = {}
        self.drill = drill
        #: What becomes of the messages of one request.
        self.answer: Callable[[Sequence[Message], datetime], Sequence[Message]] = lambda messages, now: [
            replace(each, state=SENT, changed_at=now, tries=each.tries + 1) for each in messages
        ]

    def queue(self, *messages: Message) -> None:
        self.messages |= {each.id: each for each in messages}

    def known(self, now: datetime) -> Known:
        open_orders = {each.order for each in self.messages.values() if each.state in ("waiting", "sending")}
        listed = [each for each in self.messages.values() if each.order in open_orders or now - each.queued_at < MINUTE]
        reached = {each.order for each in listed if each.reached}
        return Known(
            sorted(listed, key=lambda each: each.seq), self.kinds, reached, self.held, (), self.departures, self.drill
        )

    def step(self, now: datetime) -> OutboxPlan:
        made = plan(self.known(now), now)
        for drop in made.drops:
            for each in drop.messages:
                self.dropped[each.id] = drop.why
                self.messages[each.id] = replace(each, state="dropped", why=drop.why)
        for send in made.sends:
            self.requests.append((now, send.messages))
            self.departures.setdefault(send.lane, []).append(departure(send.messages, now))
            self.queue(*self.answer([self.messages[each.id] for each in send.messages], now))
        return made

    def run(self, start: float, end: float, *, every: float = 0.2, arrivals: Iterable[Message] = ()) -> None:
        """Step through time; ``arrivals`` are queued when their time has come."""
        left = sorted(arrivals, key=lambda each: each.seq)
        for number in range(round((end - start) / every) + 1):
            now = after(start + number * every)
            while left and left[0].queued_at <= now:
                self.queue(left.pop(0))
            self.step(now)

    def said(self) -> Sequence[Sequence[str]]:
        """The purposes of each request."""
        return [[each.purpose for each in messages] for _, messages in self.requests]


__all__ = ["AT", "PlainOutbox", "after", "message", "order_of"]
