"""The JSON schema of a function's arguments, as servers, grammars and models can take it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from elysia_desktop.engine.tool_inputs import LIST_BOUND, TEXT_BOUND

Schema = dict[str, Any]

_LONGEST_TEXT = 4000
"""Characters; grammars of longer repetitions are refused by llama.cpp or take it seconds to build."""
_DEFINITIONS = ("$defs", "definitions")
_VALUES = {"enum", "const", "default", "required", "examples"}
_ONLY_FOR_READERS = {"title", "description", "default", "examples", "discriminator"}
_GEMINI_TAKES = {
    "type",
    "description",
    "nullable",
    "enum",
    "properties",
    "required",
    "items",
    "minItems",
    "maxItems",
    "minimum",
    "maximum",
    "anyOf",
}


def plain_schema(parameters: Mapping[str, Any]) -> Schema:
    """The schema of an object with its references resolved; one that leads back into itself becomes any object."""
    definitions: Schema = {}
    for name in _DEFINITIONS:
        definitions |= parameters.get(name) or {}
    plain: Schema = _resolved(dict(parameters), definitions, ())
    return {"type": "object", "properties": {}, **plain}


def bounded_schema(plain: Schema) -> Schema:
    """A plain schema for a grammar: every text and list has an end, and nothing else is allowed.

    Descriptions are left out: the prompt carries them.
    """
    schema = _each_within(
        {key: value for key, value in plain.items() if key not in _ONLY_FOR_READERS}, bounded_schema
    )
    if "const" in schema:
        schema["enum"] = [schema.pop("const")]
    if "oneOf" in schema:
        schema["anyOf"] = schema.pop("oneOf")
    if "enum" in schema:
        return schema
    match schema.get("type"):
        case "string":
            schema["maxLength"] = min(schema.get("maxLength") or TEXT_BOUND, _LONGEST_TEXT)
            pattern = schema.get("pattern", "^$")
            if not (pattern.startswith("^") and pattern.endswith("$")):
                del schema["pattern"]  # grammars describe whole texts
        case "array":
            schema.setdefault("maxItems", max(LIST_BOUND, schema.get("minItems") or 0))
        case "object" if "properties" in schema:
            schema["additionalProperties"] = False
        case _:
            pass
    return schema


def gemini_schema(plain: Schema) -> Schema:
    """A plain schema in the part of JSON schema in which Gemini is told of functions."""
    schema = _each_within(plain, gemini_schema)
    if "const" in schema:
        schema["enum"] = [schema["const"]]
    if isinstance(schema.get("type"), list):
        schema["anyOf"] = [{"type": kind} for kind in cast("list[str]", schema.pop("type"))]
    choices: list[Schema] = schema.get("anyOf") or schema.get("oneOf") or []
    if choices:
        schema["anyOf"] = [choice for choice in choices if choice.get("type") != "null"]
        if len(schema["anyOf"]) < len(choices):
            schema["nullable"] = True
        if len(schema["anyOf"]) == 1:
            schema |= schema.pop("anyOf")[0]
    if "enum" in schema:
        if all(isinstance(value, str) for value in schema["enum"]):
            schema["type"] = "string"
        else:
            del schema["enum"]  # only texts can be listed
    return {key: value for key, value in schema.items() if key in _GEMINI_TAKES}


def _resolved(part: Any, definitions: Schema, within: tuple[str, ...]) -> Any:
    if isinstance(part, list):
        return [_resolved(item, definitions, within) for item in cast("list[Any]", part)]
    if not isinstance(part, dict):
        return part
    schema = cast("Schema", part)
    reference = schema.get("$ref")
    if isinstance(reference, str):
        name = reference.rsplit("/", 1)[-1]
        if name in within or name not in definitions:
            return {"type": "object"}
        beside = {key: value for key, value in schema.items() if key != "$ref"}
        return _resolved({**definitions[name], **beside}, definitions, (*within, name))
    plain: Schema = {}
    for key, value in schema.items():
        if key == "properties":
            plain[key] = {name: _resolved(item, definitions, within) for name, item in value.items()}
        elif key in _VALUES:
            plain[key] = value
        elif key not in _DEFINITIONS and key != "title":
            plain[key] = _resolved(value, definitions, within)
    if len(plain.get("allOf", ())) == 1:
        plain = {**plain.pop("allOf")[0], **plain}
    return plain


def _each_within(schema: Schema, change: Any) -> Schema:
    """The schema with those inside of it changed."""
    changed: Schema = {}
    for key, value in schema.items():
        if key == "properties":
            changed[key] = {name: change(item) for name, item in value.items()}
        elif key in {"anyOf", "oneOf", "allOf", "prefixItems"}:
            changed[key] = [change(item) for item in value]
        elif key in {"items", "additionalProperties"} and isinstance(value, dict):
            changed[key] = change(value)
        else:
            changed[key] = value
    return changed
