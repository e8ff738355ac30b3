import asyncio
import json
import threading

import pytest
from engine.asking import Clients, decision, errors, kinds, prompts, told, tree_for
from engine.kept import GUIDES, MESSAGES, guide, library_with, message
from support.scripted_model import Json, ScriptedModel

from elysia_desktop.core.errors import NotSupported, StoreUnreachable
from elysia_desktop.core.requests import QueryRequest
from elysia_desktop.core.schema import VectorConfig
from elysia_desktop.engine.chunking.keeping import name_for
from elysia_desktop.engine.request_writing import MAX_PROMPTS

pytestmark = pytest.mark.usefixtures("nothing_left")

THINGS = {"name": "text", "price": "float"}
DONE = decision("text_response", text="Done.")


def request(collection, display="table", **changes):
    return {
        "collection": collection,
        "search_words": None,
        "filters": [],
        "match": "all",
        "sort_by": None,
        "order": "lowest first",
        "limit": 10,
        "display": display,
        "summarise_each": False,
        **changes,
    }


def requests(*made, **more):
    return Json({"requests": list(made), **more})


class Store:
    """A library of which some requests are answered otherwise."""

    def __init__(self, library, **answers):
        self._library = library
        self._answers = answers

    def __getattr__(self, name):
        return self._answers.get(name) or getattr(self._library, name)


@pytest.fixture
async def library(tmp_path):
    things = [{"name": f"Thing {n}", "price": n / 2} for n in range(4)]
    talk = [message("hall", 1, "Hello."), message("hall", 2, "A tent?"), message("attic", 1, "No tent.")]
    library = await library_with(
        tmp_path,
        Things=(THINGS, things),
        Talk=(MESSAGES, talk),
        Guides=(GUIDES, [guide(n, at=40 + n) for n in range(4)]),
    )
    spoken = {"content": "content", "timestamp": "sent", "conversation_id": "room", "message_id": "number"}
    for name, display, mapping in (
        ("Talk", "conversation", spoken),
        ("Guides", "document", {"title": "title", "content": "content"}),
        ("Things", "generic", {"title": "name"}),
    ):
        properties = (await library.schema(name)).properties
        fields = [
            {"name": p.name, "type": p.type.value, "mean": 900.0 if p.name == "content" else 4.0}
            for p in properties
        ]
        mappings = {"table": {}, display: mapping, "message": mapping}
        await library.put_metadata(
            name, {"name": name, "length": 4.0, "fields": fields, "mappings": mappings}
        )
    yield library
    await library.close()


async def asked(store, *replies, collections=(), question="Which?", **settings):
    script = [decision("query", collection_names=list(collections)), *replies, DONE]
    with ScriptedModel(script) as model:
        tree = tree_for(model, preset="default", **settings)
        payloads = await told(tree, question, Clients(store))
        return payloads, prompts(model), tree


def results(payloads):
    return [p["payload"] for p in payloads if p["type"] == "result"]


async def test_a_result_says_by_which_request_it_was_found_and_how_it_is_shown(library):
    payloads, _, tree = await asked(
        library, requests(request("Talk", "conversation", search_words="tent", limit=5))
    )
    (found,) = results(payloads)
    metadata = found["metadata"]
    assert {
        key: metadata[key]
        for key in ("collection_name", "display_type", "return_type", "output_type", "query_text", "query_type")
    } == {
        "collection_name": "Talk",
        "display_type": "conversation",
        "return_type": "conversation",
        "output_type": "original",
        "query_text": "tent",
        "query_type": "keyword",
    }  # fmt: skip
    assert metadata["query_output"]["collection"] == "Talk"
    assert metadata["time"] > 0
    assert found["type"] == "conversation"
    hall = next(item for item in found["objects"] if item["conversation_id"] == "hall")
    assert [(m["content"], m["relevant"]) for m in hall["messages"]] == [("Hello.", False), ("A tent?", True)]
    assert tree.environment.object(hall["_REF_ID"])["messages"][0]["room"] == "hall"
    json.dumps(payloads)


async def test_each_display_gets_its_own_fields(library):
    payloads, _, _ = await asked(
        library, requests(request("Talk", "message", search_words="tent"), request("Things"))
    )
    messages, things = results(payloads)
    assert messages["type"] == "message"
    assert {"content", "conversation_id", "relevant", "_REF_ID"} <= messages["objects"][0].keys()
    assert "room" not in messages["objects"][0]
    assert things["type"] == "table"
    assert {"name", "price", "uuid"} <= things["objects"][0].keys()


