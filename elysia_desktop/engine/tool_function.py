"""A tool of the tree as a function of the function-calling loop, which is a pydantic model."""

from __future__ import annotations

import keyword
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Optional

from pydantic import BaseModel, ConfigDict, Field, create_model

from elysia_desktop.core.errors import ToolError
from elysia_desktop.core.objects import Result, Text, joined_text
from elysia_desktop.core.payloads import Error, Return, StepFinished, TextDelta, TextReplaced
from elysia_desktop.core.sources import Sources, inert, shown_source, without_marks
from elysia_desktop.engine.acting import Acting
from elysia_desktop.engine.budget import budget_for, clipped, estimate_tokens
from elysia_desktop.engine.context import object_text, room_for
from elysia_desktop.engine.crossing import entering
from elysia_desktop.engine.runner import is_answer
from elysia_desktop.engine.tool_inputs import CheckedInputs, check, inputs_model

if TYPE_CHECKING:
    from elysia_desktop.core.tree_data import TreeData
    from elysia_desktop.engine.adapt import EngineContext
    from elysia_desktop.engine.tool import Tool, ToolInput

_SHARE = 2
"""What a tool found takes at most one of so many parts of a prompt."""
_MOST_TOKENS = 3_000
_PER_OBJECT = 220
_MORE = 16
"""Tokens kept for the line that says that there is more."""


class ToolFunction(BaseModel):
    """A function that uses a tool of the tree; its subclasses have the tool's inputs as fields."""

    model_config = ConfigDict(extra="ignore", protected_namespaces=(), populate_by_name=True)
    tree_tool: ClassVar[Tool]

    async def run(self, call_id: str, state: Any, extra: Any = None, out: Any = None) -> str | None:  # noqa: ARG002 - what every function is called with
        """Use the tool; objects go into the environment and come back numbered as sources.

        A text for the person goes to `out`, where there is one. Raises `ToolError` where the tool is not available
        now, or fails.
        """
        tool, context = self.tree_tool, context_of(state)
        with entering("tree"):
            parts = (context.tree_data, context.base_lm, context.complex_lm, context.client_manager)
            if not await tool.is_tool_available(*parts):
                about = " ".join((tool.is_tool_available.__doc__ or "").strip().split("\n\n")[0].split())
                raise ToolError(f"{tool.name} cannot be used now. {about}".strip())
            inputs = self._inputs(context.tree_data)
            _take_question(context.tree_data, state)
            return await use(Acting(*parts), tool, inputs, state, out)

    def _inputs(self, tree_data: TreeData) -> CheckedInputs:
        """The values by the inputs' names, checked against what the state allows now.

        A tool that declares its inputs for any state says itself what is wrong with them.
        """
        tool = self.tree_tool
        given = {str(told.alias): getattr(self, name) for name, told in type(self).model_fields.items()}
        model = inputs_model(f"{tool.name}_inputs", tool.inputs or tool.inputs_for(tree_data), bounded=False)
        return check(tool.name, model, given)


@dataclass
class Gathered:
    """What a tool gave while it was used."""

    results: list[Result] = field(default_factory=list[Result])
    failures: list[str] = field(default_factory=list[str])
    texts: list[Text] = field(default_factory=list[Text])
    has_begun: bool = False
    """Whether a text is being written, in place of what stood in `out` before."""


async def use(acting: Acting, tool: Tool, inputs: dict[str, Any], state: Any, out: Any) -> str | None:
    """Use a tool, showing what it yields; what the model is told of it, None where `out` holds it all."""
    gathered = Gathered()
    sources = Sources(acting.tree_data.environment)
    async with aclosing(acting.use(tool, inputs)) as items:
        async for item in items:
            match item:
                case Text() if is_answer(item):
                    gathered.texts.append(item)
                    if out is not None:
                        out.update("\n\n".join(with_marks(text.objects, sources) for text in gathered.texts))
                case TextDelta() | TextReplaced():
                    if out is not None and not gathered.texts:
                        _draft(item, out, is_first=not gathered.has_begun)
                        gathered.has_begun = True
                case StepFinished():
                    pass  # the return of the call says so
                case _:
                    _gather(item, gathered)
                    state.show(item)
    return _told(gathered, sources, acting, out is None)


