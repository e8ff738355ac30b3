from __future__ import annotations

import logging
import socket
from dataclasses import dataclass
from enum import Enum
from functools import partial, wraps
from threading import Lock
from typing import TYPE_CHECKING, Annotated, Any, Literal, Optional

import pytest
from engine.asking import decision, errors, kinds, prompts, texts, told, tree_for
from pydantic import BaseModel, Field
from support.scripted_model import ScriptedModel
from typing_extensions import Doc

from elysia_desktop.core.errors import ToolError
from elysia_desktop.core.objects import Result
from elysia_desktop.core.settings import Settings
from elysia_desktop.engine.function_tool import FunctionTool
from elysia_desktop.engine.tool import Tool, tool
from elysia_desktop.engine.tree import Tree

if TYPE_CHECKING:
    from elysia_desktop.core.tree_data import TreeData as OnlyForTheTypeChecker


class Colour(Enum):
    RED = "red"


class Point(BaseModel):
    x: int
    y: int = 2


async def yielded(made, **inputs):
    return [item async for item in made("data", inputs, "base", "complex", "clients")]


async def value(made, **inputs):
    """The one value that a tool returned."""
    (result,) = await yielded(made, **inputs)
    return result.objects[0]["tool_result"]


# Declaration


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

    assert isinstance(add, Tool)
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
        "rest": {"description": "", "type": Any, "default": None, "required": False},
    }
    assert add.get_default_inputs() == {"x": None, "y": 2.5, "how": "a", "rest": None}


def test_metadata_is_known_to_the_tool_and_to_its_class():
    @tool(status="Adding…")
    async def add(x: int, tags: list[str] = ["a"]):  # noqa: B006 - as tools are written
        """Add."""

    expected = {field: getattr(add, field) for field in ("name", "description", "status", "inputs", "end")}
    assert add.get_metadata() == type(add).get_metadata() == expected
    assert type(add).__doc__ == "Add."


@pytest.mark.parametrize("decorate", [tool, tool(), lambda function: tool(function=function)])
def test_without_words_the_name_and_status_are_made_up(decorate):
    @decorate
    async def find_films():
        return None

    assert isinstance(find_films, FunctionTool)
    assert find_films.description == "find films"
    assert find_films.status == "Running find_films..."
    assert find_films.end is False
    assert find_films.inputs == {}


def test_types_may_carry_words_and_limits():
    @tool
    async def search(
        words: Annotated[str, "what to look for"],
        most: Annotated[int, Field(ge=1, le=5, description="how many")] = 3,
        least: int = Field(1, ge=1, description="at least"),
        exact: bool = Field(description="or not"),
        near: Annotated[Optional[int], Doc("how near")] = None,  # noqa: UP045
        plain: Annotated[int, Field(default=7)] = Field(default=8),
    ):
        """Search.

        Args:
            words: not these words
        """

    assert {name: told["description"] for name, told in search.inputs.items()} == {
        "words": "what to look for",
        "most": "how many",
        "least": "at least",
        "exact": "or not",
        "near": "how near",
        "plain": "",
    }
    assert search.inputs["words"]["type"] is str
    assert [name for name, told in search.inputs.items() if told["required"]] == ["words", "exact"]
    assert search.get_default_inputs() == {
        "words": None, "most": 3, "least": 1, "exact": None, "near": None, "plain": 8,
    }  # fmt: skip


async def test_limits_hold_for_what_reaches_the_function():
    @tool
    async def search(most: Annotated[int, Field(ge=1, le=5)], least: int = Field(2, ge=1)):
        """Search."""
        return (most, least)

    assert await value(search, most=5) == (5, 2)
    with pytest.raises(ToolError, match="most: Input should be less than or equal to 5"):
        await yielded(search, most=6)
    with pytest.raises(ToolError, match="least"):
        await yielded(search, most=5, least=0)


# Where types are looked up


