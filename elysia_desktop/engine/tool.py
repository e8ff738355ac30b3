"""Tools: what the tree can choose to do, as classes or made from functions."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, TypedDict, overload

from elysia_desktop.core.objects import Response, Result
from elysia_desktop.core.payloads import Return

if TYPE_CHECKING:
    from elysia_desktop.core.collection_data import ClientManager
    from elysia_desktop.core.tree_data import TreeData
    from elysia_desktop.engine.lm import Model
    from elysia_desktop.engine.tree import Tree

_TYPES = {kind.__name__: kind for kind in (str, int, float, bool, list, dict)}
INJECTED = ("tree_data", "base_lm", "complex_lm", "client_manager")
_MISSING: Any = inspect.Parameter.empty


class ToolInput(TypedDict, total=False):
    """One input of a tool as the model sees it; `type` is a Python type or annotation."""

    description: str
    type: Any
    default: Any
    required: bool


class Tool:
    """Something the tree can do. Subclasses set `name`, `description` and write `__call__`.

    `name`, `description`, `status`, `inputs` and `end` may be class attributes or given to `__init__`.
    `end` says whether a run may end with this tool.
    """

    name: str = ""
    description: str = ""
    status: str = ""
    inputs: dict[str, ToolInput] = {}  # noqa: RUF012 - never written to, copied per instance
    end: bool = False
    always_ends: bool = False
    """Whether a run is over once this tool has run, whatever the decision said."""

    def __init__(
        self,
        name: str | None = None,
        description: str | None = None,
        status: str | None = None,
        inputs: dict[str, ToolInput] | None = None,
        end: bool | None = None,
        **kwargs: Any,
    ) -> None:
        self.name = type(self).name if name is None else name
        self.description = type(self).description if description is None else description
        self.inputs = {
            key: ToolInput(**value)
            for key, value in (type(self).inputs if inputs is None else inputs).items()
        }
        self.end = type(self).end if end is None else end
        self.status = (type(self).status if status is None else status) or f"Running {self.name}..."
        self.options = kwargs
        if not self.name:
            raise ValueError(f"The tool {type(self).__name__} has no name.")

    @classmethod
    def get_metadata(cls) -> dict[str, Any]:
        """Name, description, status, inputs and end, without making an instance.

        They are read from the class's attributes, or from the literals it hands to `super().__init__`.
        """
        fields = ("name", "description", "status", "inputs", "end")
        known = {field: getattr(cls, field) for field in fields} | _literals_for_super(cls, fields)
        return {**known, "status": known["status"] or f"Running {known['name']}..."}

    def get_default_inputs(self) -> dict[str, Any]:
        """Each input with its default, None where it has none."""
        return {name: declared.get("default") for name, declared in self.inputs.items()}

    def inputs_for(self, tree_data: TreeData) -> dict[str, ToolInput]:
        """The inputs as declared now; a tool may narrow their types to what the state allows."""
        return self.inputs

    async def run_if_true(
        self, tree_data: TreeData, base_lm: Model, complex_lm: Model, client_manager: ClientManager
    ) -> tuple[bool, dict[str, Any]]:
        """Whether to run at once, without a decision, and with which inputs (`{}`: the defaults)."""
        return False, {}

    async def is_tool_available(
        self, tree_data: TreeData, base_lm: Model, complex_lm: Model, client_manager: ClientManager
    ) -> bool:
        """Available at any time."""
        return True

    def __call__(
        self,
        tree_data: TreeData,
        inputs: dict[str, Any],
        base_lm: Model,
        complex_lm: Model,
        client_manager: ClientManager,
        **kwargs: Any,
    ) -> AsyncGenerator[Any, None]:
        """Do the work; what is yielded reaches the tree as it is yielded."""
        raise TypeError(f"The tool {self.name} does nothing: write its __call__ as an async generator.")


class FunctionTool(Tool):
    """A tool made from an `async def` function or async generator."""

    def __init__(self, function: Callable[..., Any], status: str | None = None, end: bool = False) -> None:
        _refuse_unfit(function)
        self._function = function
        super().__init__(
            name=function.__name__,
            description=_summary(function),
            status=status or "",
            inputs=_declared_inputs(function),
            end=end,
        )

    async def __call__(
        self,
        tree_data: TreeData,
        inputs: dict[str, Any],
        base_lm: Model,
        complex_lm: Model,
        client_manager: ClientManager,
        **kwargs: Any,
    ) -> AsyncGenerator[Any, None]:
        """Call the function with its inputs and whatever it asks for by name."""
        available = {
            "tree_data": tree_data,
            "base_lm": base_lm,
            "complex_lm": complex_lm,
            "client_manager": client_manager,
        }
        injected = {
            name: available[name] for name in INJECTED if name in inspect.signature(self._function).parameters
        }
        async with aclosing(values_of(self._function(**inputs, **injected))) as values:
            async for value in values:
                returned = as_return(value, self.name, inputs)
                if returned is not None:
                    yield returned


def as_return(value: Any, tool_name: str, inputs: dict[str, Any]) -> Return | None:
    """What a function returned as something the tree can send on; None stays None."""
    metadata = {"tool_name": tool_name, "inputs_used": dict(inputs)}
    match value:
        case None | Return():
            return value
        case str():
            return Response(value, metadata=metadata)
        case dict():
            objects: list[dict[str, Any]] = [value]
        case list():
            objects = [item if isinstance(item, dict) else {"tool_result": item} for item in value]  # pyright: ignore[reportUnknownVariableType]
        case _:
            objects = [{"tool_result": value}]
    return Result(objects, metadata=metadata, name=tool_name)


@overload
def tool(function: Callable[..., Any], /) -> Tool: ...
@overload
def tool(
    function: None = None,
    /,
    *,
    status: str | None = None,
    end: bool = False,
    tree: Tree | None = None,
    branch_id: str | None = None,
) -> Callable[[Callable[..., Any]], Tool]: ...
def tool(
    function: Callable[..., Any] | None = None,
    /,
    *,
    status: str | None = None,
    end: bool = False,
    tree: Tree | None = None,
    branch_id: str | None = None,
) -> Tool | Callable[[Callable[..., Any]], Tool]:
    """Make a tool of an `async def` function or async generator.

    Name, docstring, annotations and defaults become its declaration; an input without a default is
    required. `tree_data`, `base_lm`, `complex_lm` and `client_manager` are handed in by name. A plain
    `def`, or an argument called `inputs`, raises `TypeError`.
    """

    def make(target: Callable[..., Any]) -> Tool:
        made = FunctionTool(target, status, end)
        if tree is not None:
            tree.add_tool(made, branch_id=branch_id)
        return made

    return make if function is None else make(function)


async def values_of(result: Any) -> AsyncGenerator[Any, None]:
    """What an async generator yields, or the one value that a coroutine returns."""
    if inspect.isasyncgen(result):
        async with aclosing(result) as values:
            async for value in values:
                yield value
    else:
        yield await result


def _refuse_unfit(function: Callable[..., Any]) -> None:
    name = getattr(function, "__name__", repr(function))
    if not (inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function)):
        raise TypeError(f"The tool {name} must be an `async def` function.")
    if "inputs" in inspect.signature(function).parameters:
        raise TypeError(f"The tool {name} may not have an argument called `inputs`.")


def _declared_inputs(function: Callable[..., Any]) -> dict[str, ToolInput]:
    described = _argument_descriptions(inspect.getdoc(function) or "")
    declared: dict[str, ToolInput] = {}
    for name, parameter in inspect.signature(function).parameters.items():
        if name in INJECTED or parameter.kind in {parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL}:
            continue
        required = parameter.default is _MISSING
        declared[name] = ToolInput(
            description=described.get(name, ""),
            type=_annotated_type(function, parameter),
            default=None if required else parameter.default,
            required=required,
        )
    return declared


def _annotated_type(function: Callable[..., Any], parameter: inspect.Parameter) -> Any:
    """The type of an input; written as text, it is looked up where the function was written."""
    annotation = parameter.annotation
    if not isinstance(annotation, str):
        return Any if annotation is _MISSING else annotation
    known = inspect.getclosurevars(function)
    try:
        return eval(annotation, function.__globals__, {**known.nonlocals})
    except Exception as error:
        raise TypeError(
            f"The type “{annotation}” of the argument {parameter.name} is not known where the tool "
            f"{function.__name__} is made: {error}. Import it at run time."
        ) from error


_ARGUMENT = re.compile(r"^\s*\*?(\w+)\s*(?:\([^)]*\))?\s*:\s*(.*)$")
_SECTION = re.compile(r"^(Args|Arguments|Parameters|Returns|Yields|Raises|Examples?|Notes?)\s*:\s*$")


def _summary(function: Callable[..., Any]) -> str:
    """The docstring up to its first section."""
    lines: list[str] = []
    for line in (inspect.getdoc(function) or "").splitlines():
        if _SECTION.match(line):
            break
        lines.append(line)
    return "\n".join(lines).strip() or function.__name__.replace("_", " ")


def _argument_descriptions(docstring: str) -> dict[str, str]:
    """The texts of the docstring's `Args:` section, by argument."""
    described: dict[str, str] = {}
    current, within, margin = "", False, 0
    for line in docstring.splitlines():
        if heading := _SECTION.match(line):
            within = heading[1] in {"Args", "Arguments", "Parameters"}
            current = ""
        elif within and line.strip():
            depth = len(line) - len(line.lstrip())
            found = _ARGUMENT.match(line)
            if found and (not current or depth <= margin):
                current, margin = found[1], depth
                described[current] = found[2].strip()
            elif current:
                described[current] = f"{described[current]} {line.strip()}".strip()
    return described


def _literals_for_super(cls: type[Tool], fields: tuple[str, ...]) -> dict[str, Any]:
    """The literal arguments of a class's `super().__init__(…)` call."""
    if cls.__init__ in {Tool.__init__, FunctionTool.__init__}:
        return {}
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(cls.__init__)))
    except (OSError, SyntaxError):  # source not kept, as in a frozen application or a notebook
        return {}
    found: dict[str, Any] = {}
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        if isinstance(call.func, ast.Attribute) and call.func.attr == "__init__":
            given = [
                *zip(fields, call.args, strict=False),
                *((word.arg, word.value) for word in call.keywords),
            ]
            for name, node in given:
                if name in fields:
                    try:
                        found[name] = _literal(node)
                    except ValueError:
                        continue
    return found


def _literal(node: ast.expr) -> Any:
    """The value of a literal, in which the plain types may be named; raises `ValueError` for anything else."""
    if isinstance(node, ast.Name) and node.id in _TYPES:
        return _TYPES[node.id]
    if isinstance(node, ast.Dict) and all(node.keys):
        keys = [_literal(key) for key in node.keys if key is not None]
        return dict(zip(keys, map(_literal, node.values), strict=True))
    return ast.literal_eval(node)
