"""The decision tree: its structure, its state, and running questions through it."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Mapping, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

from elysia_desktop.core.collection_data import CollectionData
from elysia_desktop.core.defaults import default_settings
from elysia_desktop.core.environment import Environment
from elysia_desktop.core.objects import joined_text
from elysia_desktop.core.payloads import Completed, Payload, envelope
from elysia_desktop.core.settings import Settings
from elysia_desktop.core.tree_data import Atlas, TreeData
from elysia_desktop.engine.absent_tool import AbsentTool
from elysia_desktop.engine.adapt import AnyTool, coerce_tool
from elysia_desktop.engine.blocking import run_blocking
from elysia_desktop.engine.editing import EditableTree, Initialisation
from elysia_desktop.engine.nodes import Structure
from elysia_desktop.engine.own_clients import clients_of
from elysia_desktop.engine.turns import Turns

# What making, running or saving a tree needs is imported there: a program that declares tools starts sooner.
if TYPE_CHECKING:
    from elysia_desktop.core.collection_data import ClientManager
    from elysia_desktop.engine.lm import Model
    from elysia_desktop.engine.recorder import Recorder
    from elysia_desktop.engine.saved_tree import SavedTree

logger = logging.getLogger(__name__)

T = TypeVar("T")


class Tree(EditableTree):
    """Answers questions by choosing tools step by step.

    `tree("…")` blocks and returns `(text, objects)`; `async_run` yields payloads as they come. Errors of
    structure are `ValueError` or `TypeError` and leave the tree as it was; a run never raises for what
    goes wrong on the way, it ends in words. With `low_memory` the payloads sent are not kept in `sent`.
    """

    def __init__(
        self,
        branch_initialisation: Initialisation = "default",
        style: str | None = None,
        agent_description: str | None = None,
        end_goal: str | None = None,
        user_id: str | None = None,
        conversation_id: str | None = None,
        low_memory: bool = False,
        use_elysia_collections: bool = True,
        settings: Settings | None = None,
    ) -> None:
        from elysia_desktop.engine.analysis.statistics import statistics
        from elysia_desktop.engine.decide import Decider
        from elysia_desktop.engine.tree_models import TreeModels

        super().__init__(branch_initialisation)
        self.settings = default_settings() if settings is None else settings.model_copy(deep=True)
        self.user_id = user_id or str(uuid4())
        self.conversation_id = conversation_id or str(uuid4())
        self.conversation_title: str | None = None
        self.low_memory = low_memory
        self.use_elysia_collections = use_elysia_collections
        self.sent: list[Payload] = []
        self.tree_data = TreeData(
            collection_data=CollectionData([], statistics=statistics),
            atlas=Atlas(
                style=style or self.settings.style,
                agent_description=agent_description or self.settings.agent_description,
                end_goal=end_goal or self.settings.end_goal,
            ),
            recursion_limit=self.settings.recursion_limit,
            settings=self.settings,
        )
        self._models = TreeModels(self.settings)
        self._decider = Decider()
        self._turns = Turns()

    @property
    def environment(self) -> Environment:
        """Everything found in this conversation."""
        return self.tree_data.environment

    @property
    def conversation_history(self) -> list[dict[str, str]]:
        """The conversation as `{"role", "content"}`."""
        return self.tree_data.conversation_history

    @property
    def base_lm(self) -> Model:
        """The model that decides."""
        return self._models.model("base")

    @property
    def complex_lm(self) -> Model:
        """The model that writes queries and answers."""
        return self._models.model("complex")

    @property
    def recorder(self) -> Recorder:
        """The last prompts sent and replies received, without keys; a step's `model_used` payload names its own."""
        return self._models.recorder

    @property
    def is_running(self) -> bool:
        """Whether a question is being answered, or waits to be."""
        return self._turns.is_taken

    def configure(self, **changes: Any) -> None:
        """Change this tree's settings by their lower-case names; raises `ConfigurationError`, changing nothing."""
        changed = self.settings.model_copy(deep=True)
        changed.configure(**changes)
        self.use(changed)

    def smart_setup(self) -> None:
        """Choose models by the keys that the environment has."""
        changed = self.settings.model_copy(deep=True)
        changed.smart_setup()
        self.use(changed)

    def use(self, settings: Settings) -> None:
        """Take these settings from the next run on."""
        self.settings = settings.model_copy(deep=True)
        self._models.use(self.settings)
        if not self.is_running:
            self._take_settings()

    def _take_settings(self) -> None:
        self.tree_data.settings = self.settings
        self.tree_data.recursion_limit = self.settings.recursion_limit

    def change_style(self, style: str) -> None:
        """Write in this style from now on."""
        self.tree_data.atlas.style = style

    def change_agent_description(self, agent_description: str) -> None:
        """Be this agent from now on."""
        self.tree_data.atlas.agent_description = agent_description

    def change_end_goal(self, end_goal: str) -> None:
        """Be done when this is reached, from now on."""
        self.tree_data.atlas.end_goal = end_goal

    def set_user_id(self, user_id: str) -> None:
        """Run for this user from now on."""
        self.user_id = user_id

    def set_conversation_id(self, conversation_id: str) -> None:
        """Be this conversation from now on."""
        self.conversation_id = conversation_id

    def soft_reset(self) -> None:
        """Forget how far the last run came; what was said and found stays."""
        self.tree_data.soft_reset()

    async def set_collection_names(
        self, collection_names: Sequence[str], client_manager: ClientManager
    ) -> None:
        """Learn about these collections now rather than at the next run."""
        from elysia_desktop.engine.collections_in_use import choose_collections

        async for warning in choose_collections(
            self.tree_data, collection_names, client_manager, all_by_default=False
        ):
            logger.warning("%s", warning.text)

    async def async_run(
        self,
        user_prompt: str,
        collection_names: Sequence[str] = (),
        client_manager: ClientManager | None = None,
        training_route: str = "",
        query_id: str | None = None,
        close_clients_after_completion: bool = True,
    ) -> AsyncGenerator[Payload, None]:
        """Run a question and yield payloads, `completed` last; no collections named means all there are.

        Questions to one tree wait for each other. A tool that asks its own tree gets a `ToolError`, a task that
        has not read its last question to the end a `RuntimeError`. Clients made for this run are closed after it,
        unless `close_clients_after_completion` is false; a `client_manager` that was handed in is left open.
        """
        from elysia_desktop.engine.question import Question, answer, to_payload

        address = (self.user_id, self.conversation_id, query_id or str(uuid4()))
        route = [step for step in training_route.split("/") if step]
        question = Question(user_prompt, collection_names, self.use_elysia_collections, route)
        close = client_manager is None and close_clients_after_completion
        async with (
            self._turns.turn() as turn,
            clients_of(client_manager, self.settings, close=close) as clients,
        ):
            if self.tree_data.settings is not self.settings:
                self._take_settings()
            self._keep(envelope("user_prompt", {"prompt": user_prompt}, *address))
            models = (self.base_lm, self.complex_lm)
            root = self._structure.root
            work = answer(question, root, self.tree_data, models, clients, self._decider)
            try:
                async with aclosing(turn.steps(work)) as items:
                    async for item in items:
                        payload = await to_payload(item, address, self.tree_data)
                        if payload is not None:
                            self._keep(payload)
                            yield payload
            finally:
                if close:
                    await self.aclose()
            completed = envelope("completed", Completed().to_json(), *address)
            self._keep(completed)
        # whoever stops reading here holds up no other question
        yield completed

    def run(
        self,
        user_prompt: str,
        collection_names: Sequence[str] = (),
        client_manager: ClientManager | None = None,
        training_route: str = "",
        query_id: str | None = None,
        close_clients_after_completion: bool = True,
    ) -> tuple[str, list[dict[str, Any]]]:
        """Run a question to its end; returns the answer's text and the objects shown.

        Raises `RuntimeError` where the running event loop is answering another question to this tree.
        """
        self._turns.refuse_blocking()
        run = self.async_run(
            user_prompt,
            collection_names,
            client_manager,
            training_route,
            query_id,
            close_clients_after_completion,
        )
        return run_blocking(self._collect(run))

    __call__ = run

    async def create_conversation_title_async(self) -> str:
        """Give the conversation a title, written by the base model; without one, its first question's start."""
        from elysia_desktop.engine.titles import conversation_title

        self.conversation_title = await conversation_title(self.tree_data, self.base_lm)
        return self.conversation_title

    def create_conversation_title(self) -> str:
        """Give the conversation a title; blocks."""
        return run_blocking(self._closing(self.create_conversation_title_async()))

    async def get_follow_up_suggestions_async(
        self, context: str | None = None, num_suggestions: int = 2
    ) -> list[str]:
        """Questions that could be asked next, at most so many; `context` says what they should be about."""
        from elysia_desktop.engine.titles import follow_ups

        return await follow_ups(self.tree_data, self.base_lm, context, num_suggestions)

    def get_follow_up_suggestions(self, context: str | None = None, num_suggestions: int = 2) -> list[str]:
        """Questions that could be asked next; blocks."""
        return run_blocking(self._closing(self.get_follow_up_suggestions_async(context, num_suggestions)))

    async def aclose(self) -> None:
        """Close connections to models; the tree stays usable."""
        await self._models.aclose()

    def export_to_json(self) -> dict[str, Any]:
        """Everything needed to go on with the conversation elsewhere, but no secret."""
        from elysia_desktop.engine.saved_tree import SavedTree, write_saved_tree

        return write_saved_tree(
            SavedTree(
                user_id=self.user_id,
                conversation_id=self.conversation_id,
                title=self.conversation_title,
                branch_initialisation=self.branch_initialisation,
                low_memory=self.low_memory,
                use_elysia_collections=self.use_elysia_collections,
                tree_index=len(self.tree_data.tasks_completed) - 1,
                tree_data=self.tree_data,
                settings=self.settings.to_json(),
                tool_names=tuple(self.tools),
                structure=self._edited_structure(),
                payloads=tuple(self.sent),
            )
        )

    @classmethod
    def import_from_json(
        cls,
        json_data: Mapping[str, Any],
        settings: Settings | None = None,
        tools: Sequence[AnyTool] = (),
    ) -> Tree:
        """The tree that `export_to_json` wrote, here or in `elysia-ai` 0.2.8; raises `ValueError` where damaged.

        `tools` are the conversation's own ones. Of those not given a warning tells; their places are kept
        until `add_tool` is called with a tool of that name. `settings` are those to run with, keys included;
        without any, the defaults of this process.
        """
        from elysia_desktop.engine.saved_tree import read_saved_tree

        saved = read_saved_tree(json_data, settings)
        tree = cls(
            branch_initialisation=saved.branch_initialisation,  # pyright: ignore[reportArgumentType] - checked within
            user_id=saved.user_id,
            conversation_id=saved.conversation_id,
            low_memory=saved.low_memory,
            use_elysia_collections=saved.use_elysia_collections,
            settings=saved.tree_data.settings,
        )
        tree.conversation_title = saved.title
        tree.sent = list(saved.payloads)
        tree.tree_data = saved.tree_data
        tree.tree_data.settings = tree.settings
        tree._restore(saved, tools)
        return tree

    async def export_to_weaviate(
        self, collection_name: str, client_manager: ClientManager | None = None
    ) -> None:
        """Save the conversation in a collection of the data store, in place of what was saved of it before."""
        from elysia_desktop.engine.tree_store import save_tree

        async with clients_of(client_manager, self.settings) as clients:
            await save_tree(
                clients.store(), collection_name, self.export_to_json(), self.conversation_title or ""
            )

    @classmethod
    async def import_from_weaviate(
        cls, collection_name: str, conversation_id: str, client_manager: ClientManager | None = None
    ) -> Tree:
        """The conversation that `export_to_weaviate` saved; `ValueError` where there is none."""
        from elysia_desktop.engine.tree_store import load_tree

        async with clients_of(client_manager, default_settings()) as clients:
            return cls.import_from_json(await load_tree(clients.store(), collection_name, conversation_id))

    def _keep(self, payload: Payload) -> None:
        """Remember what was sent; the pieces of a text are in the text that ends them."""
        if not self.low_memory and payload["type"] not in {"text_delta", "text_replaced"}:
            self.sent.append(payload)

    def _restore(self, saved: SavedTree, tools: Sequence[AnyTool]) -> None:
        """Bring back the structure, and the places of tools that nobody gave."""
        own = {made.name: made for made in (coerce_tool(tool, "tree") for tool in tools)}
        if saved.structure is not None:
            from elysia_desktop.engine.tools import BUILTIN_TOOLS

            builtin = {kind.name: kind() for kind in BUILTIN_TOOLS}
            self._structure = Structure.from_json(saved.structure.get("root"), {**builtin, **own})
        for name in saved.tool_names:
            if name not in self.tools and self._structure.root is not None:
                self._structure.add_tool(own.get(name) or AbsentTool(name))
        if self.absent_tools:
            logger.warning(
                "The saved tree had tools that are not here: %s. Give them to import_from_json, or add them "
                "to the tree, to use them.",
                ", ".join(self.absent_tools),
            )

    async def _closing(self, work: Awaitable[T]) -> T:
        """Do it, then close connections: they belong to an event loop that ends."""
        try:
            return await work
        finally:
            await self.aclose()

    async def _collect(self, run: AsyncIterator[Payload]) -> tuple[str, list[dict[str, Any]]]:
        texts: list[str] = []
        objects: dict[str, dict[str, Any]] = {}
        try:
            async for payload in run:
                body = payload["payload"]
                if payload["type"] == "text" and not body["metadata"].get("update"):
                    texts.append(joined_text(body["objects"]))
                elif payload["type"] == "result":
                    for item in body["objects"]:
                        # summarised objects are shown again; each is told once, in its latest form
                        objects[str(item.get("_REF_ID") or f"nameless {len(objects)}")] = item
        finally:
            await self.aclose()
        return "\n".join(texts), list(objects.values())