def test_a_type_of_the_surrounding_function_is_found():
    @dataclass
    class Own:
        n: int

    def inner():
        Within = Literal["a"]  # noqa: N806 - a type

        @tool
        async def wants(x: Own, y: list[Own] | None = None, z: Within = "a"):
            """Wants its own types."""

        return wants.inputs

    inputs = inner()
    assert inputs["x"]["type"] is Own
    assert inputs["y"]["type"] == list[Own] | None
    assert inputs["z"]["type"] == Literal["a"]


def test_a_type_written_as_text_within_another_is_found():
    async def wants(x):
        """Wants."""

    wants.__annotations__["x"] = list["Colour"]
    assert tool(wants).inputs["x"]["type"] == list[Colour]


def test_a_name_of_a_caller_that_does_not_enclose_the_function_is_not_taken():
    def caller(make):
        Unseen = int  # noqa: F841, N806 - must not be found
        return make()

    def make():
        @tool
        async def wants(x: Unseen):  # noqa: F821 - must not be found
            """Wants."""

    with pytest.raises(TypeError, match="Unseen"):
        caller(make)


def test_a_type_that_is_not_there_is_named():
    with pytest.raises(TypeError, match=r"OnlyForTheTypeChecker.*argument x.*Import it at run time"):

        @tool
        async def wants(x: OnlyForTheTypeChecker):
            """Cannot be filled in."""


def test_a_variable_around_the_function_may_be_assigned_after_it():
    @tool
    async def search(question: str):
        """Search."""
        return later + question

    later = "found: "
    assert search.inputs["question"]["type"] is str


# What is refused


def test_what_is_no_async_function_is_refused():
    def plain(x):
        return x

    def generator():
        yield 1

    async def takes_inputs(inputs):
        return inputs

    async def any_inputs(**inputs):
        return inputs

    class Callable:
        async def __call__(self):
            """Is no function."""

    wrong = (plain, generator, takes_inputs, any_inputs, Callable, Callable(), 5)
    for given in wrong:
        with pytest.raises(TypeError, match=getattr(given, "__name__", "must be an `async def`")):
            tool(given)
    with pytest.raises(TypeError, match="plain"):
        tool(status="…")(plain)


def test_an_argument_that_has_no_name_to_call_it_by_is_refused():
    async def add(x, /, y):
        return x + y

    with pytest.raises(TypeError, match=r"argument x .*leave out the `/`"):
        tool(add)


@pytest.mark.parametrize("kind", [socket.socket, "list[socket.socket]", "socket.socket | None"])
def test_a_type_that_no_model_can_fill_in_is_refused_when_the_tool_is_made(kind):
    async def listen(on):
        """Listen."""

    listen.__annotations__["on"] = kind
    with pytest.raises(TypeError, match=r"input on of the tool listen .* no model can fill in"):
        tool(listen)


@pytest.mark.parametrize(
    ("kind", "default"), [(int, "many"), (list[str], [1]), (Any, object()), (Any, Lock())]
)
def test_a_default_of_another_type_is_refused(kind, default):
    async def add(x=default):
        """Add."""

    add.__annotations__["x"] = kind
    with pytest.raises(TypeError, match=r"default .* of the argument x of the tool add"):
        tool(add)


def test_a_refused_function_leaves_the_tree_as_it_was():
    tree = Tree("empty", settings=Settings())
    with pytest.raises(TypeError):
        tool(tree=tree)(lambda: None)

    async def twice():
        """Twice."""

    made = tool(tree=tree, branch_id="base")(twice)
    with pytest.raises(ValueError, match="twice"):
        tool(tree=tree)(twice)
    with pytest.raises(ValueError, match="nowhere"):
        tool(tree=tree, branch_id="nowhere")(twice)
    assert tree.tools == {"twice": made}


# Methods, partial functions, decorated ones


class Shop:
    class Kind(Enum):
        BOOK = "book"

    def __init__(self, name):
        self.name = name

    async def find(self, kind: Kind, most: int = 3):
        """Find things."""
        return (self.name, kind, most)

    @classmethod
    async def open(cls, at: int):
        return (cls, at)

    @staticmethod
    async def close(at: int):
        return at


