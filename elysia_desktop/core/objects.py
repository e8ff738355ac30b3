"""Text and results: what a tool yields that carries words or objects."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import uuid4

from elysia_desktop.core.jsonable import jsonable
from elysia_desktop.core.payloads import Payload, Return, envelope

RESULT_KEYS = ("_REF_ID",)
RETRIEVAL_KEYS = ("uuid", "ELYSIA_SUMMARY", "collection_name", "_REF_ID")

_PLACEHOLDER = re.compile(r"\{\{(?P<literal>\w+)\}\}|\{(?P<whole>(?P<name>[^{}!:]+)(?P<form>[!:][^{}]*)?)\}")
_REF_ID_TOKEN = (
    r"\b_REF_ID\b(?: ?[:=] ?[\w-]+_[0-9]+_[0-9]+\b(?:, ?[\w-]+_[0-9]+_[0-9]+\b)*)?"  # with its ids
)
_REF_ID_TOKENS = re.compile(
    rf"(?P<before> ?)(?:(?:\[{_REF_ID_TOKEN}\]|\({_REF_ID_TOKEN}\)|`{_REF_ID_TOKEN}`|{_REF_ID_TOKEN})(?P<after> ?))+"
)


def without_ref_tokens(text: str) -> str:
    """The text as a reader should see it: no `_REF_ID` tokens and no double space where one stood."""
    return _REF_ID_TOKENS.sub(_space_left, text) if "_REF_ID" in text else text


def _space_left(tokens: re.Match[str]) -> str:
    """What separates the words around removed tokens: one space, none at an edge or before a full stop."""
    start, end = tokens.span()
    before, after = tokens.string[max(start - 1, 0) : start], tokens.string[end : end + 1]
    if not before or before.isspace():
        return tokens["before"]
    is_apart = after and not after.isspace() and after not in ".,;:!?)]"
    return " " if is_apart and (tokens["before"] or tokens["after"]) else ""


def joined_text(objects: Iterable[Mapping[str, Any]]) -> str:
    """The `text` of each object, as a reader should see them together."""
    joined = ""
    for part in (str(item["text"]) for item in objects if item.get("text")):
        if part.startswith("* ") and joined and not joined.endswith("\n"):
            joined += "\n"
        elif joined and not joined[-1].isspace() and not part[0].isspace():
            joined += " "
        joined += part
    return without_ref_tokens(joined)


class Text(Return):
    """Words for the person: a list of `{"text": …}`."""

    def __init__(
        self,
        payload_type: str,
        objects: Sequence[Mapping[str, Any]],
        metadata: Mapping[str, Any] | None = None,
        display: bool = True,
    ) -> None:
        super().__init__("text", payload_type)
        self.objects = [dict(item) for item in objects]
        self.metadata = dict(metadata or {})
        self.display = display
        self.message_id = f"tex-{uuid4()}"

    @property
    def text(self) -> str:
        """All parts as one text; white space within the parts is kept."""
        return joined_text(self.objects)

    def to_json(self) -> list[dict[str, Any]]:
        """The objects, JSON-ready, as a reader should see them."""
        objects = jsonable(self.objects)
        for item in objects:
            if isinstance(item.get("text"), str):
                item["text"] = without_ref_tokens(item["text"])
        return objects

    async def to_frontend(self, user_id: str, conversation_id: str, query_id: str) -> Payload | None:
        """The text in its envelope; its id ends the deltas of the same `message_id`."""
        if not self.display:
            return None
        payload = {
            "type": self.payload_type,
            "metadata": jsonable(self.metadata, path="metadata"),
            "objects": self.to_json(),
        }
        return envelope(self.frontend_type, payload, user_id, conversation_id, query_id, self.message_id)


class Response(Text):
    """A plain answer."""

    def __init__(self, text: str, **kwargs: Any) -> None:
        super().__init__("response", [{"text": text}], **kwargs)


class Result(Return):
    """Objects for the person and for the environment, shown as `payload_type`."""

    def __init__(
        self,
        objects: Sequence[Mapping[str, Any]],
        metadata: Mapping[str, Any] | None = None,
        payload_type: str = "default",
        name: str = "default",
        mapping: Mapping[str, str] | None = None,
        llm_message: str | None = None,
        unmapped_keys: Sequence[str] = RESULT_KEYS,
        display: bool = True,
    ) -> None:
        super().__init__("result", payload_type)
        items = list(objects)
        # asking each for the abstract type takes longer than copying it
        for index, item in enumerate(items) if {*map(type, items)} - {dict} else ():
            if not isinstance(item, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance] - tools are untyped callers
                raise TypeError(f"objects[{index}] is a {type(item).__name__}; a result holds dicts.")
        self.objects: list[dict[str, Any]] = [{**item} for item in items]
        self.metadata: dict[str, Any] = dict(metadata or {})
        self.name = name
        self.mapping = dict(mapping) if mapping is not None else None
        self.llm_message = llm_message
        self.unmapped_keys = list(unmapped_keys)
        self.display = display

    def __len__(self) -> int:
        return len(self.objects)

    def add_summaries(self, summaries: Sequence[str] = ()) -> None:
        """Give each object its `ELYSIA_SUMMARY`, on copies; an empty one where none is left."""
        padded = [*summaries, *[""] * (len(self.objects) - len(summaries))]
        self.objects = [
            {**item, "ELYSIA_SUMMARY": summary} for item, summary in zip(self.objects, padded, strict=False)
        ]

    def do_mapping(self, objects: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Rename the objects' fields to the display's; a field that an object lacks gives None."""
        if self.mapping is None:
            return [dict(item) for item in objects]
        mapped = {shown: field for shown, field in self.mapping.items() if field}
        return [
            {shown: item.get(field) for shown, field in mapped.items()}
            | {key: item[key] for key in self.unmapped_keys if key in item}
            for item in objects
        ]

    def to_json(self, mapping: bool = False) -> list[dict[str, Any]]:
        """The objects as JSON-ready dicts, with `mapping` under the display's field names."""
        return jsonable(self.do_mapping(self.objects) if mapping else self.objects)

    async def to_frontend(self, user_id: str, conversation_id: str, query_id: str) -> Payload | None:
        """The objects in their envelope, or None when hidden or empty."""
        if not self.display or not self.objects:
            return None
        payload: dict[str, Any] = {
            "type": self.payload_type,
            "objects": self.shown(),
            "metadata": jsonable(self.metadata, path="metadata"),
        }
        return envelope(self.frontend_type, payload, user_id, conversation_id, query_id)

    def shown(self) -> list[dict[str, Any]]:
        """What the person is shown: the objects, JSON-ready, under the display's field names."""
        return self.to_json(mapping=True)

    def format_llm_message(self) -> str:
        """`llm_message` with its placeholders filled in; unknown ones and other braces stay as they stand.

        As in `str.format`, `{total:,}` says how to write a value, and `{{name}}` stands for `{name}`.
        """
        known = {
            **self.metadata,
            "payload_type": self.payload_type,
            "type": self.payload_type,
            "name": self.name,
            "num_objects": len(self.objects),
        }
        return _PLACEHOLDER.sub(lambda found: _filled(found, known), self.llm_message or "")

    def llm_parse(self) -> str:
        """What the model is told about this result."""
        if self.llm_message is not None:
            return self.format_llm_message()
        what = f"{len(self.objects)} {self.payload_type} object(s) named “{self.name}”"
        return (
            f"Displayed {what} to the user." if self.display else f"Kept {what}; the user was not shown them."
        )


