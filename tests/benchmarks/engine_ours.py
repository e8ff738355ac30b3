"""Our side of the engine's benchmark; see engine.py."""

from __future__ import annotations

import json
from types import SimpleNamespace

from benchmarks.engine_child import serve
from benchmarks.engine_state import ANSWER, QUESTION, collections, environment, objects
from benchmarks.scripted_engine import ScriptedEngine

from elysia_desktop import Environment, Response, Result, Settings, Tree, tool
from elysia_desktop.engine.lm import LanguageModel, load_model_library

DECISION = {
    "reasoning": "The answer is known.",
    "choice": {"option": "text_response", "inputs": {"text": ANSWER}},
    "message_update": "",
    "end_actions": True,
    "impossible": False,
}


class Store:
    """The sample collections as a data store tells of them."""

    def __init__(self):
        self._known = collections()

    async def collections(self):
        return [SimpleNamespace(name=name, count=known["length"]) for name, known in self._known.items()]

    async def get_metadata(self, name):
        return self._known[name]


class Clients:
    """The part of a client manager that a tree uses."""

    def __init__(self):
        self._store = Store()

    def store(self):
        return self._store

    async def close_clients(self):
        pass


@tool(end=True)
async def greet():
    """Say hello."""
    yield Response(ANSWER)


class Conversation:
    """A tree that has found something, asked the same question again and again."""

    def __init__(self, tree, number):
        self._tree = tree
        self._clients = Clients()
        tree.tree_data.environment = Environment(environment=environment(number))

    def prepare(self):
        data = self._tree.tree_data
        data.conversation_history.clear()
        data.tasks_completed.clear()

    async def run(self):
        answered = False
        async for payload in self._tree.async_run(QUESTION, client_manager=self._clients):
            kind = payload["type"]
            assert kind not in {"error", "self_healing_error", "warning"}, payload
            answered = answered or (kind == "text" and payload["payload"]["objects"][0]["text"] == ANSWER)
        assert answered


class Adding:
    """An empty environment, and a result of many objects that a tree takes in."""

    def __init__(self, number):
        self._number = number

    def prepare(self):
        self._environment = Environment()
        self._result = Result(objects(self._number), name="Products")

    async def run(self):
        kept = self._environment.add("query", self._result)
        assert len(kept) == self._number


class Side:
    """Makes what is measured."""

    def __init__(self):
        load_model_library()
        self._settings = Settings(
            base_provider="openai",
            base_model="gpt-4o-mini",
            complex_provider="openai",
            complex_model="gpt-4o",
        )
        self._settings.configure(openai_api_key="made-up")
        self.engine = ScriptedEngine(json.dumps(DECISION))

    def _tree(self, preset):
        engine = self.engine

        class ScriptedTree(Tree):
            model = LanguageModel(self._settings.model_choice("base"), engine=engine)
            base_lm = complex_lm = property(lambda tree: tree.model)

        return ScriptedTree(preset, settings=self._settings)

    def budget(self):
        return self._settings.prompt_token_budget

    def decides(self, number):
        return Conversation(self._tree("default"), number)

    def decides_first(self, number):
        """A conversation whose every run is the first of a tree."""
        conversation = self.decides(number)
        prepare = conversation.prepare

        def anew():
            kept = conversation._tree.tree_data.environment
            conversation._tree = self._tree("default")
            conversation._tree.tree_data.environment = kept
            prepare()

        conversation.prepare = anew
        return conversation

    def acts(self, number):
        tree = self._tree("empty")
        tree.add_tool(greet)
        return Conversation(tree, number)

    def adds(self, number):
        return Adding(number)


if __name__ == "__main__":
    serve(Side)
