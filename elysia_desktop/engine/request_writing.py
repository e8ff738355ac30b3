"""How a model writes requests for collections: as SQL, or by filling in a form in which every reply is valid."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from elysia_desktop.core.errors import ElysiaError, QueryRejected
from elysia_desktop.core.objects import Retrieval
from elysia_desktop.core.payloads import Error, Return
from elysia_desktop.core.payloads import Warning as WarningUpdate
from elysia_desktop.core.providers import provider_of
from elysia_desktop.core.schema import CollectionSchema
from elysia_desktop.engine.budget import LEAST_QUESTION, Part, budget_for, clipped, compose, estimate_tokens
from elysia_desktop.engine.context import collections_text, environment_text, errors_text, tasks_text
from elysia_desktop.engine.feedback.examples import EXAMPLES_SHARE, request_examples
from elysia_desktop.engine.predict import PredictionFailed, predict, system_message
from elysia_desktop.engine.reply_schema import described
from elysia_desktop.engine.request_schema import impossible_model, impossible_reason
from elysia_desktop.engine.side_by_side import side_by_side
from elysia_desktop.engine.signatures import Output, Signature, any_of, signature
from elysia_desktop.engine.spending import used
from elysia_desktop.engine.wanted import Wanted

if TYPE_CHECKING:
    from elysia_desktop.core.settings import Settings
    from elysia_desktop.core.tree_data import TreeData
    from elysia_desktop.engine.lm import Model

MAX_REQUESTS = 4
MAX_PROMPTS = 8
"""So many prompts ask for requests at most, where the collections do not fit in one."""
_AT_ONCE = 4
_TRIES_IN_SQL = 2
_LONGEST_SQL = 600
_ORDER = (
    "today",
    "collections",
    "examples",
    "found_so_far",
    "steps_done",
    "went_wrong",
    "values_the_question_names",
    "question",
)
_SQL = """\
Write one SQL query that finds what answers the question, with every condition that the question states. \
Words in longer texts are found with LIKE '%word%'."""
"""Short, and silent about what is not understood: small models write what they read of."""


@dataclass(frozen=True)
class Writing:
    """What is to be written: for which tool and how, the form for each collection and what a filled-in one stands for.

    `known` is what analysis wrote of the collections, `named` tells which of their values the question names.
    """

    purpose: str
    instructions: str
    forms: Mapping[str, type[BaseModel]]
    understood: Callable[[BaseModel], Wanted]
    schemas: Mapping[str, CollectionSchema]
    known: Mapping[str, Mapping[str, Any]]
    named: str = ""


@dataclass(frozen=True)
class Written:
    """The requests, and what is told of writing them: what it took, and what went wrong."""

    wanted: list[Wanted] = field(default_factory=list[Wanted])
    remarks: list[Return] = field(default_factory=list[Return])

    def __iadd__(self, other: Written) -> Written:
        self.wanted.extend(other.wanted)
        self.remarks.extend(other.remarks)
        return self


async def ask_for_requests(task: Writing, tree_data: TreeData, model: Model) -> Written:
    """Have the model write one or more requests, one per collection that is needed.

    What is written as SQL and cannot be understood is asked for again in forms. Raises `PredictionFailed` where
    nothing can be.
    """
    settings = tree_data.settings
    tree_data.set_current_task(task.purpose)
    budget = budget_for(model.choice, settings.prompt_token_budget, settings.max_output_tokens)
    written = Written()
    if _writes_sql(settings, model):
        try:
            return await _in_sql(task, tree_data, model, budget)
        except PredictionFailed as failed:
            written.remarks.append(used(task.purpose, failed.spent))
    written += await _in_forms(task, tree_data, model, budget)
    return written


def writes_details(model: Model) -> bool:
    """Whether a model may be offered what few questions need; those on this computer are small."""
    return not provider_of(model.choice.provider).on_this_computer


def _writes_sql(settings: Settings, model: Model) -> bool:
    """Whether requests are written as SQL: small models write it far better than anything else."""
    return not writes_details(model) if settings.queries_as_sql is None else settings.queries_as_sql


async def _in_sql(task: Writing, tree_data: TreeData, model: Model, budget: int) -> Written:
    """A request written as SQL; raises `PredictionFailed` where none of the tries can be understood."""
    # a parser takes a tenth of a second to import, which the event loop is not to wait for
    statement = await asyncio.to_thread(import_module, "elysia_desktop.engine.sql.statement")
    wanted: list[Wanted] = []

    def check(reply: Any) -> str | None:
        try:
            wanted[:] = [
                Wanted(statement.request_of(reply.sql, task.schemas, task.known, tree_data.user_prompt))
            ]
        except QueryRejected as error:
            return error.sentence
        return None

    outputs = {"sql": Output(str, "one SELECT", min_length=8, max_length=_LONGEST_SQL)}
    declared = signature("SQL", _SQL, _ORDER, outputs)
    inputs = _inputs(
        task, tree_data, {}, list(task.schemas), budget - estimate_tokens(system_message(declared))
    )
    reply = await predict(model, declared, inputs, check=check, attempts=_TRIES_IN_SQL, purpose=task.purpose)
    return Written(wanted, [used(task.purpose, reply.spent)])


async def _in_forms(task: Writing, tree_data: TreeData, model: Model, budget: int) -> Written:
    """Requests written by filling in forms.

    Where the forms do not fit in one prompt, several ask at the same time, each for some of the collections; that
    one of them fails is among the remarks. Raises `PredictionFailed` where all do.
    """
    groups = _groups(task.forms, budget // 2)
    written = Written()
    left = [name for group in groups[MAX_PROMPTS:] for name in group]
    if left:
        told = f"More collections are in use than can be asked of at once; left out: {', '.join(left)}."
        written.remarks.append(WarningUpdate(told))
    groups = groups[:MAX_PROMPTS]
    fill = partial(_filled_in, task, tree_data, model, budget, is_one_of_many=len(groups) > 1)
    failures: list[ElysiaError] = []
    works = [partial(fill, group) for group in groups]
    async with aclosing(side_by_side(works, _AT_ONCE, "requests")) as answers:
        async for answer in answers:
            if isinstance(answer, ElysiaError):
                failures.append(answer)
            else:
                written += answer
    if len(failures) == len(groups):
        raise failures[0]
    for failure in failures:
        if isinstance(failure, PredictionFailed):
            written.remarks.append(used(task.purpose, failure.spent))
        written.remarks.append(Error(failure.sentence))
    if len(groups) > 1 and not failures and not written.wanted:
        written.remarks.append(Error("No collection in use seems to hold what was asked for."))
    return written


async def _filled_in(
    task: Writing,
    tree_data: TreeData,
    model: Model,
    budget: int,
    names: Sequence[str],
    *,
    is_one_of_many: bool,
) -> Written | ElysiaError:
    """One prompt with the forms of these collections."""
    may_refuse = writes_details(model) and not is_one_of_many
    reasoning = _reasons(tree_data.settings, model)
    forms = {name: task.forms[name] for name in names}
    declared = _signature(task, list(forms.values()), is_one_of_many, may_refuse, reasoning)
    inputs = _inputs(task, tree_data, forms, names, budget - estimate_tokens(system_message(declared)))
    try:
        answer = await predict(model, declared, inputs, purpose=task.purpose)
    except ElysiaError as error:
        return error
    written = Written(remarks=[used(task.purpose, answer.spent)])
    for reply in answer.reply.requests:
        reason = impossible_reason(reply)
        if reason is None:
            written.wanted.append(task.understood(reply))
        else:
            written.remarks.append(_impossible(reply, reason))
    return written


def _inputs(
    task: Writing,
    tree_data: TreeData,
    forms: Mapping[str, type[BaseModel]],
    names: Sequence[str],
    budget: int,
) -> dict[str, str]:
    """What a prompt for requests tells, within a budget of tokens; examples fill in one of the forms."""
    metadata = tree_data.output_collection_metadata(list(names))
    now = tree_data.atlas.datetime_reference["current_datetime"][:10]
    asked = tree_data.user_prompt
    parts = (
        Part("question", lambda tokens: clipped(asked, max(tokens, LEAST_QUESTION)), 0.5),
        # Far from the question: small models make conditions of a date beside it. In SQL it has a name.
        *([Part("today", lambda _: now)] if forms else []),
        Part("went_wrong", lambda tokens: errors_text(tree_data.get_errors(), tokens), 0.2),
        Part("values_the_question_names", lambda tokens: clipped(task.named, tokens), 0.2),
        Part(
            "collections",
            lambda tokens: collections_text(metadata, tokens, detailed=True, question=asked),
            0.7,
        ),
        Part(
            "examples",
            lambda tokens: request_examples(tree_data, task.purpose, forms, tokens),
            EXAMPLES_SHARE,
        ),
        Part("steps_done", lambda tokens: tasks_text(tree_data, tokens), 0.3),
        Part(
            "found_so_far", lambda tokens: environment_text(tree_data.environment, tokens, per_result=3), 0.6
        ),
    )
    return compose(parts, budget, _ORDER)


def _impossible(reply: Any, reason: str) -> Retrieval:
    """A result without objects, for the model alone, that says why none was asked for."""
    metadata = {"collection_name": reply.collection, "impossible": True, "impossible_reason": reason}
    return Retrieval([], metadata, display=False)


def _groups(forms: Mapping[str, type[BaseModel]], tokens: int) -> list[list[str]]:
    """The collections in groups whose forms take no more than this each, or hold only one."""
    groups: list[list[str]] = []
    left = 0
    for name, form in forms.items():
        takes = estimate_tokens(described(form))
        left -= takes
        if left < 0:
            groups.append([])
            left = tokens - takes
        groups[-1].append(name)
    return groups


def _reasons(settings: Settings, model: Model) -> bool:
    """Whether a reason goes before the requests; a model on this computer takes seconds to write one."""
    if settings.complex_use_reasoning is None:
        return writes_details(model)
    return settings.complex_use_reasoning


def _signature(
    task: Writing, forms: Sequence[type[BaseModel]], may_be_none: bool, may_refuse: bool, reasoning: bool
) -> Signature:
    # A bound near the number of collections keeps a small model from repeating itself.
    most = min(MAX_REQUESTS, len(forms) + 1)
    # One prompt of many says so by asking for nothing; a small model that may refuse does so where it need not.
    one: Any = any_of([*forms, impossible_model(forms)] if may_refuse else forms)
    about = "the requests; [] where these collections hold nothing of it" if may_be_none else "the requests"
    least = 0 if may_be_none else 1
    outputs = {"requests": Output(list[one], about, min_length=least, max_length=most)}
    if reasoning:
        about = "which fields answer the question, and how, in one sentence"
        outputs = {"reasoning": Output(str, about, max_length=240, default=""), **outputs}
    return signature(task.purpose.title(), task.instructions, _ORDER, outputs)
