"""What several threads ask of the rules of runs at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from artisan_tui.engine.runbooks.rules import RunRules
from artisan_tui.engine.settings import read

ARTISAN = """
[artisan]
name = "x"
[[service]]
id = "a"
[[service.check]]
id = "b"
name = "B"
every = "30s"
kind = "tcp"
host = "127.0.0.1"
port = 9
"""

BOOK = """
[[runbook]]
id = "one"
title = "One"
severity = "Sev3"
expected = "1m"
[[runbook.step]]
id = "a"
title = "A"
kind = "manual"
instructions = "Look."
"""


def test_the_library_is_whole_for_every_thread_while_the_file_and_the_configuration_change(tmp_path: Path) -> None:
    path = tmp_path / "artisan.toml"
    path.write_text(ARTISAN)
    (tmp_path / "runbooks.toml").write_text(BOOK)
    rules = RunRules()
    configs = [read(path, None) for _ in range(2)]
    rules.configure(configs[0])

    def ask(turn: int) -> set[str]:
        if turn % 4 == 0:
            rules.configure(configs[turn // 4 % 2])
        if turn % 7 == 0:
            (tmp_path / f"{turn}.new").write_text(f"{BOOK}# {turn}\n")
            (tmp_path / f"{turn}.new").rename(tmp_path / "runbooks.toml")
        return set(rules.library.runbooks)

    with ThreadPoolExecutor(8) as pool:
        assert all(found == {"one"} for found in pool.map(ask, range(80)))
    assert set(rules.library.runbooks) == {"one"}
