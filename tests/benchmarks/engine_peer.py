"""The side of `elysia-ai` 0.2.8 in the engine's benchmark, run where that is installed; see engine.py."""

from __future__ import annotations

import dspy
from benchmarks.engine_child import serve
from benchmarks.engine_state import ANSWER, QUESTION, collections, environment, objects
from benchmarks.scripted_engine import NoBlockingEngine, ScriptedEngine
from elysia import Settings, Tree, tool
from elysia.objects import Response, Result
from elysia.tree.objects import Environment

DECISION = {
    "reasoning": "The answer is known.",
    "message_update": "",
    "impossible": "False",
    "function_name": "text_response",
    "function_inputs": f'{{"text": "{ANSWER}"}}',
    "end_actions": "True",
}


class Clients:
    """A client manager that is connected to nothing."""

    is_client = True

    async def start_clients(self):
        pass

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
        self._tree.tree_data.conversation_history.clear()
        self._tree.tree_data.tasks_completed.clear()

    async def run(self):
        answered = False
        async for payload in self._tree.async_run(QUESTION, client_manager=self._clients):
            if payload is None:
                continue
            kind = payload["type"]
            assert "error" not in kind, payload
            answered = answered or (kind == "text" and payload["payload"]["objects"][0]["text"] == ANSWER)
        assert answered


class Adding:
    """An empty environment, and a result of many objects that a tree takes in."""

    def __init__(self, tree, number):
        self._tree = tree
        self._number = number

    def prepare(self):
        self._tree.tree_data.environment = Environment()
        self._result = Result(objects(self._number), name="Products")

    async def run(self):
        self._tree._add_refs(self._result.objects, "query", "Products")
        environment = self._tree.tree_data.environment
        environment.add("query", self._result)
        assert len(environment.find("query", "Products", 0)["objects"]) == self._number


class Side:
    """Makes what is measured."""

    def __init__(self):
        self.engine = ScriptedEngine(
            "\n\n".join(f"[[ ## {name} ## ]]\n{said}" for name, said in DECISION.items())
        )
        self.engine.answer += "\n\n[[ ## completed ## ]]"

    def _tree(self, preset):
        settings = Settings()
        settings.configure(
            base_provider="openai",
            base_model="gpt-4o-mini",
            complex_provider="openai",
            complex_model="gpt-4o",
            openai_api_key="made-up",
            logging_level="ERROR",
        )
        tree = Tree(preset, settings=settings)
        tree._base_lm = tree._complex_lm = dspy.LM(
            "openai/gpt-4o-mini", engine=NoBlockingEngine(), async_engine=self.engine, cache=False
        )
        # the collections are known already, there is no cluster to ask for them
        tree.use_elysia_collections = False
        known = collections()
        tree.tree_data.collection_data.metadata = known
        tree.tree_data.collection_data.collection_names = tree.tree_data.collection_names = list(known)
        return tree

    def decides(self, number):
        return Conversation(self._tree("default"), number)

    def decides_first(self, number):
        return self.decides(number)

    def acts(self, number):
        tree = self._tree("empty")
        tree.add_tool(greet)
        return Conversation(tree, number)

    def adds(self, number):
        return Adding(self._tree("empty"), number)


if __name__ == "__main__":
    serve(Side)
