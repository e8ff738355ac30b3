"""How the retrieval tools have a model write requests for collections."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from elysia_desktop.core.environment import Entry
from elysia_desktop.core.payloads import Error, ModelUsed
from elysia_desktop.core.requests import AggregateRequest, QueryRequest, shown
from elysia_desktop.engine.budget import LEAST_QUESTION, Part, budget_for, clipped, compose, estimate_tokens
from elysia_desktop.engine.context import collections_text, environment_text, errors_text, tasks_text
from elysia_desktop.engine.predict import predict, system_message
from elysia_desktop.engine.reply_schema import described
from elysia_desktop.engine.signatures import Output, Signature, any_of, one_of, signature
from elysia_desktop.engine.spending import used
from elysia_desktop.engine.tool import Tool, ToolInput

if TYPE_CHECKING:
    from elysia_desktop.core.collection_data import ClientManager
    from elysia_desktop.core.tree_data import TreeData
    from elysia_desktop.engine.lm import Model

MAX_REQUESTS = 4
_ORDER = ("collections", "found_so_far", "steps_done", "went_wrong", "question")


@dataclass(frozen=True)
class Written:
    """The filled-in request models, and what writing them took."""

    replies: list[BaseModel]
    used: ModelUsed


class CollectionTool(Tool):
    """A tool that works on collections; a decision names which, of those in use."""

    def inputs_for(self, tree_data: TreeData) -> dict[str, ToolInput]:
        """The collections to work on; only those in use can be named."""
        names = tree_data.collection_names
        one: Any = one_of(names) if names else str
        return {
            "collection_names": ToolInput(
                description="the collections that hold the answer; [] for all",
                type=list[one],
                default=[],
                required=True,
            )
        }

    async def is_tool_available(
        self,
        tree_data: TreeData,
        base_lm: Model,  # noqa: ARG002 - what every tool is asked with
        complex_lm: Model,  # noqa: ARG002
        client_manager: ClientManager,  # noqa: ARG002
    ) -> bool:
        """Available when a collection is in use."""
        return bool(tree_data.collection_names)


async def ask_for_requests(
    purpose: str, instructions: str, models: Mapping[str, type[BaseModel]], tree_data: TreeData, model: Model
) -> Written:
    """Have the model fill in one or more of the request models, one per collection that is needed."""
    settings = tree_data.settings
    budget = budget_for(model.choice, settings.prompt_token_budget, settings.max_output_tokens)
    names = _within(models, budget // 2)
    others = f"\n(not shown for want of room: {', '.join(n for n in models if n not in names)})"
    declared = _signature(purpose, instructions, [models[name] for name in names])
    metadata = tree_data.output_collection_metadata(names)
    now = tree_data.atlas.datetime_reference["current_datetime"][:10]
    asked = tree_data.user_prompt
    tree_data.set_current_task(purpose)
    parts = (
        Part("question", lambda tokens: f"{_question(tree_data, tokens)}\n(today is {now})", 0.5),
        Part("went_wrong", lambda tokens: errors_text(tree_data.get_errors(), tokens), 0.2),
        Part(
            "collections",
            lambda tokens: (
                collections_text(metadata, tokens - 60, detailed=True, question=asked) + clipped(others, 60)
                if len(names) < len(models)
                else collections_text(metadata, tokens, detailed=True, question=asked)
            ),
            0.7,
        ),
        Part("steps_done", lambda tokens: tasks_text(tree_data, tokens), 0.3),
        Part(
            "found_so_far", lambda tokens: environment_text(tree_data.environment, tokens, per_result=3), 0.6
        ),
    )
    inputs = compose(parts, budget - estimate_tokens(system_message(declared)), _ORDER)
    prediction = await predict(model, declared, inputs, purpose=purpose)
    return Written(list(prediction.reply.requests), used(purpose, prediction.spent))


def refused_as_repeated(
    tool: Tool, request: QueryRequest | AggregateRequest, tree_data: TreeData
) -> Error | None:
    """The error for a request that this tool has made for this question already: small models ask in circles."""
    steps: list[dict[str, Any]] = tree_data.tasks_completed[-1]["task"] if tree_data.tasks_completed else []
    if not any(step["task"] == tool.name and step.get("result") for step in steps):
        return None
    asked = shown(request)
    entries: list[Entry] = tree_data.environment.find(tool.name, request.collection) or []
    if not any(entry["metadata"].get("query_output") == asked for entry in entries):
        return None
    return Error(
        "This request was made for this question already, and its result is among what was found. Answer from "
        "it, or write another request.",
        json.dumps(asked, ensure_ascii=False),
    )


def _within(models: Mapping[str, type[BaseModel]], tokens: int) -> list[str]:
    """The first collections whose request models take no more than this; one at least."""
    names: list[str] = []
    left = tokens
    for name, request in models.items():
        left -= estimate_tokens(described(request))
        if left < 0 and names:
            break
        names.append(name)
    return names


def _question(tree_data: TreeData, tokens: int) -> str:
    return clipped(tree_data.user_prompt, max(tokens - 10, LEAST_QUESTION))


def _signature(purpose: str, instructions: str, models: Sequence[type[BaseModel]]) -> Signature:
    # A bound near the number of collections keeps a small model from repeating itself.
    most = min(MAX_REQUESTS, len(models) + 1)
    one: Any = any_of(models)
    outputs = {"requests": Output(list[one], "the requests", min_length=1, max_length=most)}
    return signature(purpose.title(), instructions, _ORDER, outputs)
