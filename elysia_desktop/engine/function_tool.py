"""Tools made from `async def` functions: their declaration, and calling them."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import PydanticSerializationError, PydanticUndefined

from elysia_desktop.engine.tool import Tool
from elysia_desktop.engine.tool_docstring import read_docstring
from elysia_desktop.engine.tool_inputs import (
    ToolInput,
    check,
    description_in,
    field_in,
    inputs_model,
    refuse_untellable,
    without_words,
)
from elysia_desktop.engine.tool_values import as_return, inputs_used, values_of

if TYPE_CHECKING:
    from elysia_desktop.core.collection_data import ClientManager
    from elysia_desktop.core.tree_data import TreeData
    from elysia_desktop.engine.lm import Model

INJECTED = ("tree_data", "base_lm", "complex_lm", "client_manager")
"""What a function may ask for by these names."""

_EMPTY: Any = inspect.Parameter.empty


class FunctionTool(Tool):
    """A tool made from an `async def` function or async generator, which stays callable as `function`."""

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__()
        self.function = function
        self._injected = [name for name in INJECTED if name in inspect.signature(function).parameters]
        self._model = inputs_model(f"{self.name}_inputs", self.inputs, bounded=False)

    async def __call__(
        self,
        tree_data: TreeData,
        inputs: dict[str, Any],
        base_lm: Model,
        complex_lm: Model,
        client_manager: ClientManager,
        **kwargs: Any,  # noqa: ARG002 - handed to every tool
    ) -> AsyncGenerator[Any, None]:
        """Call the function with its inputs, checked, and whatever it asks for by name.

        Raises `ToolError` for inputs that do not fit.
        """
        given = check(self.name, self._model, inputs)
        used = inputs_used(given)
        available = {
            "tree_data": tree_data,
            "base_lm": base_lm,
            "complex_lm": complex_lm,
            "client_manager": client_manager,
        }
        injected = {name: available[name] for name in self._injected}
        async with aclosing(values_of(self.function(**given, **injected))) as values:
            async for value in values:
                returned = as_return(value, self.name, used)
                if returned is not None:
                    yield returned


def make_tool(function: Callable[..., Any], status: str | None = None, end: bool = False) -> FunctionTool:
    """The tool of a function, of a class of its own, so that `get_metadata` knows it too."""
    if isinstance(function, staticmethod):
        function = function.__func__
    inner = _inner(function)
    name = str(getattr(inner, "__name__", None) or repr(inner))
    _refuse_unfit(function, inner, name)
    documentation = read_docstring(inner)
    inputs = _declared_inputs(function, inner, documentation.arguments)
    refuse_untellable(name, inputs)
    for key, declared in inputs.items():
        _refuse_default(name, key, declared)
    attributes = {
        "name": name,
        "description": documentation.summary or name.replace("_", " "),
        "status": status or "",
        "inputs": inputs,
        "end": end,
        "__doc__": inner.__doc__,
        "__module__": inner.__module__,
    }
    return type(name, (FunctionTool,), attributes)(function)


def _inner(function: Any) -> Any:
    """The function as it was written, below partial arguments, an object it is bound to, and decorators."""
    while isinstance(function, partial):
        function = function.func  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return inspect.unwrap(getattr(function, "__func__", function))  # pyright: ignore[reportUnknownArgumentType]


def _refuse_unfit(function: Any, inner: Any, name: str) -> None:
    if isinstance(function, classmethod):
        raise TypeError(
            f"{name} is a class method; make the tool with tool(TheClass.{name}) below the class."
        )
    if not (inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function)):
        raise TypeError(f"The tool {name} must be an `async def` function.")
    parameters = inspect.signature(function).parameters
    if "inputs" in parameters:
        raise TypeError(f"The tool {name} may not have an argument called `inputs`.")
    written_in = inner.__qualname__.rpartition(".")[0]
    if next(iter(parameters), "") in {"self", "cls"} and written_in and not written_in.endswith("<locals>"):
        raise TypeError(f"{name} is a method; make the tool of an object's, with tool(the_object.{name}).")
    for parameter in parameters.values():
        if parameter.kind is parameter.POSITIONAL_ONLY:
            raise TypeError(
                f"The tool {name} is called with names, which its argument {parameter.name} does not allow: "
                "leave out the `/`."
            )


def _declared_inputs(function: Any, inner: Any, described: Mapping[str, str]) -> dict[str, ToolInput]:
    names = _names_around(inner, getattr(function, "__self__", None))
    declared: dict[str, ToolInput] = {}
    for name, parameter in inspect.signature(function).parameters.items():
        if name in INJECTED or parameter.kind in {parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL}:
            continue
        kind = _annotated_type(inner, parameter, names)
        default = parameter.default
        field = field_in(kind)
        if isinstance(default, FieldInfo):
            kind, default, field = Annotated[kind, default], _EMPTY, default
        if default is _EMPTY and field is not None and not field.is_required():
            default = field.get_default(call_default_factory=True)
        required = default is _EMPTY or default is PydanticUndefined
        declared[name] = ToolInput(
            description=description_in(kind) or described.get(name, ""),
            type=without_words(kind),
            default=None if required else default,
            required=required,
        )
    return declared


def _annotated_type(function: Any, parameter: inspect.Parameter, names: Mapping[str, Any]) -> Any:
    """The type of an input; written as text, wholly or in part, it is looked up where the function was written."""
    if parameter.annotation is _EMPTY:
        return Any
    annotated: Any = SimpleNamespace(__annotations__={parameter.name: parameter.annotation})
    try:
        hints = get_type_hints(annotated, function.__globals__, dict(names), include_extras=True)
    except Exception as error:
        raise TypeError(
            f"The type “{parameter.annotation}” of the argument {parameter.name} is not known where the tool "
            f"{function.__name__} is made: {error}. Import it at run time."
        ) from error
    return hints[parameter.name]


def _names_around(function: Any, owner: Any) -> dict[str, Any]:
    """The names that the function's source sees besides globals: of its class, and of functions still running."""
    names: dict[str, Any] = {}
    frame = inspect.currentframe()
    while frame is not None:
        encloses = function.__qualname__.startswith(f"{frame.f_code.co_qualname}.<locals>.")
        if encloses and frame.f_globals is function.__globals__:
            names = {**frame.f_locals, **names}
        frame = frame.f_back
    if owner is not None:
        names |= vars(owner if isinstance(owner, type) else type(owner))
    return names | _enclosed(function)


def _enclosed(function: Any) -> dict[str, Any]:
    """The values of the enclosing functions' variables, without those that are assigned later."""
    values: dict[str, Any] = {}
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        with contextlib.suppress(ValueError):  # an empty cell
            values[name] = cell.cell_contents
    return values


def _refuse_default(tool_name: str, name: str, declared: ToolInput) -> None:
    """Raise `TypeError` for a default that is not of the input's type, or that a model cannot be told of."""
    default = declared.get("default")
    if default is None:  # what an input without a default has too
        return
    adapter: TypeAdapter[Any] = TypeAdapter(declared.get("type", Any))
    try:
        adapter.dump_python(adapter.validate_python(default), mode="json")
    except (ValidationError, PydanticSerializationError) as error:
        raise TypeError(
            f"The default {default!r} of the argument {name} of the tool {tool_name} does not fit its type."
        ) from error
