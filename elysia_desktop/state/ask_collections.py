"""The function with which the loop asks the conversation's tree about the collections."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, ClassVar, cast
from uuid import uuid4

from pydantic import BaseModel, Field

from elysia_desktop.core.errors import ToolError
from elysia_desktop.core.payloads import Payload, Return, ToolCalled, ToolReturned
from elysia_desktop.core.sources import Sources, shown_source
from elysia_desktop.engine.adapt import EngineContext
from elysia_desktop.engine.budget import estimate_tokens
from elysia_desktop.engine.context import object_text, room_for
from elysia_desktop.engine.crossing import entering
from elysia_desktop.engine.tool_function import context_of, with_marks
from elysia_desktop.state.messages import Message

RunTree = Callable[[str], AsyncGenerator[Payload, None]]
"""Asks a tree a question; its payloads as they come."""

_SHOWN = frozenset(("status", "warning", "consent_asked", "self_healing_error", "result", "model_used"))
"""What a tree sends that is shown as it is: its decisions and steps become calls, its texts go to the model."""
_TOLD = 1_200
"""Tokens in which the model is told of objects that the tree's answer does not cite."""
_PER_OBJECT = 140


class Passed(Return):
    """A payload that a tree has sent, to be sent on within another run."""

    def __init__(self, payload: Payload) -> None:
        super().__init__(str(payload["type"]), str(payload["type"]))
        self.payload = payload

    async def to_frontend(self, user_id: str, conversation_id: str, query_id: str) -> Payload | None:
        """The payload as it was, of this run."""
        return {
            **self.payload,
            "user_id": user_id,
            "conversation_id": conversation_id,
            "query_id": query_id,
        }


class AskCollections(BaseModel):
    """Ask the person's collections of data a question, in words: they are searched and computed over for it."""

    run_tree: ClassVar[RunTree]

    question: str = Field(
        ..., description="what to find out, as a whole sentence that can be understood alone"
    )

    async def run(self, call_id: str, state: Any) -> Message:
        """Run the tree, showing its steps within this call; its answer, with what it found as sources.

        Raises `ToolError` where the tree itself called the loop, or came to nothing.
        """
        context = context_of(state)
        data, before = context.tree_data, context.tree_data.state_manager
        asking = _Asking(call_id, state.show, context)
        with entering("tree"):
            data.state_manager = state if before is None else before
            try:
                async with aclosing(type(self).run_tree(self.question)) as payloads:
                    async for payload in payloads:
                        asking.take(payload)
            except BaseException:
                asking.leave("stopped")
                raise
            finally:
                data.state_manager = before
        asking.leave()
        return asking.told()


def ask_collections(run_tree: RunTree) -> type[AskCollections]:
    """The function, for a conversation whose tree is asked so."""
    made = type("ask_collections", (AskCollections,), {"__doc__": AskCollections.__doc__})
    made.run_tree = staticmethod(run_tree)  # pyright: ignore[reportAttributeAccessIssue] - a function would become a method
    return made


@dataclass
class _Asking:
    """What a tree sends while it answers: shown within a call, and gathered for the model."""

    call_id: str
    show: Callable[[Return], None]
    context: EngineContext
    texts: list[str] = field(default_factory=list[str])
    failures: list[str] = field(default_factory=list[str])
    found: dict[str, None] = field(default_factory=dict[str, None])
    """The reference ids of what was found, in order."""
    step: tuple[str, str] | None = None
    """The id and name of the step that goes on."""

    @property
    def sources(self) -> Sources:
        return Sources(self.context.tree_data.environment)

    def take(self, payload: Payload) -> None:
        """Show it, and keep what the model is to be told."""
        body: dict[str, Any] = payload["payload"]
        match payload["type"]:
            case "tree_update":
                self._begin(str(body["decision"]), str(body["reasoning"]))
            case "step_finished":
                self._finish(body)
            case "text" if not body["metadata"].get("update"):
                self.texts.append(with_marks(body["objects"], self.sources))
            case "result":
                self.found |= dict.fromkeys(_ref_ids(body["objects"]))
            case "self_healing_error":
                self.failures.append(str(body["feedback"]))
            case _:
                pass
        if payload["type"] in _SHOWN:
            self.show(Passed(payload))

    def leave(self, outcome: str = "done") -> None:
        """The tree does something else: a branch that was gone into, or a step that was cut short, has ended."""
        if self.step is not None:
            self.show(ToolReturned(self.step[0], outcome, "", 0.0))
            self.step = None

    def told(self) -> Message:
        """What the model is told: the answer, then what was found beside it; `ToolError` where there is nothing."""
        text = "\n\n".join(filter(None, self.texts))
        cited = {source.ref_id for source in self.sources.cited(text)}
        objects = self._objects([ref_id for ref_id in self.found if ref_id not in cited])
        if not text and not objects:
            raise ToolError("; ".join(self.failures) or "The collections gave no answer.")
        content = "\n\n".join(filter(None, [text, objects]))
        return Message.TOOL(content, self.call_id, "ask_collections", sources=self.sources.cited(content))

    def _begin(self, name: str, reasoning: str) -> None:
        self.leave()
        self.step = (f"step-{uuid4()}", name)
        why = json.dumps({"reasoning": reasoning} if reasoning else {}, ensure_ascii=False)
        self.show(ToolCalled(self.step[0], name, why, self.call_id))

    def _finish(self, body: Mapping[str, Any]) -> None:
        if self.step is None or self.step[1] != body["node"]:  # nobody decided on it: it ran unasked
            self._begin(str(body["node"]), "")
        assert self.step is not None, "It has just begun."
        outcome = "failed" if body["failed"] else "done"
        self.show(ToolReturned(self.step[0], outcome, str(body["found"]), float(body["seconds"])))
        self.step = None

    def _objects(self, ref_ids: list[str]) -> str:
        environment, sources = self.context.tree_data.environment, self.sources
        lines: list[str] = []
        left = _TOLD
        for told, ref_id in enumerate(ref_ids):
            item = environment.object(ref_id)
            if item is None:
                continue
            room = min(room_for(item, _PER_OBJECT), left)
            text = object_text(item, room) if room > _PER_OBJECT // 4 else ""
            if not text:
                lines.append(f"({len(ref_ids) - told} more objects were found.)")
                break
            lines.append(shown_source(sources.number(ref_id), text))
            left -= estimate_tokens(lines[-1])
        return "\n".join(["It was found:", *lines]) if lines else ""


def _ref_ids(objects: Any) -> Iterator[str]:
    """The reference ids of objects and of the parts of documents that were found."""
    for item in cast("list[dict[str, Any]]", objects):
        spans = cast("list[dict[str, Any]]", item.get("chunk_spans") or [])
        for each in spans or [item]:
            if each.get("_REF_ID"):
                yield str(each["_REF_ID"])
