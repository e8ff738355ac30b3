"""The tools give the known answers of the sample data, on every store, when a model writes the right requests."""

import asyncio
import json

import pytest
from engine.asking import decision, told
from services.test_sample_questions import LABELS, QUESTIONS, agrees
from support.right_requests import as_a_model_writes
from support.scripted_model import Json, ScriptedModel
from support.shop_agent import kind_of

from elysia_desktop.core.settings import Settings
from elysia_desktop.engine.tree import Tree
from elysia_desktop.services.sample import load_sample
from elysia_desktop.stores.clients import ClientManager


@pytest.fixture(scope="module", params=["library", "weaviate"])
def opening(request, tmp_path_factory):
    """Opens the store that has the sample data; each test has an event loop of its own."""
    if request.param == "library":
        folder = tmp_path_factory.mktemp("sample")

        def open_clients():
            return ClientManager(library_folder=folder)
    else:
        node = request.getfixturevalue("weaviate_node")
        ports = {"local_weaviate_port": node.port, "local_weaviate_grpc_port": node.grpc_port}

        def open_clients():
            return ClientManager(weaviate_is_local=True, wcd_url="localhost", **ports)

    async def with_store(work):
        clients = open_clients()
        try:
            await work(clients.store())
        finally:
            await clients.close_clients()

    async def drop(store):
        for info in await store.collections():
            await store.drop(info.name)

    asyncio.run(with_store(load_sample))
    yield open_clients
    asyncio.run(with_store(drop))


@pytest.fixture
async def clients(opening):
    clients = opening()
    yield clients
    await clients.close_clients()


def numbers(entry, request):
    """The answer of an aggregation, in the format of `questions.json`."""
    found = entry["objects"][0]
    (fields,) = found["collections"][0].values()
    metrics = request["metrics"]
    if request["group_by"]:
        groups = fields[request["group_by"]]["groups"]
        return {name: group["values"][-1]["value"] for name, group in groups.items()}
    return fields[metrics[0]["property"]]["values"][0]["value"] if metrics else found["num_items"]


async def asked(clients, question):
    """The results of a run whose model writes the question's requests, by collection."""
    store = clients.store()
    written = [await as_a_model_writes(store, one) for one in question["requests"]]
    decisions = iter(
        [
            decision(question["tool"], collection_names=question["collections"]),
            decision("text_response", text="That is it.", end=True),
        ]
    )

    def reply(body):
        if kind_of(body) == "decision":
            return next(decisions)
        # Where the collections do not fit into one prompt each is asked about those it shows.
        form = json.dumps(body["response_format"])
        return Json({"requests": [one for one in written if f'"{one["collection"]}"' in form]})

    with ScriptedModel(reply) as model:
        served = {"base_provider": "openai_compatible", "base_model": "m", "base_api_base": model.address}
        tree = Tree("default", settings=Settings(**served, recursion_limit=2))
        payloads = await told(tree, question["question"], clients)
    assert [one["payload"] for one in payloads if one["type"] in {"error", "self_healing_error"}] == []
    return lambda name: tree.tree_data.environment.find(question["tool"], name)


@pytest.mark.parametrize(
    "question",
    [
        question
        for question in QUESTIONS
        if len({(request["kind"], request["collection"]) for request in question["requests"]})
        == len(question["requests"])
        and {request["kind"] for request in question["requests"]} <= {question["tool"]}
    ],
    ids=lambda question: question["id"],
)
async def test_a_question_is_answered_through_the_tools(clients, question):
    found = await asked(clients, question)
    last, answer = question["requests"][-1], question["answer"]
    name = last["collection"]
    if question["tool"] == "query":
        objects = [one for entry in found(name) or [] for one in entry["objects"]]
        uuids = [one["uuid"] for one in objects]
        if question["kind"] == "text_search":
            assert set(question["uuids"]) <= set(uuids)
            return
        assert uuids == question["uuids"]
        assert [one[LABELS[name]] for one in objects] == answer
    elif isinstance(answer, dict) and not last["group_by"]:
        got = {one["collection"]: numbers(found(one["collection"])[0], one) for one in question["requests"]}
        assert agrees(got, answer)
    else:
        assert agrees(numbers(found(name)[0], last), answer)
