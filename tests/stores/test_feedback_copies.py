import json

import pytest
from engine.feedback.runs import record

from elysia_desktop.core.requests import QueryRequest
from elysia_desktop.core.run_record import RatedRun, RunRecord
from elysia_desktop.core.schema import CollectionSchema, Property
from elysia_desktop.core.settings import Settings
from elysia_desktop.stores.clients import ClientManager
from elysia_desktop.stores.feedback import StaleCopy
from elysia_desktop.stores.feedback_copies import FEEDBACK, bring_up_to_date, copy_uuid
from elysia_desktop.stores.library.library import Library


@pytest.fixture(params=["library", "local"])
async def store(request, tmp_path):
    """An empty store of each kind; what is made in it is dropped afterwards."""
    settings = Settings(data_source=request.param)
    if request.param == "local":
        node = request.getfixturevalue("weaviate_node")
        settings.configure(local_weaviate_port=node.port, local_weaviate_grpc_port=node.grpc_port)
    clients = ClientManager(settings=settings, library_folder=tmp_path)
    yield clients.store()
    for info in await clients.store().collections():
        await clients.store().drop(info.name)
    await clients.close_clients()


AT = "2026-03-02T10:00:00.123456+00:00"


def copy(query_id, rating=1, **more):
    return StaleCopy(
        query_id, AT, RatedRun(record=record("Which boats?", query_id=query_id, **more), rating=rating)
    )


async def there(store):
    page = await store.query(QueryRequest(collection=FEEDBACK, limit=100))
    return {item["query_id"]: item for item in page.objects}


async def test_a_rated_run_is_an_object_of_the_feedback_collection(store):
    await bring_up_to_date(store, [copy("q1", 2, answer="Two."), copy("q2", -1)])
    found = await there(store)
    assert {name: item["feedback"] for name, item in found.items()} == {"q1": 2, "q2": -1}
    first = found["q1"]
    assert first["uuid"] == copy_uuid("q1")
    assert (first["user_prompt"], first["answer"]) == ("Which boats?", "Two.")
    assert (first["collection_names"], first["tools"]) == (["Boats"], ["query", "cited_summarize"])
    assert RunRecord.model_validate_json(first["record"]).answer == "Two."


async def test_a_rating_that_changes_replaces_its_object_and_one_taken_back_removes_it(store):
    await bring_up_to_date(store, [copy("q1", 2), copy("q2", 1)])
    await bring_up_to_date(store, [copy("q1", -1), StaleCopy("q2", AT, None)])
    assert {name: item["feedback"] for name, item in (await there(store)).items()} == {"q1": -1}


async def test_removing_what_was_never_copied_makes_no_collection(store):
    await bring_up_to_date(store, [StaleCopy("q1", AT, None)])
    assert FEEDBACK not in [info.name for info in await store.collections()]


async def test_a_collection_that_another_program_made_keeps_what_it_can_hold(store):
    await store.create(
        CollectionSchema(
            name=FEEDBACK,
            properties=(Property(name="query_id", type="text"), Property(name="user_prompt", type="text")),
        )
    )
    await bring_up_to_date(store, [copy("q1")])
    assert (await there(store))["q1"]["user_prompt"] == "Which boats?"


async def test_what_is_turned_away_is_named_with_the_reason(tmp_path):
    store = Library(tmp_path)
    properties = (Property(name="query_id", type="text"), Property(name="answer", type="date"))
    await store.create(CollectionSchema(name=FEEDBACK, properties=properties))
    copies = [copy("q1", answer="2024-03-01"), StaleCopy("gone", AT, None), copy("q2", answer="Two.")]
    turned_away = await bring_up_to_date(store, copies)
    assert list(turned_away) == ["q2"]
    assert "Two." in turned_away["q2"]
    assert list(await there(store)) == ["q1"]
    await store.close()


async def test_a_run_without_steps_or_answer_is_copied_too(store):
    await bring_up_to_date(store, [copy("q1", -1, tools=(), request=None)])
    item = (await there(store))["q1"]
    assert json.loads(item["record"])["steps"] == []
    assert item["feedback"] == pytest.approx(-1)
