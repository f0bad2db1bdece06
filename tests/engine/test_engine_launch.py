"""What the garbage collector walks through while the screen waits."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import gc, weakref
from artisan_tui.engine.launch import awake
class Node: pass
awake()
awake()
node = Node(); node.self = node
gone = weakref.ref(node)
before = gc.get_freeze_count()
gc.collect()
assert gc.get_freeze_count() > before, "what survived is walked through again"
del node
for turn in range(40):
    gc.collect()
assert gone() is None, "a cycle that was kept is never found"
assert gc.get_freeze_count() > 1000, "the thorough one was the last to leave any out"
"""


def test_what_survived_is_not_walked_through_again_and_cycles_in_it_are_found_in_the_end() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
