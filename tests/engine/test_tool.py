from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pytest

from elysia_desktop.core.objects import Response, Result
from elysia_desktop.core.payloads import Status
from elysia_desktop.engine.tool import Tool, as_return, tool
from elysia_desktop.engine.tree import Settings, Tree

if TYPE_CHECKING:
    from elysia_desktop.core.tree_data import TreeData as OnlyForTheTypeChecker


async def yielded(made, **inputs):
    return [item async for item in made("data", inputs, "base", "complex", "clients")]


def test_a_function_becomes_its_declaration():
    @tool(status="Adding…", end=True)
    async def add(x: int, y: float = 2.5, how: Literal["a", "b"] = "a", *, rest=None) -> float:
        """Add two numbers.

        Exactly so.

        Args:
            x: the first number,
                which may be long
            y (float): the second: a fraction
            how: a way

        Returns:
            x: the sum
        """
        return x + y

    assert (add.name, add.status, add.end) == ("add", "Adding…", True)
    assert add.description == "Add two numbers.\n\nExactly so."
    assert add.inputs == {
        "x": {
            "description": "the first number, which may be long",
            "type": int,
            "default": None,
            "required": True,
        },
        "y": {
            "description": "the second: a fraction",
            "type": float,
            "default": 2.5,
            "required": False,
        },
        "how": {"description": "a way", "type": Literal["a", "b"], "default": "a", "required": False},
        "rest": {
            "description": "",
            "type": __import__("typing").Any,
            "default": None,
            "required": False,
        },
    }
    assert add.get_default_inputs() == {"x": None, "y": 2.5, "how": "a", "rest": None}


def test_without_words_the_name_and_status_are_made_up():
    @tool
    async def find_films():
        return None

    assert find_films.description == "find films"
    assert find_films.status == "Running find_films..."
    assert find_films.end is False


async def test_what_the_engine_knows_is_injected_by_name_annotated_or_not():
    @tool
    async def wants(tree_data: OnlyForTheTypeChecker, client_manager, x: int, base_lm=None, complex_lm=None):
        """Wants all."""
        return [tree_data, base_lm, complex_lm, client_manager, x]

    assert list(wants.inputs) == ["x"]
    (result,) = await yielded(wants, x=1)
    assert [item["tool_result"] for item in result.objects] == ["data", "base", "complex", "clients", 1]


def test_a_type_of_the_surrounding_function_is_found():
    class Own:
        pass

    @tool
    async def wants(x: Own, y: list[Own] | None = None):
        """Wants its own type."""
        return Own

    assert wants.inputs["x"]["type"] is Own


def test_a_type_that_is_not_there_is_named():
    with pytest.raises(TypeError, match=r"OnlyForTheTypeChecker.*argument x"):

        @tool
        async def wants(x: OnlyForTheTypeChecker):
            """Cannot be filled in."""


def test_what_is_no_async_function_is_refused():
    def plain(x):
        return x

    def generator():
        yield 1

    async def takes_inputs(inputs):
        return inputs

    for wrong in (plain, generator, takes_inputs):
        with pytest.raises(TypeError, match=wrong.__name__):
            tool(wrong)


def test_a_refused_function_leaves_the_tree_as_it_was():
    tree = Tree("empty", settings=Settings())
    with pytest.raises(TypeError):
        tool(tree=tree)(lambda: None)

    async def twice():
        """Twice."""

    tool(tree=tree, branch_id="base")(twice)
    with pytest.raises(ValueError, match="twice"):
        tool(tree=tree)(twice)
    assert list(tree.tools) == ["twice"]
    assert callable(tree.tools["twice"])


@pytest.mark.parametrize(
    ("value", "objects"),
    [
        ({"a": 1}, [{"a": 1}]),
        ([1, {"a": 1}, [2, 3]], [{"tool_result": 1}, {"a": 1}, {"tool_result": [2, 3]}]),
        (5, [{"tool_result": 5}]),
        (False, [{"tool_result": False}]),
        ((1, 2), [{"tool_result": (1, 2)}]),
        ([], []),
    ],
)
def test_a_value_becomes_a_result(value, objects):
    made = as_return(value, "add", {"x": 1})
    assert isinstance(made, Result)
    assert made.objects == objects
    assert made.metadata == {"tool_name": "add", "inputs_used": {"x": 1}}


def test_words_objects_of_ours_and_nothing_are_told_apart():
    status = Status("…")
    assert as_return(None, "t", {}) is None
    assert as_return(status, "t", {}) is status
    words = as_return("Hi", "t", {"x": 1})
    assert isinstance(words, Response)
    assert words.text == "Hi"
    assert words.metadata == {"tool_name": "t", "inputs_used": {"x": 1}}


async def test_what_is_yielded_comes_as_it_is_yielded():
    steps = []

    @tool
    async def works():
        """Works."""
        for number in range(3):
            steps.append(f"made {number}")
            yield {"n": number}
        yield None

    async for item in works(None, {}, None, None, None):
        steps.append(f"got {item.objects[0]['n']}")  # noqa: PERF401 - the order is the test
    assert steps == ["made 0", "got 0", "made 1", "got 1", "made 2", "got 2"]


class ByAttributes(Tool):
    name, description, status, end = "attributes", "By attributes.", "…", True
    inputs = {"x": {"type": int, "default": 1}}  # noqa: RUF012 - as tools are written


class ByLiterals(Tool):
    def __init__(self, **kwargs):
        super().__init__(
            name="literals",
            description="By literals, on two lines.",
            inputs={"x": {"description": "a number", "type": int, "default": [1, None], "required": True}},
            end=True,
            **kwargs,
        )


class ByPosition(Tool):
    def __init__(self):
        super().__init__("position", "By position.", "At once")


class Inherits(ByLiterals):
    pass


class Computes(Tool):
    name = "computes"

    def __init__(self, more: str = "x"):
        super().__init__(description=f"Computed {more}", end=True)


@pytest.mark.parametrize("kind", [ByAttributes, ByLiterals, ByPosition, Inherits])
def test_metadata_is_that_of_an_instance_without_making_one(kind):
    made = kind()
    assert kind.get_metadata() == {
        field: getattr(made, field) for field in ("name", "description", "status", "inputs", "end")
    }


def test_what_is_no_literal_is_left_at_the_class_attribute():
    assert Computes.get_metadata() == {
        "name": "computes",
        "description": "",
        "status": "Running computes...",
        "inputs": {},
        "end": True,
    }


def test_instances_share_no_inputs():
    first, second = ByAttributes(), ByAttributes()
    first.inputs["x"]["default"] = 2
    first.inputs["y"] = {}
    assert second.inputs == {"x": {"type": int, "default": 1}}
    assert ByAttributes.inputs == {"x": {"type": int, "default": 1}}


def test_a_tool_needs_a_name():
    with pytest.raises(ValueError, match="has no name"):
        Tool()


async def test_by_default_a_tool_is_available_and_does_not_run_unasked():
    made = ByAttributes()
    assert await made.is_tool_available(None, None, None, None) is True
    assert await made.run_if_true(None, None, None, None) == (False, {})
    with pytest.raises(TypeError, match="attributes does nothing"):
        made(None, {}, None, None, None)
