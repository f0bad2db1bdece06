"""When the garbage collector walks through what, and who waits for it."""

from __future__ import annotations

import subprocess
import sys

BEGIN = """
import gc, weakref
from artisan_tui.engine import garbage
now = [1000.0]
kept = garbage.GarbageCollection(lambda: now[0])
class Node: pass
kept.begin()
kept.begin()
node = Node(); node.self = node
gone = weakref.ref(node)
walked = [0, 0, 0]
gc.callbacks.append(lambda phase, info: walked.__setitem__(info["generation"], walked[info["generation"]] + (phase == "stop")))
"""
SURVIVORS = """
before = gc.get_freeze_count()
gc.collect()
assert gc.get_freeze_count() > before, "what survived is walked through again"
assert len([each for each in gc.callbacks if getattr(each, "__self__", None) is kept]) == 1
del node
gc.collect()
assert gone() is not None, "nothing was left out, and everything was walked through"
"""
GROWN = """
many = [[] for _ in range({many})]
gc.collect()
assert kept.due
del node
kept.pressed()
kept.answered()
now[0] += garbage.CALM - 1
assert (kept.tidy() == "thorough") is {at_once}, "somebody works with the screen"
now[0] += 1
assert (kept.tidy() == "thorough") is not {at_once}
assert gone() is None, "a cycle that was left out is never found"
assert not kept.due and not kept.tidy()
assert gc.get_freeze_count() > {many}, "the thorough one was the last to leave any out"
"""
CHURN = """
for turn in range(2000):
    steps = [{"tries": {}} for _ in range(1500)]
assert not walked[1] and not walked[2], f"{walked} collections of what goes by itself"
"""
KEYS = """
kept.pressed()
many = [[] for _ in range(20 * garbage.YOUNG)]
assert not any(walked), "collected between a key and what it paints"
kept.answered()
more = [[] for _ in range(garbage.YOUNG)]
assert walked[0] or walked[1]
kept.pressed()
now[0] += 0.9
kept.pressed()
assert not gc.isenabled()
now[0] += 0.2
kept.pressed()
assert gc.isenabled(), "a key that is held down puts it off for ever"
"""
FULL = """
kept._base = 10_000_000  # nothing thorough is due
many = []
while gc.get_count()[2] < {waiting}:
    many.append([])
assert not walked[2], "a full one began by itself"
kept.pressed()
kept.answered()
now[0] += 0.9
assert kept.tidy() == "{busy}"
now[0] += 0.2
assert kept.tidy() == "{rested}" and walked[2] == 1
"""


def ran(*code: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(code)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


def test_what_survived_is_not_walked_through_again() -> None:
    ran(BEGIN, SURVIVORS)


def test_a_thorough_collection_waits_until_nobody_presses_keys() -> None:
    ran(BEGIN, "kept._base = kept._left_out = 300_000", GROWN.format(many=450_000, at_once=False))


def test_memory_that_grew_much_is_looked_through_whoever_waits() -> None:
    ran(BEGIN, GROWN.format(many=400_000, at_once=True))


def test_what_is_loaded_in_the_first_seconds_is_not_looked_through_while_somebody_waits() -> None:
    ran(BEGIN, GROWN.format(many=200_000, at_once=False))


def test_runs_of_many_steps_that_are_read_and_dropped_lead_to_no_older_collection() -> None:
    ran(BEGIN, CHURN)


def test_nothing_is_collected_between_a_key_and_what_it_paints() -> None:
    ran(BEGIN, KEYS)


def test_a_full_collection_waits_for_a_rest_but_not_for_ever() -> None:
    ran(BEGIN, FULL.format(waiting=5, busy="", rested="full"))
    ran(BEGIN, FULL.format(waiting=41, busy="full", rested=""))


END = """
kept.pressed()
kept.end()
kept.end()
assert gc.isenabled() and not kept.puts_off
assert gc.get_threshold() == usual, gc.get_threshold()
assert not [each for each in gc.callbacks if getattr(each, "__self__", None) is kept]
kept.begin()
assert gc.get_threshold() != usual
"""


def test_after_the_program_the_collector_is_as_it_was() -> None:
    ran("import gc; usual = gc.get_threshold()", BEGIN, END)
