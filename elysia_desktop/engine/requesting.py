"""The tools that have a model write requests for collections, and carry them out."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from elysia_desktop.core.environment import Entry
from elysia_desktop.core.errors import StoreError
from elysia_desktop.core.payloads import Error, Return, Status
from elysia_desktop.core.requests import AggregateRequest, QueryRequest, shown
from elysia_desktop.core.schema import CollectionSchema
from elysia_desktop.engine.computing import computed
from elysia_desktop.engine.named_values import named_values
from elysia_desktop.engine.request_writing import MAX_REQUESTS, Writing, ask_for_requests, writes_details
from elysia_desktop.engine.retrieving import Search, is_forbidden
from elysia_desktop.engine.side_by_side import side_by_side
from elysia_desktop.engine.signatures import one_of
from elysia_desktop.engine.tool import Tool, ToolInput

if TYPE_CHECKING:
    from pydantic import BaseModel

    from elysia_desktop.core.collection_data import ClientManager
    from elysia_desktop.core.tree_data import TreeData
    from elysia_desktop.engine.lm import Model
    from elysia_desktop.engine.wanted import Wanted
    from elysia_desktop.stores.base import Store

_REPEATED = (
    "This request was made for this question already, and its result is among what was found. Answer from it, or "
    "write another request."
)


class CollectionTool(Tool):
    """A tool that works on collections; a decision names which, of those in use.

    `instructions` say what a model is to write for it. What it writes is carried out whatever it is: a small model
    that was to query may rightly count.
    """

    instructions = ""

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

    def form(self, schema: CollectionSchema, known: Mapping[str, Any], *, detailed: bool) -> type[BaseModel]:
        """What a model fills in to ask for something of a collection; `known` is what analysis wrote of it."""
        raise NotImplementedError

    def wanted(self, reply: BaseModel) -> Wanted:
        """What a filled-in form stands for."""
        raise NotImplementedError

    async def __call__(
        self,
        tree_data: TreeData,
        inputs: dict[str, Any],
        base_lm: Model,  # noqa: ARG002
        complex_lm: Model,
        client_manager: ClientManager,
        **kwargs: Any,  # noqa: ARG002
    ) -> AsyncGenerator[Return, None]:
        """Ask the complex model for requests, run them at the same time, yield what each found."""
        store = client_manager.store()
        names = inputs.get("collection_names") or tree_data.collection_names
        known = tree_data.output_collection_metadata(names, with_mappings=True)
        schemas, failures = await readable_schemas(store, known)
        for failure in failures:
            yield failure
        if not schemas:
            return
        detailed = writes_details(complex_lm)
        forms = {name: self.form(schema, known[name], detailed=detailed) for name, schema in schemas.items()}
        named = await named_values(store, schemas, known, tree_data.user_prompt)
        task = Writing(self.name, self.instructions, forms, self.wanted, schemas, known, named)
        written = await ask_for_requests(task, tree_data, complex_lm)
        for remark in written.remarks:
            yield remark
        works: dict[QueryRequest | AggregateRequest, Work] = {}
        for wanted in written.wanted:
            name = wanted.request.collection
            repeated = refused_as_repeated(wanted.request, tree_data)
            if repeated is not None:
                yield repeated
            elif wanted.request not in works:
                work = _work(wanted, known[name], schemas[name], tree_data, client_manager)
                works[wanted.request] = work
        if any(work.is_long for work in works.values()):
            yield Status("Searching long documents…")
        found = [work.found for work in works.values()]
        async with aclosing(side_by_side(found, MAX_REQUESTS, self.name)) as results:
            async for items in results:
                for item in items:
                    yield item


@dataclass(frozen=True)
class Work:
    """Carries out one request; `is_long` says that long documents are searched by their parts."""

    found: Callable[[], Awaitable[list[Return]]]
    is_long: bool = False


def _work(
    wanted: Wanted,
    known: Mapping[str, Any],
    schema: CollectionSchema,
    tree_data: TreeData,
    clients: ClientManager,
) -> Work:
    request = wanted.request
    if isinstance(request, AggregateRequest):
        return Work(partial(computed, clients, request, schema, tree_data))
    search = Search(request, wanted, known, schema, tree_data)
    is_long = search.long_field is not None and not is_forbidden(clients.store(), tree_data)
    return Work(partial(search.found, clients), is_long)


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


def refused_as_repeated(request: QueryRequest | AggregateRequest, tree_data: TreeData) -> Error | None:
    """The error for a request that was made for this question already, by any tool: small models ask in circles."""
    asked, is_query = shown(request), isinstance(request, QueryRequest)
    for tool in {step["task"] for step in tree_data.steps if step.get("result")}:
        entries: list[Entry] = tree_data.environment.find(tool, request.collection) or []
        for metadata in (entry["metadata"] for entry in entries):
            if metadata.get("query_output") == asked and ("query_type" in metadata) is is_query:
                return Error(_REPEATED, json.dumps(asked, ensure_ascii=False))
    return None


def _went_in_a_circle(tool: Tool, tree_data: TreeData) -> bool:
    """Whether the last step was this tool's and brought nothing but requests that were made before."""
    steps = tree_data.steps
    was_last = bool(steps) and steps[-1]["task"] == tool.name and not steps[-1].get("result")
    return was_last and _REPEATED in tree_data.errors.get(tool.name, [])[-1:]
