"""Servers that say what a Prometheus remembers."""

from __future__ import annotations

import json
from collections.abc import Mapping

from artisan_tui.domain.selector import parse_selector
from support.servers import http_answer

SELECTOR = parse_selector('r_total{code=~"5.."}')


def matrix(*series: Mapping[str, object], **more: object) -> bytes:
    document = {"status": "success", "data": {"resultType": "matrix", "result": list(series)}, **more}
    return http_answer(json.dumps(document))


def one(*samples: tuple[float, str], **labels: str) -> dict[str, object]:
    return {"metric": labels, "values": [list(sample) for sample in samples]}
