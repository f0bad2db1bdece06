"""Files of OpenSLO, and what is imported from them."""

from __future__ import annotations

import tomllib
from decimal import Decimal

from artisan_tui.config.slo.importing import Imported, import_slos
from artisan_tui.config.slo.spec import SloSpec
from config.config_stubs import SOUND

PROMETHEUS = SOUND.replace('scrape = ["http://127.0.0.1:8000/metrics"]', 'prometheus = "http://127.0.0.1:9090"')


def imported(text: str) -> Imported:
    """And what it wrote is what it read, alone and within a whole configuration."""
    found = import_slos(text, "slos.yaml")
    back = tomllib.loads(found.toml, parse_float=Decimal).get("slo", [])
    assert tuple(SloSpec.model_validate(each) for each in back) == found.slos
    return found
