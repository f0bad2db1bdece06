"""Real servers that several tests of this folder share."""

from __future__ import annotations

import gc
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from support.servers import Running, node_exporter, page, prometheus


@pytest.fixture(autouse=True)
def its_own_garbage(request: pytest.FixtureRequest) -> Iterator[None]:
    """Where a socket left to the garbage collector is a failure, it is the failure of the test that left it.

    What earlier tests of the process left is thrown away before; what this one leaves, while its filter still holds.
    """
    judged = any("ResourceWarning" in str(mark.args) for mark in request.node.iter_markers("filterwarnings"))
    if judged:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            gc.collect()
    yield
    if judged:
        gc.collect()


@dataclass(frozen=True)
class Stack:
    """A target whose numbers grow steadily, a node-exporter, and a Prometheus that scrapes both."""

    target: str
    node: Running
    prometheus: Running


def steady_page() -> str:
    """100 requests a second, 5 of them failing; 90 % below 0.1 s; two queues and one reward."""
    t = time.time() % 1_000_000
    return "\n".join(
        [
            "# TYPE demo_requests_total counter",
            f'demo_requests_total{{status="200",path="/a"}} {95 * t:.3f}',
            f'demo_requests_total{{status="500",path="/a"}} {5 * t:.3f}',
            "# TYPE demo_seconds histogram",
            *(
                f'demo_seconds_bucket{{mode="{mode}",le="{le}"}} {share * 50 * t:.3f}'
                for mode in ("fast", "slow")
                for le, share in (("0.1", 0.9), ("0.5", 0.96), ("1.0", 1), ("+Inf", 1))
            ),
            "# TYPE demo_queue gauge",
            'demo_queue{queue="llm"} 41.5',
            'demo_queue{queue="rl"} 2',
            "demo_reward 10.9",
            "demo_idle_total 5",
            f'demo_hits_total{{cache_type="llm_brief"}} {30 * t:.3f}',
            f'demo_misses_total{{cache_type="llm_brief"}} {10 * t:.3f}',
            "demo_nan NaN",
            "",
        ]
    )


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("stack")
    with page(steady_page) as target, node_exporter(folder) as node:
        targets = [target, node.url.removeprefix("http://")]
        with prometheus(folder, targets) as server:
            yield Stack(target, node, server)
