"""``python -m bench.key_ids``: write what has a key into the configuration's list and into the README.

The screen knows its keys, and the configuration may not import the screen; so the list is written down, and a test
holds both together.
"""

from __future__ import annotations

from pathlib import Path

from artisan_tui.tui.kit.keys import INTERRUPT, MOVES
from artisan_tui.tui.registry import Registry, registry_of, wing_places

ROOT = Path(__file__).resolve().parents[1]
LIST, README = ROOT / "artisan_tui" / "config" / "key_ids.py", ROOT / "README.md"
BEGIN, END = "<!-- keys: written by `make keys` -->\n", "<!-- end of keys -->\n"
_HEAD = '''"""Everything that can have another key, in ``[keys]``. Written by `make keys` from the screen's declarations."""

from __future__ import annotations

from typing import NamedTuple

from artisan_tui.i18n import N_


class KeyId(NamedTuple):
    """``key`` is the default; several are separated by commas. ``title`` says what it does, for `_`."""

    id: str
    key: str
    title: str


KEY_IDS = (
'''


def entries(registry: Registry) -> list[tuple[str, str, str]]:
    """(id, default key, title) in the order of the help."""
    found = [(each.id, each.key, each.title) for each in registry.actions]
    found += [(move.id, move.keys, move.title) for move in MOVES]
    found += [(each, key, DIALOG_TITLES.get(each, each)) for each, key in registry.dialog_keys.items()]
    return [*found, (INTERRUPT[0], INTERRUPT[1], "Quit from anywhere")]


#: What the keys of dialogs do; their place files name no titles.
DIALOG_TITLES = {
    "dialog.close": "Close a dialog",
    "links.copy": "Copy the selected link",
    "windows.end": "End the selected maintenance window",
    "silences.end": "End the selected silence, or restore a lost one",
    "attach.choose": "Attach the alert to the selected incident",
    "rollback.start": "Start the rollback",
    "demo.toggle": "Inject or clear the selected fault",
    "demo.mend-all": "Clear every fault",
}


def module_text(registry: Registry) -> str:
    lines = (f'    KeyId("{each}", "{key}", N_("{title}")),\n' for each, key, title in entries(registry))
    return _HEAD + "".join(lines) + ")\n"


def readme_text(registry: Registry, readme: str) -> str:
    """The README with its table of ids written anew."""
    before, rest = readme.split(BEGIN)
    rows = (f"| `{each}` | `{key}` | {title} |\n" for each, key, title in entries(registry))
    table = "| id | key | what it does |\n|---|---|---|\n" + "".join(rows)
    return before + BEGIN + table + END + rest.split(END)[1]


def main() -> None:
    registry = registry_of(wing_places())
    LIST.write_text(module_text(registry), "utf-8")
    README.write_text(readme_text(registry, README.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
