"""The tool that summarises each object of a query."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from elysia_desktop.core.objects import Retrieval
from elysia_desktop.core.payloads import Error, Payload, Return, Status
from elysia_desktop.core.payloads import Warning as WarningUpdate
from elysia_desktop.engine.spending import used
from elysia_desktop.engine.stored_objects import objects_of
from elysia_desktop.engine.summaries import MOST, settle, summarise, waiting
from elysia_desktop.engine.tool import Tool
from elysia_desktop.engine.tools.retrievals import retrieval_as

if TYPE_CHECKING:
    from elysia_desktop.core.collection_data import ClientManager
    from elysia_desktop.core.environment import Entry
    from elysia_desktop.core.tree_data import TreeData
    from elysia_desktop.engine.lm import Model


class ShownAgain(Return):
    """A result for the person whose objects the environment has already."""

    def __init__(self, result: Retrieval) -> None:
        super().__init__(result.frontend_type, result.payload_type)
        self.result = result

    async def to_frontend(self, user_id: str, conversation_id: str, query_id: str) -> Payload | None:
        """The result in its envelope."""
        return await self.result.to_frontend(user_id, conversation_id, query_id)


class SummariseItems(Tool):
    """Write a summary of each object that a query found."""

    name = "query_postprocessing"
    description = "Summarise each object that the last query found, where that was asked for."
    status = "Summarising each object…"

    async def is_tool_available(
        self, tree_data: TreeData, base_lm: Model, complex_lm: Model, client_manager: ClientManager
    ) -> bool:
        """Available right after a query that asked for a summary of each object."""
        return bool(waiting(tree_data.environment))

    async def __call__(
        self,
        tree_data: TreeData,
        inputs: dict[str, Any],
        base_lm: Model,
        complex_lm: Model,
        client_manager: ClientManager,
        **kwargs: Any,
    ) -> AsyncGenerator[Return, None]:
        """Ask the base model for the summaries, keep them on the objects, yield these again."""
        async with aclosing(summaries_wanted(tree_data, base_lm)) as items:
            async for item in items:
                yield item


async def summaries_wanted(tree_data: TreeData, model: Model) -> AsyncGenerator[Return, None]:
    """Write the summaries of each result that waits for them, and yield it with those that were written."""
    environment = tree_data.environment
    purpose = SummariseItems.name
    for _, name, entry in waiting(environment):
        objects = objects_of(environment, entry)
        if len(objects) > MOST:
            yield WarningUpdate(f"Only the first {MOST} of {len(objects):,} objects are summarised.")
        yield Status(f"Summarising {min(len(objects), MOST)} objects from {name}…")
        made = await summarise(objects, tree_data.user_prompt, tree_data.settings, model)
        settle(environment, entry, made.summaries)
        for spent in made.spent:
            yield used(purpose, spent)
        if made.errors:
            lacking = min(len(objects), MOST) - len(made.summaries)
            number = "1 object" if lacking == 1 else f"{lacking} objects"
            yield Error(f"{number} from {name} got no summary: {made.errors[0].sentence}")
        if made.summaries:
            yield ShownAgain(_retrieval(name, entry, objects, tree_data))
            tree_data.update_tasks_completed(
                tree_data.user_prompt,
                purpose,
                tree_data.num_trees_completed,
                result=f"Showed the user a summary of each of {len(made.summaries)} objects from “{name}”.",
            )


def _retrieval(name: str, entry: Entry, objects: list[dict[str, Any]], tree_data: TreeData) -> Retrieval:
    """The result of the query as it was shown, with the summaries."""
    metadata = entry["metadata"]
    display = str(metadata.get("display_type") or "table")
    collection = str(metadata.get("collection_name") or name)
    known = tree_data.output_collection_metadata(with_mappings=True).get(collection, {})
    made = retrieval_as(display, objects, metadata, known, name=name)
    made.add_summaries([str(item.get("ELYSIA_SUMMARY") or "") for item in objects])
    return made
