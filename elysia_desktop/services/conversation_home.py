"""A conversation of the application as the home of a state manager: its questions, answers and notices as messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from elysia_desktop.core.objects import Response, joined_text
from elysia_desktop.core.payloads import Payload, envelope
from elysia_desktop.state.messages import Message, Role

if TYPE_CHECKING:
    from elysia_desktop.core.conversation import Turn
    from elysia_desktop.state.files import WritableDocuments
    from elysia_desktop.stores.conversations import Conversations

SEGMENTS = "segments"
"""Where an answer keeps, in its `extra`, its segments with what each cites."""


@dataclass(frozen=True)
class _Place:
    """Where a message is kept: the question's id, and the ids of the payloads that it is made of."""

    query_id: str
    payload_ids: tuple[str, ...] = ()


class ConversationHome:
    """Keeps one conversation's messages with its turns.

    A question's id is its message's id; the texts that answered it are one message. What is said in the turn under
    way is kept by whoever shows it, so that the answer of that id and new notices are not kept twice.
    """

    def __init__(
        self,
        conversations: Conversations,
        conversation_id: str,
        documents: WritableDocuments,
        *,
        query_id: str,
        answer_id: str,
    ) -> None:
        self._conversations = conversations
        self._conversation_id = conversation_id
        self._documents = documents
        self._query_id = query_id
        self._answer_id = answer_id
        self._kept: dict[str, Message] = {}
        self._places: dict[str, _Place] = {}
        self.has_changed = False
        """Whether what was said before the turn under way is not what it was."""

    @property
    def documents(self) -> WritableDocuments:
        """The conversation's files."""
        return self._documents

    async def messages(self) -> list[Message]:
        """Every question, notice and answer, oldest first."""
        self._kept, self._places = {}, {}
        for turn in await self._conversations.turns(self._conversation_id):
            for message, payload_ids in _messages_of(turn):
                self._kept[message.id] = message
                self._places[message.id] = _Place(turn.query_id, payload_ids)
        return [message.copy() for message in self._kept.values()]

    async def save(self, messages: Sequence[Message]) -> None:
        """Keep what these say in place of what is kept of them; new ones are added to the turn under way.

        What a question says stays as it was asked; its `extra` is kept.
        """
        under_way = {message.id for message in messages if message.role is Role.NOTICE}
        under_way.add(self._answer_id)
        if any(message.id not in {*self._places, *under_way} for message in messages):
            await self.messages()
        for message in messages:
            place = self._places.get(message.id)
            if place is not None:
                await self._replace(message, place)
            elif message.id not in under_way:
                await self._add(message)

    async def delete(self, message_ids: Sequence[str]) -> int:
        """Forget these; a question goes with its answer. Of the turn under way only what was said so far goes."""
        if any(message_id not in self._places for message_id in message_ids):
            await self.messages()
        places = {name: self._places[name] for name in message_ids if name in self._places}
        gone = {place.query_id for name, place in places.items() if name == place.query_id}
        gone.discard(self._query_id)
        for query_id in gone:
            await self._conversations.delete_turn(query_id)
        for name, place in places.items():
            if place.query_id not in gone:
                await self._empty(name, place)
        self.has_changed = self.has_changed or bool(places)
        await self.messages()
        return len(places)

    async def storage(self) -> dict[str, Any]:
        """What tools keep with the conversation."""
        return await self._conversations.load_storage(self._conversation_id)

    async def save_storage(self, values: Mapping[str, Any]) -> None:
        """Keep these values in place of those before."""
        await self._conversations.save_storage(self._conversation_id, values)

    async def _replace(self, message: Message, place: _Place) -> None:
        kept = self._kept[message.id]
        if message.role is Role.USER:
            if message.extra != kept.extra:
                await self._conversations.set_extra(place.query_id, message.extra)
        elif message.content != kept.content:
            await self._rewrite(message.role, place, message.content)
            self.has_changed = self.has_changed or place.query_id != self._query_id
        self._kept[message.id] = message.copy()

    async def _rewrite(self, role: Role, place: _Place, text: str) -> None:
        """Put a text in place of what a message is made of; of several payloads the last one takes it."""
        *others, last = place.payload_ids
        if role is Role.NOTICE:
            await self._conversations.replace_payload(
                place.query_id, self._notice(place.query_id, last, text)
            )
            return
        for payload_id in others:
            await self._conversations.replace_text(place.query_id, "", payload_id)
        await self._conversations.replace_text(place.query_id, text, last)

    async def _add(self, message: Message) -> None:
        match message.role:
            case Role.USER:
                begin = self._conversations.begin_turn
                await begin(self._conversation_id, message.id, message.content, ())
                await self._conversations.end_turn(message.id, 0.0)
                if message.extra:
                    await self._conversations.set_extra(message.id, message.extra)
                place = _Place(message.id)
            case Role.ASSISTANT if message.content and not message.func_calls:
                told = Response(message.content)
                told.message_id = message.id
                payload = await told.to_frontend("", self._conversation_id, self._query_id)
                assert payload is not None, "A response is shown."
                await self._conversations.append(self._query_id, [payload])
                place = _Place(self._query_id, (message.id,))
            case _:
                return
        self._kept[message.id], self._places[message.id] = message.copy(), place

    async def _empty(self, name: str, place: _Place) -> None:
        """Remove an answer; a notice stays as one that says nothing."""
        if self._kept[name].role is Role.NOTICE:
            (payload_id,) = place.payload_ids
            nothing = envelope("status", {"text": ""}, "", self._conversation_id, place.query_id, payload_id)
            await self._conversations.replace_payload(place.query_id, nothing)
        else:
            await self._conversations.delete_answer(place.query_id)

    def _notice(self, query_id: str, payload_id: str, text: str) -> Payload:
        return envelope("warning", {"text": text}, "", self._conversation_id, query_id, payload_id)


def new_answer_id() -> str:
    """An id for the payload of an answer."""
    return f"tex-{uuid4()}"


def _messages_of(turn: Turn) -> list[tuple[Message, tuple[str, ...]]]:
    """The messages of a turn, each with the ids of the payloads that it is made of."""
    asked = Message.USER(turn.prompt, id=turn.query_id, created_at=turn.asked_at, extra=turn.extra)
    found: list[tuple[Message, tuple[str, ...]]] = [(asked, ())]
    texts: list[Payload] = []
    for payload in turn.payloads:
        body = payload["payload"]
        if payload["type"] == "warning" and body.get("text"):
            notice = Message.NOTICE(str(body["text"]), id=payload["id"], created_at=turn.asked_at)
            found.append((notice, (payload["id"],)))
        elif payload["type"] == "text" and not _metadata(body).get("update"):
            texts.append(payload)
    if texts:
        found.append((_answer(texts, turn), tuple(payload["id"] for payload in texts)))
    return found


def _answer(texts: Sequence[Payload], turn: Turn) -> Message:
    parts: list[list[dict[str, Any]]] = [payload["payload"]["objects"] for payload in texts]
    told = [joined_text(part) for part in parts]
    cites = any(item.get("ref_ids") for part in parts for item in part)
    return Message.ASSISTANT(
        "\n\n".join(text for text in told if text),
        id=texts[-1]["id"],
        created_at=turn.asked_at,
        extra={SEGMENTS: [item for part in parts for item in part]} if cites else {},
    )


def _metadata(body: Mapping[str, Any]) -> Mapping[str, Any]:
    return body.get("metadata") or {}
