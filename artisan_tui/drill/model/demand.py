"""What is asked of the stack: the classes of requests, and how many of each come in a second."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

BRIEFS: Final = "/api/v1/briefs"
MODE_SHARES: Final = (("fast", 0.55), ("balanced", 0.35), ("creative", 0.1))
ENDPOINTS: Final = (  # (method, path, share of all requests, whether it uses the cache)
    ("GET", "/api/v1/recipes", 0.45, True),
    ("GET", "/api/v1/ingredients", 0.15, True),
    ("POST", "/api/v1/feedback", 0.10, False),
    ("POST", BRIEFS, 0.30, True),
)
REQUESTS_PER_SECOND: Final = 20.0
JOBS_PER_SECOND: Final = 6.0


@dataclass(frozen=True, slots=True)
class RequestClass:
    """Requests of one endpoint or, for briefs, of one ``mode``. ``share`` is the part of all requests."""

    name: str
    method: str
    path: str
    share: float
    cached: bool
    mode: str | None = None


CLASSES: Final = (
    *(RequestClass(path.rsplit("/", 1)[1], method, path, share, c) for method, path, share, c in ENDPOINTS[:-1]),
    *(RequestClass(mode, "POST", BRIEFS, ENDPOINTS[-1][2] * part, True, mode) for mode, part in MODE_SHARES),
)
#: The share of requests that do a lookup.
CACHED_SHARE: Final = math.fsum(each.share for each in CLASSES if each.cached)
