"""The functions that a model may call: pydantic models, told by their names, docstrings and fields."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from pydantic import BaseModel
from pydantic.errors import PydanticInvalidForJsonSchema, PydanticSchemaGenerationError, PydanticUserError

from elysia_desktop.core.chat import FunctionSpec
from elysia_desktop.engine.adapt import coerce_tool, description_of

if TYPE_CHECKING:
    from elysia_desktop.engine.tool import Tool

FunctionTool = type[BaseModel]
"""A tool of the function-calling loop: its fields are the arguments, its methods say what it does."""

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True)
class Registered:
    """A tool, and what a model is told of it; `given` is what was registered."""

    tool: FunctionTool
    spec: FunctionSpec
    given: object


class Tools:
    """The tools of a state manager, in the order of their registration."""

    def __init__(self) -> None:
        self._tools: dict[str, Registered] = {}

    def __len__(self) -> int:
        return len(self._tools)

    def __iter__(self) -> Iterator[Registered]:
        return iter(list(self._tools.values()))

    @property
    def names(self) -> list[str]:
        """What a model calls them by."""
        return list(self._tools)

    @property
    def specs(self) -> list[FunctionSpec]:
        """What a model is told of them."""
        return [registered.spec for registered in self]

    def add(self, given: FunctionTool | Tool | type[Tool]) -> None:
        """Register a tool; the same one again is nothing new.

        `ValueError` for another one of the same name or a name that no function can have, `TypeError` for what is
        no tool or takes what no model can write.
        """
        if any(registered.given is given for registered in self):
            return
        tool = coerce_tool(given, to="loop")
        known = self._tools.get(tool.__name__)
        if known is not None and known.tool is not tool:
            raise ValueError(f"There is another tool of the name {tool.__name__}.")
        if known is None:
            self._tools[tool.__name__] = Registered(tool, function_spec(tool), given)

    def get(self, name: str) -> FunctionTool | None:
        """The tool of that name."""
        registered = self._tools.get(name)
        return registered.tool if registered else None

    def name_of(self, choice: object) -> str:
        """What a model calls a registered tool by, given the tool or its name; any other text as it is."""
        for registered in self:
            if choice is registered.given or choice is registered.tool:
                return registered.spec.name
        if isinstance(choice, str):
            return choice
        raise ValueError(f"{getattr(choice, '__name__', choice)} is not registered, so it cannot be called.")

    def clear(self) -> None:
        """Forget all."""
        self._tools.clear()


def function_spec(tool: FunctionTool) -> FunctionSpec:
    """What a model is told of a tool: its name, docstring and fields, without what pydantic adds for readers."""
    if not _NAME.fullmatch(tool.__name__):
        raise ValueError(
            f"“{tool.__name__}” cannot be the name of a function: models take 1 to 64 letters from a to z, digits, "
            "“_” and “-”. Rename the class."
        )
    try:
        schema = tool.model_json_schema()
    except (PydanticInvalidForJsonSchema, PydanticSchemaGenerationError, PydanticUserError) as error:
        raise TypeError(f"{tool.__name__} takes what no model can write as JSON: {error.message}") from error
    if "$ref" in schema:  # a model that holds more of its own kind
        schema = {**schema["$defs"][schema["$ref"].rsplit("/", 1)[-1]], "$defs": schema["$defs"]}
    compact = _compact(schema)
    compact.pop("description", None)
    return FunctionSpec(tool.__name__, description_of(tool), {"type": "object", "properties": {}, **compact})


def _compact(part: Mapping[str, Any]) -> dict[str, Any]:
    """A schema without titles; properties may have that name."""
    return {key: _inner(key, value) for key, value in part.items() if key != "title"}


def _inner(key: str, value: Any) -> Any:
    if key in {"properties", "$defs", "patternProperties"} and isinstance(value, Mapping):
        named = cast("Mapping[str, Any]", value)
        return {name: _inner("", item) for name, item in named.items()}
    if key in {"default", "examples", "enum", "const", "required"}:
        return value
    if isinstance(value, Mapping):
        return _compact(cast("Mapping[str, Any]", value))
    if isinstance(value, list):
        return [_inner("", item) for item in cast("list[Any]", value)]
    return value
