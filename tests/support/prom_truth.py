"""Thirty days of what exporters show at every scrape, and what truly happened meanwhile.

The truth is counted from the events as they are made up here, never from the samples, and knows nothing of how
the program counts. An event belongs to the minute of the scrape that first showed it, however long after the scrape before
(of its target). What came to be before a target was ever seen is nobody's; of bad events it is a doubt, unless nothing
at all had been seen before. Between the last scrape of a process and its end nothing happens, as nobody could know of it; and after
a restart a counter stays below what it had been until it is shown, as else nobody could see the restart.

Times are ms before (so negative) the end of the history, until they are written.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TextIO

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
#: Three hours more than the longest window, for what lies before its first minute.
HISTORY = 30 * DAY + 3 * HOUR
#: Scraped every 15 s instead of every 60 s.
NEWEST = 3 * HOUR
#: Scrapes further apart leave the minutes between them unseen: two and a half of the usual interval.
SEEN_THROUGHOUT = 150_000

#: From, and without, to (ms before the end).
Stretch = tuple[int, int]


def ago(days: float, lasting: int = 0) -> Stretch:
    start = -round(days * DAY)
    return start, start + lasting


#: Prometheus itself was down.
HOLES = (ago(24.7, 25 * MINUTE), ago(12.4, 5 * HOUR), ago(1.1, 25 * MINUTE), ago(0.06, 7 * MINUTE))


@dataclass(frozen=True)
class Counter:
    """What one counter counts: one of ``flow`` at every scrape, and more in ``bursts``.

    ``per_event`` units of the counter are one event; more than one make it a float. ``eager``: shown at 0.
    ``withheld``: not on the page, though the process runs and has counted.
    """

    labels: Mapping[str, str]
    flow: tuple[int, ...]
    bad: bool = False
    bursts: tuple[tuple[Stretch, int], ...] = ()
    withheld: tuple[Stretch, ...] = ()
    per_event: int = 1
    eager: bool = False


@dataclass(frozen=True)
class Target:
    """``dead``: no process; it begins anew afterwards. ``away``: it runs and is not scraped. ``restarts``: in no time."""

    instance: str
    counters: tuple[Counter, ...]
    dead: tuple[Stretch, ...] = ()
    away: tuple[Stretch, ...] = ()
    restarts: tuple[int, ...] = ()


@dataclass(frozen=True)
class Service:
    """The counters of one SLO, by its id. With ``bounds`` (seconds, of the upper ends, the last one +Inf) they are
    latency classes and shown as the buckets of a histogram; ``respelled`` says from when on "1" is spelled "1.0".
    """

    id: str
    metric: str
    job: str
    targets: tuple[Target, ...]
    bounds: tuple[str, ...] = ()
    respelled: int = 0


def _api(
    *, rare: tuple[tuple[Stretch, int], ...] = (), failing: tuple[tuple[Stretch, int], ...] = ()
) -> tuple[Counter, ...]:
    """``rare`` are the only 503s there are: the series is born with its first burst, and dies with the process."""
    return (
        Counter({"status": "200"}, (0, 3, 40, 90, 250), eager=True),
        Counter({"status": "404"}, (0, 0, 0, 1, 2, 7), withheld=(ago(9.3, 40 * MINUTE), ago(0.01, 3 * MINUTE))),
        Counter({"status": "500"}, (0,) * 30 + (1,), bad=True, bursts=failing),
        Counter({"status": "503"}, (0,), bad=True, bursts=rare),
    )


def _model(*latencies: tuple[int, ...], slow: tuple[tuple[Stretch, int], ...] = ()) -> tuple[Counter, ...]:
    fast, middle, slowest = latencies
    return (
        Counter({}, fast, eager=True),
        Counter({}, middle, eager=True),
        Counter({}, slowest, eager=True, bad=True, bursts=slow),
    )


def _tokens(**more: tuple[tuple[Stretch, int], ...]) -> tuple[Counter, ...]:
    return (
        Counter({"outcome": "ok"}, (0, 5, 8, 13, 41), per_event=8),
        Counter({"outcome": "failed"}, (0, 0, 0, 1, 0, 3), bad=True, per_event=8, bursts=more.get("failing", ())),
    )


SERVICES = (
    Service(
        "api-availability",
        "api_requests_total",
        "api",
        (
            Target(
                "a:8000",
                _api(
                    rare=((ago(22.1, MINUTE), 10), (ago(3 / 1440, 30_000), 6)), failing=((ago(0.04, 11 * MINUTE), 3),)
                ),
                restarts=tuple(ago(days)[0] for days in (27.3, 22.0, 14.2, 14.19, 6.6, 0.5, 0.045, 0.02)),
            ),
            # Restarted within each hole, so that the first scrape after it shows smaller values.
            Target(
                "b:8000", _api(failing=((ago(1.11, HOUR), 9),)), restarts=(HOLES[0][0] + 300_000, HOLES[2][0] + 60_000)
            ),
            # Came with the scaling up of day 12, and had served for ten minutes when it was first scraped.
            Target("c:8000", _api(), dead=((-HISTORY, ago(18.2)[0]),), away=((-HISTORY, ago(18.2)[0] + 10 * MINUTE),)),
            Target(
                "d:8000",
                _api(rare=((ago(2.95, 2 * MINUTE), 25), (ago(0.07, 40_000), 2))),
                dead=(ago(20.3, 3 * HOUR), ago(2.9, 40 * MINUTE), ago(0.08, 20 * MINUTE)),
                away=(ago(16.8, 40 * MINUTE), ago(11.0, 2 * DAY), ago(5.5, 59 * MINUTE)),
            ),
        ),
    ),
    Service(
        "llm-fast-latency",
        "llm_brief_latency_seconds",
        "llm-fast",
        (
            Target(
                "fast-0:8000",
                _model((1, 4, 9), (0, 0, 1), (0, 0, 0, 0, 1), slow=((ago(3.4, 2 * HOUR), 4),)),
                restarts=(ago(4.4)[0],),
            ),
        ),
        bounds=("0.5", "1", "+Inf"),
        respelled=ago(15.0)[0],
    ),
    Service(
        "llm-creative-latency",
        "llm_brief_latency_seconds",
        "llm-creative",
        (
            Target("creative-0:8000", _model((1, 4, 9), (0, 2, 5), (0, 0, 0, 1)), restarts=(ago(6.3)[0], ago(0.03)[0])),
            Target(
                "creative-1:8000",
                _model((0, 2, 3), (0, 1), (0, 0, 1), slow=((ago(0.02, 20 * MINUTE), 2),)),
                dead=(ago(5.1, 2 * HOUR),),
                away=(ago(0.3, 30 * MINUTE),),
            ),
        ),
        bounds=("1", "4.5", "+Inf"),
        respelled=ago(15.0)[0],
    ),
    Service(
        "tokens",
        "llm_tokens_total",
        "llm",
        (
            Target("t-0:8000", _tokens(), restarts=(ago(19.0)[0], ago(0.7)[0])),
            Target("t-1:8000", _tokens(failing=((ago(0.2, HOUR), 33),)), dead=(ago(13.0, 30 * MINUTE),)),
        ),
    ),
)

REWARD = "rl-reward"
_REWARD_BAD = (ago(6.2, 45 * MINUTE), ago(2.5, 9 * MINUTE), ago(0.03, 6 * MINUTE))
_REWARD_AWAY = (ago(4.8, 3 * HOUR), ago(0.1, 12 * MINUTE))
_REWARD_NAN = (ago(3.3, 10 * MINUTE),)


@dataclass(slots=True)
class Truth:
    """By minute since the epoch. ``unclaimed``: values of counters that showed up without anybody knowing since when."""

    bad: dict[int, int] = field(default_factory=dict)
    total: dict[int, int] = field(default_factory=dict)
    measured: set[int] = field(default_factory=set)
    unsure: dict[int, int] = field(default_factory=dict)
    unclaimed: int = 0

    def add(self, minute: int, events: int, *, bad: bool) -> None:
        if events:
            self.total[minute] = self.total.get(minute, 0) + events
            if bad:
                self.bad[minute] = self.bad.get(minute, 0) + events

    def window(self, end: int, length: int) -> tuple[int, int, int]:
        """(bad, total, measured) of the ``length`` minutes before the minute ``end``."""
        rows = self.rows(end - length, end)
        return sum(row[1] for row in rows), sum(row[2] for row in rows), sum(row[3] for row in rows)

    def rows(self, start: int, end: int) -> list[tuple[int, ...]]:
        """What a ledger should hold."""
        rows = []
        for minute in range(start, end):
            row = (minute, self.bad.get(minute, 0), self.total.get(minute, 0), int(minute in self.measured))
            rows.append((*row, self.unsure[minute]) if self.unsure.get(minute) else row)
        return rows


@dataclass(slots=True)
class Written:
    """``truths`` by SLO id, ``samples`` lines by metric."""

    end_ms: int
    truths: dict[str, Truth] = field(default_factory=dict)
    samples: dict[str, int] = field(default_factory=dict)


def write(out: TextIO, end_ms: int, seed: int = 1) -> Written:
    """The history as OpenMetrics text, ending at ``end_ms``, a whole minute: the same for every end, only shifted."""
    if end_ms % MINUTE:
        raise ValueError("a history ends on a whole minute")
    written = Written(end_ms)
    for service in SERVICES:
        truth = written.truths[service.id] = Truth()
        name = f"{service.metric}_bucket" if service.bounds else service.metric
        for target in service.targets:
            shown = _Exporter(
                service, target, truth, end_ms, random.Random(f"{seed} {service.id} {target.instance}")
            ).run()
            for labels, samples in shown.items():
                _put(out, name, labels, samples, end_ms)
                written.samples[name] = written.samples.get(name, 0) + len(samples)
    truth = written.truths[REWARD] = Truth()
    samples = _reward(truth, end_ms, random.Random(f"{seed} {REWARD}"))
    _put(out, "rl_reward", 'job="rl",instance="rl:9000"', samples, end_ms)
    written.samples["rl_reward"] = len(samples)
    out.write("# EOF\n")
    return written


def _put(out: TextIO, name: str, labels: str, samples: list[tuple[int, str]], end_ms: int) -> None:
    """Half a millisecond more than meant: promtool multiplies the seconds, a float, by 1000 and cuts."""
    head = f"{name}{{{labels}}} "
    out.writelines(f"{head}{value} {(at + end_ms) // 1000}.{(at + end_ms) % 1000:03d}5\n" for at, value in samples)


def _scrapes(rng: random.Random, *, near: int | None = None) -> Iterator[int]:
    """When a target is scraped: at its own place in the interval (``near``), give or take a second."""
    before = -HISTORY
    for start, end, interval, jitter in ((-HISTORY, -NEWEST, MINUTE, 1500), (-NEWEST, 0, 15_000, 400)):
        place = rng.randrange(interval) if near is None else near % interval
        for at in range(start + place, end, interval):
            when = at + rng.randint(-jitter, jitter)
            if before < when < 0:
                yield when
                before = when


def _within(at: int, stretches: tuple[Stretch, ...]) -> bool:
    return any(start <= at < end for start, end in stretches)


class _Life:
    """One counter of one process. ``claimed`` of its events are accounted for, ``shown`` was its last value on the page."""

    def __init__(self, counter: Counter, draws: list[int]) -> None:
        self.counter, self.draws = counter, draws
        self.units = self.claimed = self.shown = 0
        self.restarted = False
        self.shown_at: int | None = None

    def happen(self, index: int, at: int) -> None:
        self.units += self.draws[index] + sum(more for (start, end), more in self.counter.bursts if start <= at < end)

    def restart(self) -> None:
        self.units = self.claimed = 0
        self.restarted = True

    def on_page(self, at: int) -> bool:
        return bool(self.units or self.counter.eager) and not _within(at, self.counter.withheld)

    def show(self, at: int) -> int:
        """Its value; a restart that nobody could see loses events until it can be seen."""
        whole = self.counter.per_event
        if self.restarted and self.shown // whole:
            self.units = min(self.units, (self.shown // whole - 1) * whole)
        self.restarted = False
        self.shown, self.shown_at = self.units, at
        return self.units


class _Exporter:
    """One target over the whole history."""

    def __init__(self, service: Service, target: Target, truth: Truth, end_ms: int, rng: random.Random) -> None:
        self._service, self._target, self._truth, self._end = service, target, truth, end_ms
        self._times = list(_scrapes(rng))
        self._lives = [_Life(each, rng.choices(each.flow, k=len(self._times))) for each in target.counters]
        self._seen_at: int | None = None
        self._shown: dict[str, list[tuple[int, str]]] = {}

    def run(self) -> dict[str, list[tuple[int, str]]]:
        target, restarts, dead = self._target, sorted(self._target.restarts), False
        for index, at in enumerate(self._times):
            if _within(at, target.dead):
                dead = True
                continue
            if dead or (restarts and restarts[0] <= at):
                restarts = [each for each in restarts if each > at]
                dead = False
                for life in self._lives:
                    life.restart()
            for life in self._lives:
                life.happen(index, at)
            if not _within(at, HOLES) and not _within(at, target.away):
                self._scrape(at)
        return self._shown

    def _scrape(self, at: int) -> None:
        page = [life for life in self._lives if life.on_page(at)]
        minute = (at + self._end) // MINUTE
        on_show = self._seen_at is not None
        for life in page:
            known = on_show or life.shown_at is not None
            events = life.show(at) // life.counter.per_event
            if known:
                self._truth.add(minute, events - life.claimed, bad=life.counter.bad)
            else:
                self._truth.unclaimed += events
                if life.counter.bad and events and at > -HISTORY + SEEN_THROUGHOUT:
                    self._truth.unsure[minute] = self._truth.unsure.get(minute, 0) + events
            life.claimed = events
        if page:
            self._measure(at, minute)
            self._seen_at = at
            self._expose(at, page)

    def _measure(self, at: int, minute: int) -> None:
        before = self._seen_at
        throughout = before is not None and at - before <= SEEN_THROUGHOUT
        first = (before + self._end) // MINUTE if before is not None and throughout else minute
        self._truth.measured.update(range(first, minute + 1))

    def _expose(self, at: int, page: list[_Life]) -> None:
        service = self._service
        where = f'job="{service.job}",instance="{self._target.instance}"'
        if not service.bounds:
            for life in page:
                labels = ",".join(f'{name}="{value}"' for name, value in life.counter.labels.items())
                units, whole = life.units, life.counter.per_event
                value = str(units) if whole == 1 else repr(units / whole)
                self._shown.setdefault(f"{where},{labels}", []).append((at, value))
            return
        count = 0
        for bound, life in zip(service.bounds, page, strict=True):
            count += life.units
            spelled = "1.0" if bound == "1" and at >= service.respelled else bound
            self._shown.setdefault(f'{where},le="{spelled}"', []).append((at, str(count)))


def _reward(truth: Truth, end_ms: int, rng: random.Random) -> list[tuple[int, str]]:
    """A gauge that must stay above 10. A minute is what its last sample says."""
    samples = []
    for at in _scrapes(rng, near=30_000):
        if _within(at, HOLES) or _within(at, _REWARD_AWAY) or rng.random() < 0.01:
            continue
        if _within(at, _REWARD_NAN):
            samples.append((at, "NaN"))
            continue
        fine = not _within(at, _REWARD_BAD) and rng.random() > 0.004
        value = rng.choice((10.000000000000002, 10.1, 11.25, 13.0)) if fine else rng.choice((10.0, 9.99, 0.0, -3.5))
        samples.append((at, repr(value)))
        minute = (at + end_ms) // MINUTE
        truth.measured.add(minute)
        truth.total[minute] = 1
        truth.bad[minute] = int(not fine)
    return samples