async def test_the_method_of_an_object_is_a_tool():
    find = tool(Shop("corner").find)
    assert (find.name, find.description, list(find.inputs)) == ("find", "Find things.", ["kind", "most"])
    assert await value(find, kind="book") == ("corner", Shop.Kind.BOOK, 3)
    assert await value(tool(Shop("mall").find), kind="book") == ("mall", Shop.Kind.BOOK, 3)
    assert await value(tool(Shop.open), at=8) == (Shop, 8)
    assert await value(tool(Shop.close), at=9) == 9


async def test_static_methods_are_tools_in_either_order_and_others_are_refused_in_words():
    class Till:
        @tool
        @staticmethod
        async def add(x: int):
            """Add."""
            return x

        @staticmethod
        @tool
        async def take(x: int):
            """Take."""
            return -x

    assert await value(Till.add, x=1) == 1
    assert await value(Till().take, x=1) == -1

    with pytest.raises(TypeError, match=r"method.*the_object"):

        class Other:
            @tool
            async def add(self, x: int):
                """Add."""

    with pytest.raises(TypeError, match="class method"):

        class Third:
            @tool
            @classmethod
            async def add(cls, x: int):
                """Add."""


async def test_partial_and_decorated_functions_are_tools_under_their_own_names():
    async def add(x: int, y: int, tree_data) -> int:
        """Add."""
        return (x + y, tree_data)

    def logged(function):
        @wraps(function)
        async def call(*args, **kwargs):
            return await function(*args, **kwargs)

        return call

    made = tool(partial(add, y=5))
    assert (made.name, made.description) == ("add", "Add.")
    assert made.inputs["y"]["default"] == 5
    assert await value(made, x=1) == (6, "data")
    decorated = tool(logged(add))
    assert (decorated.name, list(decorated.inputs)) == ("add", ["x", "y"])
    assert await value(decorated, x=1, y=2) == (3, "data")


# What reaches the function


async def test_what_the_engine_knows_is_injected_by_name_annotated_or_not():
    @tool
    async def wants(
        tree_data: OnlyForTheTypeChecker, client_manager, x: int, *, base_lm=None, complex_lm: Any = 5
    ):
        """Wants all."""
        return [tree_data, base_lm, complex_lm, client_manager, x]

    assert list(wants.inputs) == ["x"]
    (result,) = await yielded(wants, x=1)
    assert [item["tool_result"] for item in result.objects] == ["data", "base", "complex", "clients", 1]
    assert result.metadata["inputs_used"] == {"x": 1}


async def test_further_arguments_are_no_inputs():
    @tool
    async def takes(x: int, *args: int, tail: str = "t", **kwargs: str):
        """Takes."""
        return (x, args, tail, kwargs)

    assert list(takes.inputs) == ["x", "tail"]
    assert await value(takes, x=1) == (1, (), "t", {})


async def test_values_have_the_annotated_types():
    @tool
    async def draw(at: Point, colour: Colour, more: list[Point] | None = None):
        """Draw."""
        return (at, colour, more)

    assert await value(draw, at={"x": 1}, colour="red", more=[{"x": 3, "y": 4}]) == (
        Point(x=1),
        Colour.RED,
        [Point(x=3, y=4)],
    )
    assert await value(draw, at=Point(x=1), colour=Colour.RED) == (Point(x=1), Colour.RED, None)


async def test_mutable_defaults_are_never_shared():
    @tool
    async def collect(tags: list[str] = [], seen: dict[str, int] = {"a": 0}):  # noqa: B006 - as tools are written
        """Collect."""
        tags.append("more")
        seen["a"] += 1
        return (tags, seen)

    collect.get_default_inputs()["tags"].append("outside")
    for _ in range(2):
        (result,) = await yielded(collect)
        assert result.objects == [{"tool_result": (["more"], {"a": 1})}]
        assert result.metadata["inputs_used"] == {"tags": [], "seen": {"a": 0}}
    assert collect.get_default_inputs() == {"tags": [], "seen": {"a": 0}}
    assert collect.function.__defaults__ == ([], {"a": 0})


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


async def test_a_tool_that_is_left_early_is_closed():
    closed = []

    @tool
    async def works():
        """Works."""
        try:
            yield "a"
            yield "b"
        finally:
            closed.append(True)

    run = works(None, {}, None, None, None)
    await anext(run)
    await run.aclose()
    assert closed == [True]


