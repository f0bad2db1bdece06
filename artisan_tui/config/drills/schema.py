"""The JSON Schema of a scenario file, for editors. See `config.schema` for what is left out."""

from __future__ import annotations

from typing import Any

from artisan_tui.config.drills.spec import DrillDocument
from artisan_tui.config.schema import REF, tidy


def scenario_schema() -> dict[str, Any]:
    """The schema with every key and its description."""
    schema = DrillDocument.model_json_schema(by_alias=True, ref_template=REF)
    definitions: dict[str, Any] = schema.pop("$defs", {})
    tidied = tidy({**schema, "definitions": definitions})
    return {"$schema": "http://json-schema.org/draft-07/schema#", "title": "drills/*.toml", **tidied}
