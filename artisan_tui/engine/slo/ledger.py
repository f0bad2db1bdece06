"""One SLO as the engine has it: its objective, how it is read, and its minutes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from artisan_tui.domain.maintenance.windows import Window
from artisan_tui.domain.slo.burn import Pair
from artisan_tui.domain.slo.counter_deltas import LOOKBACK
from artisan_tui.domain.slo.counts import Counts, Row
from artisan_tui.domain.slo.episodes import Episode, episodes
from artisan_tui.domain.slo.evaluation import Slo, SloEvaluation, evaluate_slo
from artisan_tui.domain.slo.minute_series import MinuteSeries
from artisan_tui.domain.slo.objective import Objective
from artisan_tui.domain.slo.status import Evidence, Progress, SloStatus, Unmatched
from artisan_tui.domain.slo.windows import (
    BURN_WINDOWS,
    DAY,
    LONGEST_GAP,
    Span,
    latest_end,
    settled,
    slo_window_at,
    touched,
)
from artisan_tui.domain.span import span_text
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.slo.doubts import LedgerDoubts
from artisan_tui.engine.slo.matches import coded, decoded
from artisan_tui.engine.slo.pieces import PieceRemarks
from artisan_tui.engine.slo.recount import Seen
from artisan_tui.sources.slo.matching import selectors_of

if TYPE_CHECKING:
    from artisan_tui.config.slo.spec import SloSpec
    from artisan_tui.domain.selector import Selector
    from artisan_tui.sources.slo import Indicator, MinuteRows

#: Minutes without a single sample after which nothing is said any more: a month's coverage would hide an hour's outage.
#: With long slices it is two of them.
BLIND = 10
#: Milliseconds after which it is asked again whether a selector matches, when it did not, and when it did.
MATCH_AGAIN, MATCHED_AGAIN = 300_000, 86_400_000
#: Seconds that a server's clock may be off before somebody is told.
SKEW = 10.0
#: Points of a budget's course: more than a wide screen has columns for.
COURSE = 120
_BEFORE = 7 * DAY
_LONGEST_BURN = max(BURN_WINDOWS.values())
_UNITS = {"events": "events", "latency": "events", "slices": "slices", "checks": "probes", "promql": "share"}


def slo_of(spec: SloSpec, zone: ZoneInfo, resolution: float) -> Slo:
    """The objective as the configuration has it, seen once every ``resolution`` seconds."""
    return Slo(
        spec.id,
        printable(spec.name or spec.id, 80),
        Objective.of(spec.objective),
        spec.window,
        zone,
        spec.plan(resolution),
        spec.minimums,
        _UNITS[spec.sli.kind],
    )


#: The rows that the store does not have, by the definition under which it keeps them.
Unkept = dict[str, dict[int, Row]]


@dataclass(frozen=True, slots=True)
class Now:
    """One instant for a whole round, in ms: by the server's clock, which stamps what it knows, and by ours."""

    server: int
    ours: int

    def of(self, ledger: SloLedger) -> int:
        return self.ours if ledger.own else self.server

    @property
    def remark(self) -> str:
        """What to say about the two clocks, "" when they agree."""
        seconds = (self.server - self.ours) / 1000
        if abs(seconds) <= SKEW:
            return ""
        ahead = "ahead of" if seconds > 0 else "behind"
        return (
            f"the server clock is {span_text(abs(seconds))} {ahead} the clock of this machine: synchronise both with "
            "NTP"
        )


