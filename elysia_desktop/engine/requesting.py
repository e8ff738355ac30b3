"""How the retrieval tools have a model write requests for collections."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from elysia_desktop.core.environment import Entry
from elysia_desktop.core.errors import ElysiaError, StoreError
from elysia_desktop.core.objects import Retrieval
from elysia_desktop.core.payloads import Error, Return
from elysia_desktop.core.payloads import Warning as WarningUpdate
from elysia_desktop.core.providers import provider_of
from elysia_desktop.core.requests import AggregateRequest, QueryRequest, shown
from elysia_desktop.core.schema import CollectionSchema
from elysia_desktop.engine.budget import LEAST_QUESTION, Part, budget_for, clipped, compose, estimate_tokens
from elysia_desktop.engine.context import collections_text, environment_text, errors_text, tasks_text
from elysia_desktop.engine.feedback.examples import EXAMPLES_SHARE, request_examples
from elysia_desktop.engine.predict import Prediction, PredictionFailed, predict, system_message
from elysia_desktop.engine.reply_schema import described
from elysia_desktop.engine.request_schema import impossible_model, impossible_reason
from elysia_desktop.engine.side_by_side import side_by_side
from elysia_desktop.engine.signatures import Output, Signature, any_of, one_of, signature
from elysia_desktop.engine.spending import used
from elysia_desktop.engine.tool import Tool, ToolInput

if TYPE_CHECKING:
    from elysia_desktop.core.collection_data import ClientManager
    from elysia_desktop.core.settings import Settings
    from elysia_desktop.core.tree_data import TreeData
    from elysia_desktop.engine.lm import Model
    from elysia_desktop.stores.base import Store

MAX_REQUESTS = 4
MAX_PROMPTS = 8
"""So many prompts ask for requests at most, where the collections do not fit in one."""
_AT_ONCE = 4
_ORDER = ("collections", "examples", "found_so_far", "steps_done", "went_wrong", "question")
_REPEATED = (
    "This request was made for this question already, and its result is among what was found. Answer from it, or "
    "write another request."
)


@dataclass(frozen=True)
class Written:
    """The filled-in request models, and what is told of writing them: what it took, and what went wrong."""

    replies: list[BaseModel] = field(default_factory=list[BaseModel])
    remarks: list[Return] = field(default_factory=list[Return])


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
        """Available when a collection is in use; after a request that was made before, once something else was done."""
        return bool(tree_data.collection_names) and not _went_in_a_circle(self, tree_data)


async def readable_schemas(
    store: Store, names: Iterable[str]
) -> tuple[dict[str, CollectionSchema], list[Error]]:
    """The schemas of the collections by name, and an error for each that cannot be read."""
    wanted = list(names)
    answers = await asyncio.gather(*map(store.schema, wanted), return_exceptions=True)
    schemas: dict[str, CollectionSchema] = {}
    failures: list[Error] = [] if wanted else [Error("None of these collections is in use.")]
    for name, answer in zip(wanted, answers, strict=True):
        if isinstance(answer, CollectionSchema):
            schemas[name] = answer
        elif isinstance(answer, StoreError):
            failures.append(Error(answer.sentence, name))
        else:
            raise answer
    return schemas, failures


def refused(error: StoreError, request: QueryRequest | AggregateRequest) -> Error:
    """What is told of a request that a store did not carry out."""
    return Error(error.sentence, json.dumps(shown(request), ensure_ascii=False))


async def ask_for_requests(
    purpose: str, instructions: str, models: Mapping[str, type[BaseModel]], tree_data: TreeData, model: Model
) -> Written:
    """Have the model fill in one or more of the request models, one per collection that is needed.

    Where they do not fit in one prompt, several ask at the same time, each for some of the collections; that one
    of them fails is among the remarks. Raises `PredictionFailed` where all do.
    """
    settings = tree_data.settings
    tree_data.set_current_task(purpose)
    budget = budget_for(model.choice, settings.prompt_token_budget, settings.max_output_tokens)
    groups = _groups(models, budget // 2)
    written = Written()
    left = [name for group in groups[MAX_PROMPTS:] for name in group]
    if left:
        told = f"More collections are in use than can be asked of at once; left out: {', '.join(left)}."
        written.remarks.append(WarningUpdate(told))
    groups = groups[:MAX_PROMPTS]
    is_one_of_many = len(groups) > 1
    works = [
        partial(_ask, purpose, instructions, group, tree_data, model, budget, is_one_of_many=is_one_of_many)
        for group in groups
    ]
    failures: list[ElysiaError] = []
    async with aclosing(side_by_side(works, _AT_ONCE, "requests")) as answers:
        async for answer in answers:
            if isinstance(answer, ElysiaError):
                failures.append(answer)
                continue
            written.remarks.append(used(purpose, answer.spent))
            for reply in answer.reply.requests:
                reason = impossible_reason(reply)
                if reason is None:
                    written.replies.append(reply)
                else:
                    written.remarks.append(_impossible(reply, reason))
    if len(failures) == len(groups):
        raise failures[0]
    for failure in failures:
        if isinstance(failure, PredictionFailed):
            written.remarks.append(used(purpose, failure.spent))
        written.remarks.append(Error(failure.sentence))
    if is_one_of_many and not failures and not written.replies:
        written.remarks.append(Error("No collection in use seems to hold what was asked for."))
    return written


async def _ask(
    purpose: str,
    instructions: str,
    models: Mapping[str, type[BaseModel]],
    tree_data: TreeData,
    model: Model,
    budget: int,
    *,
    is_one_of_many: bool,
) -> Prediction | ElysiaError:
    """One prompt for requests, of these collections."""
    reasoning = _reasons(tree_data.settings, model)
    declared = _signature(purpose, instructions, list(models.values()), is_one_of_many, reasoning)
    metadata = tree_data.output_collection_metadata(list(models))
    now = tree_data.atlas.datetime_reference["current_datetime"][:10]
    asked = tree_data.user_prompt
    parts = (
        Part("question", lambda tokens: f"{_question(tree_data, tokens)}\n(today is {now})", 0.5),
        Part("went_wrong", lambda tokens: errors_text(tree_data.get_errors(), tokens), 0.2),
        Part(
            "collections",
            lambda tokens: collections_text(metadata, tokens, detailed=True, question=asked),
            0.7,
        ),
        Part("examples", lambda tokens: request_examples(tree_data, purpose, models, tokens), EXAMPLES_SHARE),
        Part("steps_done", lambda tokens: tasks_text(tree_data, tokens), 0.3),
        Part(
            "found_so_far", lambda tokens: environment_text(tree_data.environment, tokens, per_result=3), 0.6
        ),
    )
    inputs = compose(parts, budget - estimate_tokens(system_message(declared)), _ORDER)
    try:
        return await predict(model, declared, inputs, purpose=purpose)
    except ElysiaError as error:
        return error


def _impossible(reply: Any, reason: str) -> Retrieval:
    """A result without objects, for the model alone, that says why none was asked for."""
    metadata = {"collection_name": reply.collection, "impossible": True, "impossible_reason": reason}
    return Retrieval([], metadata, display=False)


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
    return Error(_REPEATED, json.dumps(asked, ensure_ascii=False))


def _went_in_a_circle(tool: Tool, tree_data: TreeData) -> bool:
    """Whether the last step was this tool's and brought nothing but requests that were made before."""
    steps: list[dict[str, Any]] = tree_data.tasks_completed[-1]["task"] if tree_data.tasks_completed else []
    was_last = bool(steps) and steps[-1]["task"] == tool.name and not steps[-1].get("result")
    return was_last and _REPEATED in tree_data.errors.get(tool.name, [])[-1:]


