"""A function of the function-calling loop, which is a pydantic model, as a tool of the tree."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, NoReturn
from uuid import uuid4

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from elysia_desktop.core.chat import RequestedCall
from elysia_desktop.core.errors import ToolError
from elysia_desktop.core.jsonable import jsonable
from elysia_desktop.core.payloads import Return
from elysia_desktop.engine.acting import EndRun
from elysia_desktop.engine.adapt import description_of
from elysia_desktop.engine.answering import as_answer
from elysia_desktop.engine.crossing import entering
from elysia_desktop.engine.draft import Draft, Drafting
from elysia_desktop.engine.hooks import call_hook
from elysia_desktop.engine.tool import Tool, ToolInput

if TYPE_CHECKING:
    from elysia_desktop.core.collection_data import ClientManager
    from elysia_desktop.core.environment import Environment
    from elysia_desktop.core.tree_data import TreeData
    from elysia_desktop.engine.lm import Model


class NoState:
    """Stands where a tool expects a state manager and the tree has none: using it is a `ToolError`."""

    def __bool__(self) -> bool:
        return False

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):  # what Python itself asks every object for
            raise AttributeError(name)
        raise ToolError(
            f"The tool uses the state manager (“{name}”), and this tree has none.",
            "Give it one: tree.tree_data.state_manager = StateManager(event).",
        )


@dataclass(frozen=True)
class Returned:
    """What `run` returned, and whether a hook said that the run is to end."""

    value: Any
    ends: bool


class PydanticTool(Tool):
    """A tool of the tree whose inputs are a model's fields and whose work is the model's hooks."""

    def __init__(self, function: type[BaseModel], status: str | None = None, end: bool | None = None) -> None:
        description = description_of(function) or function.__name__
        super().__init__(function.__name__, description, status, declared_inputs(function), end)
        self.function = function

    async def __call__(
        self,
        tree_data: TreeData,
        inputs: dict[str, Any],
        base_lm: Model,  # noqa: ARG002 - handed to every tool
        complex_lm: Model,  # noqa: ARG002
        client_manager: ClientManager,  # noqa: ARG002
        **kwargs: Any,  # noqa: ARG002
    ) -> AsyncGenerator[Any, None]:
        """Yield what is written for the person as it is written, then what was returned."""
        answer = as_answer("", tree_data.environment)
        state = NoState() if tree_data.state_manager is None else tree_data.state_manager

        async def work(out: Draft) -> Returned:
            with entering("tree"):
                return await self._run(state, inputs, out, tree_data.num_trees_completed)

        drafting = Drafting(work, answer.message_id)
        async with aclosing(drafting.shown()) as items:
            async for item in items:
                yield item
        text, returned = drafting.draft.content, drafting.result
        if text.strip():
            yield as_answer(text, tree_data.environment, answer.message_id)
        if returned.value is not None:
            yield as_value(returned.value, tree_data.environment)
        # As in the loop: what was written for the person, and nothing returned, is the answer.
        if returned.ends or (text.strip() and returned.value is None):
            yield EndRun()

    async def _run(self, state: Any, inputs: Mapping[str, Any], out: Draft, iteration: int) -> Returned:
        """Call the hooks: `run` unless the first said False, and the last in any case."""
        arguments = self._arguments(inputs)
        written = json.dumps(jsonable(arguments, remove_unserialisable=True), ensure_ascii=False)
        call = RequestedCall(f"call-{uuid4()}", self.name, written)
        told = {"tool_call_index": 1, "loop_iteration": iteration, "tool_calls": [call]}
        given: dict[str, Any] = {} if isinstance(state, NoState) else getattr(state, "extras", {})
        available: dict[str, Any] = {
            "call_id": call.id, "state": state, "extra": {**given, **told}, "out": out
        }  # fmt: skip
        try:
            made = self.function.model_validate(arguments)
        except ValidationError as error:
            return await self._unfit(error, arguments, available)
        value = None
        if await _hook(made, "pre_run_hook", available) is not False:
            value = await _hook(made, "run", available)
        after = await _hook(made, "post_run_hook", available)
        return Returned(None if value is False else value, value is False or after is False)

    def _arguments(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """The inputs without those whose default the model knows itself."""
        fields = {alias_of(name, field): field for name, field in self.function.model_fields.items()}
        return {
            name: value
            for name, value in inputs.items()
            if not (value is None and name in fields and _may_be_left_out(fields[name]))
        }

    async def _unfit(
        self, error: ValidationError, arguments: Mapping[str, Any], available: Mapping[str, Any]
    ) -> Returned:
        """Raise `ToolError` naming what does not fit, in the function's own words if it has some; False ends the run."""
        available["extra"]["validation_error"] = error
        told = {**available, "arguments": dict(arguments), "error": error}
        handled = await _hook(self.function, "on_validation_error", told)
        if handled is False:
            return Returned(None, ends=True)
        problems = error.errors(include_url=False, include_context=False, include_input=False)
        places = "; ".join(f"{'.'.join(map(str, p['loc']))}: {p['msg']}" for p in problems)
        words = f"The tool {self.name} was given inputs that do not fit. {places}."
        raise ToolError(words if handled is None else str(getattr(handled, "content", handled))) from error


def declared_inputs(function: type[BaseModel]) -> dict[str, ToolInput]:
    """A model's fields as a tool declares its inputs."""
    declared: dict[str, ToolInput] = {}
    for name, field in function.model_fields.items():
        kind: Any = field.annotation
        for note in field.metadata:
            kind = Annotated[kind, note]
        required = field.is_required()
        declared[alias_of(name, field)] = ToolInput(
            description=field.description or "",
            type=kind,
            default=None if required or field.default_factory is not None else field.default,
            required=required,
        )
    return declared


def alias_of(name: str, field: FieldInfo) -> str:
    """The name that a field is filled in under."""
    alias = field.validation_alias
    return alias if isinstance(alias, str) else field.alias or name


def as_value(value: Any, environment: Environment) -> Any:
    """What a function returned as something that a tool of the tree may yield; words may cite sources."""
    text = value.content if hasattr(value, "content") and hasattr(value, "role") else value
    match text:
        case str():
            return as_answer(text, environment)
        case Return() | list() | dict():
            return text  # pyright: ignore[reportUnknownVariableType]
        case _:
            return jsonable(text)


def _may_be_left_out(field: FieldInfo) -> bool:
    """Whether None stands for a default that the model knows."""
    return not field.is_required() and (field.default is None or field.default_factory is not None)


async def _hook(owner: Any, name: str, available: Mapping[str, Any]) -> Any:
    hook = getattr(owner, name, None)
    return await call_hook(hook, **available) if callable(hook) else None
