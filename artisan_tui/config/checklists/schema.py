"""The JSON Schema of a file with checklists, for editors. See `config.schema` for what is left out."""

from __future__ import annotations

from typing import Any

from artisan_tui.config.checklists.spec import ChecklistDocument
from artisan_tui.config.checklists.verify import KINDS, OWN, READING
from artisan_tui.config.runbooks.step import verify_model
from artisan_tui.config.schema import REF, tidy

_ONCE = ("within", "every", "stable_for")


def checklists_schema() -> dict[str, Any]:
    """The schema with every key and its description. A verify has one schema per kind."""
    schema = ChecklistDocument.model_json_schema(by_alias=True, ref_template=REF)
    definitions: dict[str, Any] = schema.pop("$defs", {})
    for kind in KINDS:
        model: Any = OWN[kind] if kind in OWN else verify_model(kind)
        one = model.model_json_schema(by_alias=True, ref_template=REF)
        definitions |= one.pop("$defs", {})
        properties = one["properties"]
        properties["kind"] = {"enum": [kind], "description": "What is looked at"}
        if kind in READING:
            for key in _ONCE:
                properties.pop(key, None)
        one["required"] = sorted({"kind", *one.get("required", [])})
        definitions[f"verify-{kind}"] = one
    definitions["verify"] = {"oneOf": [{"$ref": f"#/definitions/verify-{kind}"} for kind in KINDS]}
    definitions["ChecklistItemSpec"]["properties"]["verify"] = {
        "allOf": [{"$ref": "#/definitions/verify"}],
        "description": "How the program looks by itself; reads only",
    }
    tidied = tidy({**schema, "definitions": definitions})
    return {"$schema": "http://json-schema.org/draft-07/schema#", "title": "checklists/*.toml", **tidied}
