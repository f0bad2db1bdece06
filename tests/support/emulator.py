"""What a terminal makes of a stream of bytes, for tests that look at screens."""

from __future__ import annotations

import re
from collections import Counter

import pyte
from wcwidth import wcswidth

_SEQUENCE = re.compile(
    rb"\x1b(?:\[(?P<mark>[<=>?]?)(?P<args>[0-9;:]*)(?P<inter>[ -/]*)(?P<final>[@-~])"
    rb"|\](?P<osc>[^\x07\x1b]*)(?:\x07|\x1b\\)|[PX^_](?:[^\x1b]|\x1b(?!\\))*\x1b\\|(?P<esc>[ -/]*[0-OQ-WYZ`-~=>78\\]))"
)
_UNFINISHED = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*|\][^\x07\x1b]*\x1b?|[PX^_](?:[^\x1b]|\x1b(?!\\))*\x1b?|[ -/]*)\Z")
_SCREEN_MODES = {5, 6, 7, 25}  # what pyte is told of; it takes some others wrongly
_RESIDUE = {
    9: "mouse", 1000: "mouse", 1001: "mouse", 1002: "mouse", 1003: "mouse", 1005: "mouse", 1006: "mouse",
    1015: "mouse", 1016: "mouse", 1004: "focus reports", 2004: "bracketed paste", 2026: "synchronized output",
    2048: "in-band resize", 1: "application cursor keys",
}  # fmt: skip


class Emulator:
    """What a terminal makes of a stream of bytes: two screens, modes, bells, and the answers it gives."""

    def __init__(self, cols: int, rows: int, *, synchronized: bool = True) -> None:
        self.synchronized = synchronized
        self.modes: dict[int, bool] = {7: True, 25: True}
        self.kitty: Counter[bool] = Counter()  # depth of the keyboard protocol's stack, per screen
        self.bells = 0
        self.osc: list[bytes] = []  #: operating system commands seen: titles, clipboards (52)
        self.alternate = False
        self._screens = {side: pyte.Screen(cols, rows) for side in (False, True)}
        self._streams = {side: pyte.ByteStream(self._screens[side]) for side in (False, True)}
        self._lines: dict[int, str] = {}
        self._rest = b""

    @property
    def screen(self) -> pyte.Screen:
        """The pyte screen in front."""
        return self._screens[self.alternate]

    def row(self, index: int) -> str:
        """One line as read, a wide character being one character; trailing blanks kept."""
        if self.screen.dirty:
            for line in self.screen.dirty:
                self._lines.pop(line, None)
            self.screen.dirty.clear()
        if index not in self._lines:
            cells, columns = self.screen.buffer[index], self.screen.columns
            out, column = [], 0
            while column < columns:
                data = cells[column].data or " "  # half a character whose other half was painted over
                wide = wcswidth(data) == 2
                whole = wide and column + 1 < columns and cells[column + 1].data == ""
                out.append(data if whole or not wide else " ")
                column += 2 if whole else 1
            self._lines[index] = "".join(out)
        return self._lines[index]

    def resize(self, cols: int, rows: int) -> None:
        """Take a new size; the program paints again."""
        for screen in self._screens.values():
            screen.resize(rows, cols)
        self._lines.clear()

    def feed(self, data: bytes) -> bytes:
        """Take bytes of the program; return what the terminal answers."""
        data = self._rest + data
        self._rest = b""
        answers, position = b"", 0
        while position < len(data):
            escape = data.find(b"\x1b", position)
            plain = data[position:] if escape < 0 else data[position:escape]
            if plain:
                self.bells += plain.count(b"\x07")
                self._show(plain.replace(b"\x07", b""))
            if escape < 0:
                break
            match = _SEQUENCE.match(data, escape)
            if match:
                answers += self._sequence(match)
                position = match.end()
            elif _UNFINISHED.match(data, escape):
                self._rest = data[escape:]
                break
            else:
                position = escape + 1
        return answers

    def _show(self, data: bytes) -> None:
        self._streams[self.alternate].feed(data)

    def _sequence(self, match: re.Match[bytes]) -> bytes:
        if match["osc"] is not None:
            self.osc.append(match["osc"])
            colour = re.fullmatch(rb"(1[01]);\?", match["osc"])
            shade = b"ffff" if colour and colour[1] == b"10" else b"0000"
            return b"\x1b]%b;rgb:%b\x1b\\" % (colour[1], b"/".join([shade] * 3)) if colour else b""
        if match["final"] is None:
            if match["esc"] is not None and match["esc"] != b"\\":
                self._show(match[0])
            return b""
        mark, inter, final = match["mark"], match["inter"], match["final"]
        args = [int(number or 0) for number in re.split(rb"[;:]", match["args"])]
        if mark == b"?" and final in b"hl" and not inter:
            for mode in args:
                self._set(mode, final == b"h")
        elif mark in b"<>" and final == b"u":  # kitty keyboard: push and pop
            self.kitty[self.alternate] = max(0, self.kitty[self.alternate] + (1 if mark == b">" else -(args[0] or 1)))
        elif final in b"cnptuq" and (mark or inter or final in b"cnt"):
            return self._answer(mark + inter + final, args)
        elif not mark and not inter:
            self._show(match[0])
        return b""

    def _set(self, mode: int, on: bool) -> None:
        self.modes[mode] = on
        if mode in (47, 1047, 1049):
            self.alternate = on
            if on:
                self.screen.reset()
            self.screen.dirty.update(range(self.screen.lines))
        elif mode in _SCREEN_MODES:
            self._show(b"\x1b[?%d%c" % (mode, b"h" if on else b"l"))

    def _answer(self, question: bytes, args: list[int]) -> bytes:
        if question == b"?$p":  # is this mode known, and on?
            known = args[0] in self.modes or args[0] in _RESIDUE
            known = known and args[0] != 2048 and (args[0] != 2026 or self.synchronized)
            return b"\x1b[?%d;%d$y" % (args[0], (1 if self.modes.get(args[0]) else 2) if known else 0)
        if question in (b"n", b"?n"):
            where = b"%d;%d" % (self.screen.cursor.y + 1, self.screen.cursor.x + 1)
            return b"\x1b[0n" if args[0] == 5 else b"\x1b[%b%bR" % (question[:-1], where)
        if question == b"t" and args[0] == 18:
            return b"\x1b[8;%d;%dt" % (self.screen.lines, self.screen.columns)
        return {b"c": b"\x1b[?62;22c", b">c": b"\x1b[>41;0;0c", b">q": b"\x1bP>|harness\x1b\\"}.get(question, b"")

    def residue(self) -> set[str]:
        """What a program left switched on that a shell does not expect."""
        left = {name for mode, name in _RESIDUE.items() if self.modes.get(mode)}
        left |= {"alternate screen"} if self.alternate else set()
        left |= {"cursor hidden"} if not self.modes[25] else set()
        left |= {"line wrap off"} if not self.modes[7] else set()
        return left | ({"kitty keyboard"} if any(self.kitty.values()) else set())
