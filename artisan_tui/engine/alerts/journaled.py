"""What the journal says of alerts of others and of our silences: folds that every session comes to alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import ClassVar

from artisan_tui.domain.alerts.events import (
    AlertingBlind,
    AlertingSees,
    AlertNamed,
    AlertOver,
    AlertSeen,
    SilenceCreated,
    SilenceDone,
    SilenceExpired,
    SilenceExtended,
    SilenceIntended,
    SilenceLost,
    SilenceUnwritten,
)
from artisan_tui.domain.alerts.intents import Intended
from artisan_tui.domain.alerts.listed import AlertState, ListedAlert, with_also
from artisan_tui.domain.alerts.silence import OurSilence
from artisan_tui.domain.event import Entry
from artisan_tui.domain.journal_body import BodyError
from artisan_tui.domain.journal_kinds import read_body

#: An alert of which the journal heard nothing for so long is not remembered any more.
_FORGOTTEN = timedelta(days=7)
#: Fingerprints of which it is known that another one is the same alert.
_MOST_NAMED = 10_000


class OutsideAlerts:
    """The alerts of others that fired and were not resolved, by fingerprint, and whether alerting is blind."""

    KINDS: ClassVar[tuple[str, ...]] = (
        AlertSeen.KIND,
        AlertNamed.KIND,
        AlertOver.KIND,
        AlertingBlind.KIND,
        AlertingSees.KIND,
    )

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        self._seen: dict[str, ListedAlert] = {}
        #: By fingerprint, in both directions. It holds also when the alert is over: it may come back.
        self._also: dict[str, tuple[str, ...]] = {}
        self.blind_since: datetime | None = None

    def apply(self, entries: Iterable[Entry]) -> bool:
        before = (dict(self._seen), self.blind_since, dict(self._also))
        for entry in entries:
            try:
                body = read_body(entry)
            except BodyError:
                continue  # written by another version, or by another hand
            if isinstance(body, AlertSeen):
                self._seen[entry.subject] = _row(entry, body)
            elif isinstance(body, AlertNamed):
                self._name(entry.subject, body.also)
            elif isinstance(body, AlertOver):
                self._seen.pop(entry.subject, None)
            elif isinstance(body, AlertingBlind):
                self.blind_since = entry.occurred_at
            elif isinstance(body, AlertingSees):
                self.blind_since = None
        return (self._seen, self.blind_since, self._also) != before

    def _name(self, fingerprint: str, also: Iterable[str]) -> None:
        for each in also:
            self._seen.pop(each, None)  # it goes on under the other fingerprint
            for one, other in ((fingerprint, each), (each, fingerprint)):
                self._also[one] = tuple(dict.fromkeys((*self._also.pop(one, ()), other)))
        while len(self._also) > _MOST_NAMED:
            del self._also[next(iter(self._also))]

    def __contains__(self, fingerprint: object) -> bool:
        return fingerprint in self._seen

    def knows(self, row: ListedAlert, now: datetime) -> bool:
        """Whether the journal has this alert as firing: not one of which it heard nothing for days, and that began anew."""
        known = self._seen.get(row.fingerprint)
        return known is not None and not (now - known.seen_at >= _FORGOTTEN and row.since > known.since)

    @property
    def also(self) -> Mapping[str, tuple[str, ...]]:
        """By fingerprint, the others that the same alert has or had."""
        return self._also

    def fingerprints(self, fingerprint: str) -> tuple[str, ...]:
        """Every one that this alert has or had, this one first."""
        return (fingerprint, *self._also.get(fingerprint, ()))

    def attached_as(self, attached: Iterable[str], fingerprint: str) -> str:
        """The one of ``attached`` that is this alert under any of its fingerprints, else ``fingerprint``."""
        there = set(attached)
        return next((each for each in self.fingerprints(fingerprint) if each in there), fingerprint)

    def rows(self, now: datetime) -> Mapping[str, ListedAlert]:
        """As nobody says them yet."""
        return {
            name: with_also(row, self._also.get(name, ()))
            for name, row in self._seen.items()
            if now - row.seen_at < _FORGOTTEN
        }


def _row(entry: Entry, body: AlertSeen) -> ListedAlert:
    return ListedAlert(
        entry.subject,
        body.labels,
        body.annotations,
        AlertState.NOT_SEEN,
        body.since,
        entry.occurred_at,
        ("its sources were not read yet",),
        seen_by=body.sources,
        ends_at=body.ends,
        silenceable=body.silenceable == "yes",
    )


class OurSilences:
    """The silences that were created here and did not end before their time, by id; and the intents without an end."""

    KINDS: ClassVar[tuple[str, ...]] = ("silence.",)

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        self._ours: dict[str, OurSilence] = {}
        self._told_lost: set[str] = set()
        self._intents: dict[str, Intended] = {}

    def apply(self, entries: Iterable[Entry]) -> bool:
        before = (dict(self._ours), set(self._told_lost), dict(self._intents))
        for entry in entries:
            try:
                body = read_body(entry)
            except BodyError:
                continue  # written by another version, or by another hand
            known = self._ours.get(entry.subject)
            if isinstance(body, SilenceDone):
                self._intents.pop(body.intent, None)
            if isinstance(body, SilenceIntended):
                self._intents[entry.subject] = Intended(entry.subject, entry.occurred_at, entry.actor, body)
            elif isinstance(body, SilenceUnwritten):
                self._intents.pop(entry.subject, None)
            elif isinstance(body, SilenceCreated):
                self._ours[entry.subject] = OurSilence(
                    entry.subject,
                    body.matchers,
                    body.until,
                    body.comment,
                    entry.actor,
                    entry.occurred_at,
                    body.until_quiet == "yes",
                    body.alerts,
                )
                if body.replaces:
                    self._ours.pop(body.replaces, None)
            elif isinstance(body, SilenceExtended) and known is not None:
                self._ours[entry.subject] = replace(known, ends_at=body.until, comment=body.comment or known.comment)
            elif isinstance(body, SilenceExpired):
                self._ours.pop(entry.subject, None)
            elif isinstance(body, SilenceLost):
                self._told_lost.add(entry.subject)
        return (self._ours, self._told_lost, self._intents) != before

    @property
    def intents(self) -> tuple[Intended, ...]:
        """What was about to be asked of Alertmanager, and of which nobody wrote down what it came to; oldest first."""
        return tuple(self._intents.values())

    def in_force(self, now: datetime) -> tuple[OurSilence, ...]:
        return tuple(each for each in self._ours.values() if each.ends_at > now)

    def get(self, id: str) -> OurSilence | None:
        return self._ours.get(id)

    def was_told_lost(self, id: str) -> bool:
        return id in self._told_lost