def function_for(tool: Tool, inputs: Mapping[str, ToolInput]) -> type[ToolFunction]:
    """The model of a function that uses this tool."""
    fields: dict[str, Any] = {}
    for number, (name, declared) in enumerate(inputs.items()):
        kind = declared.get("type", Any)
        default = ... if declared.get("required") else declared.get("default")
        if default is None:
            kind = Optional[kind]  # noqa: UP045 - not always a class, so it may have no “|”
        about = declared.get("description") or None
        fields[_field_name(name, number)] = (
            Annotated[kind, Field(alias=name, description=about)],
            default,
        )
    made = create_model(tool.name, __base__=ToolFunction, __doc__=tool.description, **fields)
    made.tree_tool = tool
    return made


def context_of(state: Any) -> EngineContext:
    """What the tree's tools work with; `ToolError` where the state manager has none."""
    context = getattr(state, "engine", None)
    if context is None:
        raise ToolError(
            "This tool needs the collections, and the state manager was made without them.",
            "Make it with StateManager(event, engine=EngineContext(tree_data, base_lm, complex_lm, client_manager)).",
        )
    return context


def told_objects(result: Result, sources: Sources, tokens: int) -> str:
    """A result as a model of the loop is told of it: what it is, then its objects by their numbers, as many as fit."""
    lines = [inert(clipped(result.llm_parse(), max(tokens // 3, 40)))]
    left = tokens - estimate_tokens(lines[0])
    for shown, item in enumerate(result.objects):
        room = min(room_for(item, _PER_OBJECT), left - _MORE)
        text = object_text(item, room) if room > _MORE else ""
        if not text:
            lines.append(f"({len(result.objects) - shown} more objects were found than can be told of here.)")
            break
        lines.append(shown_source(sources.number(str(item["_REF_ID"])), text))
        left -= estimate_tokens(lines[-1])
    return "\n".join(lines)


def with_marks(segments: Sequence[Mapping[str, Any]], sources: Sources) -> str:
    """An answer's segments as one text, with a mark for each source that they cite."""
    parts: list[dict[str, str]] = []
    for item in segments:
        text = without_marks(str(item.get("text") or ""))  # a model may have copied one from what it read
        words = text.rstrip()
        marks = "".join(f" [source{sources.number(ref)}]" for ref in item.get("ref_ids") or ())
        parts.append({"text": f"{words}{marks}{text[len(words) :]}"})
    return joined_text(parts)


def _take_question(tree_data: TreeData, state: Any) -> None:
    """Have the tool work for the question that the loop answers, which need not be kept in the conversation."""
    told = state.ctx.last("user")
    asked = str(state.last_user_question() or (told.content if told else ""))
    if asked and asked != tree_data.user_prompt:
        tree_data.user_prompt = asked
        tree_data.num_trees_completed = 0


def _draft(item: TextDelta | TextReplaced, out: Any, is_first: bool) -> None:
    text = str(item.object["delta" if isinstance(item, TextDelta) else "text"])
    if isinstance(item, TextDelta) and not is_first:
        out.add(text)
    else:
        out.update(text)


def _gather(item: Return, gathered: Gathered) -> None:
    if isinstance(item, Result):
        gathered.results.append(item)
    elif isinstance(item, Error):
        gathered.failures.append(item.feedback)


def _told(gathered: Gathered, sources: Sources, acting: Acting, with_texts: bool) -> str | None:
    settings = acting.tree_data.settings
    budget = budget_for(acting.base_lm.choice, settings.prompt_token_budget, settings.max_output_tokens)
    each = min(budget // _SHARE, _MOST_TOKENS) // max(len(gathered.results), 1)
    told = [told_objects(result, sources, each) for result in gathered.results]
    if with_texts:
        told += [with_marks(text.objects, sources) for text in gathered.texts]
    if gathered.failures and not (told or gathered.texts):
        raise ToolError("; ".join(gathered.failures))
    told += [f"What went wrong: {inert(failure)}" for failure in gathered.failures]
    if told:
        return "\n\n".join(told)
    return None if gathered.texts else "Done; there is nothing to tell of it."


def _field_name(name: str, number: int) -> str:
    """The input's own name, where a model can have a field of that name."""
    is_free = name.isidentifier() and not keyword.iskeyword(name) and not name.startswith("_")
    return name if is_free and not hasattr(ToolFunction, name) else f"input_{number}"