class SloLedger:
    """For one loop. ``unkept`` are rows that the store does not have yet; ``known`` the stamp it was last read at."""

    def __init__(self, spec: SloSpec, indicator: Indicator, zone: ZoneInfo) -> None:
        self.spec, self.indicator = spec, indicator
        self.slo = slo_of(spec, zone, indicator.resolution)
        #: Seen by ourselves, and by our own clock.
        self.own = spec.sli.kind == "checks"
        self.rows = MinuteSeries(indicator.grid)
        self.doubts = LedgerDoubts(indicator.definition)
        self.evidence = indicator.evidence
        self.unkept: dict[int, Row] = {}
        self.known = 0
        self.held: tuple[Pair, ...] = ()
        self.problem = ""
        self.pieces = PieceRemarks()
        #: What is to be said about the clocks, "" when they agree.
        self.clock_remark = ""
        self.kept_seconds: float | None = None
        self.progress: Progress | None = None
        self.read_at: datetime | None = None
        #: The end of what was read without a gap up to now, None before the first read of this session.
        self.read_until: int | None = None
        #: When it was last asked whether the selectors match anything at all, ms.
        self.matched_at: int | None = None
        #: What is known of the samples of the recent past.
        self.seen = Seen()
        #: The minute after the last one that was written, and the first one that may be counted.
        self.written_to = self.not_before = 0
        #: The minutes that an earlier session saw and has not written.
        self.handed = Span(0, 0)
        #: Minutes that are asked for at once.
        self.stride = 120
        #: Minutes back from now that somebody wants to know about besides.
        self.back = 0

    @property
    def interval_ms(self) -> int:
        return self.evidence.interval_ms

    def wanted(self, end: int) -> Span:
        """The minutes that anything said at ``end`` rests on."""
        own = slo_window_at(self.spec.window, end, self.slo.zone)
        # The budget of a calendar window is made from what is usual: from as long a past.
        past = own.whole if own.calendar else _LONGEST_BURN
        # Probes from shortly before the window show that the SLO is not new.
        before = _BEFORE if self.own else 0
        return Span(min(own.span.start - before, end - max(past, _LONGEST_BURN, self.back)), end)

    def readable(self, end: int, now_ms: int) -> Span:
        """Of these, those that the server can still know, its lookback included."""
        wanted = self.wanted(end)
        if self.kept_seconds is None:
            return wanted
        first = -((int(self.kept_seconds * 1000) - LOOKBACK - now_ms) // 60_000)
        return Span(min(max(wanted.start, first), end), end)

    def matching(self, now_ms: int) -> tuple[tuple[str, Selector], ...]:
        """The selectors of which it is to be asked whether they have ever matched: not of those that have counted."""
        end = now_ms // 60_000
        if self.matched_at is not None and now_ms - self.matched_at < (
            MATCH_AGAIN if self.unmatched(end) else MATCHED_AGAIN
        ):
            return ()
        return self._silent(end)

    def match(self, found: Sequence[Unmatched], now_ms: int) -> None:
        """``found`` are those of `matching` that have never matched."""
        self.matched_at = now_ms
        self.doubts.match(coded(selectors_of(self.spec.sli), found), now_ms // 60_000 - 2)

    def unmatched(self, end: int) -> tuple[Unmatched, ...]:
        """The selectors that have never matched, as far as somebody has asked, and nothing was counted since."""
        silent = {role for role, _ in self._silent(end)}
        return tuple(each for each in decoded(selectors_of(self.spec.sli), self.doubts.matches) if each.role in silent)

    def _silent(self, end: int) -> tuple[tuple[str, Selector], ...]:
        counts = self.rows.read(self.wanted(end)).burned
        some = counts.total > 0
        clear = {"total": some, "histogram": some, "bad": counts.bad > 0, "good": counts.bad < counts.total}
        return tuple((role, each) for role, each in selectors_of(self.spec.sli) if not clear.get(role, False))

    def take(self, filled: MinuteRows, now_ms: int) -> None:
        """Rows as they were read at ``now_ms``; those that can still change are shown and not kept."""
        if filled.rows:
            self.pieces.take(Span(filled.rows[0][0], filled.rows[-1][0] + 1), filled)
        self.evidence = replace(self.evidence, query=self.pieces.query or self.evidence.query)
        if filled.notes:
            return  # a partial answer is no count
        final = settled(now_ms, self.interval_ms)
        new = [row for row in filled.rows if not self._forgets(row)]
        self.doubts.take(filled, {row[0] for row in new}, final)
        self.rows.put(new)
        self.unkept.update((row[0], row) for row in new if row[0] < final)

    def _forgets(self, row: Row) -> bool:
        """Whether a minute was seen better before: the server forgets, the ledger does not."""
        known = self.rows.rows(Span(row[0], row[0] + 1))
        return bool(known) and known[0][3] > row[3]

    @property
    def notes(self) -> tuple[str, ...]:
        """Why answers were partial."""
        return self.pieces.notes

    @property
    def remarks(self) -> tuple[str, ...]:
        remarks = self.pieces.remarks(self.slo.zone, empty=self.rows.first is None)
        return (*remarks, self.clock_remark) if self.clock_remark else remarks

    def take_unkept(self) -> Unkept:
        """What the store does not have yet. It counts as written from now on, unless `put_back` is called."""
        taken = {self.indicator.definition: self.unkept} | {book.definition: book.unkept for book in self.doubts.books}
        self.written_to = max((self.written_to, *(minute + 1 for minute in self.unkept)))
        self.unkept = {}
        for book in self.doubts.books:
            book.unkept = {}
        return taken

    def put_back(self, taken: Unkept) -> None:
        """The store could not be written. What came since is newer."""
        self.unkept = taken[self.indicator.definition] | self.unkept
        for book in self.doubts.books:
            book.unkept = taken[book.definition] | book.unkept

    def restore(self, rows: Iterable[Row]) -> None:
        """Rows from the store."""
        self.rows.put(rows)

    def covered_by(self, window: Window) -> bool:
        """Whether maintenance under ``window`` is left out of this SLO."""
        if not window.covers:
            return True
        checks = getattr(self.spec.sli, "checks", ())
        return any(name in window.covers for name in self.spec.services) or any(map(window.covers_check, checks))

    def slo_status(
        self, now_ms: int, windows: Collection[Window], *, stale: bool = False, tail: bool = True, course: int = COURSE
    ) -> SloStatus:
        """Evaluated at ``now_ms``. ``stale``: what is newest could not be read. Without a ``tail`` the minutes that
        can still change are not here, and nothing is said about them."""
        longest, of = LONGEST_GAP
        lag = self.interval_ms if tail else longest * self.interval_ms // of
        excluded = touched((w.start, w.end) for w in windows if self.covered_by(w))
        blind = self._blind(latest_end(now_ms, lag), excluded)
        unmatched = self.unmatched(latest_end(now_ms, lag))
        patience = max(BLIND + self.interval_ms // 240_000, 2 * self.rows.grid.slice_ms // 60_000)
        evaluation = evaluate_slo(
            self.slo,
            self.rows,
            now_ms,
            lag,
            excluded=excluded,
            firing_before=self.held,
            partial=stale or blind > patience or bool(self.notes),
            unmatched=any(each.impossible for each in unmatched),
            course=course,
            grows=self.own,
        )
        self.held = evaluation.firing
        return SloStatus(
            evaluation,
            replace(self._evidence(evaluation, excluded), unmatched=unmatched),
            self.problem or (f"no samples for {span_text(blind * 60)}" if blind > patience else ""),
            self.notes,
            self.remarks,
            self.kept_seconds,
            self.rows.first,
            self.progress,
            self.read_at,
        )

    def _evidence(self, evaluation: SloEvaluation, excluded: Collection[Span]) -> Evidence:
        window, unsure = evaluation.slo_window.span, evaluation.burned.unsure
        guessed = self.doubts.estimated.read(window, excluded).bad
        return replace(
            self.evidence,
            estimated=self.evidence.estimated or guessed > 0,
            unclaimed=max(self.doubts.uncounted.read(window, excluded).total, unsure),
            unclaimed_bad=unsure,
        )

    def _blind(self, end: int, excluded: Sequence[Span]) -> int:
        """Minutes up to ``end`` in which nothing was seen, maintenance left out; 0 while nothing was ever seen."""
        last = self.rows.last
        if last is None or last >= end:
            return 0
        unseen = Span(last + 1, end)
        return len(unseen) - sum(len(each.clipped(unseen)) for each in excluded)

    def counts(self, span: Span, windows: Collection[Window]) -> Counts:
        """What burned in ``span``, maintenance left out."""
        excluded = touched((w.start, w.end) for w in windows if self.covered_by(w))
        return self.rows.read(span, excluded).burned

    def episodes(self, span: Span, windows: Collection[Window]) -> tuple[Episode, ...]:
        """The outages in ``span``, maintenance left out."""
        excluded = touched((w.start, w.end) for w in windows if self.covered_by(w))
        rows = self.rows.rows(span)
        if excluded:
            rows = [row for row in rows if not any(each.start <= row[0] < each.end for each in excluded)]
        return episodes(rows, self.slo.objective)

    def doubtful(self, span: Span) -> list[Span]:
        """Minutes without a row, and those without a sample when they were read."""
        return self.rows.holes(span) + self.rows.unmeasured(span)


def since_of(ledgers: Sequence[SloLedger], now_ms: int) -> datetime:
    """The earliest instant that any of them is about."""
    first = min((each.wanted(latest_end(now_ms, 0)).start for each in ledgers), default=0)
    return datetime.fromtimestamp(first * 60, UTC)