async def test_nothing_found_is_told_to_the_model_as_such(library):
    payloads, said, _ = await asked(library, requests(request("Things", search_words="zeppelin")))
    assert results(payloads) == []
    assert "Retrieved 0 object(s) from “Things” by keyword search for “zeppelin”" in said[2][1]
    assert "Judge this query" in said[2][1]


async def test_no_collection_named_means_all_in_use(library):
    _, said, _ = await asked(library, requests(request("Things")), prompt_token_budget=8000)
    system = said[1][0]
    assert all(f'collection: "{name}"' in system for name in ("Things", "Talk", "Guides"))


WIDE = {f"a_property_with_a_long_name_{n}": "text" for n in range(24)}


async def asked_of_wide(folder, names, reply):
    """A question of collections that do not fit in one prompt; `reply` answers for those that are offered."""
    library = await library_with(folder, **{name: (WIDE, [{}]) for name in names})

    def script(body):
        system, user = (message["content"] for message in body["messages"][:2])
        if "Options:" in system:
            done = "# Steps done" in user
            return DONE if done else decision("query", collection_names=[])
        assert "[] where these collections hold nothing of it" in system
        return reply([name for name in names if f'collection: "{name}"' in system])

    with ScriptedModel(script) as model:
        payloads = await told(tree_for(model, preset="default"), "Which?", Clients(library))
    await library.close()
    return payloads


def names_of(payloads):
    return {result["metadata"]["collection_name"] for result in results(payloads)}


async def test_collections_that_do_not_fit_in_one_prompt_are_asked_of_in_several_at_the_same_time(tmp_path):
    names = [f"Wide{n}" for n in range(4)]
    together = threading.Barrier(2, timeout=5)

    def reply(offered):
        together.wait()
        return requests(*(request(name) for name in offered if name != "Wide1"))

    payloads = await asked_of_wide(tmp_path, names, reply)
    assert names_of(payloads) == {*names} - {"Wide1"}
    assert errors(payloads) == []


async def test_a_prompt_that_fails_leaves_what_the_others_ask_for(tmp_path):
    def reply(offered):
        return requests(*map(request, offered)) if "Wide0" not in offered else Json({})

    payloads = await asked_of_wide(tmp_path, [f"Wide{n}" for n in range(4)], reply)
    assert "Wide3" in names_of(payloads)
    assert "Wide0" not in names_of(payloads)
    assert len(errors(payloads)) == 1
    assert "gave no usable answer in 3 tries" in errors(payloads)[0]


async def test_more_collections_than_can_be_asked_of_are_named(tmp_path):
    names = [f"Wide{n}" for n in range(MAX_PROMPTS + 1)]
    payloads = await asked_of_wide(tmp_path, names, lambda offered: requests(*map(request, offered)))
    assert names_of(payloads) == {*names[:MAX_PROMPTS]}
    (warning,) = [p["payload"]["text"] for p in payloads if p["type"] == "warning"]
    assert warning.endswith(f"left out: {names[-1]}.")


async def test_requests_run_at_the_same_time_and_are_shown_in_their_order(library):
    both = asyncio.Barrier(2)

    async def query(request):
        if request.properties is None:  # not when values that the question names are looked for
            await asyncio.wait_for(both.wait(), 5)
        return await library.query(request)

    made = requests(request("Things"), request("Talk"))
    payloads, _, _ = await asked(Store(library, query=query), made)
    assert [r["metadata"]["collection_name"] for r in results(payloads)] == ["Things", "Talk"]


async def test_where_meaning_cannot_be_searched_words_are_and_the_person_is_told(library):
    searched = []

    async def query(request):
        searched.append(request.search)
        if request.search == "hybrid":
            raise NotSupported("The question could not become a vector.", "Start the embedder.")
        return await library.query(request)

    async def schema(name):
        found = await library.schema(name)
        return found.model_copy(update={"vectors": (VectorConfig(vectorizer="x"),)})

    made = requests(request("Things", search_words="thing", search_by="both"))
    payloads, _, _ = await asked(Store(library, query=query, schema=schema), made)
    (result,) = results(payloads)
    assert result["metadata"]["query_output"]["search"] == "keyword"
    assert searched[-2:] == ["hybrid", "keyword"]
    (warning,) = [p["payload"]["text"] for p in payloads if p["type"] == "warning"]
    assert warning.endswith("words alone. The question could not become a vector. Start the embedder.")
    assert errors(payloads) == []


