"""The JSON Schema of `runbooks.toml`, for editors. See `config.schema` for what is left out."""

from __future__ import annotations

from typing import Any

from artisan_tui.config.runbooks.spec import RunbookDocument
from artisan_tui.config.runbooks.step import (
    ACT_KINDS,
    STEP_KINDS,
    VERIFY_KINDS,
    step_model,
    undo_model,
    verify_model,
)
from artisan_tui.config.schema import REF, tidy


def runbooks_schema() -> dict[str, Any]:
    """The schema with every key and its description. A step, a verify and a rollback have one schema per kind."""
    schema = RunbookDocument.model_json_schema(by_alias=True, ref_template=REF)
    definitions: dict[str, Any] = schema.pop("$defs", {})
    for name, kinds, model in (
        ("step", STEP_KINDS, step_model),
        ("verify", VERIFY_KINDS, verify_model),
        ("rollback", ACT_KINDS, undo_model),
    ):
        for kind in kinds:
            one = model(kind).model_json_schema(by_alias=True, ref_template=REF)
            definitions |= one.pop("$defs", {})
            properties = one["properties"]
            properties["kind"] = {"enum": [kind], "description": "Kind of act"}
            for key, wanted in (("verify", "verify"), ("until", "verify"), ("rollback", "rollback")):
                if key in properties:
                    said = properties[key].get("description", "")
                    properties[key] = {"allOf": [{"$ref": f"#/definitions/{wanted}"}], "description": said}
            if kind == "helm":
                release = properties.pop("back")
                undo = {"$ref": "#/definitions/rollback"}
                said = "Release to put back to an earlier revision; a table is how the step is undone"
                branches = [{"type": "string"}, *([undo] if name == "step" else [])]
                properties["rollback"] = {
                    "anyOf": branches,
                    "description": said if name == "step" else release["description"],
                }
            if "pre" in properties:
                properties["pre"]["items"] = {"$ref": "#/definitions/verify"}
            one["required"] = sorted({"kind", *one.get("required", [])})
            definitions[f"{name}-{kind}"] = one
        definitions[name] = {"oneOf": [{"$ref": f"#/definitions/{name}-{kind}"} for kind in kinds]}
    definitions["RunbookSpec"]["properties"]["step"]["items"] = {"$ref": "#/definitions/step"}
    tidied = tidy({**schema, "definitions": definitions})
    return {"$schema": "http://json-schema.org/draft-07/schema#", "title": "runbooks.toml", **tidied}
