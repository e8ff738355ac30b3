"""The function calls of one run, each with what was called within it, gathered from its payloads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

CALL, STEP = "call", "step"
RUNNING, DONE, FAILED, STOPPED = "running", "done", "failed", "stopped"


@dataclass(eq=False)
class CallNode:
    """A call, or a step of a tree that ran within one; `arguments` and `content` as a model wrote and reads them.

    `outcome` is `running` until it has ended, then `done`, `failed`, `skipped` or `stopped`.
    """

    kind: str
    id: str
    name: str
    arguments: str = ""
    reasoning: str = ""
    outcome: str = RUNNING
    content: str = ""
    found: str = ""
    seconds: float | None = None
    parent: CallNode | None = None
    children: list[CallNode] = field(default_factory=list["CallNode"])

    @property
    def is_running(self) -> bool:
        """Whether it has not ended yet."""
        return self.outcome == RUNNING


class FunctionCalls:
    """The calls in the order they began; what a tree did belongs to the call that was begun last and still runs."""

    def __init__(self) -> None:
        self.root = CallNode(CALL, "", "", outcome=DONE)
        self._by_id: dict[str, CallNode] = {}

    def __bool__(self) -> bool:
        return bool(self.root.children)

    def __iter__(self) -> Iterator[CallNode]:
        return _below(self.root)

    def feed(self, kind: str, content: Mapping[str, Any]) -> CallNode | None:
        """Take in a payload; answers what is new or changed because of it, None for nothing."""
        match kind:
            case "tool_called":
                return self._begin(content)
            case "tool_returned":
                return self._return(content)
            case "tree_update":
                return self._decide(content)
            case "step_finished":
                return self._finish_step(content)
            case _:
                return None

    def end(self) -> None:
        """Nothing more comes: what still runs was stopped."""
        for node in self:
            if node.is_running:
                node.outcome = STOPPED

    def _begin(self, content: Mapping[str, Any]) -> CallNode:
        node = CallNode(
            CALL,
            _text(content.get("call_id")),
            _text(content.get("name")),
            _text(content.get("arguments")),
        )
        self._add(node, self._by_id.get(_text(content.get("parent_id")), self.root))
        self._by_id[node.id] = node
        return node

    def _return(self, content: Mapping[str, Any]) -> CallNode | None:
        node = self._by_id.get(_text(content.get("call_id")))
        if node is None:
            return None
        for step in node.children:
            if step.is_running:
                step.outcome = STOPPED
        node.outcome = _text(content.get("outcome")) or DONE
        node.content = _text(content.get("content"))
        seconds = content.get("seconds")
        node.seconds = float(seconds) if isinstance(seconds, int | float) else None
        return node

    def _decide(self, content: Mapping[str, Any]) -> CallNode | None:
        call = self._open_call()
        if call is None:
            return None
        last = call.children[-1] if call.children else None
        if (
            last is not None
            and last.kind == STEP
            and last.is_running
            and last.name == _text(content.get("node"))
        ):
            call.children.remove(last)  # it led to a branch, not to a tool
        node = CallNode(
            STEP,
            f"{call.id}/{len(call.children)}",
            _text(content.get("decision")),
            reasoning=_text(content.get("reasoning")),
        )
        self._add(node, call)
        return node

    def _finish_step(self, content: Mapping[str, Any]) -> CallNode | None:
        name = _text(content.get("node"))
        named = next((call for call in self._open_calls() if call.name == name), None)
        if named is not None:  # a tool of the tree that was called as a function
            named.found = _text(content.get("found"))
            return named
        call = self._open_call()
        if call is None:
            return None
        steps = (each for each in call.children if each.kind == STEP and each.is_running)
        node = next((each for each in steps if each.name == name), None)
        if node is None:
            node = CallNode(STEP, f"{call.id}/{len(call.children)}", name)
            self._add(node, call)
        node.found = _text(content.get("found"))
        node.outcome = FAILED if content.get("failed") else DONE
        seconds = content.get("seconds")
        node.seconds = float(seconds) if isinstance(seconds, int | float) else None
        return node

    def _open_calls(self) -> Iterator[CallNode]:
        return (call for call in reversed(self._by_id.values()) if call.is_running)

    def _open_call(self) -> CallNode | None:
        return next(self._open_calls(), None)

    @staticmethod
    def _add(node: CallNode, parent: CallNode) -> None:
        node.parent = parent
        parent.children.append(node)


def _below(node: CallNode) -> Iterator[CallNode]:
    for child in node.children:
        yield child
        yield from _below(child)


def _text(value: Any) -> str:
    return "" if value is None else str(value)
