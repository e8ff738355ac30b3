"""The decision tree: its structure, its state, and running questions through it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Literal, TypeVar
from uuid import uuid4

from elysia_desktop.core.collection_data import CollectionData
from elysia_desktop.core.environment import Environment
from elysia_desktop.core.errors import StoreError
from elysia_desktop.core.objects import Response
from elysia_desktop.core.payloads import Completed, Error, Payload, Return, TreeUpdate, Warning  # noqa: A004 - public name
from elysia_desktop.core.settings import Role, Settings
from elysia_desktop.core.tree_data import Atlas, TreeData
from elysia_desktop.engine.acting import Acting
from elysia_desktop.engine.analysis.statistics import statistics
from elysia_desktop.engine.decide import Decider
from elysia_desktop.engine.lm import LanguageModel, Model
from elysia_desktop.engine.presets import INITIALISATIONS
from elysia_desktop.engine.runner import Run
from elysia_desktop.engine.tool import Tool
from elysia_desktop.engine.without_model import search_words

if TYPE_CHECKING:
    from elysia_desktop.core.collection_data import ClientManager

logger = logging.getLogger(__name__)

Initialisation = Literal["default", "one_branch", "multi_branch", "empty"]
T = TypeVar("T")


class Tree:
    """Answers questions by choosing tools step by step.

    `tree("…")` blocks and returns `(text, objects)`; `async_run` yields payloads as they come. Errors of
    structure are `ValueError` or `TypeError` and leave the tree as it was; a run never raises for what
    goes wrong on the way, it ends in words.
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
        self.settings = settings if settings is not None else Settings.from_env_vars()
        self.user_id = user_id or str(uuid4())
        self.conversation_id = conversation_id or str(uuid4())
        self.low_memory = low_memory
        self.use_elysia_collections = use_elysia_collections
        self.tree_data = TreeData(
            collection_data=CollectionData([]),
            atlas=Atlas(
                style=style or self.settings.style,
                agent_description=agent_description or self.settings.agent_description,
                end_goal=end_goal or self.settings.end_goal,
            ),
            recursion_limit=self.settings.recursion_limit,
            settings=self.settings,
        )
        self._models: dict[Role, LanguageModel] = {}
        self._decider = Decider()
        self._running = asyncio.Lock()
        self.set_branch_initialisation(branch_initialisation)

    def set_branch_initialisation(self, initialisation: str | None) -> None:
        """Put one of the structures that come with the application in place of this tree's."""
        name = initialisation or "default"
        if name not in INITIALISATIONS:
            raise ValueError(f"There is no tree called “{name}”. There are: {', '.join(INITIALISATIONS)}.")
        self.branch_initialisation = name
        self._structure = INITIALISATIONS[name]()

    def add_branch(
        self,
        branch_id: str,
        instruction: str,
        description: str = "",
        root: bool = False,
        from_branch_id: str = "",
        from_tool_ids: Sequence[str] = (),
        status: str = "",
    ) -> None:
        """Add a decision node."""
        self._structure.add_branch(
            branch_id, instruction, description, root, from_branch_id, from_tool_ids, status
        )

    def remove_branch(self, branch_id: str) -> None:
        """Remove a decision node and what is below it."""
        self._structure.remove_branch(branch_id)

    def add_tool(
        self,
        tool: Tool | type[Tool],
        branch_id: str | None = None,
        from_tool_ids: Sequence[str] = (),
        root: bool = False,
        **kwargs: Any,
    ) -> None:
        """Offer a tool, given as a class or an instance; at the root unless a branch is named."""
        if isinstance(tool, type):
            if not issubclass(tool, Tool):  # pyright: ignore[reportUnnecessaryIsInstance] - callers are untyped
                raise TypeError(f"{tool.__name__} is not a Tool.")
            tool = tool(**kwargs)
        if not isinstance(tool, Tool):  # pyright: ignore[reportUnnecessaryIsInstance] - callers are untyped
            raise TypeError(f"{tool!r} is not a Tool; decorate a function with @tool or subclass Tool.")
        self._structure.add_tool(tool, None if root else branch_id, from_tool_ids)

    def remove_tool(
        self,
        tool_name: str,
        branch_id: str | None = None,
        from_tool_ids: Sequence[str] = (),
        root: bool = False,
    ) -> None:
        """Take a tool out of a branch."""
        self._structure.remove_tool(tool_name, None if root else branch_id, from_tool_ids)

    @property
    def tree(self) -> dict[str, Any]:
        """The structure as nested plain data."""
        return self._structure.root.view() if self._structure.root else {}

    @property
    def tools(self) -> dict[str, Tool]:
        """Every tool by its name."""
        return self._structure.tools()

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
        return self._model("base")

    @property
    def complex_lm(self) -> Model:
        """The model that writes queries and answers."""
        return self._model("complex")

    def configure(self, **changes: Any) -> None:
        """Change settings by their lower-case names; models are reached anew at the next run."""
        self.settings.configure(**changes)
        self.tree_data.recursion_limit = self.settings.recursion_limit
        self._models = {}

    def use(self, settings: Settings) -> None:
        """Take these settings; where a model changed it is reached anew."""
        for role in list(self._models):
            if settings.model_choice(role) != self._models[role].choice:
                del self._models[role]
        self.settings = settings
        self.tree_data.settings = settings
        self.tree_data.recursion_limit = settings.recursion_limit

    def change_style(self, style: str) -> None:
        """Write in this style from now on."""
        self.tree_data.atlas.style = style

    def change_agent_description(self, agent_description: str) -> None:
        """Be this agent from now on."""
        self.tree_data.atlas.agent_description = agent_description

    def change_end_goal(self, end_goal: str) -> None:
        """Be done when this is reached, from now on."""
        self.tree_data.atlas.end_goal = end_goal

    def view(self) -> str:
        """The structure as indented text, one node a line."""
        return "\n".join(_lines(self.tree)) if self.tree else ""

    async def async_run(
        self,
        user_prompt: str,
        collection_names: Sequence[str] = (),
        client_manager: ClientManager | None = None,
        training_route: str = "",
        query_id: str | None = None,
        close_clients_after_completion: bool = True,
    ) -> AsyncGenerator[Payload, None]:
        """Run a question and yield payloads, `completed` last; no collections named means all there are."""
        own_clients = client_manager is None
        clients = _default_clients(self.settings) if client_manager is None else client_manager
        async with self._running:
            items = self._items(user_prompt, collection_names, clients, training_route)
            query_id = query_id or str(uuid4())
            try:
                async for item in items:
                    payload = await self._payload(item, query_id)
                    if payload is not None:
                        yield payload
                completed = await self._payload(Completed(), query_id)
                if completed is not None:
                    yield completed
            finally:
                await items.aclose()
                if own_clients and close_clients_after_completion:
                    await clients.close_clients()  # type: ignore[attr-defined] - made above
                    await self.aclose()

    def run(
        self,
        user_prompt: str,
        collection_names: Sequence[str] = (),
        client_manager: ClientManager | None = None,
        training_route: str = "",
        query_id: str | None = None,
        close_clients_after_completion: bool = True,
    ) -> tuple[str, list[dict[str, Any]]]:
        """Run a question to its end; returns the answer's text and the objects shown."""
        return _blocking(
            self._collect(
                self.async_run(
                    user_prompt,
                    collection_names,
                    client_manager,
                    training_route,
                    query_id,
                    close_clients_after_completion,
                )
            )
        )

    __call__ = run

    async def aclose(self) -> None:
        """Close connections to models; the tree stays usable."""
        models, self._models = self._models, {}
        for model in models.values():
            await model.aclose()

    def export_to_json(self) -> dict[str, Any]:
        """The state of the conversation, without secrets."""
        return {
            "user_id": self.user_id,
            "conversation_id": self.conversation_id,
            "branch_initialisation": self.branch_initialisation,
            "low_memory": self.low_memory,
            "use_elysia_collections": self.use_elysia_collections,
            "tree_data": self.tree_data.to_json(remove_unserialisable=True),
        }

    @classmethod
    def import_from_json(cls, json_data: Mapping[str, Any], settings: Settings | None = None) -> Tree:
        """The tree that `export_to_json` wrote."""
        tree = cls(
            branch_initialisation=json_data.get("branch_initialisation") or "default",
            user_id=json_data.get("user_id"),
            conversation_id=json_data.get("conversation_id"),
            low_memory=bool(json_data.get("low_memory", False)),
            use_elysia_collections=bool(json_data.get("use_elysia_collections", True)),
            settings=settings,
        )
        tree.tree_data = TreeData.from_json(json_data["tree_data"], tree.settings)
        return tree

    async def _items(
        self, user_prompt: str, collection_names: Sequence[str], clients: ClientManager, training_route: str
    ) -> AsyncGenerator[Return, None]:
        question = user_prompt.strip()
        if not question:
            yield Response("There was no question. Type one and ask again.")
            return
        self.tree_data.begin_run(question)
        try:
            async for warning in self._choose_collections(collection_names, clients):
                yield warning
        except StoreError as error:
            yield self._said(Response(error.sentence))
            return
        if collection_names and not self.tree_data.collection_names:
            yield self._said(
                Response("None of the chosen collections is there to be asked. Choose others and ask again.")
            )
            return
        if not training_route and not self.settings.model_choice("base").is_configured:
            async with aclosing(search_words(self.tree_data, clients)) as items:
                async for item in items:
                    yield item
            return
        if self._structure.root is None:
            yield self._said(Response("This tree has no root yet, so there is nothing it could do."))
            return
        acting = Acting(self.tree_data, self.base_lm, self.complex_lm, clients)
        route = [step for step in training_route.split("/") if step]
        run = Run(self._structure.root, acting, self._decider, route)
        async with aclosing(run.steps()) as steps:
            async for item in steps:
                yield item

    async def _choose_collections(
        self, names: Sequence[str], clients: ClientManager
    ) -> AsyncIterator[Return]:
        store = clients.store()
        existing = [info.name for info in await store.collections()]
        wanted = list(names) if names else existing if self.use_elysia_collections else []
        data = self.tree_data.collection_data
        await self.tree_data.set_collection_names(wanted, clients, statistics)
        for name in data.incorrect_collections:
            yield Warning(f"There is no collection “{name}”. There are: {', '.join(existing) or 'none yet'}.")
        for name in data.removed_collections:
            yield Warning(f"“{name}” is left out: nothing could be learned about its fields.")

    async def _payload(self, item: Return, query_id: str) -> Payload | None:
        address = (self.user_id, self.conversation_id, query_id)
        try:
            if isinstance(item, TreeUpdate):
                return await item.to_frontend(*address, tree_index=self.tree_data.num_trees_completed)
            return await item.to_frontend(*address)
        except Exception as error:
            task = self.tree_data.current_task or type(item).__name__
            logger.exception("What %s gave cannot be shown", task)
            told = Error(f"What {task} gave cannot be shown: {error}", type(error).__name__)
            self.tree_data.add_error(task, told.feedback)
            return await told.to_frontend(*address)

    def _said(self, answer: Response) -> Response:
        self.tree_data.update_history("assistant", answer.text)
        return answer

    def _model(self, role: Role) -> LanguageModel:
        if role not in self._models:
            settings = self.settings
            self._models[role] = LanguageModel(
                settings.model_choice(role),
                timeout=settings.model_timeout,
                max_output_tokens=settings.max_output_tokens,
            )
        return self._models[role]

    @staticmethod
    async def _collect(run: AsyncIterator[Payload]) -> tuple[str, list[dict[str, Any]]]:
        texts: list[str] = []
        objects: list[dict[str, Any]] = []
        async for payload in run:
            body = payload["payload"]
            if payload["type"] == "text" and not body["metadata"].get("update"):
                texts.append(" ".join(str(item["text"]) for item in body["objects"]))
            elif payload["type"] == "result":
                objects.extend(body["objects"])
        return "\n".join(texts), objects


def _lines(node: Mapping[str, Any], depth: int = 0) -> Iterator[str]:
    about = str(node["description"] or node["instruction"]).split("\n", 1)[0]
    yield f"{'  ' * depth}{'+' if node['branch'] else '-'} {node['id']}: {about}"
    for option in node["options"].values():
        yield from _lines(option, depth + 1)


def _default_clients(settings: Settings) -> Any:
    from elysia_desktop.stores.clients import ClientManager

    return ClientManager(settings)


def _blocking(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end, also where an event loop runs already, as in a notebook."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()
