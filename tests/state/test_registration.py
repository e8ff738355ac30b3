"""Registering tools: once each, under names and with fields that a model can be told."""

import threading
from typing import Literal

import pytest
from pydantic import BaseModel, Field
from state.loops import (
    Look,
    Other,
    SumBinaryNumbers,
    asked,
    functions,
)
from support.scripted_model import Say

from elysia_desktop import Tool
from elysia_desktop.state.registration import function_spec


def test_register_takes_a_tool_or_a_list(state):
    assert state.register(Look).register([Other]) is state
    assert state.tools == [Look, Other]


def test_a_tool_is_registered_once(state):
    assert state.register(Look).register([Look, Look]).tools == [Look]


def test_a_second_tool_of_the_same_name_is_refused(state):
    other = type("Look", (BaseModel,), {"__doc__": "Another."})
    with pytest.raises(ValueError, match="another tool of the name Look"):
        state.register(Look).register(other)
    assert state.tools == [Look]


def test_what_is_no_tool_is_refused(state):
    with pytest.raises(TypeError, match="not a Tool"):
        state.register(5)


def test_a_name_that_no_function_can_have_is_refused(state):
    with pytest.raises(ValueError, match="Rename the class"):
        state.register(type("Größe", (BaseModel,), {}))


def test_a_field_that_no_model_can_write_is_refused(state):
    class Bad(BaseModel):
        model_config = {"arbitrary_types_allowed": True}
        lock: type(threading.Lock())

    with pytest.raises(TypeError, match="Bad takes what no model can write"):
        state.register(Bad)


def test_titles_are_left_out_of_what_the_model_is_told_but_no_property_of_that_name():
    class Book(BaseModel):
        title: str
        default: list["Book"] = []

    parameters = function_spec(Book).parameters
    assert parameters["properties"]["title"] == {"type": "string"}
    assert parameters["$defs"]["Book"]["properties"] == parameters["properties"]
    assert "title" not in {*parameters, *parameters["properties"]["default"], *parameters["$defs"]["Book"]}


class Lamp(Tool):
    name = "lamp"
    description = "Switch the lamp."
    inputs = {"on": {"description": "Whether it is to burn.", "type": bool, "required": True}}  # noqa: RUF012

    async def __call__(self, tree_data, inputs, base_lm, complex_lm, client_manager, **kwargs):
        yield {"burns": inputs["on"]}


def test_a_tool_of_the_tree_is_accepted_too():
    with asked(Say(".")) as state:
        lamp = Lamp()
        state.register(lamp).register(lamp)
        state.loop()
        told = functions(state)["lamp"]
        assert told["description"] == "Switch the lamp."
        assert "on" in told["parameters"]["properties"]
        assert len(state.tools) == 1


def test_the_functions_name_is_the_class_name_and_its_description_the_docstring():
    with asked(Say("Hello"), tools=[SumBinaryNumbers]) as state:
        state.loop()
        assert set(functions(state)) == {"SumBinaryNumbers"}
        assert functions(state)["SumBinaryNumbers"]["description"] == "Add two binary numbers."


def test_the_arguments_are_the_fields_with_their_types_and_descriptions():
    with asked(Say("Hello"), tools=[SumBinaryNumbers]) as state:
        state.loop()
        parameters = functions(state)["SumBinaryNumbers"]["parameters"]
        assert parameters["required"] == ["x", "y"]
        assert parameters["properties"]["x"] == {"type": "string", "description": "first binary number"}


def test_a_tool_without_a_docstring_is_described_by_the_tool_above_it():
    class Child(SumBinaryNumbers):
        pass

    class Bare(BaseModel):
        pass

    assert function_spec(Child).description == "Add two binary numbers."
    assert function_spec(Bare).description == ""
    assert function_spec(Bare).parameters == {"type": "object", "properties": {}}


def test_descriptions_of_fields_and_their_types_stay():
    class Unit(BaseModel):
        """A unit of length."""

        name: Literal["m", "km"] = Field("m", description="its sign")

    class Measure(BaseModel):
        """Measure it."""

        unit: Unit

    told = function_spec(Measure).parameters["$defs"]["Unit"]
    assert told["description"] == "A unit of length."
    assert told["properties"]["name"] == {
        "default": "m",
        "description": "its sign",
        "enum": ["m", "km"],
        "type": "string",
    }
