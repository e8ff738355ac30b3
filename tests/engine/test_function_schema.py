from enum import Enum
from typing import Annotated, Literal, Optional

import pytest
from pydantic import BaseModel, Field

from elysia_desktop.engine.function_schema import bounded_schema, gemini_schema, plain_schema
from elysia_desktop.engine.reply_schema import described_schema


class Size(Enum):
    SMALL = "small"
    LARGE = "large"


class Node(BaseModel):
    name: str
    below: list["Node"] = []


class Wanted(BaseModel):
    """What is wanted."""

    title: str = Field(..., description="a title", min_length=2)
    size: Size = Field(Size.SMALL, description="how large")
    kind: Literal["one"]
    node: Node
    maybe: Optional[int] = None  # noqa: UP045 - what a tool of another age says
    place: Annotated[str, Field(pattern=r"^[a-z]+$", max_length=9_999)] = "x"
    loose: Annotated[str, Field(pattern="[a-z]")] = "x"
    many: Annotated[list[str], Field(min_length=40)] = []
    notes: dict[str, str] = {}


WANTED = plain_schema(Wanted.model_json_schema())


def every(schema):
    """The schema and all within."""
    yield schema
    for value in schema.values():
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, dict):
                yield from every(inner)


def test_a_plain_schema_refers_to_nothing_and_keeps_what_a_reader_needs():
    assert "$ref" not in str(WANTED)
    assert "$defs" not in WANTED
    assert WANTED["properties"]["size"]["enum"] == ["small", "large"]
    assert WANTED["properties"]["size"]["description"] == "how large"
    assert WANTED["properties"]["title"] == {"type": "string", "description": "a title", "minLength": 2}
    assert WANTED["required"] == ["title", "kind", "node"]


def test_a_schema_that_leads_back_into_itself_comes_to_an_end():
    node = WANTED["properties"]["node"]["properties"]
    assert node["below"]["items"] == {"type": "object"}
    assert "below: [{text: any, …}, …]" in described_schema(WANTED)


@pytest.mark.parametrize("schema", [{}, {"type": "object"}, {"$ref": "#/$defs/Gone"}])
def test_a_schema_without_properties_is_that_of_an_object_all_the_same(schema):
    assert plain_schema(schema) == {"type": "object", "properties": {}}


def test_every_text_and_list_of_a_bounded_schema_comes_to_an_end():
    bounded = bounded_schema(WANTED)
    for part in every(bounded):
        if part.get("type") == "string" and "enum" not in part:
            assert part["maxLength"] <= 4000
        if part.get("type") == "array":
            assert part["maxItems"] >= part.get("minItems", 0)
        if "properties" in part and part.get("type") == "object":
            assert part["additionalProperties"] is False
    properties = bounded["properties"]
    assert properties["kind"]["enum"] == ["one"]
    assert properties["place"]["pattern"] == "^[a-z]+$"
    assert "pattern" not in properties["loose"]
    assert bounded["required"] == ["title", "kind", "node"]
    assert "description" not in properties["title"]


def test_a_property_may_be_called_like_a_word_of_the_schema():
    schema = {
        "type": "object",
        "properties": {"title": {"type": "string"}, "default": {"type": "array", "items": {}}},
    }
    assert plain_schema(schema) == schema
    assert bounded_schema(plain_schema(schema))["properties"].keys() == {"title", "default"}


def test_gemini_is_told_nothing_that_it_refuses():
    told = gemini_schema(WANTED)
    allowed = {"type", "description", "nullable", "enum", "properties", "required", "items"}
    allowed |= {"minItems", "maxItems", "minimum", "maximum", "anyOf"}
    names = {*Wanted.model_fields, *Node.model_fields}
    assert {key for part in every(told) for key in part} <= allowed | names
    assert told["properties"]["maybe"] == {"type": "integer", "nullable": True}
    assert told["properties"]["kind"] == {"type": "string", "enum": ["one"]}
    assert gemini_schema({"enum": [1, 2], "type": "integer"}) == {"type": "integer"}
    assert gemini_schema({"type": ["string", "null"]}) == {"type": "string", "nullable": True}