def _groups(models: Mapping[str, type[BaseModel]], tokens: int) -> list[dict[str, type[BaseModel]]]:
    """The request models in groups that take no more than this each, or hold only one."""
    groups: list[dict[str, type[BaseModel]]] = []
    left = 0
    for name, request in models.items():
        takes = estimate_tokens(described(request))
        left -= takes
        if left < 0:
            groups.append({})
            left = tokens - takes
        groups[-1][name] = request
    return groups


def writes_details(model: Model) -> bool:
    """Whether a model may be offered what few questions need; those on this computer are small."""
    return not provider_of(model.choice.provider).on_this_computer


def _reasons(settings: Settings, model: Model) -> bool:
    """Whether a reason goes before the requests; a model on this computer takes seconds to write one."""
    if settings.complex_use_reasoning is None:
        return writes_details(model)
    return settings.complex_use_reasoning


def _question(tree_data: TreeData, tokens: int) -> str:
    return clipped(tree_data.user_prompt, max(tokens - 10, LEAST_QUESTION))


def _signature(
    purpose: str, instructions: str, models: Sequence[type[BaseModel]], may_be_none: bool, reasoning: bool
) -> Signature:
    # A bound near the number of collections keeps a small model from repeating itself.
    most = min(MAX_REQUESTS, len(models) + 1)
    # One prompt of many says so by asking for nothing.
    one: Any = any_of(models if may_be_none else [*models, impossible_model(models)])
    about = "the requests; [] where these collections hold nothing of it" if may_be_none else "the requests"
    least = 0 if may_be_none else 1
    outputs = {"requests": Output(list[one], about, min_length=least, max_length=most)}
    if reasoning:
        why = Output(
            str, "which fields answer the question, and how, in one sentence", max_length=240, default=""
        )
        outputs = {"reasoning": why, **outputs}
    return signature(purpose.title(), instructions, _ORDER, outputs)
