"""Tools: what the tree can choose to do, as classes or made from functions."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from typing import TYPE_CHECKING, Any, Self, overload

from elysia_desktop.engine.tool_inputs import ToolInput, copied, refuse_untellable
from elysia_desktop.engine.tool_metadata import literals_for
from elysia_desktop.engine.tool_values import as_return, values_of

if TYPE_CHECKING:
    from elysia_desktop.core.tree_data import TreeData
    from elysia_desktop.engine.function_tool import FunctionTool
    from elysia_desktop.engine.lm import Model
    from elysia_desktop.engine.tree import Tree

__all__ = ["Tool", "ToolInput", "as_return", "tool", "values_of"]

_FIELDS = ("name", "description", "status", "inputs", "end")


class Tool:
    """Something the tree can do. Subclasses set `name`, `description` and write `__call__`.

    `name`, `description`, `status`, `inputs` and `end` may be class attributes or given to `__init__`.
    `end` says whether a run may end with this tool. A subclass may say `ClientManager` of the client manager.
    """

    name: str = ""
    description: str = ""
    status: str = ""
    inputs: dict[str, ToolInput] = {}  # noqa: RUF012 - never written to, copied per instance
    end: bool = False
    always_ends: bool = False
    """Whether a run is over once this tool has run, whatever the decision said."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:  # noqa: ARG004 - those of `__init__`
        """Give each instance what its class says, so that an `__init__` of its own need not call this one."""
        refuse_untellable(cls.name or cls.__name__, cls.inputs)
        made = super().__new__(cls)
        made.inputs = copied(cls.inputs)
        made.status = cls.status or f"Running {cls.name}..."
        made.options = {}
        return made

    def __init__(
        self,
        name: str | None = None,
        description: str | None = None,
        status: str | None = None,
        inputs: Mapping[str, Mapping[str, Any]] | None = None,
        end: bool | None = None,
        **kwargs: Any,
    ) -> None:
        cls = type(self)
        self.name = cls.name if name is None else name
        self.description = cls.description if description is None else description
        if not self.name:
            raise ValueError(f"The tool {cls.__name__} has no name.")
        if inputs is not None:
            refuse_untellable(self.name, inputs)
            self.inputs = copied(inputs)
        self.end = cls.end if end is None else end
        self.status = (cls.status if status is None else status) or f"Running {self.name}..."
        self.options: dict[str, Any] = kwargs

    @classmethod
    def get_metadata(cls) -> dict[str, Any]:
        """Name, description, status, inputs and end, without making an instance.

        They are read from the class's attributes and from the literals that it hands to `super().__init__`.
        """
        known = {field: getattr(cls, field) for field in _FIELDS}
        known |= {k: v for k, v in literals_for(Tool, cls).items() if k in _FIELDS}
        return {
            **known,
            "status": known["status"] or f"Running {known['name']}...",
            "inputs": copied(known["inputs"]),
        }

    def get_default_inputs(self) -> dict[str, Any]:
        """Each input with its default, None where it has none; a new dict every time."""
        return {name: told.get("default") for name, told in copied(self.inputs).items()}

    def inputs_for(self, tree_data: TreeData) -> dict[str, ToolInput]:
        """The inputs as declared now; a tool may narrow their types to what the state allows."""
        return self.inputs

    async def run_if_true(
        self, tree_data: TreeData, base_lm: Model, complex_lm: Model, client_manager: Any
    ) -> tuple[bool, dict[str, Any]]:
        """Whether to run at once, without a decision, and with which inputs (`{}`: the defaults)."""
        return False, {}

    async def is_tool_available(
        self, tree_data: TreeData, base_lm: Model, complex_lm: Model, client_manager: Any
    ) -> bool:
        """Available at any time."""
        return True

    def __call__(
        self,
        tree_data: TreeData,
        inputs: dict[str, Any],
        base_lm: Model,
        complex_lm: Model,
        client_manager: Any,
        **kwargs: Any,
    ) -> AsyncGenerator[Any, None]:
        """Do the work; what is yielded reaches the tree as it is yielded."""
        raise TypeError(f"The tool {self.name} does nothing: write its __call__ as an async generator.")


@overload
def tool(function: Callable[..., Any]) -> FunctionTool: ...
@overload
def tool(
    function: None = None,
    *,
    status: str | None = None,
    end: bool = False,
    tree: Tree | None = None,
    branch_id: str | None = None,
) -> Callable[[Callable[..., Any]], FunctionTool]: ...
def tool(
    function: Callable[..., Any] | None = None,
    *,
    status: str | None = None,
    end: bool = False,
    tree: Tree | None = None,
    branch_id: str | None = None,
) -> FunctionTool | Callable[[Callable[..., Any]], FunctionTool]:
    """Make a tool of an `async def` function or async generator.

    Name, docstring, annotations and defaults become its declaration; an input without a default is
    required. `tree_data`, `base_lm`, `complex_lm` and `client_manager` are handed in by name. Raises
    `TypeError` for a plain `def`, an argument called `inputs`, or one whose type no model can fill in.
    """
    from elysia_desktop.engine.function_tool import make_tool  # it derives from Tool

    def make(target: Callable[..., Any]) -> FunctionTool:
        made = make_tool(target, status, end)
        if tree is not None:
            tree.add_tool(made, branch_id=branch_id)
        return made

    return make if function is None else make(function)
