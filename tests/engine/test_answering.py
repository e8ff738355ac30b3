from contextlib import aclosing

import pytest
from engine.asking import answer, settings_for
from engine.models import model_at
from hypothesis import given, settings
from hypothesis import strategies as st
from support.scripted_model import Json, ScriptedModel

from elysia_desktop.core.atlas import Atlas
from elysia_desktop.core.collection_data import CollectionData
from elysia_desktop.core.environment import Environment
from elysia_desktop.core.objects import Response
from elysia_desktop.core.tree_data import TreeData
from elysia_desktop.engine.answering import MOST_REFS, Numbered, numbered, plain_signature, written
from elysia_desktop.engine.tools import CitedSummarize


@settings(deadline=None)
@given(
    st.lists(st.one_of(st.integers(), st.text(max_size=8), st.none(), st.floats(), st.booleans())),
    st.integers(0, 30),
)
def test_of_what_a_model_cites_only_numbers_of_objects_are_left(cited, number):
    shown = Numbered(ref_ids=[f"query_X_1_{at}" for at in range(number)])
    known = shown.known(cited)
    assert len(known) == len(set(known)) <= MOST_REFS
    assert set(known) <= set(range(1, number + 1))
    assert set(known) >= {n for n in cited[:1] if type(n) is int and 0 < n <= number}
    assert len(shown.ids_of(known)) == len(known)


def test_a_citation_is_read_from_words_around_its_number_but_no_other_number_is_made_of_it():
    shown = Numbered(ref_ids=["query_X_1_0", "query_X_1_1"])
    assert shown.known(["[2]", "doc-1"]) == [2, 1]
    assert shown.known([-1, "-2", " -1.0", True, None, 10**12, "x"]) == []


@pytest.mark.parametrize(
    ("metadata", "told"),
    [
        ({"total": 2}, "query of X: 2 objects match:"),
        ({"total": 1_500}, "query of X: 1,500 objects match, the first 2 of them:"),
        ({"total": None}, "query of X: the first 2 that were found, more may match:"),
        ({}, "query of X: 2 objects match:"),
    ],
)
def test_only_a_total_that_is_known_is_told_as_one(metadata, told):
    environment = Environment()
    environment.add_objects("query", "X", [{"n": 1}, {"n": 2}], metadata)
    assert numbered(environment, 300).text.splitlines()[0] == told


def test_what_is_found_again_stands_in_the_newest_result_and_keeps_its_number_in_older_ones():
    environment = Environment()
    environment.add_objects("query", "X", [{"n": 1}, {"n": 2}], {"total": 2})
    environment.add_objects("query", "X", [{"n": 3}, {"n": 2}], {"total": 2})
    shown = numbered(environment, 300)
    assert shown.text.splitlines() == [
        "query of X: 2 objects match:",
        "[1] n: 3",
        "[2] n: 2",
        "query of X: 2 objects match:",
        "[3] n: 1",
        "as above: [2]",
    ]
    assert shown.ref_ids == ["query_X_2_0", "query_X_1_1", "query_X_1_0"]


def test_a_search_that_finds_only_what_is_known_is_told_with_its_objects():
    environment = Environment()
    environment.add_objects("query", "X", [{"n": 1}, {"n": 2}])
    environment.add_objects("query", "X", [{"n": 2}])
    shown = numbered(environment, 300)
    assert shown.text.splitlines()[:2] == ["query of X: 1 objects match:", "[1] n: 2"]
    assert shown.ref_ids == ["query_X_1_1", "query_X_1_0"]


@pytest.mark.parametrize(("text", "number"), [("It is so.", 1), (" ", 0)])
async def test_an_answer_without_words_is_none(text, number):
    made = Response("")

    def fill(reply):
        made.objects = [{"text": reply.text}]

    with ScriptedModel([answer(text)]) as server:
        model = model_at(server)
        asked = written("answer", plain_signature("Answer."), {"question": "?"}, model, made, fill)
        async with aclosing(asked) as items:
            told = [item async for item in items]
        await model.aclose()
    assert [item for item in told if item is made] == [made] * number
    deltas = [item.object for item in told if item.frontend_type == "text_delta"]
    assert {delta["message_id"] for delta in deltas} <= {made.message_id}


async def test_what_was_taken_out_while_the_answer_was_written_is_not_cited():
    environment = Environment()
    environment.add_objects("query", "X", [{"n": 1}])
    environment.add_objects("query", "Y", [{"n": 2}])

    def script(_):
        environment.remove("query", "Y")
        return Json({"title": "T", "answer": [{"text": "Both.", "refs": [1, 2]}]})

    with ScriptedModel(script) as server:
        data = TreeData(
            CollectionData([]), Atlas(), "?", environment=environment, settings=settings_for(server)
        )
        model = model_at(server)
        items = [item async for item in CitedSummarize()(data, {}, model, model, None)]
        await model.aclose()
    assert items[-1].objects == [{"text": "Both.", "ref_ids": ["query_X_1_0"]}]
