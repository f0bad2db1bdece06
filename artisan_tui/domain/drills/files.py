"""The names of the files in the folder of a live drill: the stack's process and the sessions meet there."""

from __future__ import annotations

from typing import Final

#: Which drill this is: ``scenario``, ``seed``, ``speed``, and whose.
ABOUT: Final = "drill.json"
#: The scenario as it was when the drill began. It holds the truth.
SCENARIO: Final = "scenario.json"
#: The facilitator's.
TOKEN: Final = "token"
#: What came from outside, as it comes.
RECORD: Final = "record.jsonl"
#: The whole play, once it is over.
PLAY: Final = "play.json"
#: What was on screen every few seconds, once it is over.
TRACE: Final = "trace.json"
#: Where the stack listens, and its process.
STACK: Final = "stack.json"
#: What the stack's process said when it failed.
LOG: Final = "stack.log"
#: Of the players' sessions.
CONFIG: Final = "artisan.toml"
DEBRIEF: Final = "debrief.md"
