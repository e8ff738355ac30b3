"""The tool that retrieves objects."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, Field, create_model

from elysia_desktop.engine.request_schema import query_model, to_query
from elysia_desktop.engine.requesting import CollectionTool
from elysia_desktop.engine.retrieving import displays
from elysia_desktop.engine.summaries import forget_waiting
from elysia_desktop.engine.wanted import Wanted

if TYPE_CHECKING:
    from elysia_desktop.core.collection_data import ClientManager
    from elysia_desktop.core.payloads import Return
    from elysia_desktop.core.schema import CollectionSchema
    from elysia_desktop.core.tree_data import TreeData
    from elysia_desktop.engine.lm import Model

_SUMMARISE = "summarise_each"


class Query(CollectionTool):
    """Retrieve objects that match the question."""

    name = "query"
    description = (
        "Find objects and texts: which, list, show, find, how to, what is said about, what does … say; "
        "also the cheapest, newest or first 5. Not for counting: how many is aggregate."
    )
    status = "Searching…"
    instructions = """\
Write the queries that retrieve the objects needed to answer the question, one per collection that is needed.
Filter on fields where the question names values, numbers or dates; search for words only in longer texts; sort \
where the question asks for the most, least, newest or oldest."""

    async def __call__(
        self,
        tree_data: TreeData,
        inputs: dict[str, Any],
        base_lm: Model,
        complex_lm: Model,
        client_manager: ClientManager,
        **kwargs: Any,
    ) -> AsyncGenerator[Return, None]:
        """Ask the complex model for requests, run them at the same time, yield what each found."""
        forget_waiting(tree_data.environment)
        asked = super().__call__(tree_data, inputs, base_lm, complex_lm, client_manager, **kwargs)
        async with aclosing(asked) as items:
            async for item in items:
                yield item

    def form(self, schema: CollectionSchema, known: Mapping[str, Any], *, detailed: bool) -> type[BaseModel]:
        """The query of a collection, with the choice to have each object summarised."""
        request = query_model(schema, known, displays(known), detailed=detailed)
        about = "true only if asked to summarise each object"
        fields: dict[str, Any] = {_SUMMARISE: (bool, Field(False, description=about))}
        return create_model(request.__name__, __base__=request, **fields)

    def wanted(self, reply: BaseModel) -> Wanted:
        """The query that a filled-in form stands for."""
        display, summarise = getattr(reply, "display", ""), bool(getattr(reply, _SUMMARISE, False))
        return Wanted(to_query(reply), display or "table", summarise)
