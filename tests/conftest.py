"""What holds for every test: how they are spread over processes, tried examples, and no secret to hide at the start."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator

import pytest
from _pytest.nodeid import coerce_node_id
from hypothesis import HealthCheck, settings

from artisan_tui.domain.text.redaction import forget_all
from support.processes import die_with_parent

# How long an example takes is not what is tested, and a busy machine must not fail a rule. In CI every run tries the
# same examples, so that a red build is the change's fault; a laptop tries new ones. What fails becomes an @example.
settings.register_profile("laptop", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("laptop"), derandomize=True, database=None, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "laptop")


# Programs that tests start by the hundred keep their compiled modules, whatever the caller's shell says.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With ``--dist loadgroup``: tests of a file that share a server stay in one process, all others go anywhere."""
    grouped = getattr(config.option, "loadgroup", False)  # in a process of pytest-xdist, where it is asked for
    for item in items:
        if isinstance(item, pytest.Function) and _shares(item) and item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.path.stem))
        mark = item.get_closest_marker("xdist_group")
        if grouped and mark is not None:
            # pytest-xdist 3.8 writes it into an attribute that pytest 9.2 does not read any more.
            item._id = coerce_node_id(f"{item.nodeid}@{mark.args[0]}")


def pytest_collection_finish() -> None:
    """Thousands of tests and what they import stay to the end: no collection needs to walk through them again."""
    gc.collect()
    gc.freeze()


def _shares(item: pytest.Function) -> bool:
    """Whether a fixture of ours that it uses lives longer than a test."""
    known = item._fixtureinfo.name2fixturedefs
    return any(
        definition.scope != "function" and definition.baseid
        for name in item.fixturenames
        for definition in known.get(name, ())[-1:]
    )


def pytest_configure() -> None:
    if "PYTEST_XDIST_WORKER" in os.environ:  # else a worker goes on for a while after its run was killed
        die_with_parent()


@pytest.fixture(autouse=True)
def no_secrets() -> Iterator[None]:
    forget_all()
    yield
    forget_all()
