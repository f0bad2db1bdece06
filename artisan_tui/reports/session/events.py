"""How entries about sessions, the store and the configuration are said."""

from __future__ import annotations

from artisan_tui.domain.event import Event
from artisan_tui.domain.session.events import (
    ClockJumped,
    ConfigLoaded,
    ConfigRefused,
    EventsLost,
    LeadershipTaken,
    NoteWritten,
    NoticeAcknowledged,
    RunRecordLost,
    SessionStarted,
    SessionStoodStill,
    SessionStopped,
    StoreReplaced,
)
from artisan_tui.domain.span import span_text
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import N_, _
from artisan_tui.reports.session.lost import lost_run_text
from artisan_tui.reports.wording import EventWords, Tone, subject

WORDS = EventWords()

#: Why a store was replaced, by `StoreReplaced.why`.
_WHY = {
    "tampered": N_("tampered"),
    "damaged": N_("damaged"),
    "exchanged": N_("exchanged"),
    "deleted": N_("deleted"),
}


@WORDS.says(SessionStarted)
def _started(event: Event, body: SessionStarted) -> str:
    return _("opened the board")


@WORDS.says(SessionStopped)
def _stopped(event: Event, body: SessionStopped) -> str:
    return _("closed the board")


@WORDS.says(SessionStoodStill, tone=lambda body: Tone.WARN)
def _stood_still(event: Event, body: SessionStoodStill) -> str:
    return _("suspended for {span}: no probes ran during that time").format(span=span_text(body.seconds))


@WORDS.says(LeadershipTaken)
def _leadership_taken(event: Event, body: LeadershipTaken) -> str:
    return _("took over as leader from {who}").format(who=printable(body.before, 60))


@WORDS.says(ClockJumped)
def _clock_jumped(event: Event, body: ClockJumped) -> str:
    sign = "-" if body.seconds < 0 else "+"
    return _("the clock jumped by {span}").format(span=sign + span_text(abs(body.seconds)))


@WORDS.says(StoreReplaced)
def _store_replaced(event: Event, body: StoreReplaced) -> str:
    why = _(_WHY[body.why]) if body.why in _WHY else printable(body.why, 40)
    said = _("a new store was created because the old one was {why}; the last known event is {n}")
    return said.format(why=why, n=body.last_seq or 0)


@WORDS.says(EventsLost, tone=lambda body: Tone.BAD)
def _events_lost(event: Event, body: EventsLost) -> str:
    count = str(body.count) if body.whole else f"{body.count}+"
    said = _(
        "the database lost {count} events (seq {first} to {last}): it was promoted or restored without them"
    ).format(count=count, first=body.first, last=body.last)
    if not body.saved:
        return _("{said}; they are not saved").format(said=said)
    where = printable(f"{body.host}:{body.saved}" if body.host else body.saved, 300)
    return _("{said}; they are saved in {file}").format(said=said, file=where)


@WORDS.says(RunRecordLost, tone=lambda body: Tone.BAD)
def _run_lost(event: Event, body: RunRecordLost) -> str:
    return lost_run_text(event.subject, body.runbook, body.step, body.host, body.folder)


@WORDS.says(NoticeAcknowledged)
def _notice_acknowledged(event: Event, body: NoticeAcknowledged) -> str:
    return _("acknowledged: {notice}").format(notice=printable(body.notice, 300))


@WORDS.says(NoteWritten)
def _note(event: Event, body: NoteWritten) -> str:
    return printable(body.text, 2000)


@WORDS.says(ConfigLoaded)
def _config_loaded(event: Event, body: ConfigLoaded) -> str:
    return _("reloaded {file}").format(file=subject(event))


@WORDS.says(ConfigRefused, tone=lambda body: Tone.WARN)
def _config_refused(event: Event, body: ConfigRefused) -> str:
    return _("{file} is invalid; the previous configuration stays in use").format(file=subject(event))
