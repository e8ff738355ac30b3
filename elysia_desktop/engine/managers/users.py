"""Many users at once: the conversations of each and their connection to the data."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Sequence
from contextlib import aclosing, asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from elysia_desktop.core.errors import ElysiaError
from elysia_desktop.core.payloads import Payload, Warning, envelope  # noqa: A004 - public name
from elysia_desktop.engine.managers.idle import Clock, Idle, TimedOut, timeout_of
from elysia_desktop.engine.managers.timeouts import UserTimeoutError, told
from elysia_desktop.engine.managers.trees import TreeManager
from elysia_desktop.engine.managers.user import OpenClients, User, open_clients
from elysia_desktop.engine.tree_store import TREES, saved_trees

if TYPE_CHECKING:
    from elysia_desktop.core.collection_data import ClientManager
    from elysia_desktop.core.settings import Settings
    from elysia_desktop.engine.editing import Initialisation
    from elysia_desktop.engine.tree import Tree

logger = logging.getLogger(__name__)

_MOST_REMEMBERED = 200
"""Conversations of a user who was timed out: theirs are told to have been timed out, too."""


class UserManager:
    """Users by their ids; those away for longer than `user_timeout` are put away with all they had open.

    Time-outs are timedeltas or minutes, 0 for never. The three `check_…` calls that take nothing are for a
    scheduler; they may run while trees run. A user or conversation that is not there raises `ValueError`.
    """

    def __init__(
        self,
        tree_timeout: timedelta | float | None = None,
        user_timeout: timedelta | float | None = None,
        client_timeout: timedelta | float | None = None,
        *,
        clock: Clock = time.monotonic,
        open_clients: OpenClients = open_clients,
    ) -> None:
        self.tree_timeout = timeout_of("tree_timeout", tree_timeout)
        self.user_timeout = timeout_of("user_timeout", user_timeout)
        self.client_timeout = timeout_of("client_timeout", client_timeout)
        self.users: dict[str, User] = {}
        self._clock = clock
        self._open_clients = open_clients
        self._timed_out = TimedOut[tuple[str, ...]]()
        """With the conversations that went with each."""

    async def add_user_local(
        self,
        user_id: str,
        style: str | None = None,
        agent_description: str | None = None,
        end_goal: str | None = None,
        branch_initialisation: Initialisation | None = None,
        settings: Settings | None = None,
    ) -> User:
        """Let a user in; what is given is the default of their trees. One who is here already stays as they are."""
        if user_id in self.users and self._is_over(self.users[user_id]):
            await self._close(self._taken_out(user_id))
        if user_id in self.users:
            self.users[user_id].idle.touch()
            return self.users[user_id]
        trees = TreeManager(
            user_id,
            style,
            agent_description,
            end_goal,
            branch_initialisation or "default",
            settings,
            self.tree_timeout,
            clock=self._clock,
        )
        trees.count_as_timed_out(self._timed_out.get(user_id) or ())
        clients = self._open_clients(trees.settings, self.client_timeout)
        self._timed_out.forget(user_id)
        self.users[user_id] = User(trees, clients, Idle(self._clock))
        return self.users[user_id]

    async def get_user_local(self, user_id: str) -> User:
        """The user's conversations and data."""
        return self._found(user_id)

    def user_exists(self, user_id: str) -> bool:
        """Whether the user is here."""
        return user_id in self.users

    async def initialise_tree(self, user_id: str, conversation_id: str, low_memory: bool = False) -> Tree:
        """Begin a conversation under the user's defaults; one that is there already goes on."""
        user = self._found(user_id)
        user.idle.touch()
        return user.tree_manager.add_tree(conversation_id, low_memory)

    async def get_tree(self, user_id: str, conversation_id: str) -> Tree:
        """A conversation's tree."""
        return self._found(user_id).tree_manager.get_tree(conversation_id)

    async def process_tree(
        self,
        query: str,
        user_id: str,
        conversation_id: str,
        query_id: str | None = None,
        training_route: str = "",
        collection_names: Sequence[str] = (),
        save_trees_to_weaviate: bool | None = None,
        wcd_url: str | None = None,
        wcd_api_key: str | None = None,
    ) -> AsyncGenerator[Payload, None]:
        """Answer a question in a user's conversation; see `TreeManager.process_tree`.

        A user who was timed out gets a single `user_timeout_error`. With `save_trees_to_weaviate` the
        conversation is saved when it is answered, in the cluster that is named or the user's own data store;
        a `warning` tells where that fails.
        """
        query_id = query_id or str(uuid4())
        if self._is_timed_out(user_id):
            if user_id in self.users:
                await self._close(self._taken_out(user_id))
            yield told(UserTimeoutError(), user_id, conversation_id, query_id)
            return
        user = self._found(user_id)
        with user.idle.use():
            if wcd_url or wcd_api_key:
                await self._bring_back(user, conversation_id, wcd_url, wcd_api_key)
            run = user.tree_manager.process_tree(
                query, conversation_id, query_id, training_route, collection_names, user.client_manager
            )
            async with aclosing(run) as payloads:
                async for payload in payloads:
                    if save_trees_to_weaviate and payload["type"] == "completed":
                        problem = await self._problem_of_saving(
                            user_id, conversation_id, wcd_url, wcd_api_key
                        )
                        if problem:
                            warning = Warning(problem)
                            address = (user_id, conversation_id, query_id)
                            yield envelope(warning.frontend_type, warning.to_json(), *address)
                    yield payload

    def check_user_timeout(self, user_id: str) -> bool:
        """Whether the user has been away for too long, or was put away for that."""
        return self._is_timed_out(user_id) or self._is_over(self._found(user_id))

    def check_tree_timeout(self, user_id: str, conversation_id: str) -> bool:
        """Whether the conversation has been left alone for too long, or was put away for that."""
        return self._found(user_id).tree_manager.check_tree_timeout(conversation_id)

    async def update_user_last_request(self, user_id: str) -> None:
        """Count the time from now."""
        self._found(user_id).idle.touch()

    async def check_all_users_timeout(self) -> None:
        """Put away every user who has been away for too long, with their conversations and connections."""
        over = [user_id for user_id, user in list(self.users.items()) if self._is_over(user)]
        # All are taken out before the first is closed: one who comes back meanwhile is not in the way.
        gone = [self._taken_out(user_id) for user_id in over]
        await _each("A user could not be put away", [self._close(user) for user in gone])

    async def check_all_trees_timeout(self) -> None:
        """Put away every conversation of every user that has been left alone for too long."""
        users = list(self.users.values())
        await _each("Conversations could not be put away", [self._check_trees(user) for user in users])

    async def check_restart_clients(self) -> None:
        """Open every user's idle connections anew."""
        clients = [user.client_manager for user in list(self.users.values())]
        await _each("A connection could not be opened anew", [one.restart_client() for one in clients])
        await _each("A connection could not be opened anew", [one.restart_async_client() for one in clients])

    async def close_all_clients(self) -> None:
        """Close every user's connections to data and models; the next use opens them again."""
        await _each(
            "Connections could not be closed", [self._close(user) for user in list(self.users.values())]
        )

    async def save_tree(
        self, user_id: str, conversation_id: str, wcd_url: str | None = None, wcd_api_key: str | None = None
    ) -> None:
        """Save a conversation, in the cluster that is named or the user's own data store."""
        async with self._asked(user_id, wcd_url, wcd_api_key) as (trees, clients):
            await trees.save_tree_weaviate(conversation_id, clients)

    async def load_tree(
        self, user_id: str, conversation_id: str, wcd_url: str | None = None, wcd_api_key: str | None = None
    ) -> list[Payload]:
        """Go on with a saved conversation; returns the payloads it has sent."""
        async with self._asked(user_id, wcd_url, wcd_api_key) as (trees, clients):
            return await trees.load_tree_weaviate(conversation_id, clients)

    async def delete_tree(
        self, user_id: str, conversation_id: str, wcd_url: str | None = None, wcd_api_key: str | None = None
    ) -> None:
        """Delete a conversation, here and where it is saved; raises `ValueError` where it is neither."""
        async with self._asked(user_id, wcd_url, wcd_api_key) as (trees, clients):
            is_saved = await trees.check_tree_exists_weaviate(conversation_id, clients)
            if is_saved:
                await trees.delete_tree_weaviate(conversation_id, clients)
            if trees.tree_exists(conversation_id) or not is_saved:
                trees.delete_tree_local(conversation_id)

    async def get_saved_trees(
        self, user_id: str, wcd_url: str | None = None, wcd_api_key: str | None = None
    ) -> dict[str, dict[str, Any]]:
        """The user's saved conversations, the latest first: id → `title` and `last_update_time`."""
        async with self._asked(user_id, wcd_url, wcd_api_key) as (_, clients):
            return await saved_trees(clients.store(), TREES, user_id)

    async def check_tree_exists_weaviate(
        self, user_id: str, conversation_id: str, wcd_url: str | None = None, wcd_api_key: str | None = None
    ) -> bool:
        """Whether the user has saved the conversation."""
        async with self._asked(user_id, wcd_url, wcd_api_key) as (trees, clients):
            return await trees.check_tree_exists_weaviate(conversation_id, clients)

    def _found(self, user_id: str) -> User:
        user = self.users.get(user_id)
        if user is not None:
            return user
        was = (
            f"The user “{user_id}” has been timed out"
            if user_id in self._timed_out
            else f"There is no user “{user_id}”"
        )
        raise ValueError(f"{was}. Let them in with add_user_local(“{user_id}”).")

    def _is_timed_out(self, user_id: str) -> bool:
        user = self.users.get(user_id)
        return user_id in self._timed_out if user is None else self._is_over(user)

    def _is_over(self, user: User) -> bool:
        trees = user.tree_manager
        if trees.in_use:  # also where the tree itself was asked
            user.idle.touch()
        return user.idle.is_over(self.user_timeout, trees.last_request)

    def _taken_out(self, user_id: str) -> User:
        user = self.users.pop(user_id)
        self._timed_out.add(user_id, user.tree_manager.known_conversations[-_MOST_REMEMBERED:])
        return user

    async def _close(self, user: User) -> None:
        closing = _each(
            "Connections could not be closed",
            [user.tree_manager.aclose(), user.client_manager.close_clients()],
        )
        # Nobody else would close them: whoever is stopped meanwhile leaves this to end by itself.
        await asyncio.shield(closing)

    async def _check_trees(self, user: User) -> None:
        user.tree_manager.check_all_trees_timeout()
        await user.tree_manager.close_put_away()

    @asynccontextmanager
    async def _asked(
        self, user_id: str, wcd_url: str | None, wcd_api_key: str | None
    ) -> AsyncGenerator[tuple[TreeManager, ClientManager]]:
        """The user's trees and data store, or the cluster that is named, while something is asked of them."""
        user = self._found(user_id)
        with user.idle.use():
            if not wcd_url and not wcd_api_key:
                yield user.tree_manager, user.client_manager
                return
            settings = user.tree_manager.settings.model_copy(deep=True)
            named: dict[str, Any] = {"wcd_url": wcd_url, "wcd_api_key": wcd_api_key}
            settings.configure(data_source="cloud", **{name: value for name, value in named.items() if value})
            clients = self._open_clients(settings, self.client_timeout)
            try:
                yield user.tree_manager, clients
            finally:
                await clients.close_clients()

    async def _bring_back(
        self, user: User, conversation_id: str, wcd_url: str | None, wcd_api_key: str | None
    ) -> None:
        """Load the conversation from the named cluster, where it is not here and saved there."""
        user.tree_manager.check_all_trees_timeout()
        if user.tree_manager.tree_exists(conversation_id):
            return
        user_id = user.tree_manager.user_id
        try:
            if await self.check_tree_exists_weaviate(user_id, conversation_id, wcd_url, wcd_api_key):
                await self.load_tree(user_id, conversation_id, wcd_url, wcd_api_key)
        except (ElysiaError, ValueError) as error:
            logger.warning("The saved conversation %s cannot be had: %s", conversation_id, error)

    async def _problem_of_saving(
        self, user_id: str, conversation_id: str, wcd_url: str | None, wcd_api_key: str | None
    ) -> str:
        """Save the conversation; what went wrong, in words."""
        try:
            await self.save_tree(user_id, conversation_id, wcd_url, wcd_api_key)
        except ElysiaError as error:
            return f"The conversation could not be saved. {error.sentence}"
        except ValueError as error:
            return f"The conversation could not be saved. {error}"
        return ""


async def _each(failure: str, work: Sequence[Awaitable[None]]) -> None:
    """Do all at the same time; one that fails is logged and does not stop the others."""
    for result in await asyncio.gather(*work, return_exceptions=True):
        if isinstance(result, Exception):
            logger.error("%s", failure, exc_info=result)
        elif isinstance(result, BaseException):
            raise result
