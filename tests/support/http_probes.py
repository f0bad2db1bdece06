"""Answers for the tests of the http kind."""

from __future__ import annotations

from support.servers import http_answer

HEALTHY = http_answer('{"status": "healthy", "load": 10.9, "services": {"db": null}}')
