"""The JSON Schema of `artisan.toml`, for editors.

It is draft 7, limited to the keywords of draft 4. taplo, which the editor extension Even Better TOML uses,
supports no more and ignores other keywords.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from artisan_tui.config.base import duration_text
from artisan_tui.config.checks import CheckSpec
from artisan_tui.config.models import Document

REF = "#/definitions/{model}"


def json_schema(kinds: Mapping[str, type[CheckSpec]]) -> dict[str, Any]:
    """The schema with every key and its description. A check has one schema per entry of ``kinds``."""
    schema = Document.model_json_schema(by_alias=True, ref_template=REF)
    definitions: dict[str, Any] = schema.pop("$defs", {})
    for name, model in sorted(kinds.items()):
        one = model.model_json_schema(by_alias=True, ref_template=REF)
        definitions |= one.pop("$defs", {})
        one["properties"]["kind"] = {
            "enum": [name],
            "description": one["properties"]["kind"].get("description") or "Kind of probe",
        }
        one["required"] = sorted({"id", "kind", *one.get("required", [])})
        definitions[f"check-{name}"] = one
    definitions["check"] = {"oneOf": [{"$ref": f"#/definitions/check-{name}"} for name in sorted(kinds)]}
    definitions["Service"]["properties"]["check"]["items"] = {"$ref": "#/definitions/check"}
    tidied = tidy({**schema, "definitions": definitions})
    return {"$schema": "http://json-schema.org/draft-07/schema#", "title": "artisan.toml", **tidied}


def tidy(node: Any) -> Any:
    """``node`` without null, which TOML does not have, and without titles, which repeat the key. Durations become text."""
    if isinstance(node, list):
        return [tidy(each) for each in node]
    if not isinstance(node, dict):
        return node
    branches = [each for each in node.get("anyOf", []) if each != {"type": "null"}]
    if "anyOf" in node and len(branches) < len(node["anyOf"]):
        rest = {
            key: value for key, value in node.items() if key != "anyOf" and not (key == "default" and value is None)
        }
        node = {**branches[0], **rest} if len(branches) == 1 else {**rest, "anyOf": branches}
    if "const" in node:
        node = {"enum": [node["const"]], **{key: value for key, value in node.items() if key != "const"}}
    if "$ref" in node and len(node) > 1:  # keywords beside a reference are ignored
        node = {"allOf": [{"$ref": node["$ref"]}], **{key: value for key, value in node.items() if key != "$ref"}}
    if isinstance(node.get("default"), float) and node.get("type") == "string":
        node = {**node, "default": duration_text(node["default"])}
    # The keys of "properties" and "definitions" are names, not keywords.
    named = ("properties", "definitions")
    return {
        key: {name: tidy(each) for name, each in value.items()} if key in named else tidy(value)
        for key, value in node.items()
        if key != "title" or not isinstance(value, str)
    }
