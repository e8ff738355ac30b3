"""One profile, opened: its folders, settings, data, conversations and the service that answers."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from elysia_desktop.core.conversation import title_of
from elysia_desktop.engine.lm import load_model_library
from elysia_desktop.services.asking import Asking
from elysia_desktop.services.configuration import Configuration
from elysia_desktop.services.embedding import Embedding
from elysia_desktop.services.feedback import Feedback
from elysia_desktop.services.files import Files
from elysia_desktop.services.replaying import Replaying
from elysia_desktop.services.sample import Progress, load_sample
from elysia_desktop.services.serving import Serving
from elysia_desktop.stores.base import is_internal
from elysia_desktop.stores.clients import ClientManager
from elysia_desktop.stores.conversations import Conversations
from elysia_desktop.stores.feedback import RatedRuns
from elysia_desktop.stores.folders import Folders
from elysia_desktop.stores.logs import end_log, log_to
from elysia_desktop.stores.regression_cases import RegressionCases
from elysia_desktop.stores.secrets import Secrets
from elysia_desktop.stores.settings_file import SettingsFile

if TYPE_CHECKING:
    from elysia_desktop.core.conversation import ConversationSummary
    from elysia_desktop.core.schema import CollectionInfo
    from elysia_desktop.core.settings import Settings


class Workspace:
    """Builds the services of one profile and closes them in order. Constructing it touches nothing."""

    def __init__(self, profile: Path | None = None) -> None:
        self.folders = Folders.of_profile(profile)
        self.configuration = Configuration(SettingsFile(self.folders.settings), Secrets())
        self.conversations = Conversations(self.folders.conversations)
        self.clients = ClientManager(
            settings=self.configuration.settings, library_folder=self.folders.library
        )
        self.files = Files(self.conversations, self.clients, self.folders.files)
        self.embedding = Embedding(self.clients)
        self.serving = Serving()
        self.asking = Asking(self.conversations, self.clients, self.serving, self.configuration.settings)
        self.asking.documents = self.files.documents
        cases = RegressionCases(self.folders.cases)
        self.feedback = Feedback(
            RatedRuns(self.folders.feedback),
            cases,
            self.conversations,
            self.clients,
            self.asking.tree,
            self.configuration.settings,
            self.clients.embedder,
        )
        self.asking.examples = self.feedback.examples
        self.replaying = Replaying(cases, self.clients, self.serving, self.feedback.examples)
        self._log: logging.Handler | None = None
        self._log_level: str | None = None

    async def open(self, progress: Progress | None = None, log_level: str | None = None) -> None:
        """Open everything: settings first, then the data."""
        await self.open_settings(log_level)
        await self.open_data(progress)

    async def open_settings(self, log_level: str | None = None) -> None:
        """Read the settings and put them in force; logs go to the log folder from here on."""
        self._log_level = log_level
        await asyncio.to_thread(self.folders.make)
        await self.configuration.load()
        await self.apply_settings()

    async def open_data(self, progress: Progress | None = None) -> None:
        """Open the data store and, at the first start, load the sample data."""
        await self.files.tidy()
        if self.clients.settings.data_source == "library":
            await self._load_sample_once(progress)

    @property
    def notice(self) -> str:
        """What became of files that were damaged; empty when all is well."""
        notices = (self.configuration.notice, self.conversations.notice, self.feedback.notice)
        return " ".join(text for text in notices if text)

    async def collections(self) -> list[CollectionInfo]:
        """The person's collections, without what the application keeps for itself."""
        return [info for info in await self.clients.store().collections() if not is_internal(info.name)]

    async def suggestions(self, most: int = 4) -> list[str]:
        """Questions to begin with, from what analysis knows of the collections, one of each in turn."""
        store = self.clients.store()
        names = [info.name for info in await self.collections()]
        known = [metadata or {} for metadata in await asyncio.gather(*map(store.get_metadata, names))]
        prompts: list[list[str]] = [list(metadata.get("prompts") or ()) for metadata in known]
        by_turns = [
            group[i] for i in range(max(map(len, prompts), default=0)) for group in prompts if i < len(group)
        ]
        return by_turns[:most]

    async def warm_up(self) -> None:
        """Import what the first question needs, off the event loop."""
        await asyncio.to_thread(import_module, "elysia_desktop.engine.tree")
        await asyncio.to_thread(load_model_library)

    async def test_data(self, settings: Settings) -> str:
        """Open the data store that these settings name; returns what is there, in words."""
        clients = ClientManager(settings=settings, library_folder=self.folders.library)
        try:
            infos = [info for info in await clients.store().collections() if not is_internal(info.name)]
        finally:
            await clients.close_clients()
        return f"Ready · {len(infos)} collections, {sum(info.count for info in infos):,} objects"

    async def apply_settings(self) -> None:
        """Put the configuration's settings in force everywhere."""
        settings = self.configuration.settings
        self.clients.settings = settings
        self.asking.use(settings)
        self.feedback.use(settings)
        level = self._log_level or settings.logging_level
        self._log = await asyncio.to_thread(log_to, self.folders.logs, level)
        await self.serving.stop_unless_used(settings)

    async def begin(self, question: str) -> ConversationSummary:
        """Begin a conversation, named after its first question."""
        return await self.conversations.create(title_of(question))

    @staticmethod
    def new_id() -> str:
        """An id for a question's run."""
        return str(uuid4())

    async def close(self) -> None:
        """Close everything, the last opened first; what fails to close does not keep the rest open."""
        async with AsyncExitStack() as closing:
            if self._log is not None:
                closing.callback(end_log, self._log)
            closing.push_async_callback(self.conversations.close)
            closing.push_async_callback(self.feedback.close)
            closing.push_async_callback(self.clients.close_clients)
            closing.push_async_callback(self.serving.stop)
            closing.push_async_callback(self.files.close)
            closing.push_async_callback(self.asking.close)

    async def _load_sample_once(self, progress: Progress | None) -> None:
        """Load the sample data unless it was loaded before: a person who deleted it does not want it back."""
        marker = self.folders.data / "sample-loaded"
        if not await asyncio.to_thread(marker.exists):
            await load_sample(self.clients.store(), progress)
            await asyncio.to_thread(marker.touch)