async def test_a_collection_that_fails_does_not_stop_the_others(library):
    async def query(request):
        if request.collection == "Things":
            raise StoreUnreachable("Nothing answers.", "Start the server.")
        return await library.query(request)

    made = requests(request("Things"), request("Talk"))
    payloads, said, _ = await asked(Store(library, query=query), made)
    assert [r["metadata"]["collection_name"] for r in results(payloads)] == ["Talk"]
    assert errors(payloads) == ["Nothing answers. Start the server."]
    assert "Nothing answers." in said[2][1]


async def test_a_collection_whose_schema_cannot_be_read_does_not_stop_the_others(library):
    async def schema(name):
        if name == "Things" and decided:
            raise StoreUnreachable("Nothing answers.")
        return await library.schema(name)

    decided = []

    def script(body):
        decided.append(body)
        return [decision("query", collection_names=[]), requests(request("Talk")), DONE][len(decided) - 1]

    with ScriptedModel(script) as model:
        tree = tree_for(model, preset="default")
        payloads = await told(tree, "Which?", Clients(Store(library, schema=schema)))
        said = prompts(model)
    assert [r["metadata"]["collection_name"] for r in results(payloads)] == ["Talk"]
    assert errors(payloads) == ["Nothing answers."]
    assert 'collection: "Things"' not in said[1][0]


async def test_the_same_request_twice_is_made_once(library):
    payloads, _, _ = await asked(library, requests(request("Things"), request("Things")))
    assert len(results(payloads)) == 1


async def test_of_long_documents_the_model_reads_the_parts_and_the_person_the_whole(library):
    made = requests(request("Guides", "document", search_words="tents", limit=2))
    payloads, said, tree = await asked(library, made, question="What of tents?")
    (found,) = results(payloads)
    assert found["metadata"]["chunked"] is True
    assert len(found["objects"]) == 2
    for document in found["objects"]:
        assert len(document["content"]) > 3000
        for span in document["chunk_spans"]:
            part = tree.environment.object(span["_REF_ID"])
            assert document["content"][span["start"] : span["end"]] == part["content"]
            assert part["fullDocument"] == document["uuid"]
            assert part["content"].split(". ")[-1] in said[2][1].replace("…", ".")
        assert document["_REF_ID"] == document["chunk_spans"][0]["_REF_ID"]
    assert "chunk_spans" not in said[2][1]
    assert name_for("Guides") not in str(said), "what is kept for the application itself is not offered"


@pytest.fixture
async def shelf(library):
    """Guides of which one is a book that speaks of nothing but tents and one has them in its title alone."""
    guides = [guide(n, at=40 + n) for n in range(5)]
    guides[1]["content"] = "Tents are tents. " * 300
    guides[3] |= {"title": "Tents", "content": guide(3, "ropes")["content"]}
    await library.insert("Guides", guides)
    return library


@pytest.mark.parametrize(
    "changes",
    [{"limit": 5}, {"limit": 2}, {"limit": 1, "sort_by": "title"}, {"limit": 3, "sort_by": "title"}],
)
async def test_the_long_documents_shown_are_those_of_the_request_that_is_told(shelf, changes):
    made = request("Guides", "document", search_words="tents", **changes)
    payloads, _, tree = await asked(shelf, requests(made))
    (found,) = results(payloads)
    assert found["metadata"]["chunked"] is True
    told_request = QueryRequest.model_validate(found["metadata"]["query_output"])
    plain = (await shelf.query(told_request)).objects
    assert [item["uuid"] for item in found["objects"]] == [item["uuid"] for item in plain]
    parts = tree.environment.find("query", "Guides", 0)["objects"]
    assert {part["fullDocument"] for part in parts} == {item["uuid"] for item in plain}
    assert f"limit={changes['limit']}" in found["metadata"]["code"]["text"]


async def test_later_pages_of_long_documents_hold_the_others(shelf):
    pages = [request("Guides", "document", search_words="tents", limit=2, skip=skip) for skip in (0, 2, 4)]
    script = [
        reply for page in pages for reply in (decision("query", collection_names=["Guides"]), requests(page))
    ]
    with ScriptedModel([*script, DONE]) as model:
        tree = tree_for(
            model,
            preset="default",
            complex_provider="openai_compatible",
            complex_model="scripted",
            complex_api_base=model.address,
            complex_use_reasoning=False,
        )
        payloads = await told(tree, "What of tents?", Clients(shelf))
    shown = [[item["uuid"] for item in page["objects"]] for page in results(payloads)]
    assert [len(page) for page in shown] == [2, 2, 1]
    assert {uuid for page in shown for uuid in page} == {guide(n)["uuid"] for n in range(5)}


