"""What a check looks at: for the eye, and for the question what the network had to reach."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from artisan_tui.engine.checks.target import endpoint, target


@pytest.mark.parametrize(
    ("spec", "shown", "reached"),
    [
        ({"url": "http://API:8000/health"}, "http://API:8000/health", "api:8000"),
        ({"url": "http://api/health"}, "http://api/health", "api:80"),
        ({"url": "https://api"}, "https://api", "api:443"),
        ({"url": "postgresql://u@db/x"}, "postgresql://u@db/x", "db:5432"),
        ({"url": "rediss://cache"}, "rediss://cache", "cache:6379"),
        ({"url": "odd://host"}, "odd://host", ""),
        ({"url": "http://host:99999"}, "http://host:99999", ""),
        ({"url": "http://[::1"}, "http://[::1", ""),
        ({"address": "DB:5432"}, "DB:5432", "db:5432"),
        ({"query": "up == 1"}, "up == 1", ""),
        ({"container": "web"}, "web", ""),
        ({"path": "/data"}, "/data", ""),
        ({"target": "deployment/api"}, "deployment/api", ""),
        ({"run": ["df", "-h"]}, "df -h", ""),
        ({"url": "", "address": "", "path": "/"}, "/", ""),
        ({}, "", ""),
    ],
)
def test_what_is_looked_at_and_what_had_to_be_reached(spec: dict[str, object], shown: str, reached: str) -> None:
    assert target(SimpleNamespace(**spec)) == shown
    assert endpoint(SimpleNamespace(**spec)) == reached