# In a tree


def tree_of(made):
    tree = Tree("empty", settings=Settings(), user_id="u", conversation_id="c")
    tree.add_tool(made)
    return tree


async def test_a_result_reaches_the_front_end_with_its_metadata(empty_clients):
    @tool
    async def add(x: int = 1, y: int = 2) -> int:
        """Add."""
        return x + y

    tree = tree_of(add)
    payloads = await told(tree, clients=empty_clients, training_route="add")
    (result,) = [p["payload"] for p in payloads if p["type"] == "result"]
    assert [item["tool_result"] for item in result["objects"]] == [3]
    assert result["metadata"] == {"tool_name": "add", "inputs_used": {"x": 1, "y": 2}}
    assert tree.environment.find("add", "add", 0)["objects"][0]["tool_result"] == 3


async def test_words_end_a_run_and_nothing_is_nothing(empty_clients):
    @tool(end=True)
    async def greet():
        """Greet."""
        yield None
        yield "Hello."

    payloads = await told(tree_of(greet), clients=empty_clients, training_route="greet")
    assert kinds(payloads) == ["tree_update", "status", "text", "completed"]
    assert texts(payloads) == ["Hello."]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (socket, "tool_result is a module, which has no JSON form"),
        ([{"a": socket}], "a is a module"),
        (Result([{"a": object()}]), "a is a object"),
        ((item for item in [1]), "is a generator"),
        (ValueError("no luck"), "fails failed: ValueError: no luck"),
        (ToolError("Not today.", "Try tomorrow."), "Not today. Try tomorrow."),
    ],
)
async def test_what_goes_wrong_ends_as_an_error_of_the_tool(empty_clients, caplog, given, said):
    @tool
    async def fails():
        """Fails."""
        yield "Before."
        if isinstance(given, Exception):
            raise given
        yield given

    tree = tree_of(fails)
    with caplog.at_level(logging.CRITICAL if isinstance(given, ToolError) else logging.ERROR):
        payloads = await told(tree, clients=empty_clients, training_route="fails")
    (error,) = errors(payloads)
    assert said in error
    assert "Traceback" not in error
    assert texts(payloads) == ["Before."]
    assert [said in feedback for feedback in tree.tree_data.errors["fails"]] == [True]
    assert ("Traceback" in caplog.text) is not isinstance(given, ToolError)


async def test_a_route_gives_no_inputs_and_a_tool_that_needs_some_says_so(empty_clients):
    @tool
    async def add(x: int):
        """Add."""
        return x

    payloads = await told(tree_of(add), clients=empty_clients, training_route="add")
    assert errors(payloads)[0] == "The tool add was not given “x”, which it needs."


async def test_what_a_model_decides_reaches_the_function_as_its_types(empty_clients):
    reached = []

    @tool(end=True)
    async def draw(
        at: Point,
        colours: list[Colour],
        size: Annotated[int, Field(le=9)] = 3,
        title: str = None,  # noqa: RUF013 - as tools are written
    ):
        """Draw."""
        reached.append((at, colours, size, title))
        return "Drawn."

    chosen = decision("draw", at={"x": 1}, colours=["red"], size=4)
    with ScriptedModel([chosen]) as model:
        payloads = await told(tree_for(model, draw), clients=empty_clients)
        prompt = prompts(model)[0][0]
    assert texts(payloads) == ["Drawn."]
    assert reached == [(Point(x=1), [Colour.RED], 4, None)]
    assert 'colours: ["red", …]' in prompt


async def test_a_model_is_told_why_its_inputs_do_not_fit(empty_clients):
    @tool(end=True)
    async def draw(size: Annotated[int, Field(le=9)]):
        """Draw."""
        return f"Drawn {size}."

    with ScriptedModel([decision("draw", size=10), decision("draw", size=9)]) as model:
        payloads = await told(tree_for(model, draw), clients=empty_clients)
        assert "less than or equal to 9" in prompts(model)[1][1]
    assert texts(payloads) == ["Drawn 9."]
