"""Makes the tools of one engine serve the other: the tree's steps, and the functions of the function-calling loop."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, overload

from pydantic import BaseModel

from elysia_desktop.engine.tool import Tool

if TYPE_CHECKING:
    from elysia_desktop.core.collection_data import ClientManager
    from elysia_desktop.core.tree_data import TreeData
    from elysia_desktop.engine.lm import Model


@dataclass
class EngineContext:
    """What the tree's tools work with when the function-calling loop uses them."""

    tree_data: TreeData
    base_lm: Model
    complex_lm: Model
    client_manager: ClientManager


AnyTool = Tool | type[Tool] | type[BaseModel]


@overload
def coerce_tool(tool: AnyTool, to: Literal["tree"], **kwargs: Any) -> Tool: ...
@overload
def coerce_tool(tool: AnyTool, to: Literal["loop"]) -> type[BaseModel]: ...
def coerce_tool(tool: AnyTool, to: Literal["tree", "loop"], **kwargs: Any) -> Tool | type[BaseModel]:
    """A tool as the tree takes it, an instance, or as the function-calling loop does, a pydantic class.

    What is of that kind already is returned as it is; of a class of the tree's tools an instance is made, with
    `kwargs`. For a pydantic class these may be `status` and `end`. Raises `TypeError` for what is no tool.
    """
    if to not in {"tree", "loop"}:
        raise ValueError(f"A tool is for the “tree” or the “loop”, not for “{to}”.")
    if isinstance(tool, BaseModel):
        name = type(tool).__name__
        raise TypeError(f"This {name} is filled in; a tool is the class itself: {name}.")
    if isinstance(tool, type) and issubclass(tool, BaseModel) and tool is not BaseModel:
        return _for_tree(tool, **kwargs) if to == "tree" else tool
    if isinstance(tool, type) and issubclass(tool, Tool):  # pyright: ignore[reportUnnecessaryIsInstance] - callers are untyped
        tool = tool(**kwargs)
    if not isinstance(tool, Tool):  # pyright: ignore[reportUnnecessaryIsInstance] - callers are untyped
        shown = getattr(tool, "__name__", None) or repr(tool)
        raise TypeError(
            f"{shown} is not a Tool; subclass Tool, decorate an async function with @tool, or give a pydantic class."
        )
    return tool if to == "tree" else _for_loop(tool)


def description_of(function: type[BaseModel]) -> str:
    """A model's docstring, or that of the nearest model of one's own that it is derived from."""
    for kind in function.__mro__:
        if kind is BaseModel:
            break
        words = kind.__dict__.get("__doc__")
        if words:
            return inspect.cleandoc(words)
    return ""


def _for_tree(function: type[BaseModel], **kwargs: Any) -> Tool:
    from elysia_desktop.engine.pydantic_tool import PydanticTool
    from elysia_desktop.engine.tool_function import ToolFunction

    return function.tree_tool if issubclass(function, ToolFunction) else PydanticTool(function, **kwargs)


def _for_loop(tool: Tool) -> type[BaseModel]:
    from elysia_desktop.core.collection_data import CollectionData
    from elysia_desktop.core.tree_data import Atlas, TreeData
    from elysia_desktop.engine.pydantic_tool import PydanticTool
    from elysia_desktop.engine.tool_function import function_for

    if isinstance(tool, PydanticTool):
        return tool.function
    # some tools tell their inputs only for a state; what that allows is checked when the function is called
    nothing = TreeData(CollectionData([]), Atlas())
    return function_for(tool, tool.inputs_for(nothing))
