"""Rates answers, keeps what was rated, and finds examples among it for new questions."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import TYPE_CHECKING

from elysia_desktop.core.errors import ElysiaError, StoreError
from elysia_desktop.core.run_record import RATINGS
from elysia_desktop.stores.feedback_copies import bring_up_to_date
from elysia_desktop.stores.regression_cases import RegressionCases, is_among

if TYPE_CHECKING:
    from pathlib import Path

    from elysia_desktop.core.conversation import Turn
    from elysia_desktop.core.run_record import RunRecord
    from elysia_desktop.core.settings import Settings
    from elysia_desktop.engine.tree import Tree
    from elysia_desktop.stores.clients import ClientManager
    from elysia_desktop.stores.conversations import Conversations
    from elysia_desktop.stores.embedders.base import Embedder
    from elysia_desktop.stores.feedback import RatedRuns

logger = logging.getLogger(__name__)


class Feedback:
    """What the person thought of answers. What is kept on this computer is the truth, copies follow it."""

    def __init__(
        self,
        runs: RatedRuns,
        cases: RegressionCases,
        conversations: Conversations,
        clients: ClientManager,
        tree_of: Callable[[str], Awaitable[Tree]],
        settings: Settings,
        embedder: Callable[[], Embedder | None] | None = None,
        *,
        patience: float = 5.0,
    ) -> None:
        self._runs = runs
        self._cases = cases
        self._conversations = conversations
        self._clients = clients
        self._tree_of = tree_of
        self._settings = settings
        self._embedder = embedder
        self._patience = patience
        """Seconds that a question waits for an embedder."""
        self._copying = asyncio.Lock()

    @property
    def notice(self) -> str:
        """What became of a damaged file; empty when all is well."""
        return self._runs.notice

    def use(self, settings: Settings) -> None:
        """Follow these settings from now on."""
        self._settings = settings

    async def rate(self, conversation_id: str, query_id: str, rating: int) -> None:
        """Keep the run of an answer with its rating, in place of the one before; 0 takes the rating back.

        Works offline; `copy` brings copies up to date. Raises `StoreError` when it cannot be kept.
        """
        if rating not in RATINGS:
            await self._runs.unrate(query_id)
            return
        record, _ = await self._record(conversation_id, query_id)
        await self._runs.rate(record, rating, target_of(self._settings))

    async def mark(self, conversation_id: str, turns: Sequence[Turn]) -> None:
        """Note at each turn how it was rated, and whether it is kept as a regression case."""
        ratings = await self._runs.ratings(conversation_id)
        kept = await asyncio.to_thread(self._cases.kept)
        for turn in turns:
            turn.rating = ratings.get(turn.query_id, 0)
            turn.kept_as_case = is_among(turn.query_id, kept)

    async def keep_as_case(self, conversation_id: str, query_id: str) -> Path:
        """Keep a question as a regression case; returns its file.

        Raises `StoreError` for an answer from a conversation's files: a case does not hold them.
        """
        from elysia_desktop.engine.feedback.cases import case_of, is_from_files
        from elysia_desktop.engine.feedback.record import keys_in

        record, turns = await self._record(conversation_id, query_id)
        turn = next(one for one in turns if one.query_id == query_id)
        if is_from_files(record, turn, (await self._tree_of(conversation_id)).environment):
            raise StoreError(
                "This answer is from the files of its conversation, which a regression case does not hold.",
                "Keep questions about collections as cases; an answer from files can be rated.",
            )
        case = await asyncio.to_thread(case_of, record, turns, keys_in(self._settings))
        return await asyncio.to_thread(self._cases.keep, case)

    async def drop_case(self, query_id: str) -> None:
        """Delete a regression case."""
        await asyncio.to_thread(self._cases.remove, query_id)

    async def examples(self, question: str, tools: Collection[str]) -> tuple[RunRecord, ...]:
        """Well-rated runs near to a question; none where the settings do not ask for them.

        What keeps them from being found is logged: the question is answered all the same.
        """
        if not self._settings.use_feedback:
            return ()
        from elysia_desktop.engine.feedback.nearest import nearest

        try:
            embedder = self._embedder() if self._embedder is not None else None
            if embedder is not None:
                async with asyncio.timeout(self._patience):
                    return await nearest(question, self._runs, tools, embedder)
        except TimeoutError:
            logger.warning("Examples are looked for by words alone: the embedder takes too long.")
        except ElysiaError as error:
            logger.warning("Examples are looked for by words alone: %s", error)
        try:
            return await nearest(question, self._runs, tools)
        except StoreError as error:
            logger.warning("No examples could be had: %s", error)
            return ()

    async def copy(self) -> str:
        """Bring the copies in the data store up to date; what went wrong, in words, or an empty text.

        What fails, and of what was turned away only that, is tried again at the next call. The built-in library
        has no copies: it is on this computer, too.
        """
        target = target_of(self._settings)
        if not target:
            return ""
        async with self._copying:
            try:
                return await self._copied(target)
            except ElysiaError as error:
                logger.warning("Ratings could not be copied: %s", error)
                return (
                    f"The rating is kept on this computer; the copy in Weaviate will follow. {error.sentence}"
                )

    async def close(self) -> None:
        """Release the file."""
        await self._runs.close()

    async def _copied(self, target: str) -> str:
        """Copy what is stale; what was turned away stays so, and is told of in words."""
        stale = await self._runs.stale_copies(target)
        if not stale:
            return ""
        turned_away = await bring_up_to_date(self._clients.store(), stale)
        await self._runs.note_copied([copy for copy in stale if copy.query_id not in turned_away], target)
        if not turned_away:
            return ""
        some = "One rating is" if len(turned_away) == 1 else f"{len(turned_away)} ratings are"
        why = next(iter(turned_away.values()))
        logger.warning("%s turned away by the data store: %s", some, why)
        return f"{some} kept on this computer only: Weaviate turned the copy away. {why}"

    async def _record(self, conversation_id: str, query_id: str) -> tuple[RunRecord, list[Turn]]:
        turns = await self._conversations.turns(conversation_id)
        turn = next((one for one in turns if one.query_id == query_id), None)
        if turn is None:
            raise StoreError("This answer is not kept, so it cannot be rated.", "Ask the question again.")
        tree = await self._tree_of(conversation_id)
        from elysia_desktop.engine.feedback.record import keys_in, record_of, tasks_of

        tasks = tasks_of(turn, turns, tree.tree_data.tasks_completed)
        record = await asyncio.to_thread(record_of, turn, conversation_id, tasks, keys_in(self._settings))
        return record, turns


def target_of(settings: Settings) -> str:
    """Which data store copies go to, told apart from others without telling its address; empty for the library."""
    match settings.data_source:
        case "library":
            return ""
        case "cloud":
            where = settings.wcd_url
        case "local":
            where = str(settings.local_weaviate_port)
        case _:
            where = f"{settings.custom_http_host}:{settings.custom_http_port}"
    mark = hashlib.sha256(f"{settings.data_source} {where}".encode("utf-8", "replace")).hexdigest()
    return f"weaviate-{mark[:16]}"
