"""How the retrieval tools have a model write requests for collections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from elysia_desktop.core.payloads import ModelUsed
from elysia_desktop.engine.budget import Part, budget_for, compose, estimate_tokens
from elysia_desktop.engine.context import collections_text, environment_text, errors_text, tasks_text
from elysia_desktop.engine.predict import predict
from elysia_desktop.engine.signatures import Output, Signature, any_of, one_of, signature
from elysia_desktop.engine.spending import used
from elysia_desktop.engine.tool import ToolInput

if TYPE_CHECKING:
    from elysia_desktop.core.tree_data import TreeData
    from elysia_desktop.engine.lm import Model

MAX_REQUESTS = 4
_ORDER = ("collections", "found_so_far", "steps_done", "went_wrong", "question")


@dataclass(frozen=True)
class Written:
    """The filled-in request models, and what writing them took."""

    replies: list[BaseModel]
    used: ModelUsed


def collection_input(tree_data: TreeData) -> dict[str, ToolInput]:
    """The input by which a decision names collections; only those in use can be named."""
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


async def ask_for_requests(
    purpose: str, instructions: str, models: Mapping[str, type[BaseModel]], tree_data: TreeData, model: Model
) -> Written:
    """Have the model fill in one or more of the request models, one per collection that is needed."""
    declared = _signature(purpose, instructions, list(models.values()))
    settings = tree_data.settings
    budget = budget_for(model.choice, settings.prompt_token_budget, settings.max_output_tokens)
    metadata = tree_data.output_collection_metadata(list(models))
    now = tree_data.atlas.datetime_reference["current_datetime"][:10]
    tree_data.set_current_task(purpose)
    parts = (
        Part("question", lambda _: f"{tree_data.user_prompt}\n(today is {now})"),
        Part("went_wrong", lambda tokens: errors_text(tree_data.get_errors(), tokens), 0.2),
        Part("collections", lambda tokens: collections_text(metadata, tokens, detailed=True), 0.7),
        Part("steps_done", lambda tokens: tasks_text(tree_data, tokens), 0.3),
        Part(
            "found_so_far", lambda tokens: environment_text(tree_data.environment, tokens, per_result=3), 0.6
        ),
    )
    inputs = compose(parts, budget - estimate_tokens(instructions) - 300, _ORDER)
    prediction = await predict(model, declared, inputs)
    return Written(list(prediction.reply.requests), used(purpose, prediction.spent))


def _signature(purpose: str, instructions: str, models: Sequence[type[BaseModel]]) -> Signature:
    # A bound near the number of collections keeps a small model from repeating itself.
    most = min(MAX_REQUESTS, len(models) + 1)
    one: Any = any_of(models)
    outputs = {"requests": Output(list[one], "the requests", min_length=1, max_length=most)}
    return signature(purpose.title(), instructions, _ORDER, outputs)
