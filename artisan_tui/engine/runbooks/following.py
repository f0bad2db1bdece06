"""What attempts print, as it comes: the file of an attempt is read on from where it was read before.

It is masked before it is on disk, and made printable here. Of one attempt the first `MOST` bytes are told.
"""

from __future__ import annotations

import codecs
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.runbooks.shim.folder import LOG
from artisan_tui.engine.runbooks.spawner import attempt_folder

if TYPE_CHECKING:
    from artisan_tui.domain.runbooks.run import Run

#: Bytes of one attempt that are told as they come. The log on disk keeps more, and its beginning is never rewritten.
MOST: Final = 1 << 20
#: Characters of one line.
_LONGEST: Final = 4000
#: Seconds after which a line without its end is told: a question, or the dots of a progress bar.
_UNENDED: Final = 0.5
_PIECE: Final = 64 * 1024

#: Hears each line that a step printed, without its end.
HearsLine = Callable[[str], None]


@dataclass(slots=True)
class _Place:
    """How far one log was read."""

    read: int = 0
    found: bool = False
    line: str = ""
    since: float = 0.0
    decoder: codecs.IncrementalDecoder = field(default_factory=lambda: codecs.getincrementaldecoder("utf-8")("replace"))


class OutputFollower:
    """Tells the lines of the attempts of runs below ``state``. ``clock`` is monotonic seconds."""

    def __init__(self, state: Path, told: HearsLine, clock: Callable[[], float] = time.monotonic) -> None:
        self._state, self._told, self._clock = state, told, clock
        self._places: dict[tuple[str, str], _Place] = {}

    def follow(self, run: Run) -> None:
        """Tell what the attempt that runs printed since the last time."""
        if run.current is not None:
            self._read(run.id, run.current.name)

    def finish(self, run: str, name: str) -> bool:
        """Tell the rest of an attempt that has ended; whether all that it printed was told, and not only the beginning."""
        place = self._read(run, name)
        place.line += place.decoder.decode(b"", final=True)
        self._flush(place)
        self._places.pop((run, name), None)
        return place.found and place.read < MOST

    def _read(self, run: str, name: str) -> _Place:
        place = self._places.setdefault((run, name), _Place())
        try:
            with (attempt_folder(self._state, run, name) / LOG).open("rb") as file:
                place.found = True
                file.seek(place.read)
                while place.read < MOST and (data := file.read(min(_PIECE, MOST - place.read))):
                    place.read += len(data)
                    self._lines(place, place.decoder.decode(data))
        except OSError:
            pass  # it has not begun, or its folder is on another machine
        if place.line and self._clock() - place.since >= _UNENDED:
            self._flush(place)
        return place

    def _lines(self, place: _Place, text: str) -> None:
        *whole, rest = (place.line + text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
        for line in whole:
            self._tell(line)
        if rest != place.line:
            place.since = self._clock()
        place.line = rest
        if len(rest) > _LONGEST:
            self._flush(place)

    def _flush(self, place: _Place) -> None:
        if place.line:
            self._tell(place.line)
        place.line = ""

    def _tell(self, line: str) -> None:
        self._told(printable(line, _LONGEST))
