"""What every state manager is made of: the conversation it works for, and the way to its store and its models."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from elysia_desktop.core.payloads import Return, TextDelta, TextReplaced
from elysia_desktop.core.sources import Sources
from elysia_desktop.state.bridge import Bridge
from elysia_desktop.state.config import ModuleConfig
from elysia_desktop.state.event import EventMessage, ExternalModuleChosenEvent
from elysia_desktop.state.files import FileManager
from elysia_desktop.state.found_passages import OwnNumbers
from elysia_desktop.state.home import Home, MemoryHome
from elysia_desktop.state.llm import LanguageModelManager, Models
from elysia_desktop.state.message_list import MessageList
from elysia_desktop.state.message_manager import MessageManager
from elysia_desktop.state.messages import Message, Role
from elysia_desktop.state.registration import FunctionTool, Tools
from elysia_desktop.state.storage import StorageManager

if TYPE_CHECKING:
    from elysia_desktop.core.files import FoundPassage
    from elysia_desktop.engine.adapt import EngineContext

logger = logging.getLogger(__name__)


class StateParts:
    """The parts of a state manager. Nothing is read before it is asked for; on an event loop `await aload()` first."""

    def __init__(
        self,
        event: ExternalModuleChosenEvent,
        conf: ModuleConfig | None = None,
        *,
        home: Home | None = None,
        models: Models | None = None,
        engine: EngineContext | None = None,
        listener: Callable[[Return], None] | None = None,
        bridge: Bridge | None = None,
    ) -> None:
        self._event = event
        self._conf = conf or ModuleConfig()
        self._home: Home = MemoryHome() if home is None else home
        self._listener = listener
        self._bridge = Bridge() if bridge is None else bridge
        self._owns_bridge = bridge is None
        self._models = models
        self._owns_models = models is None
        self._numbers = OwnNumbers()
        self.engine = engine
        """What tools of the tree work with; also what passages of files are numbered in."""
        self.data: dict[str, Any] = {}
        """For tools, as long as this state manager lives."""
        self._tools = Tools()
        self._extra: dict[str, Any] = {}
        self._ctx: MessageList | None = None
        self._replayed: frozenset[str] = frozenset()
        self._make_managers()

    def _make_managers(self) -> None:
        home, bridge = self._home, self._bridge
        self._messages = MessageManager(home, bridge)
        self._files = FileManager(home.documents, bridge, self._cite)
        self._storage = StorageManager(home, bridge)
        settings = self.engine.tree_data.settings if self.engine else None
        self._llm = LanguageModelManager(bridge, self._models, settings=settings, show=self.show)

    @property
    def event(self) -> ExternalModuleChosenEvent:
        """Who asked what in which conversation."""
        return self._event

    @property
    def conf(self) -> ModuleConfig:
        """How this state manager works."""
        return self._conf

    config = conf
    cfg = conf

    @property
    def messages(self) -> MessageManager:
        """The conversation's messages."""
        self._ensure_loaded()
        return self._messages

    @property
    def files(self) -> FileManager:
        """The conversation's files."""
        return self._files

    @property
    def llm(self) -> LanguageModelManager:
        """The language model."""
        return self._llm

    @property
    def storage(self) -> StorageManager:
        """What is kept with the conversation for tools."""
        return self._storage

    @property
    def ctx(self) -> MessageList:
        """What the model is told; `context` replaces it."""
        self._ensure_loaded()
        assert self._ctx is not None, "A loaded state manager has a context."
        return self._ctx

    @property
    def tools(self) -> list[FunctionTool]:
        """The tools that the model may call, in the order of their registration."""
        return [registered.tool for registered in self._tools]

    @property
    def extras(self) -> dict[str, Any]:
        """What `extra` gave for the tools; a copy."""
        return dict(self._extra)

    @property
    def last_ass_message(self) -> Message | None:
        """The assistant's last message: that which is being written."""
        return self.messages.last_assistant

    @property
    def last_usr_message(self) -> Message | None:
        """The person's last message."""
        return self.messages.last_user

    def postprocess(self, content: str) -> str:
        """What becomes of a text on its way out of the conversation; as it is, unless a class of yours says otherwise."""
        return content

    def show(self, item: Return) -> None:
        """Tell whoever listens; what goes wrong there does not stop the run."""
        if self._listener is None:
            return
        try:
            self._listener(item)
        except Exception:
            logger.exception("What was told could not be shown")

    async def aload(self) -> None:
        """Read the conversation, unless that was done before."""
        await self._messages.load()
        await self._storage.load()
        if self._ctx is not None:
            return
        self._take_in(self.event.user_message, Role.USER)
        self._take_in(self.event.assistant_message, Role.ASSISTANT)
        for message in self._messages:
            self._watch(message)
        self._ctx = self._rebuilt()

    def stop(self) -> None:
        """Stop what runs, from any thread: whoever waits for it gets `Stopped`; afterwards it can be used as before."""
        self._bridge.stop()

    def close(self) -> None:
        """Stop what runs and close connections; a loop that was handed in goes on, and models that were with it."""
        self.stop()
        # connections do not outlive the loop that they were made on
        if (self._owns_models or self._owns_bridge) and self._bridge.has_begun:
            self._bridge.run(self._llm.aclose())
        if self._owns_bridge:
            self._bridge.close()

    async def aclose(self) -> None:
        """`close`, on the event loop; the models' connections belong to the loop that asked them."""
        self.stop()
        if self._owns_models:
            await self._llm.aclose()
        if self._owns_bridge:
            await asyncio.to_thread(self._bridge.close)

    def _rebuilt(self) -> MessageList:
        """The context as the conversation gives it: copies, without notices and what is still to be written."""
        told = [m for m in self._messages if m.role is not Role.NOTICE and (m.content or m.func_calls)]
        return MessageList([m.copy(content=self.postprocess(m.content)) for m in told])

    def _forget(self) -> None:
        """Read everything anew when it is next asked for."""
        self._messages.reset()
        self._storage.reset()
        self._ctx = None

    def _take_in(self, told: EventMessage, role: Role) -> None:
        """A message of the event, where the conversation does not have it yet."""
        is_known = any(message.id == told.id for message in self._messages)
        if not is_known and (told.text or role is Role.ASSISTANT):
            self._messages.append(Message(role, told.text, id=told.id))

    def _watch(self, message: Message) -> None:
        """Tell the listener of changes of a message's text."""
        if message.on_change is None:
            message.on_change = self._changed

    def _changed(self, message: Message, delta: str | None) -> None:
        if delta is None:
            self.show(TextReplaced(message.id, message.content))
        else:
            self.show(TextDelta(message.id, delta))

    def _cite(self, found: FoundPassage) -> int:
        """The number by which the model cites a passage: one of the environment's, where there is one."""
        if self.engine is None:
            return self._numbers(found)
        return Sources(self.engine.tree_data.environment).passage(found)

    def _ensure_loaded(self) -> None:
        if self._ctx is None:
            self._bridge.run(self.aload())

    def _time_for_a_tool(self) -> float:
        return self.conf.time_for_a_tool(self._llm.settings)
