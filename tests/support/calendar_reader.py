"""A reader of calendar files that shares no code with what writes them: RFC 5545, as far as entries in UTC go."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True)
class Entry:
    uid: str
    summary: str
    start: datetime
    end: datetime
    sequence: int
    status: str
    stamp: datetime
    description: str = ""


def read_entries(data: bytes) -> list[Entry]:
    """Every VEVENT. Fails on a line that is longer than 75 octets, or does not end in CRLF."""
    assert data.endswith(b"\r\n")
    lines = data.split(b"\r\n")[:-1]
    assert b"\n" not in b"".join(lines)
    assert b"\r" not in b"".join(lines)
    assert all(len(line) <= 75 for line in lines), max(lines, key=len)
    for line in lines:
        line.decode()  # no character is cut in two
    unfolded = b"\r\n".join(lines).replace(b"\r\n ", b"").decode().split("\r\n")
    assert (unfolded[0], unfolded[-1]) == ("BEGIN:VCALENDAR", "END:VCALENDAR")
    assert not any(line.startswith(("RRULE", "BEGIN:VTIMEZONE")) for line in unfolded)
    found, current = [], None
    for line in unfolded:
        if line == "BEGIN:VEVENT":
            current = dict[str, str]()
        elif line == "END:VEVENT":
            assert current is not None
            found.append(_entry(current))
            current = None
        elif current is not None:
            name, _, value = line.partition(":")
            assert ";" not in name, line
            assert name not in current, line
            current[name] = value
    return found


def _entry(fields: dict[str, str]) -> Entry:
    assert fields["LAST-MODIFIED"] == fields["DTSTAMP"]
    return Entry(
        fields["UID"],
        _text(fields["SUMMARY"]),
        _moment(fields["DTSTART"]),
        _moment(fields["DTEND"]),
        int(fields["SEQUENCE"]),
        fields["STATUS"],
        _moment(fields["DTSTAMP"]),
        _text(fields.get("DESCRIPTION", "")),
    )


def _text(value: str) -> str:
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] in "nN" else found[1], value)


def _moment(value: str) -> datetime:
    return datetime.strptime(value, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
