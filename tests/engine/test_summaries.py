import asyncio
import re
import threading

import pytest
from engine.asking import settings_for
from engine.models import model_at
from engine.tools.stopping import stopped_at
from hypothesis import given
from hypothesis import strategies as st
from support.scripted_model import Fail, Json, ScriptedModel, Slow, Stall

from elysia_desktop.core.environment import Environment
from elysia_desktop.engine.summaries import (
    AT_ONCE,
    BATCH,
    MARK,
    MOST,
    forget_waiting,
    settle,
    summarise,
    waiting,
)

OBJECTS = st.lists(st.fixed_dictionaries({"n": st.integers(0, 5)}), min_size=1, max_size=8)


def things(number):
    return [{"_REF_ID": f"query_Things_1_{at}", "name": f"thing {at}"} for at in range(number)]


def summaries_of(body):
    """What a model that says “about …” of each object replies."""
    names = re.findall(r"\[\d+\] name: (thing \d+)", body["messages"][1]["content"])
    return Json({"summaries": [f"about {name}" for name in names]})


async def made_by(script, objects, question="Which?"):
    with ScriptedModel(script) as server:
        model = model_at(server)
        try:
            return await summarise(objects, question, settings_for(server), model), server
        finally:
            await model.aclose()


@pytest.mark.parametrize("number", [1, BATCH, BATCH + 1, 23])
async def test_each_object_gets_its_own_summary(number):
    made, server = await made_by(summaries_of, things(number))
    assert made.summaries == {f"query_Things_1_{at}": f"about thing {at}" for at in range(number)}
    assert len(server.requests) == len(made.spent) == -(-number // BATCH)
    assert made.errors == []


async def test_batches_are_written_side_by_side_but_not_all_at_once():
    lock, now, most = threading.Lock(), [0], [0]
    together = threading.Barrier(AT_ONCE, timeout=5)

    def script(body):
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        together.wait()
        reply = summaries_of(body)
        with lock:
            now[0] -= 1
        return Slow(0.02, reply)

    made, _ = await made_by(script, things(2 * AT_ONCE * BATCH))
    assert len(made.summaries) == 2 * AT_ONCE * BATCH
    assert most[0] == AT_ONCE


async def test_an_object_that_is_refused_takes_no_other_along():
    def script(body):
        return Fail(400, "Not this.") if "thing 7" in body["messages"][1]["content"] else summaries_of(body)

    made, server = await made_by(script, things(12))
    assert set(made.summaries) == {f"query_Things_1_{at}" for at in range(12) if at != 7}
    (error,) = made.errors
    assert "Not this." in error.sentence
    assert len(server.requests) == 3 + BATCH


async def test_what_concerns_no_object_is_not_tried_with_each_of_them():
    made, server = await made_by(lambda _: Fail(401, "Wrong key."), things(3 * BATCH))
    assert (made.summaries, len(made.errors)) == ({}, 3)
    assert len(server.requests) == 3


async def test_where_nothing_goes_through_not_every_object_is_tried():
    made, server = await made_by(lambda _: Fail(400, "Nothing."), things(MOST))
    assert made.summaries == {}
    assert len(server.requests) < MOST


async def test_another_number_of_summaries_is_sent_back():
    replies = [Json({"summaries": ["only one"]}), Json({"summaries": ["a", "b"]})]
    made, server = await made_by(replies, things(2))
    assert list(made.summaries.values()) == ["a", "b"]
    assert "at least 2 items" in server.requests[1].body["messages"][1]["content"]


async def test_what_a_model_never_gets_right_is_counted_as_spent():
    made, _ = await made_by([Json({})] * 9, things(2))
    assert made.summaries == {}
    assert [spent.attempts for spent in made.spent] == [3, 3, 3]
    assert len(made.errors) == 2


async def test_objects_beyond_the_limit_are_left():
    made, _ = await made_by(summaries_of, things(MOST + 3))
    assert len(made.summaries) == MOST


async def test_an_object_is_told_by_its_fields_even_where_it_has_a_summary():
    (thing,) = things(1)
    _, server = await made_by(summaries_of, [{**thing, "ELYSIA_SUMMARY": "stale"}])
    told = server.requests[0].body["messages"][1]["content"]
    assert "[1] name: thing 0" in told
    assert "stale" not in told
    assert "Which?" in told


async def test_stopping_stops_all_batches():
    with ScriptedModel(lambda _: Stall('{"summaries": [')) as server:
        model = model_at(server)
        await stopped_at(server, 3, summarise(things(3 * BATCH), "?", settings_for(server), model))
        assert {each.get_name() for each in asyncio.all_tasks()}.isdisjoint({"summaries"})
        await model.aclose()


@given(OBJECTS, OBJECTS)
def test_summaries_change_no_id_and_no_other_field(first, second):
    made = Environment()
    made.add_objects("query", "Things", first, {"collection_name": "Things"})
    made.add_objects("query", "Things", second, {MARK: True})
    before = Environment.from_json(made.to_json())
    entry = made.find("query", "Things", 1)
    ids = [item["_REF_ID"] for item in entry["objects"]]
    version = made.version
    settle(made, entry, {ref_id: f"about {ref_id}" for ref_id in ids})
    assert made.version > version
    assert [item["_REF_ID"] for item in entry["objects"]] == ids
    for ref_id in ids:
        assert made.object(ref_id) == {**before.object(ref_id), "ELYSIA_SUMMARY": f"about {ref_id}"}
    (again,) = made.add_objects("query", "Things", second[:1])
    assert (again["object_info"], again["_REF_ID"]) == ("[repeat]", ids[0])
    assert Environment.from_json(made.to_json()).to_json() == made.to_json()


def test_a_result_waits_until_it_has_its_summaries_or_another_query_is_made():
    made = Environment()
    for name in "AB":
        made.add_objects("query", name, [{"n": 1}], {MARK: True, "output_type": "summary"})
    made.add_objects("query", "C", [{"n": 1}], {"output_type": "original"})
    assert [name for _, name, _ in waiting(made)] == ["A", "B"]
    entry = made.find("query", "A", 0)
    settle(made, entry, {"query_A_1_0": "about it"})
    assert entry["metadata"] == {"output_type": "summary"}
    assert [name for _, name, _ in waiting(made)] == ["B"]
    forget_waiting(made)
    assert waiting(made) == []
    assert made.find("query", "B", 0)["metadata"] == {"output_type": "original"}
