"""Who is on call: rotations in layers, with the swaps and overrides that people made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import combinations, pairwise

from artisan_tui.domain.oncall.rotation import Rotation
from artisan_tui.domain.oncall.shift import Gap, Hidden, OnCallOverride, Overlap, Shift, Swap, Why


@dataclass(frozen=True, slots=True)
class Schedule:
    """``levels`` names persons and rotations by level. Rotations also name their level themselves.

    An override goes before a swap, a swap before the rotations, and of equals the newest counts: the last of
    ``overrides`` and of ``swaps`` (only accepted ones are given). Of the rotations of a level that cover a moment, the
    one written last counts: a layer lies over those before it. ``reachable`` are the people with a contact: who cannot
    be reached is not on call.
    """

    rotations: tuple[Rotation, ...] = ()
    levels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    reachable: frozenset[str] = frozenset()
    overrides: tuple[OnCallOverride, ...] = ()
    swaps: tuple[Swap, ...] = ()

    def changed(self, overrides: tuple[OnCallOverride, ...], swaps: tuple[Swap, ...]) -> Schedule:
        """The same rotations with these overrides and accepted swaps, oldest first."""
        return replace(self, overrides=overrides, swaps=swaps)

    # -- a moment -----------------------------------------------------------

    def on_call(self, level: str, at: datetime) -> tuple[str, ...]:
        """The ids of the people on call for ``level`` at ``at``; empty when there is nobody."""
        return tuple(dict.fromkeys(each.person for each in self.named(level, at) if each.person in self.reachable))

    def shifts_at(self, level: str, at: datetime) -> tuple[Shift, ...]:
        """The shifts under way, each as long as the same person has it for the same reason; turns are not joined."""
        return tuple(self._whole(each, at) for each in self.named(level, at))

    def _whole(self, shift: Shift, at: datetime) -> Shift:
        """``shift`` from its begin to its end, within the turn or the override that it belongs to."""
        if shift.why is Why.STANDING:
            return shift
        found = self._pieces(shift.level, shift.start, shift.end)
        return next((each for each in found if each.start <= at < each.end and _same(each, shift)), shift)

    def named(self, level: str, at: datetime) -> list[Shift]:
        """Everybody whom the schedule names at ``at``, reachable or not. The bounds are those of the whole reason."""
        seat = self.seat(level, at)
        found = [] if seat is None else [seat]
        if seat is not None and seat.why is Why.OVERRIDE and not self.layers(level):
            return found  # it stands for the people that the level names
        for name in self.levels.get(level, ()):
            rotation = self.rotation(name)
            if rotation is None:
                found.append(Shift(name, datetime.min.replace(tzinfo=UTC), _EVER, level, why=Why.STANDING))
            elif rotation.level != level and rotation.covers(at):
                own = self.seat(rotation.level, at)
                serves = own is not None and own.layer == rotation.id
                found.append(own if own is not None and serves else self.turn_of(rotation, at))
        return found

    def seat(self, level: str, at: datetime) -> Shift | None:
        """Who has the seat that the rotations of ``level`` fill."""
        layers = [each for each in self.layers(level) if each.covers(at)]
        by_turn = self.turn_of(layers[-1], at) if layers else None
        for override in reversed(self.overrides):
            if override.level == level and at in override:
                return self._overridden(override, by_turn)
        return by_turn

    def _overridden(self, override: OnCallOverride, shift: Shift | None) -> Shift:
        if shift is None:
            level = override.level
            return Shift(override.person, override.start, override.end, level, why=Why.OVERRIDE, source=override.id)
        start, end = max(override.start, shift.start), min(override.end, shift.end)
        return replace(
            shift,
            person=override.person,
            start=start,
            end=end,
            why=Why.OVERRIDE,
            instead_of=shift.person,
            source=override.id,
        )

    def turn_of(self, rotation: Rotation, at: datetime) -> Shift:
        """The turn of ``rotation`` that contains ``at``, with the swaps that say something of it.

        A shift that was taken over can be given on; of two swaps that give away the same turn, the newer counts.
        """
        shift = rotation.shift_at(at)
        found = shift
        for swap in self.swaps:
            if swap.rotation == rotation.id:
                other = swap.substitute(shift.person, at) or swap.substitute(found.person, at)
                if other is not None:
                    found = replace(shift, person=other, why=Why.SWAP, instead_of=shift.person, source=swap.id)
        return found

    # -- a span -------------------------------------------------------------

    def shifts(self, level: str, start: datetime, end: datetime) -> tuple[Shift, ...]:
        """The final schedule of ``level`` in ``[start, end)``, oldest first, cut at both ends.

        A shift is a piece of one turn that one person has for one reason. People without a contact are in it, too:
        `gaps` says that they cannot be reached.
        """
        return tuple(self._pieces(level, start, end))

    def _pieces(self, level: str, start: datetime, end: datetime) -> list[Shift]:
        found: list[Shift] = []
        open_: dict[tuple[object, ...], int] = {}
        for begin, stop in self._spans(level, start, end):
            for each in self.named(level, begin):
                at = open_.get(_key(each))
                if at is not None and found[at].end == begin:
                    found[at] = replace(found[at], end=stop)
                else:
                    open_[_key(each)] = len(found)
                    found.append(replace(each, start=begin, end=stop))
        return found

    def _spans(self, level: str, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """``[start, end)`` in pieces in which nobody and nothing changes, in UTC."""
        ordered = (start.astimezone(UTC), *self.edges(level, start, end), end.astimezone(UTC))
        yield from ((one, two) for one, two in pairwise(ordered) if one < two)

    def edges(self, level: str, start: datetime, end: datetime) -> tuple[datetime, ...]:
        """The moments between ``start`` and ``end`` at which others may be on call for ``level``, in order, in UTC."""
        start, end = start.astimezone(UTC), end.astimezone(UTC)
        named = [found for name in self.levels.get(level, ()) if (found := self.rotation(name)) is not None]
        near = {level, *(each.level for each in named)}
        rotations = [each for each in self.rotations if each.level in near]
        edges: set[datetime] = set()
        for each in rotations:
            edges.update(each.edges(start, end))
        for override in self.overrides:
            if override.level in near:
                edges.update((override.start, override.end))
        names = {each.id for each in rotations}
        edges.update(edge for swap in self.swaps if swap.rotation in names for edge in swap.edges)
        return tuple(sorted(edge for edge in edges if start < edge < end))

    def gaps(self, level: str, start: datetime, end: datetime) -> tuple[Gap, ...]:
        """The time in ``[start, end)`` in which nobody who can be reached is on call for ``level``, oldest first."""
        found: list[Gap] = []
        for begin, stop in self._spans(level, start, end):
            named = self.named(level, begin)
            if any(each.person in self.reachable for each in named):
                continue
            gap = Gap(level, begin, stop, tuple(dict.fromkeys(each.person for each in named)))
            if found and (found[-1].end, found[-1].unreachable) == (begin, gap.unreachable):
                gap = replace(gap, start=found.pop().start)
            found.append(gap)
        return tuple(found)

    def overlaps(self, level: str, start: datetime, end: datetime) -> tuple[Overlap, ...]:
        """The time in which two layers of ``level`` cover the same hours, oldest first.

        A layer for some hours over one that covers all time is what layers are for, and no overlap.
        """
        found: list[Overlap] = []
        latest: dict[tuple[str, str], int] = {}
        for begin, stop in self._spans(level, start, end):
            layers = [each for each in self.layers(level) if each.covers(begin)]
            for lower in layers[:-1]:
                upper = layers[-1]
                if lower.only is None and upper.only is not None:
                    continue
                at = latest.get((upper.id, lower.id))
                if at is not None and found[at].end == begin:
                    found[at] = replace(found[at], end=stop)
                    continue
                latest[upper.id, lower.id] = len(found)
                found.append(Overlap(level, begin, stop, upper.id, lower.id))
        return tuple(found)

    def hidden(self) -> tuple[Hidden, ...]:
        """Every override and swap that another one hides for some time: the older ones first."""
        found: list[Hidden] = []
        for older, newer in combinations(self.overrides, 2):
            start, end = max(older.start, newer.start), min(older.end, newer.end)
            if older.level == newer.level and start < end:
                found.append(Hidden(older.id, newer.id, start, end))
        for swap in self.swaps:
            rotation = self.rotation(swap.rotation)
            spans = [(swap.start, swap.end)]
            if swap.back_start is not None and swap.back_end is not None:
                spans.append((swap.back_start, swap.back_end))
            for override in self.overrides:
                for begin, stop in spans:
                    start, end = max(begin, override.start), min(stop, override.end)
                    if rotation is not None and rotation.level == override.level and start < end:
                        found.append(Hidden(swap.id, override.id, start, end))
        return tuple(found)

    # -- what it is made of -------------------------------------------------

    def layers(self, level: str) -> tuple[Rotation, ...]:
        """The rotations of ``level`` as they are written: a later one lies over those before it."""
        return tuple(each for each in self.rotations if each.level == level)

    def rotation(self, name: str) -> Rotation | None:
        return next((each for each in self.rotations if each.id == name), None)


_EVER = datetime.max.replace(tzinfo=UTC)


def _key(shift: Shift) -> tuple[object, ...]:
    return (shift.person, shift.layer, shift.turn, shift.why, shift.source, shift.instead_of)


def _same(one: Shift, other: Shift) -> bool:
    return _key(one) == _key(other)
