"""What a decision is offered: tools that are available now, and branches in which something is."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from elysia_desktop.engine.decide import Offer
from elysia_desktop.engine.documents import files_of, files_text, listed_names
from elysia_desktop.engine.tool import Tool

if TYPE_CHECKING:
    from elysia_desktop.core.tree_data import TreeData
    from elysia_desktop.engine.acting import Acting
    from elysia_desktop.engine.nodes import Node

logger = logging.getLogger(__name__)

T = TypeVar("T")

NOTHING_THERE = "Available once something in it is."
_UNCHANGED = {Tool.run_if_true, Tool.is_tool_available}
"""Hooks that a tool has not written anew; what they do is known, so they need no care."""


def branch_offer(branch: Node, tree_data: TreeData) -> Offer | None:
    """What is offered of a branch; None for one that needs files where there are none: nobody hears of it."""
    if not branch.needs_files:
        return Offer(branch)
    if not files_of(tree_data):
        return None
    return Offer(replace(branch, description=f"{branch.description} {files_text(tree_data)}"))


def branch_told(branch: Node, tree_data: TreeData) -> Node:
    """The branch as its own decisions are told of it: with the files' names where no tool can tell them."""
    if not branch.needs_files or listed_names(tree_data):
        return branch
    return replace(branch, instruction=f"{branch.instruction} {files_text(tree_data)}")


def in_order(offers: Sequence[Offer], tree_data: TreeData) -> list[Offer]:
    """The offers as they are told: once the last step found something, what answers from it stands first.

    What stands first is what a small model in doubt takes; it would search again and again.
    """
    steps = tree_data.steps
    newest = next(tree_data.environment.newest(), None)
    if not steps or not steps[-1].get("result") or newest is None or not newest[2]["objects"]:
        return list(offers)
    return sorted(offers, key=lambda offer: not offer.answers_from_findings)


async def leads_on(branch: Node, acting: Acting) -> bool:
    """Whether something in a branch can be used now, or may run unasked; one that holds nothing is as good as ever."""
    for option in branch.options.values():
        tool = option.tool
        if tool is None:
            if branch_offer(option, acting.tree_data) is not None and await leads_on(option, acting):
                return True
            continue
        try:
            may_run = type(tool).run_if_true is not Tool.run_if_true
            if may_run or await asked_of(tool.is_tool_available, acting):
                return True
        except Exception:
            logger.info("%s is asked again once it may be offered", option.id, exc_info=True)
            return True
    return not branch.options


async def asked_of(hook: Callable[..., Awaitable[T]], acting: Acting) -> T:
    """What a hook of a tool says; raises `RuntimeError` for what would end more than the tool."""
    if getattr(hook, "__func__", None) in _UNCHANGED:
        return await hook(acting.tree_data, acting.base_lm, acting.complex_lm, acting.client_manager)

    async def asked() -> T:
        try:
            return await hook(acting.tree_data, acting.base_lm, acting.complex_lm, acting.client_manager)
        except SystemExit as error:
            raise RuntimeError("it tried to end the program") from error

    try:
        # In a task of its own: a TaskGroup that fails leaves its task marked as cancelled before Python 3.13.
        return await asyncio.create_task(asked())
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        raise RuntimeError("something that it waited for was cancelled") from error
