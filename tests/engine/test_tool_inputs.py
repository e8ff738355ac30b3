import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum, IntEnum
from socket import socket
from typing import Annotated, Any, Literal, Optional, Union
from uuid import UUID

import pytest
from pydantic import AfterValidator, BaseModel, Field
from typing_extensions import TypedDict

from elysia_desktop.core.errors import ToolError
from elysia_desktop.engine.reply_schema import described, reply_schema
from elysia_desktop.engine.tool_inputs import (
    LIST_BOUND,
    TEXT_BOUND,
    CheckedInputs,
    check,
    identity_of,
    inputs_model,
    refuse_untellable,
    values_of_model,
)


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Size(IntEnum):
    SMALL = 1
    LARGE = 2


class Point(BaseModel):
    x: int
    y: int = 2
    colour: Colour = Colour.RED


@dataclass
class Span:
    start: int
    end: int = 5


class Film(TypedDict):
    title: str


class Recursive(BaseModel):
    children: "list[Recursive]" = []


ID = "12345678-1234-5678-1234-567812345678"


@pytest.mark.parametrize(
    ("kind", "said", "value"),
    [
        (int, 3, 3),
        (float, 3, 3.0),
        (bool, True, True),
        (str, "a", "a"),
        (list, [1, "a"], [1, "a"]),
        (dict, {"a": 1}, {"a": 1}),
        (list[int], [1], [1]),
        (dict[str, int], {"a": 1}, {"a": 1}),
        (set[str], ["a"], {"a"}),
        (tuple[int, str], [1, "a"], (1, "a")),
        (Literal["a", 2, None], 2, 2),
        (Optional[int], None, None),  # noqa: UP045 - as tools are written
        (int | None, 4, 4),
        (Union[int, list[str]], ["a"], ["a"]),  # noqa: UP007
        (Colour, "blue", Colour.BLUE),
        (Size, 2, Size.LARGE),
        (list[Colour], ["red"], [Colour.RED]),
        (Point, {"x": 1}, Point(x=1)),
        (list[Point], [{"x": 1, "colour": "blue"}], [Point(x=1, colour=Colour.BLUE)]),
        (Point | None, None, None),
        (dict[str, Point], {"a": {"x": 1}}, {"a": Point(x=1)}),
        (Span, {"start": 1}, Span(1)),
        (Film, {"title": "Alien"}, {"title": "Alien"}),
        (Annotated[int, Field(ge=1, le=5)], 5, 5),
        (Annotated[list[str], Field(max_length=2)], ["a", "b"], ["a", "b"]),
        (date, "2024-05-31", date(2024, 5, 31)),
        (Decimal, "1.50", Decimal("1.50")),
        (UUID, ID, UUID(ID)),
        (Any, {"a": [1]}, {"a": [1]}),
    ],
)
def test_what_a_model_says_becomes_a_value_of_the_type(kind, said, value):
    inputs = {"model_config": {"type": kind, "required": True}}
    refuse_untellable("t", inputs)
    model = inputs_model("t", inputs)
    filled = model.model_validate_json(json.dumps({"model_config": said}))
    assert values_of_model(filled) == {"model_config": value}
    assert type(values_of_model(filled)["model_config"]) is type(value)
    assert "model_config" in reply_schema(model)["properties"]
    assert "model_config" in described(model)
    # a value that is one already stays what it is
    assert check("t", inputs_model("t", inputs, bounded=False), {"model_config": value}) == {
        "model_config": value
    }


@pytest.mark.parametrize(
    "kind", [socket, type("Own", (), {}), list[socket], socket | None, Recursive, "Nowhere"]
)
def test_a_type_that_no_model_can_fill_in_is_refused_in_words(kind):
    with pytest.raises(
        TypeError, match=r"^The input x of the tool t has the type .* which no model can fill in"
    ):
        refuse_untellable("t", {"x": {"type": kind}})


def properties(**kinds):
    model = inputs_model("t", {name: {"type": kind, "required": True} for name, kind in kinds.items()})
    return reply_schema(model)["properties"]


def test_texts_and_lists_have_a_limit_unless_they_set_one():
    found = properties(
        text=str,
        maybe=str | None,
        described=Annotated[str, Field(description="words")],
        texts=list[str],
        short=Annotated[str, Field(max_length=3)],
        many=Annotated[list[int], Field(max_length=50)],
        least=Annotated[str, Field(min_length=3)],
    )
    assert found["text"] == found["described"] == {"type": "string", "maxLength": TEXT_BOUND}
    assert found["maybe"]["anyOf"][0] == {"type": "string", "maxLength": TEXT_BOUND}
    assert found["texts"]["maxItems"] == LIST_BOUND
    assert found["texts"]["items"]["maxLength"] == TEXT_BOUND
    assert found["short"]["maxLength"] == 3
    assert found["many"]["maxItems"] == 50
    assert found["least"] == {"type": "string", "minLength": 3, "maxLength": TEXT_BOUND}


def test_an_input_whose_default_is_none_may_be_null():
    model = inputs_model("t", {"n": {"type": int, "default": None}})
    assert values_of_model(model.model_validate({"n": None})) == {"n": None}
    assert reply_schema(model)["properties"]["n"] == {"anyOf": [{"type": "integer"}, {"type": "null"}]}


NEEDS = {"n": {"type": int, "required": True}, "tags": {"type": list[str], "default": []}}


def test_defaults_are_filled_in_and_new_every_time():
    model = inputs_model("t", NEEDS, bounded=False)
    first = check("t", model, {"n": "3"})
    first["tags"].append("a")
    assert first == {"n": 3, "tags": ["a"]}
    assert check("t", model, {"n": 3}) == {"n": 3, "tags": []}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, r"t was not given “n”, which it needs"),
        ({"n": None}, r"t was not given “n”, which it needs"),
        ({"n": "many"}, r"do not fit\. n: .*integer"),
        ({"n": 1, "tags": [1]}, r"do not fit\. tags\.0: .*string"),
        ({"n": 1, "m": 1}, r"no input “m”"),
    ],
)
def test_what_does_not_fit_is_named(given, said):
    with pytest.raises(ToolError, match=said):
        check("t", inputs_model("t", NEEDS, bounded=False), given)


def test_the_inputs_there_are_stand_in_the_hint():
    with pytest.raises(ToolError) as raised:
        check("t", inputs_model("t", NEEDS), {"m": 1})
    assert raised.value.hint == "Its inputs are “n”, “tags”."


def test_what_was_checked_is_not_checked_again():
    doubled = Annotated[int, AfterValidator(lambda n: n * 2)]
    model = inputs_model("t", {"n": {"type": doubled, "required": True}})
    once = values_of_model(model.model_validate({"n": 2}))
    assert isinstance(once, CheckedInputs)
    assert check("t", model, once) == {"n": 4}


def test_inputs_are_alike_when_a_model_is_told_the_same_of_them():
    def declared(kind, **more):
        return identity_of({"x": {"type": kind, **more}})

    def another():
        class Colour(Enum):
            GREEN = "green"

        return Colour

    assert declared(list[Literal["a"]]) == declared(list[Literal["a"]])
    unhashable = Annotated[int, {"any": "thing"}]
    assert declared(unhashable) == declared(unhashable)
    different = [
        declared(Colour),
        declared(another()),
        declared(int),
        declared(int, default=1),
        declared(int, required=True),
        declared(int, description="n"),
        identity_of({"y": {"type": int}}),
        identity_of({}),
    ]
    assert len(set(different)) == len(different)
