"""The process that generates the history: ``python -m artisan_tui.drill.generate_history SEED START_MS DAYS SHAPE``.

Writes each day to stdout: its length in eight bytes, then the pickled samples. Ends when the reader closes the pipe.
"""

from __future__ import annotations

import os
import pickle
import sys
from contextlib import suppress

from artisan_tui.drill.history import generate_days
from artisan_tui.drill.shapes import SHAPES


def main() -> None:
    """Write the days to stdout."""
    seed, start_ms, days = map(int, sys.argv[1:4])
    shape = SHAPES[sys.argv[4]]
    os.nice(5)  # the process that serves requests has priority
    with suppress(BrokenPipeError), os.fdopen(os.dup(1), "wb", buffering=0) as out:
        for made in generate_days(seed, start_ms, days, shape):
            data = pickle.dumps(made.samples, pickle.HIGHEST_PROTOCOL)
            _write(out.fileno(), len(data).to_bytes(8, "big") + data)


def _write(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


if __name__ == "__main__":
    main()
