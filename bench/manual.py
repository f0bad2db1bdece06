"""``python -m bench.manual``: write the pages of the manual that follow from the code: the configuration, the man page."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from artisan_tui.engine.settings import schema, schema_of_runbooks, schema_of_scenarios
from bench.config_pages import ConfigPage
from bench.man_page import man_page

DOCS = Path(__file__).resolve().parents[1] / "docs"
_WRITTEN = "<!-- Written by `make docs` from the JSON Schema; change the descriptions in the code. -->\n"


def pages() -> Mapping[Path, str]:
    """What each written file has to say."""
    return {
        DOCS / "configuration.md": _page(
            "Every key of artisan.toml | config, artisan.toml, settings, keys",
            "artisan.toml",
            'Durations are text: `"500ms"` `"30s"` `"5m"` `"6h"` `"7d"`. Percentages are text, too: `"99.9%"`. A secret is'
            ' never written here, only where it is: `"env:NAME"` or `"file:PATH"`. `artisan-tui config check` reports every'
            " mistake with file, line, key and mend; editors read `artisan-tui config schema`.",
            schema(),
        ),
        DOCS / "runbook-keys.md": _page(
            "Every key of runbooks.toml | runbooks, runbooks.toml, steps",
            "runbooks.toml",
            "Values may have templates: `{{ params.NAME }}`, `{{ steps.ID.NAME }}`, `{{ vars.NAME }}`. `artisan-tui runbook lint`"
            " reports every trap with its mend; editors read `artisan-tui config schema --runbooks`.",
            schema_of_runbooks(),
        ),
        DOCS / "scenario-keys.md": _page(
            "Every key of a scenario of a drill | scenarios, scenario, drills/",
            "drills/*.toml",
            "`artisan-tui drill lint ID` plays a scenario and says what makes it no drill; editors read"
            " `artisan-tui config schema --drills`.",
            schema_of_scenarios(),
        ),
        DOCS / "artisan-tui.1": man_page(),
    }


def _page(topic: str, title: str, about: str, document: Mapping[str, object]) -> str:
    body = "\n".join(ConfigPage(document).lines()).rstrip()
    return f"<!-- topic: {topic} -->\n{_WRITTEN}# {title}\n\n{about}\n\n{body}\n"


def main() -> None:
    for path, text in pages().items():
        path.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
