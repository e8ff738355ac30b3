"""What the managers' tests work with: a clock that is set, clients that count, a tool that waits to be let on."""

import asyncio
from datetime import timedelta

from elysia_desktop.core.errors import StoreUnreachable
from elysia_desktop.core.objects import Response
from elysia_desktop.core.settings import Settings
from elysia_desktop.engine.managers import TreeManager, UserManager
from elysia_desktop.engine.tool import Tool

MINUTE = 60.0
TIMED_OUT_TREE = "This conversation has been timed out due to inactivity. Please start a new conversation."
TIMED_OUT_USER = "You have been timed out due to inactivity. Please start a new conversation."

# A model that is never asked: a tree with one tool without inputs has nothing to decide.
NEVER_ASKED = Settings(base_provider="llama_cpp", base_model="m", base_api_base="http://127.0.0.1:9/v1")


class Clock:
    """Time that passes when the test says so."""

    def __init__(self):
        self.now = 1_000.0

    def __call__(self):
        return self.now

    def pass_minutes(self, minutes):
        self.now += minutes * MINUTE


class CountingClients:
    """Clients over a given store; notes what is asked of them."""

    def __init__(self, store=None, failing=()):
        self._store = store
        self.failing = set(failing)
        self.calls = []

    def store(self):
        if self._store is None:
            raise StoreUnreachable("Nothing answers.", "Start it.")
        return self._store

    async def restart_client(self, force=False):
        self._note("restart_client")

    async def restart_async_client(self, force=False):
        self._note("restart_async_client")

    async def close_clients(self):
        self._note("close_clients")

    def _note(self, name):
        self.calls.append(name)
        if name in self.failing:
            raise StoreUnreachable(f"{name} failed.")


class Answering(Tool):
    """Answers at once."""

    name, description, end, always_ends = "answer", "Answers.", True, True

    async def __call__(self, tree_data, inputs, base_lm, complex_lm, client_manager, **kwargs):
        yield Response(f"You said: {tree_data.user_prompt}")


class Waiting(Tool):
    """Answers when it is let on; `begun` is set while it waits."""

    name, description, end, always_ends = "wait", "Answers later.", True, True

    def __init__(self):
        super().__init__()
        self.begun = asyncio.Event()
        self.may_go_on = asyncio.Event()

    async def __call__(self, tree_data, inputs, base_lm, complex_lm, client_manager, **kwargs):
        self.begun.set()
        await self.may_go_on.wait()
        yield Response("Here at last.")


def manager(clock=None, **options):
    options = {"branch_initialisation": "empty", "settings": NEVER_ASKED, "tree_timeout": 10, **options}
    return TreeManager("u", **options, **({"clock": clock} if clock else {}))


def answering(trees, conversation_id="c", tool=None):
    tree = trees.add_tree(conversation_id)
    tree.add_tool(tool or Answering())
    return tree


async def users(clock, opened=None, **options):
    """A user manager with one user, u, whose clients are `opened`."""
    made = UserManager(
        **{"tree_timeout": 10, "user_timeout": 20, "client_timeout": timedelta(minutes=5), **options},
        clock=clock,
        open_clients=lambda settings, client_timeout: opened or CountingClients(),
    )
    await made.add_user_local("u", branch_initialisation="empty", settings=NEVER_ASKED)
    return made


async def sent(run):
    return [payload async for payload in run]


def said(payloads):
    return [p["payload"]["objects"][0]["text"] for p in payloads if p["type"] == "text"]