def _filled(found: re.Match[str], known: Mapping[str, Any]) -> str:
    """What stands for a placeholder."""
    if found["literal"]:
        return f"{{{found['literal']}}}"
    if found["whole"] in known:  # a field of the metadata may have any name
        return str(known[found["whole"]])
    if found["name"] not in known:
        return found[0]
    try:
        return f"{{0{found['form'] or ''}}}".format(known[found["name"]])
    except (ValueError, TypeError):  # the form does not fit the value
        return found[0]


class Retrieval(Result):
    """Objects that came from a collection; `metadata` says by which query."""

    def __init__(
        self,
        objects: Sequence[Mapping[str, Any]],
        metadata: Mapping[str, Any] | None = None,
        payload_type: str = "default",
        name: str | None = None,
        mapping: Mapping[str, str] | None = None,
        unmapped_keys: Sequence[str] = RETRIEVAL_KEYS,
        display: bool = True,
    ) -> None:
        fallback = str((metadata or {}).get("collection_name") or "default")
        super().__init__(
            objects,
            metadata,
            payload_type=payload_type,
            name=name or fallback,
            mapping=mapping,
            unmapped_keys=unmapped_keys,
            display=display,
        )

    async def to_frontend(self, user_id: str, conversation_id: str, query_id: str) -> Payload | None:
        """The objects in their envelope, with the code of the query where it is known."""
        payload = await super().to_frontend(user_id, conversation_id, query_id)
        if payload is not None and "code" in self.metadata:
            payload["payload"]["code"] = jsonable(self.metadata["code"], path="code")
        return payload

    def llm_parse(self) -> str:
        """Which collection and query, how many objects, how shown; when empty, asks for a judgement."""
        if self.llm_message is not None:
            return self.format_llm_message()
        meta = self.metadata
        shown_as = meta.get("return_type") or meta.get("display_type") or self.payload_type
        total = meta.get("total")
        number = (
            f"{len(self.objects)} of {total}"
            if isinstance(total, int) and total > len(self)
            else str(len(self))
        )
        parts = [f"Retrieved {number} object(s) from “{meta.get('collection_name') or self.name}”"]
        kind = meta.get("query_type") not in (None, "", "none") and f"{meta['query_type']} search"
        if meta.get("query_text"):
            parts.append(f"by {kind or 'searching'} for “{meta['query_text']}”")
        elif kind:
            parts.append(f"by {kind}")
        if meta.get("query_output"):
            parts.append(f"with the query {meta['query_output']}")
        sentences = [" ".join(parts) + "."]
        if self.objects:
            what = "summaries of the objects" if meta.get("output_type") == "summary" else "the objects"
            is_shown = f"was shown {what} as {shown_as}" if self.display else f"was not shown {what}"
            sentences.append(f"The user {is_shown}.")
        reason = meta.get("impossible_reason") or meta.get("impossible_reasoning")
        impossible = meta.get("impossible", reason)
        if impossible:
            why = str(reason or "no reason given").rstrip(". ")
            sentences.append(f"The query was called impossible: {why}.")
        if impossible or not self.objects:
            sentences.append(
                "Judge this query: try another one if it can be improved, otherwise tell the user that nothing "
                "was found."
            )
        return " ".join(sentences)
