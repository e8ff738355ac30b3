"""What a query yields, by the display that shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from elysia_desktop.core.jsonable import jsonable
from elysia_desktop.core.objects import RETRIEVAL_KEYS, Retrieval
from elysia_desktop.engine.chunking.keeping import DOCUMENT, SPAN
from elysia_desktop.engine.tools.conversations import conversations_of

if TYPE_CHECKING:
    from elysia_desktop.core.collection_data import ClientManager

_CONVERSATION_KEYS = (*RETRIEVAL_KEYS, "relevant")
_DOCUMENT_KEYS = (*RETRIEVAL_KEYS, "chunk_spans", "chunk_uuid")

Objects = Sequence[Mapping[str, Any]]


class MessageRetrieval(Retrieval):
    """Single messages; none is marked as `relevant`, as all of them were found."""

    def __init__(
        self,
        objects: Objects,
        metadata: Mapping[str, Any] | None = None,
        mapping: Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            objects, metadata, "message", mapping=mapping, unmapped_keys=_CONVERSATION_KEYS, **kwargs
        )

    @override
    def shown(self) -> list[dict[str, Any]]:
        return [{**item, "relevant": False} for item in super().shown()]


class ConversationRetrieval(Retrieval):
    """Whole conversations: `{"conversation_id", "messages"}`, those messages that were found being `relevant`.

    It is made from the messages that were found; `async_init` reads the others.
    """

    def __init__(
        self,
        objects: Objects,
        metadata: Mapping[str, Any] | None = None,
        mapping: Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            objects, metadata, "conversation", mapping=mapping, unmapped_keys=_CONVERSATION_KEYS, **kwargs
        )
        self.async_init_completed = all("messages" in item for item in self.objects)

    async def async_init(self, client_manager: ClientManager) -> None:
        """Read the conversations that the messages belong to, once."""
        if self.async_init_completed:
            return
        collection = str(self.metadata.get("collection_name") or self.name)
        store = client_manager.store()
        self.objects = await conversations_of(store, collection, self.objects, self.mapping or {})
        self.metadata["total"] = None  # that counted messages
        self.async_init_completed = True

    @override
    def do_mapping(self, objects: Objects) -> list[dict[str, Any]]:
        mapped: list[dict[str, Any]] = []
        for item in objects:
            messages = item.get("messages")
            if not isinstance(messages, list):
                mapped += super().do_mapping([item])
                continue
            kept = {key: item[key] for key in self.unmapped_keys if key in item}
            told = super().do_mapping(messages)  # pyright: ignore[reportUnknownArgumentType]
            mapped.append({"conversation_id": item.get("conversation_id"), "messages": told, **kept})
        return mapped


class DocumentRetrieval(Retrieval):
    """Documents, each with `chunk_spans`: the parts of its text that were found.

    With `chunked` in the metadata the objects are these parts, for the model, and the person is shown
    `full_documents`, which `async_init` reads where they are not given.
    """

    def __init__(
        self,
        objects: Objects,
        metadata: Mapping[str, Any] | None = None,
        mapping: Mapping[str, str] | None = None,
        full_documents: Objects | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            objects,
            {"chunked": False, **(metadata or {})},
            "document",
            mapping=mapping,
            unmapped_keys=_DOCUMENT_KEYS,
            **kwargs,
        )
        self.full_documents = [dict(item) for item in full_documents or ()]
        self.async_init_completed = not self.metadata["chunked"] or full_documents is not None

    async def async_init(self, client_manager: ClientManager) -> None:
        """Read the documents that the parts belong to, once."""
        if self.async_init_completed:
            return
        collection = str(self.metadata.get("collection_name") or self.name)
        ids = list(dict.fromkeys(str(item[DOCUMENT]) for item in self.objects))
        documents = await client_manager.store().get(collection, ids)
        self.full_documents = [{**item, "collection_name": collection} for item in documents]
        self.async_init_completed = True

    def full_documents_to_json(self, mapping: bool = False) -> list[dict[str, Any]]:
        """The documents with their `chunk_spans`, JSON-ready, with `mapping` under the display's field names."""
        whole: list[dict[str, Any]]
        if not self.metadata["chunked"]:
            whole = [{"chunk_spans": [], **item} for item in self.objects]
        else:
            parts, content = self._parts(), (self.mapping or {}).get("content")
            whole = [
                _with_spans(item, parts.get(str(item.get("uuid")), []), content)
                for item in self.full_documents
            ]
        return jsonable(self.do_mapping(whole) if mapping else whole)

    @override
    def llm_parse(self) -> str:
        """As for any retrieval; parts of documents are called so."""
        told = super().llm_parse()
        if not self.metadata["chunked"] or not self.objects:
            return told
        number = len(self.full_documents)
        documents = "1 document" if number == 1 else f"{number} documents"
        return f"{told} They are passages of {documents}."

    @override
    def shown(self) -> list[dict[str, Any]]:
        return self.full_documents_to_json(mapping=True)

    def _parts(self) -> dict[str, list[dict[str, Any]]]:
        """The parts that were found, best first, by the ids of their documents."""
        parts: dict[str, list[dict[str, Any]]] = {}
        for part in self.objects:
            parts.setdefault(str(part[DOCUMENT]), []).append(part)
        return parts


def _with_spans(
    document: Mapping[str, Any], parts: Sequence[Mapping[str, Any]], content: str | None
) -> dict[str, Any]:
    """A document with the places of the parts found in it; who selects it selects the best of them."""
    best = {"_REF_ID": parts[0]["_REF_ID"]} if parts and "_REF_ID" in parts[0] else {}
    text = document.get(content) if content else None
    spans = [_span(part) for part in parts if text is None or _stands_in(text, part)]
    return {**document, **best, "chunk_spans": spans}


def _span(part: Mapping[str, Any]) -> dict[str, Any]:
    start, end = part[SPAN]
    kept = {key: part[key] for key in ("uuid", "_REF_ID", "ELYSIA_SUMMARY") if key in part}
    return {"start": start, "end": end, **kept}


def _stands_in(text: Any, part: Mapping[str, Any]) -> bool:
    """Whether a part is where it says in the text that is shown: that may be another field, or written anew since."""
    start, end = part[SPAN]
    return isinstance(text, str) and text[start:end] in part.values()


def mapping_for(display: str, known: Mapping[str, Any]) -> dict[str, str] | None:
    """Which fields of a collection's objects a display shows as its own; None for the table, which shows all."""
    mappings: Mapping[str, dict[str, str]] = known.get("mappings") or {}
    return None if display == "table" else mappings.get(display)


def retrieval_as(
    display: str, objects: Objects, metadata: Mapping[str, Any], known: Mapping[str, Any], **kwargs: Any
) -> Retrieval:
    """The objects of a collection, of which `known` is the metadata, as what this display shows."""
    mapping = mapping_for(display, known)
    match display:
        case "message":
            return MessageRetrieval(objects, metadata, mapping, **kwargs)
        case "conversation" if mapping and mapping.get("conversation_id") and mapping.get("message_id"):
            return ConversationRetrieval(objects, metadata, mapping, **kwargs)
        case "document":
            return DocumentRetrieval(objects, metadata, mapping, **kwargs)
        case _:
            return Retrieval(objects, metadata, display, mapping=mapping, **kwargs)