@pytest.mark.parametrize(
    "changes", [{"search_words": None}, {"display": "table"}, {"summarise_each": True}]
)  # fmt: skip
async def test_documents_are_found_whole_unless_parts_of_them_are_searched(library, changes):
    given = {"search_words": "tents", "display": "document", "limit": 1, **changes}
    replies = [requests(request("Guides", **given))]
    if given.get("summarise_each"):
        replies.append(Json({"summaries": ["Of tents."]}))
    payloads, _, _ = await asked(library, *replies)
    assert results(payloads)[0]["metadata"].get("chunked", False) is False
    assert all(len(item["content"]) > 3000 for item in results(payloads)[0]["objects"])
    assert name_for("Guides") not in {info.name for info in await library.collections()}


class Elsewhere(Store):
    """A store that is not the application's own."""


@pytest.mark.parametrize(("allowed", "times"), [(None, 1), (False, 0)])
async def test_elsewhere_no_collection_is_made_unless_the_person_allows_it(library, allowed, times):
    made = request("Guides", "document", search_words="tents", limit=1)
    script = [decision("query", collection_names=[]), requests(made), DONE] * 2
    with ScriptedModel(script) as model:
        tree = tree_for(model, preset="default", allow_chunk_collections=allowed)
        first = await told(tree, "Which?", Clients(Elsewhere(library)))
        again = await told(tree, "Which now?", Clients(Elsewhere(library)))
    assert len(results(first)) == len(results(again)) == 1
    assert results(first)[0]["metadata"]["chunked"] is False
    questions = [p["payload"] for p in first if p["type"] == "consent_asked"]
    assert [question["setting"] for question in questions] == ["allow_chunk_collections"] * times
    assert all(
        question["text"] == "The documents of “Guides” are long. To find the passages that matter, "
        "a collection of their parts must be made in your Weaviate."
        for question in questions
    )
    assert "consent_asked" not in kinds(again), "the person is asked once"
    assert "warning" not in kinds(first)
    doing = [p["payload"]["text"] for p in first if p["type"] == "status"]
    assert ("Searching long documents…" in doing) is (allowed is None)
    assert name_for("Guides") not in {info.name for info in await library.collections()}


async def test_elsewhere_the_parts_are_kept_once_the_person_allows_it(library):
    made = requests(request("Guides", "document", search_words="tents", limit=1))
    payloads, _, _ = await asked(Elsewhere(library), made, allow_chunk_collections=True)
    assert results(payloads)[0]["metadata"]["chunked"] is True
    payloads, _, _ = await asked(Elsewhere(library), made, allow_chunk_collections=None)
    assert results(payloads)[0]["metadata"]["chunked"] is True, "there is nothing left to ask for"
    assert "consent_asked" not in kinds(payloads)


async def test_where_the_parts_cannot_be_kept_the_documents_are_found_whole(library):
    async def create(schema):
        raise StoreUnreachable("The key may only read.")

    made = requests(request("Guides", "document", search_words="tents", limit=1))
    payloads, _, _ = await asked(Elsewhere(library, create=create), made, allow_chunk_collections=True)
    assert results(payloads)[0]["metadata"]["chunked"] is False
    (warning,) = [p["payload"]["text"] for p in payloads if p["type"] == "warning"]
    assert "The key may only read." in warning


@pytest.mark.parametrize(("setting", "asks"), [(True, True), (False, False), (None, False)])
async def test_a_reason_goes_before_the_requests_where_that_is_set(library, setting, asks):
    made = requests(request("Things"), reasoning="All of them.")
    payloads, said, _ = await asked(library, made, complex_use_reasoning=setting)
    assert ("reasoning: text" in said[1][0]) is asks
    assert said[1][0].find("reasoning:") < said[1][0].find("requests:")
    assert len(results(payloads)) == 1


async def test_stopping_while_a_store_searches_leaves_nothing_running(library):
    started = asyncio.Event()

    async def query(request):
        started.set()
        await asyncio.Event().wait()

    script = [decision("query", collection_names=[]), requests(request("Things"), request("Talk"))]
    with ScriptedModel(script) as model:
        tree = tree_for(model, preset="default")
        work = asyncio.create_task(told(tree, "Which?", Clients(Store(library, query=query))))
        await started.wait()
        work.cancel()
        await asyncio.wait([work])
        await tree.aclose()
    assert work.cancelled()
