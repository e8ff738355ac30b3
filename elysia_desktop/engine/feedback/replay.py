"""Asks the question of a regression case again."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from elysia_desktop.core.conversation import Turn
from elysia_desktop.core.errors import ModelError, StoreError
from elysia_desktop.engine.feedback.record import keys_in, record_of
from elysia_desktop.engine.tree import Tree

if TYPE_CHECKING:
    from elysia_desktop.core.collection_data import ClientManager
    from elysia_desktop.core.regression_case import RegressionCase
    from elysia_desktop.core.run_record import RunRecord
    from elysia_desktop.core.settings import Settings

Examples = Callable[[str, Collection[str]], "Awaitable[tuple[RunRecord, ...]]"]
"""Finds examples for a question and the tools that there are."""


async def replay(
    case: RegressionCase, settings: Settings, clients: ClientManager, examples: Examples | None = None
) -> RunRecord:
    """Ask a case's question of the same collections, with these settings; nothing of it is kept.

    What was found earlier in the conversation is not there, what was said is. Raises `ModelError` where no model
    was used and `StoreError` where a collection is gone.
    """
    await _find(case.run.collections, clients)
    tree = Tree(settings=settings, low_memory=True)
    data = tree.tree_data
    for message in case.earlier:
        data.update_history(message.role, message.content)
    if examples is not None:
        data.rated_examples = await examples(case.question, tree.tools)
    turn = Turn(str(uuid4()), case.question, datetime.now(UTC), collections=case.run.collections)
    started = time.monotonic()
    try:
        run = tree.async_run(case.question, turn.collections, clients, query_id=turn.query_id)
        async with aclosing(run) as payloads:
            async for payload in payloads:
                turn.payloads.append(payload)
    finally:
        await tree.aclose()
    turn.seconds = time.monotonic() - started
    tasks: list[Any] = data.tasks_completed[-1]["task"] if data.tasks_completed else []
    record = record_of(turn, tree.conversation_id, tasks, keys_in(settings))
    if not record.models:
        said = record.errors[-1:] or (record.answer,)
        raise ModelError(f"The question could not be asked again. {said[0]}".strip())
    return record


async def _find(names: Sequence[str], clients: ClientManager) -> None:
    """Raise `StoreError` where a chosen collection is gone: of the others another question would be asked."""
    existing = {info.name for info in await clients.store().collections()} if names else set[str]()
    gone = [name for name in names if name not in existing]
    if gone:
        told = ", ".join(f"“{name}”" for name in gone)
        raise StoreError(
            f"The question cannot be asked again: of the chosen collections, {told} is not there any more.",
            "Choose the data store it was asked of, or load the data again.",
        )
