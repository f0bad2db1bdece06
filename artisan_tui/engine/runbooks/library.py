"""The runbooks of a configuration, as the engine and the command line read them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from artisan_tui.config.runbooks.importing import ImportedDocument, NothingToImport
from artisan_tui.config.runbooks.lint import LintProblem
from artisan_tui.config.runbooks.load import Library

if TYPE_CHECKING:
    from artisan_tui.config.models import Config
    from artisan_tui.engine.settings import Overlay

__all__ = [
    "ImportedDocument",
    "Library",
    "LintProblem",
    "NothingToImport",
    "import_runbooks",
    "library",
    "lint_library",
]


def library(config: Config, overlay: Overlay | None = None) -> Library:
    """The addresses of ``overlay`` are replaced as in the configuration. Raises ConfigError with every problem."""
    from artisan_tui.config.runbooks.load import load_library

    addresses = {} if overlay is None else overlay.addresses
    return load_library(config.runbook_files, optional=config.runbooks is None, addresses=addresses)


def lint_library(config: Config, found: Library, only: Iterable[str] = ()) -> tuple[LintProblem, ...]:
    """What lint has to say, held against the checks, SLOs, targets and environment of the configuration."""
    from artisan_tui.config.runbooks.lint import lint
    from artisan_tui.config.runbooks.lint_finding import LintFacts

    facts = LintFacts(
        environment=config.artisan.environment,
        targets=tuple(each.id for each in config.targets),
        checks=config.everywhere | {name for name, _, _ in config.checks()},
        slos=frozenset(each.id for each in config.slos),
    )
    return lint(found, facts, only)


def import_runbooks(text: str, name: str) -> ImportedDocument:
    """Runbooks of a Markdown document. Raises NothingToImport."""
    from artisan_tui.config.runbooks.importing import import_markdown

    return import_markdown(text, name)
