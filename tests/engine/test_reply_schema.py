import json
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field

from elysia_desktop.engine.reply_schema import described, reply_schema


class Inner(BaseModel):
    title: Literal["a"] = "a"
    default: list[int] = Field(default_factory=list, description="numbers")


class Other(BaseModel):
    properties: bool | None = None


class Nothing(BaseModel):
    pass


class Whole(BaseModel):
    one: Inner
    many: list[Inner | Other] = Field(max_length=3, description="a few")
    none: Nothing
    word: Annotated[str, Field(max_length=9)] = "x"
    choice: Literal["x", "y", None] = None
    kind: Annotated[Inner | Other, Field(description="either")]
    anything: Any = None


def parts(value):
    yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from parts(inner)


def test_every_object_is_closed_and_needs_all_its_properties():
    schema = reply_schema(Whole)
    objects = [p for p in parts(schema) if isinstance(p, dict) and p.get("type") == "object"]
    assert len(objects) == 7
    for part in objects:
        assert part["additionalProperties"] is False
        assert part["required"] == list(part["properties"])


def test_no_reference_is_left_and_bounds_stay():
    schema = reply_schema(Whole)
    text = str(schema)
    assert "$ref" not in text
    assert "$defs" not in text
    assert schema["properties"]["many"]["maxItems"] == 3
    assert schema["properties"]["word"]["maxLength"] == 9
    assert list(schema["properties"]) == list(Whole.model_fields)
    assert set(schema["properties"]["one"]["properties"]) == {"title", "default"}


def test_the_schema_is_told_in_a_few_words():
    told = described(Whole)
    assert 'title: "a"' in told
    assert "default: [integer, …]  // numbers" in told
    assert "// a few" in told
    assert "properties: boolean | null" in told
    assert 'choice: "x"|"y"|null' in told
    assert "$" not in told


@pytest.mark.parametrize("name", list(Whole.model_fields))
def test_every_field_is_told(name):
    assert f"  {name}: " in described(Whole)


def test_a_value_never_breaks_the_line_that_offers_it():
    values = ("a\u2028b", "c\x85d", "e\u2029f", "é\ng")

    class Odd(BaseModel):
        one: Literal[values]

    told = described(Odd)
    assert len(told.splitlines()) == 3
    (line,) = [line for line in told.splitlines() if "one:" in line]
    assert tuple(json.loads(each) for each in line.split(": ", 1)[1].split("|")) == values
    assert "é" in line
