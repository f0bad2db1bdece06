"""Everything that can have another key, in ``[keys]``. Written by `make keys` from the screen's declarations."""

from __future__ import annotations

from typing import NamedTuple

from artisan_tui.i18n import N_


class KeyId(NamedTuple):
    """``key`` is the default; several are separated by commas. ``title`` says what it does, for `_`."""

    id: str
    key: str
    title: str


KEY_IDS = (
    KeyId("view.open", "enter", N_("Open")),
    KeyId("view.filter", "slash", N_("Filter")),
    KeyId("view.fold", "minus", N_("Fold")),
    KeyId("view.sort", "s", N_("Sort")),
    KeyId("view.next-pane", "tab", N_("Next pane")),
    KeyId("view.hour", "h", N_("One hour")),
    KeyId("view.day", "d", N_("One day")),
    KeyId("check.logs", "l", N_("Log")),
    KeyId("check.links", "o", N_("Links")),
    KeyId("view.week", "w", N_("One week")),
    KeyId("service.open", "enter", N_("Open check")),
    KeyId("service.links", "o", N_("Links of the service")),
    KeyId("service.next-pane", "tab", N_("Next list")),
    KeyId("slos.minute", "enter", N_("Journal entries")),
    KeyId("slos.explain", "x", N_("Explain")),
    KeyId("slos.next-list", "tab", N_("Next list")),
    KeyId("alerts.open", "enter", N_("Open alert")),
    KeyId("alerts.silences", "Z", N_("Silences")),
    KeyId("alerts.fold", "minus", N_("Fold a group")),
    KeyId("alerts.link", "o", N_("Runbook")),
    KeyId("journal.open", "enter", N_("Go to subject")),
    KeyId("journal.filter", "slash", N_("Filter the journal")),
    KeyId("journal.entry", "v", N_("Entry")),
    KeyId("journal.sessions", "f", N_("Sessions")),
    KeyId("view.back", "escape", N_("Back")),
    KeyId("view.palette", "colon", N_("Command")),
    KeyId("view.help", "question_mark", N_("Help")),
    KeyId("view.copy", "y", N_("Copy")),
    KeyId("view.theme", "t", N_("Switch theme")),
    KeyId("view.demo", "b", N_("Faults")),
    KeyId("view.board", "1", N_("Board")),
    KeyId("view.slos", "2", N_("SLOs")),
    KeyId("view.alerts", "5", N_("Alerts")),
    KeyId("view.journal", "J", N_("Journal")),
    KeyId("view.quit", "q", N_("Quit")),
    KeyId("check.run", "c", N_("Check now")),
    KeyId("journal.note", "n", N_("Write a note")),
    KeyId("alert.silence", "s", N_("Silence alerts")),
    KeyId("alert.acknowledge-and-silence", "S", N_("Acknowledge and silence")),
    KeyId("alert.unsilence", "u", N_("End the silence")),
    KeyId("alert.extend", "e", N_("Extend the silence")),
    KeyId("alert.restore", "L", N_("Restore lost silences")),
    KeyId("check.run-all", "C", N_("Check everything now")),
    KeyId("alert.read", "r", N_("Read alerts now")),
    KeyId("check.mute", "m", N_("Mute")),
    KeyId("check.unmute", "M", N_("Unmute")),
    KeyId("maintenance.declare", "p", N_("Declare maintenance")),
    KeyId("maintenance.end", "P", N_("End maintenance")),
    KeyId("slo.override", "O", N_("Allow deployments")),
    KeyId("notice.acknowledge", "A", N_("Acknowledge the notice")),
    KeyId("config.reload", "R", N_("Reload the configuration")),
    KeyId("list.up", "up,k", N_("One line up")),
    KeyId("list.down", "down,j", N_("One line down")),
    KeyId("list.page-up", "pageup", N_("One page up")),
    KeyId("list.page-down", "pagedown", N_("One page down")),
    KeyId("list.first", "home,g", N_("To the first line")),
    KeyId("list.last", "end,G", N_("To the last line")),
    KeyId("dialog.close", "escape", N_("Close a dialog")),
    KeyId("links.copy", "enter", N_("Copy the selected link")),
    KeyId("windows.end", "enter", N_("End the selected maintenance window")),
    KeyId("silences.end", "enter", N_("End the selected silence, or restore a lost one")),
    KeyId("demo.toggle", "enter,space", N_("Inject or clear the selected fault")),
    KeyId("demo.mend-all", "m", N_("Clear every fault")),
    KeyId("view.interrupt", "ctrl+c", N_("Quit from anywhere")),
)
