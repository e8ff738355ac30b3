"""A reply's pydantic model as the JSON schema a server obeys, and as the short text a model reads."""

from __future__ import annotations

import json
import re
from typing import Any
from weakref import WeakKeyDictionary

from pydantic import BaseModel

_DROPPED = {"title", "default", "description", "discriminator"}
_BREAKS = re.compile("[\x7f-\x9f\u2028\u2029]")
"""Line breaks and signs that are not seen, which JSON may hold as they are."""
_told: WeakKeyDictionary[type[BaseModel], str] = WeakKeyDictionary()
"""What has been told of models that are still in use."""


def reply_schema(model: type[BaseModel]) -> dict[str, Any]:
    """The JSON schema with every property required and nothing else allowed, references resolved.

    Descriptions are left out: the prompt carries them, and servers compile schemas into grammars.
    """
    schema = model.model_json_schema()
    return _strict(schema, schema.get("$defs", {}))


def _strict(part: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(part, list):
        return [_strict(item, definitions) for item in part]  # pyright: ignore[reportUnknownVariableType]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        return _strict(definitions[str(part["$ref"]).rsplit("/", 1)[-1]], definitions)  # pyright: ignore[reportUnknownArgumentType]
    strict: dict[str, Any] = {}
    for key, value in part.items():  # pyright: ignore[reportUnknownVariableType]
        if key == "properties":
            strict[key] = {name: _strict(item, definitions) for name, item in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
        elif key == "oneOf":
            strict["anyOf"] = _strict(value, definitions)
        elif key == "const":
            strict["enum"] = [value]
        elif key not in _DROPPED and key != "$defs":
            strict[str(key)] = _strict(value, definitions) if key not in {"enum", "required"} else value  # pyright: ignore[reportUnknownArgumentType]
    if "properties" in strict:
        strict["required"] = list(strict["properties"])
        strict["additionalProperties"] = False
    return strict


def described(model: type[BaseModel]) -> str:
    """The model's fields in a notation like TypeScript's: a fraction of the tokens of a JSON schema."""
    told = _told.get(model)
    if told is None:
        told = _told[model] = described_schema(model.model_json_schema())
    return told


def described_schema(schema: dict[str, Any]) -> str:
    """A JSON schema of an object in that notation; no reference may lead back into itself."""
    return _object(schema, schema.get("$defs", {}), indent=0)


def _object(part: dict[str, Any], definitions: dict[str, Any], indent: int) -> str:
    pad = "  " * (indent + 1)
    lines = ["{"]
    for name, item in part.get("properties", {}).items():
        about = item.get("description", "")
        lines.append(f"{pad}{name}: {_type(item, definitions, indent + 1)}{f'  // {about}' if about else ''}")
    return "\n".join([*lines, "  " * indent + "}"])


def _type(part: dict[str, Any], definitions: dict[str, Any], indent: int) -> str:
    if "$ref" in part:
        part = definitions[part["$ref"].rsplit("/", 1)[-1]]
    if "enum" in part:
        return "|".join(_literal(value) for value in part["enum"])
    if "const" in part:
        return _literal(part["const"])
    for key in ("anyOf", "oneOf"):
        if key in part:
            return " | ".join(_type(item, definitions, indent) for item in part[key])
    return _one_type(part, definitions, indent)


def _one_type(part: dict[str, Any], definitions: dict[str, Any], indent: int) -> str:
    match part.get("type"):
        case "object" if "properties" in part:
            return _object(part, definitions, indent)
        case "object":
            values: Any = part.get("additionalProperties")
            return f"{{text: {_type(values if isinstance(values, dict) else {}, definitions, indent)}, …}}"  # pyright: ignore[reportUnknownArgumentType]
        case "integer" | "number" if "minimum" in part and "maximum" in part:
            return f"{part['type']} {part['minimum']} to {part['maximum']}"
        case "array":
            inner = _type(part.get("items", {}), definitions, indent)
            return f"[{inner}, …]"
        case "string":
            return "text"
        case "null":
            return "null"
        case other:
            return str(other or "any")


def _literal(value: Any) -> str:
    return _BREAKS.sub(lambda sign: f"\\u{ord(sign[0]):04x}", json.dumps(value, ensure_ascii=False))
