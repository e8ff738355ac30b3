"""One question to a tree: from the person's words to the items that answer it, and each item as a payload."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elysia_desktop.core.errors import ElysiaError
from elysia_desktop.core.objects import Response
from elysia_desktop.core.payloads import Error, Payload, Return, TreeUpdate
from elysia_desktop.engine.acting import Acting
from elysia_desktop.engine.collections_in_use import choose_collections
from elysia_desktop.engine.model_library import is_loaded, load_model_library
from elysia_desktop.engine.runner import Run
from elysia_desktop.engine.without_model import search_words

if TYPE_CHECKING:
    from elysia_desktop.core.collection_data import ClientManager
    from elysia_desktop.core.tree_data import TreeData
    from elysia_desktop.engine.decide import Decider
    from elysia_desktop.engine.lm import Model
    from elysia_desktop.engine.nodes import Node

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Question:
    """What is asked, of which collections (none: of all there are, if `of_all`), on which route if one is given."""

    text: str
    collection_names: Sequence[str] = ()
    of_all: bool = True
    route: Sequence[str] = ()


async def answer(
    question: Question,
    root: Node | None,
    tree_data: TreeData,
    models: tuple[Model, Model],
    clients: ClientManager,
    decider: Decider,
) -> AsyncGenerator[Return, None]:
    """Everything that happens on the way to the answer; what keeps a run from starting is said in words."""
    base, complex_ = models
    acting = Acting(tree_data, base, complex_, clients)
    asked = question.text.strip()
    if not asked:
        yield Response("There was no question. Type one and ask again.")
        return
    tree_data.begin_run(asked)
    try:
        async with aclosing(_work(question, root, acting, decider)) as items:
            async for item in items:
                yield item
    except ElysiaError as error:
        yield acting.say(error.sentence)
    except Exception as error:
        logger.exception("The question could not be worked on")
        yield acting.say(f"The question could not be worked on: {type(error).__name__}: {error}")


async def _work(
    question: Question, root: Node | None, acting: Acting, decider: Decider
) -> AsyncGenerator[Return, None]:
    """Choose the collections, then go through the tree, or search where there is no model."""
    tree_data, clients = acting.tree_data, acting.client_manager
    async for warning in choose_collections(
        tree_data, question.collection_names, clients, all_by_default=question.of_all
    ):
        yield warning
    if question.collection_names and not tree_data.collection_names:
        yield acting.say("None of the chosen collections is there to be asked. Choose others and ask again.")
        return
    if root is None:
        yield acting.say("This tree has no root yet, so there is nothing it could do.")
        return
    has_model = acting.base_lm.choice.is_configured or bool(question.route)
    if has_model and not is_loaded():
        await asyncio.to_thread(load_model_library)
    work = (
        Run(root, acting, decider, question.route).steps() if has_model else search_words(tree_data, clients)
    )
    async with aclosing(work) as items:
        async for item in items:
            yield item


async def to_payload(item: Return, address: tuple[str, str, str], tree_data: TreeData) -> Payload | None:
    """The item for the front end, None when there is nothing to show; one that cannot be shown is told as an error."""
    try:
        if isinstance(item, TreeUpdate):
            return await item.to_frontend(*address, tree_index=tree_data.num_trees_completed)
        return await item.to_frontend(*address)
    except Exception as error:
        task = tree_data.current_task or type(item).__name__
        logger.exception("What %s gave cannot be shown", task)
        told = Error(f"What {task} gave cannot be shown: {error}", type(error).__name__)
        tree_data.add_error(task, told.feedback)
        return await told.to_frontend(*address)
