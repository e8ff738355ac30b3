import pytest
from pydantic import BaseModel

from elysia_desktop import Tool, tool
from elysia_desktop.engine.adapt import coerce_tool
from elysia_desktop.engine.tools import Query


class Adds(BaseModel):
    """Add two numbers."""

    x: int
    y: int

    def run(self):
        return self.x + self.y


class AddsMore(Adds):
    z: int = 0


@tool
async def finish():
    """Say that it is done."""
    return "Finished."


def test_what_is_of_the_kind_already_stays_as_it_is():
    assert coerce_tool(finish, "tree") is finish
    assert coerce_tool(Adds, "loop") is Adds
    assert isinstance(coerce_tool(Query, "tree"), Query)


def test_what_was_made_of_a_tool_becomes_that_tool_again():
    made = coerce_tool(Adds, "tree")
    assert isinstance(made, Tool)
    assert coerce_tool(made, "tree") is made
    assert coerce_tool(made, "loop") is Adds
    assert coerce_tool(coerce_tool(finish, "loop"), "tree") is finish


def test_it_is_named_and_described_as_its_class_or_the_one_above():
    made = coerce_tool(AddsMore, "tree", status="Adding…", end=True)
    assert (made.name, made.description, made.status, made.end) == (
        "AddsMore", "Add two numbers.", "Adding…", True
    )  # fmt: skip
    assert [name for name, told in made.inputs.items() if told["required"]] == ["x", "y"]
    assert made.get_default_inputs() == {"x": None, "y": None, "z": 0}


@pytest.mark.parametrize("to", ["tree", "loop"])
def test_what_is_no_tool_is_refused_in_words(to):
    for wrong in (3, None, BaseModel, object, lambda: None, "Query"):
        with pytest.raises(TypeError, match="is not a Tool"):
            coerce_tool(wrong, to)
    with pytest.raises(TypeError, match="This Adds is filled in; a tool is the class itself: Adds"):
        coerce_tool(Adds(x=1, y=2), to)


def test_there_are_two_engines():
    with pytest.raises(ValueError, match="not for “cloud”"):
        coerce_tool(finish, "cloud")


def test_a_field_that_no_model_can_fill_in_is_refused_when_it_is_made():
    class Takes(BaseModel):
        model_config = {"arbitrary_types_allowed": True}
        where: type[Tool] | Tool

    with pytest.raises(TypeError, match="The input where of the tool Takes has the type"):
        coerce_tool(Takes, "tree")
