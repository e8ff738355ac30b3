"""Many trees of one user, under one default configuration."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from elysia_desktop.core.defaults import default_settings
from elysia_desktop.core.errors import ElysiaError
from elysia_desktop.core.payloads import Payload
from elysia_desktop.core.settings import Settings
from elysia_desktop.engine.managers.idle import Clock, Idle, TimedOut, timeout_of
from elysia_desktop.engine.managers.kept_tree import Defaults, KeptTree, Own, Trait
from elysia_desktop.engine.managers.saved_trees import SavedTrees
from elysia_desktop.engine.managers.timeouts import TreeTimeoutError, told
from elysia_desktop.engine.presets import INITIALISATIONS
from elysia_desktop.engine.tree import Tree
from elysia_desktop.engine.tree_store import NoSavedTree

if TYPE_CHECKING:
    from elysia_desktop.core.collection_data import ClientManager
    from elysia_desktop.engine.editing import Initialisation

logger = logging.getLogger(__name__)


class TreeManager:
    """The conversations of one user by their ids; those left alone for longer than `tree_timeout` are put away.

    What a tree is told itself, here or directly, stays when a default changes; all else follows. `tree_timeout` is
    a timedelta or minutes, 0 for never. A conversation that is not there raises `ValueError`.
    """

    def __init__(
        self,
        user_id: str,
        style: str | None = None,
        agent_description: str | None = None,
        end_goal: str | None = None,
        branch_initialisation: Initialisation = "default",
        settings: Settings | None = None,
        tree_timeout: timedelta | float | None = None,
        *,
        clock: Clock = time.monotonic,
    ) -> None:
        self.user_id = user_id
        self.tree_timeout = timeout_of("tree_timeout", tree_timeout, settings)
        own = default_settings() if settings is None else settings.model_copy(deep=True)
        self._defaults = Defaults(own, style, agent_description, end_goal, _known(branch_initialisation))
        self._clock = clock
        self._saved = SavedTrees(user_id)
        self._kept: dict[str, KeptTree] = {}
        self._timed_out = TimedOut[Own]()
        self._to_close: list[Tree] = []
        # Schedulers run plain functions in threads: finding a tree and using it must not be torn apart by a check.
        self._guard = threading.RLock()

    @property
    def settings(self) -> Settings:
        """The default settings; change them with `configure`."""
        return self._defaults.settings

    @property
    def trees(self) -> dict[str, Tree]:
        """The trees that are there now, by conversation."""
        return {conversation_id: kept.tree for conversation_id, kept in list(self._kept.items())}

    @property
    def in_use(self) -> bool:
        """Whether a question is being answered, or waits to be."""
        return any(_in_use(kept) for kept in list(self._kept.values()))

    @property
    def last_request(self) -> float:
        """When a tree was last asked for, on the manager's clock; minus infinity without trees."""
        return max((kept.idle.last_request for kept in list(self._kept.values())), default=float("-inf"))

    @property
    def known_conversations(self) -> tuple[str, ...]:
        """The ids of the conversations that are here, and before them of those that were put away."""
        return (*self._timed_out, *list(self._kept))

    def count_as_timed_out(self, conversation_ids: Iterable[str]) -> None:
        """Take these for conversations that were here and were put away."""
        with self._guard:
            for conversation_id in conversation_ids:
                self._timed_out.add(conversation_id, Own())

    def add_tree(
        self,
        conversation_id: str,
        low_memory: bool = False,
        *,
        style: str | None = None,
        agent_description: str | None = None,
        end_goal: str | None = None,
        branch_initialisation: Initialisation | None = None,
        settings: Settings | None = None,
    ) -> Tree:
        """Begin a conversation; what is given is its own. One that is there already goes on, with what is given."""
        traits: dict[Trait, str | None] = {
            "style": style,
            "agent_description": agent_description,
            "end_goal": end_goal,
            "branch_initialisation": branch_initialisation and _known(branch_initialisation),
        }
        given: dict[Trait, str] = {name: value for name, value in traits.items() if value is not None}
        with self._guard:
            kept = self._kept.get(conversation_id)
            if kept is not None and not self._is_over(kept):
                if settings is not None:
                    kept.replace_settings(settings)
                for name, value in given.items():
                    kept.change(name, value)
                kept.idle.touch()
                return kept.tree
            if kept is not None:
                self._put_away(conversation_id)
            own = Own(set(given), settings.model_copy(deep=True) if settings is not None else None)
            tree = Tree(
                branch_initialisation or self._defaults.branch_initialisation,
                style=style if style is not None else self._defaults.style,
                agent_description=(
                    agent_description if agent_description is not None else self._defaults.agent_description
                ),
                end_goal=end_goal if end_goal is not None else self._defaults.end_goal,
                user_id=self.user_id,
                conversation_id=conversation_id,
                low_memory=low_memory,
                settings=own.settings_under(self.settings),
            )
            self._keep(conversation_id, tree, own)
            return tree

    def tree_exists(self, conversation_id: str) -> bool:
        """Whether the conversation is here; one that is only saved is not."""
        return conversation_id in self._kept

    def get_tree(self, conversation_id: str) -> Tree:
        """The conversation's tree."""
        return self._found(conversation_id).tree

    def delete_tree_local(self, conversation_id: str) -> None:
        """Forget a conversation; what is saved of it stays, and a run that it is in the middle of ends as it would."""
        with self._guard:
            if self._timed_out.forget(conversation_id) and conversation_id not in self._kept:
                return
            kept = self._found(conversation_id)
            del self._kept[conversation_id]
            if not _in_use(kept):
                self._to_close.append(kept.tree)

    def configure(self, conversation_id: str | None = None, **changes: Any) -> None:
        """Change settings of one conversation, or the default ones; raises `ConfigurationError`, changing nothing."""
        with self._guard:
            if conversation_id is not None:
                self._found(conversation_id).configure(changes)
                return
            changed = self.settings.model_copy(deep=True)
            changed.configure(**changes)
            following = [(kept, kept.settings_under(changed)) for kept in self._kept.values()]
            self.settings.configure(**changes)
            for kept, settings in following:
                kept.take(settings)
            for name in ("style", "agent_description", "end_goal"):
                self._follow(name)

    def change_style(self, style: str, conversation_id: str | None = None) -> None:
        """Write in this style: one conversation, or all that have none of their own."""
        with self._guard:
            if conversation_id is None:
                self._defaults.style = style
            self._change("style", style, conversation_id)

    def change_agent_description(self, agent_description: str, conversation_id: str | None = None) -> None:
        """Be this agent: in one conversation, or in all that have none of their own."""
        with self._guard:
            if conversation_id is None:
                self._defaults.agent_description = agent_description
            self._change("agent_description", agent_description, conversation_id)

    def change_end_goal(self, end_goal: str, conversation_id: str | None = None) -> None:
        """Be done when this is reached: in one conversation, or in all that have no goal of their own."""
        with self._guard:
            if conversation_id is None:
                self._defaults.end_goal = end_goal
            self._change("end_goal", end_goal, conversation_id)

    def change_branch_initialisation(
        self, branch_initialisation: Initialisation, conversation_id: str | None = None
    ) -> None:
        """Decide along this tree: in one conversation, or in all that have none of their own and no tools added."""
        known = _known(branch_initialisation)
        with self._guard:
            if conversation_id is None:
                self._defaults.branch_initialisation = known
            self._change("branch_initialisation", known, conversation_id)

    async def process_tree(
        self,
        query: str,
        conversation_id: str,
        query_id: str | None = None,
        training_route: str = "",
        collection_names: Sequence[str] = (),
        client_manager: ClientManager | None = None,
    ) -> AsyncGenerator[Payload, None]:
        """Answer a question in a conversation, after those that were asked in it before.

        One that is not here is loaded where it is saved; else, where it was timed out, a single `tree_timeout_error`
        says so, and where it never was here, `ValueError`.
        """
        query_id = query_id or str(uuid4())
        await self.close_put_away()
        kept = self._asked_for(conversation_id) or await self._bring_back(conversation_id, client_manager)
        if kept is None:
            yield told(TreeTimeoutError(), self.user_id, conversation_id, query_id)
            return
        try:
            with kept.idle.use():
                run = kept.tree.async_run(query, collection_names, client_manager, training_route, query_id)
                async with aclosing(run) as payloads:
                    async for payload in payloads:
                        yield payload
        finally:
            if self._kept.get(conversation_id) is not kept and not kept.idle.in_use:
                await kept.tree.aclose()

    def check_tree_timeout(self, conversation_id: str) -> bool:
        """Whether the conversation has been left alone for too long, or was put away for that."""
        with self._guard:
            kept = self._kept.get(conversation_id)
            if kept is None and conversation_id in self._timed_out:
                return True
            return self._is_over(kept or self._found(conversation_id))

    def check_all_trees_timeout(self) -> None:
        """Put away every conversation that has been left alone for too long; `aclose` closes their connections."""
        for conversation_id in list(self._kept):
            try:
                self._unless_over(conversation_id)
            except Exception:
                logger.exception("A conversation could not be put away")

    def update_tree_last_request(self, conversation_id: str) -> None:
        """Count the time from now."""
        self._found(conversation_id).idle.touch()

    async def save_tree_weaviate(self, conversation_id: str, client_manager: ClientManager) -> None:
        """Save the conversation in the data store; raises `ValueError` where another user's has the same id."""
        await self._saved.save(self._found(conversation_id), client_manager)

    async def load_tree_weaviate(self, conversation_id: str, client_manager: ClientManager) -> list[Payload]:
        """Go on with a saved conversation, in place of what is here of it; returns the payloads it has sent."""
        tree, own = await self._load(conversation_id, client_manager)
        with self._guard:
            kept = self._kept.get(conversation_id)
            if kept is not None and _in_use(kept):
                raise ValueError(
                    f"The conversation “{conversation_id}” is answering a question. Load it when that is done."
                )
            if kept is not None:
                self._to_close.append(kept.tree)
            self._keep(conversation_id, tree, own).is_saved = True
        await self.close_put_away()
        return list(tree.sent)

    async def delete_tree_weaviate(self, conversation_id: str, client_manager: ClientManager) -> None:
        """Remove what is saved of the conversation; what is here of it stays."""
        await self._saved.delete(conversation_id, client_manager)
        kept = self._kept.get(conversation_id)
        if kept is not None:
            kept.is_saved = False

    async def check_tree_exists_weaviate(self, conversation_id: str, client_manager: ClientManager) -> bool:
        """Whether this user has saved the conversation."""
        return await self._saved.exists(conversation_id, client_manager)

    async def aclose(self) -> None:
        """Close the connections to models of all trees, also of those put away; they stay usable."""
        self._to_close.extend(kept.tree for kept in self._kept.values() if not _in_use(kept))
        await self.close_put_away()

    def _found(self, conversation_id: str) -> KeptTree:
        kept = self._kept.get(conversation_id)
        if kept is not None:
            return kept
        was = (
            f"The conversation “{conversation_id}” has been timed out"
            if conversation_id in self._timed_out
            else f"There is no conversation “{conversation_id}”"
        )
        raise ValueError(f"{was}. Make one with add_tree(“{conversation_id}”), or load it where it is saved.")

    def _asked_for(self, conversation_id: str) -> KeptTree | None:
        """The tree, idle from now on, unless it is not here or has just been put away."""
        with self._guard:
            kept = self._unless_over(conversation_id)
            if kept is not None:
                kept.idle.touch()
            return kept

    def _unless_over(self, conversation_id: str) -> KeptTree | None:
        with self._guard:
            kept = self._kept.get(conversation_id)
            if kept is None or not self._is_over(kept):
                return kept
            self._put_away(conversation_id)
            return None

    def _is_over(self, kept: KeptTree) -> bool:
        if kept.tree.is_running:  # also where the tree itself was asked
            kept.idle.touch()
        return kept.idle.is_over(self.tree_timeout)

    def _put_away(self, conversation_id: str) -> None:
        kept = self._kept[conversation_id]
        self._timed_out.add(conversation_id, kept.own)
        self._to_close.append(kept.tree)
        del self._kept[conversation_id]

    def _keep(self, conversation_id: str, tree: Tree, own: Own) -> KeptTree:
        kept = self._kept[conversation_id] = KeptTree(tree, Idle(self._clock), self._defaults, own)
        if self._timed_out.forget(conversation_id):
            kept.catch_up()
        return kept

    def _change(self, name: Trait, value: str, conversation_id: str | None) -> None:
        if conversation_id is None:
            self._follow(name)
        else:
            self._found(conversation_id).change(name, value)

    def _follow(self, name: Trait) -> None:
        for kept in self._kept.values():
            kept.follow(name, self._defaults.trait(name))

    async def _bring_back(self, conversation_id: str, clients: ClientManager | None) -> KeptTree | None:
        """The tree from where it is saved; None where it was timed out and is not."""
        try:
            tree, own = await self._load(conversation_id, clients)
        except (ElysiaError, ValueError) as error:
            if not isinstance(error, NoSavedTree):
                logger.warning("The saved conversation %s cannot be had: %s", conversation_id, error)
            kept = self._asked_for(conversation_id)
            return kept or (None if conversation_id in self._timed_out else self._found(conversation_id))
        with self._guard:
            kept = self._kept.get(conversation_id)
            if kept is None:  # nobody brought it back in the meantime
                kept = self._keep(conversation_id, tree, own)
                kept.is_saved = True
            return kept

    async def _load(self, conversation_id: str, clients: ClientManager | None) -> tuple[Tree, Own]:
        kept = self._kept.get(conversation_id)
        own = kept.own if kept is not None else self._timed_out.get(conversation_id) or Own()
        settings = own.settings_under(self.settings)
        return await self._saved.load(conversation_id, clients, settings, own.tools), own

    async def close_put_away(self) -> None:
        """Close the connections to models of the trees that were put away."""
        while self._to_close:
            tree = self._to_close.pop()
            try:
                await tree.aclose()
            except Exception:
                logger.exception("A conversation's connections could not be closed")


def _in_use(kept: KeptTree) -> bool:
    return kept.idle.in_use or kept.tree.is_running


def _known(branch_initialisation: Initialisation) -> Initialisation:
    if branch_initialisation not in INITIALISATIONS:
        raise ValueError(
            f"There is no tree called “{branch_initialisation}”. There are: {', '.join(INITIALISATIONS)}."
        )
    return branch_initialisation
