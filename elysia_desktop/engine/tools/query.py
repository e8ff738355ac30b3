"""The tool that retrieves objects."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, Field, create_model

from elysia_desktop.core.errors import QueryRejected
from elysia_desktop.core.objects import Retrieval
from elysia_desktop.core.payloads import Error, ModelUsed
from elysia_desktop.core.requests import QueryRequest, shown
from elysia_desktop.engine.request_schema import query_model, to_query
from elysia_desktop.engine.requesting import CollectionTool, ask_for_requests, refused_as_repeated
from elysia_desktop.engine.summaries import MARK, forget_waiting

if TYPE_CHECKING:
    from elysia_desktop.core.collection_data import ClientManager
    from elysia_desktop.core.tree_data import TreeData
    from elysia_desktop.engine.lm import Model

_INSTRUCTIONS = """\
Write the queries that retrieve the objects needed to answer the question, one per collection that is needed.
Filter on fields where the question names values, numbers or dates; search for words only in longer texts; sort \
where the question asks for the most, least, newest or oldest."""

_SUMMARISE = "summarise_each"


class Query(CollectionTool):
    """Retrieve objects that match the question."""

    name = "query"
    description = (
        "Find objects and texts: which, list, show, find, how to, what is said about, what does … say; "
        "also the cheapest, newest or first 5. Not for counting: how many is aggregate."
    )
    status = "Searching…"

    async def __call__(
        self,
        tree_data: TreeData,
        inputs: dict[str, Any],
        base_lm: Model,
        complex_lm: Model,
        client_manager: ClientManager,
        **kwargs: Any,
    ) -> AsyncGenerator[Retrieval | Error | ModelUsed, None]:
        """Ask the complex model for requests, run them, yield what each found."""
        forget_waiting(tree_data.environment)
        store = client_manager.store()
        names = inputs.get("collection_names") or tree_data.collection_names
        metadata = tree_data.output_collection_metadata(names, with_mappings=True)
        models = {
            name: _with_summaries(query_model(await store.schema(name), known, _displays(known)))
            for name, known in metadata.items()
        }
        written = await ask_for_requests(self.name, _INSTRUCTIONS, models, tree_data, complex_lm)
        yield written.used
        for reply in written.replies:
            request = to_query(reply)
            repeated = refused_as_repeated(self, request, tree_data)
            if repeated is not None:
                yield repeated
                continue
            try:
                page = await store.query(request)
            except QueryRejected as error:
                yield Error(
                    feedback=error.sentence, error_message=json.dumps(shown(request), ensure_ascii=False)
                )
                continue
            known = metadata[request.collection]
            display = getattr(reply, "display", None) or _displays(known)[0]
            found = retrieval(request, page.objects, page.total, page.took_ms, display, known)
            if page.objects and getattr(reply, _SUMMARISE, False):
                found.metadata |= {"output_type": "summary", MARK: True}
            yield found


def retrieval(
    request: QueryRequest,
    objects: list[dict[str, Any]],
    total: int | None,
    took_ms: float,
    display: str,
    known: Mapping[str, Any],
) -> Retrieval:
    """What a query found, shown as `display`; says which request found it."""
    return Retrieval(
        [{**item, "collection_name": request.collection} for item in objects],
        metadata={
            "collection_name": request.collection,
            "display_type": display,
            "return_type": display,
            "output_type": "original",
            "query_text": request.text,
            "query_type": request.search,
            "query_output": shown(request),
            "total": total,
            "time": round(took_ms / 1000, 4),
        },
        payload_type=display,
        mapping=mapping_for(display, known),
    )


def mapping_for(display: str, known: Mapping[str, Any]) -> dict[str, str] | None:
    """Which fields of a collection's objects a display shows as its own; None for the table, which shows all."""
    mappings: Mapping[str, dict[str, str]] = known.get("mappings") or {}
    return None if display == "table" else mappings.get(display)


def _with_summaries(request: type[BaseModel]) -> type[BaseModel]:
    """The request model with the choice to have each object summarised."""
    about = "true only if asked to summarise each object"
    fields: dict[str, Any] = {_SUMMARISE: (bool, Field(False, description=about))}
    return create_model(request.__name__, __base__=request, **fields)


def _displays(known: Mapping[str, Any]) -> list[str]:
    """The displays of a collection, the table first: it is right for anything ranked or filtered."""
    fitting: list[str] = list(known.get("mappings") or ())
    return ["table", *(name for name in fitting if name != "table")]
