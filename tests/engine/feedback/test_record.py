import json

import pytest
from engine.feedback.runs import REQUEST, chose, finished, found, said, sent, turn, used
from pydantic import SecretStr

from elysia_desktop.core.run_record import DecisionMade, RunRecord
from elysia_desktop.core.settings import Settings
from elysia_desktop.engine.feedback.record import keys_in, record_of, tasks_of

KEY = "sk-canary-1234567890"


def test_a_run_is_recorded_with_decisions_requests_answer_and_models():
    run = turn(
        used("decision", "query", "aggregate", tokens=100),
        chose("query", "they ask which"),
        used("query", tokens=50),
        found(REQUEST),
        finished("query", "Boats · 1 object"),
        used("decision", "query", "cited_summarize", tokens=100),
        chose("cited_summarize", "found"),
        used("answer", tokens=70),
        said("One moment.", update=True),
        said("The Merle has one."),
        finished("cited_summarize"),
        seconds=2.5,
        collections=("Boats",),
    )
    tasks = [{"task": "query", "inputs": "collection_names=['Boats']", "result": "Retrieved 1"}]
    record = record_of(run, "c", tasks, application="9.9")
    assert record.question == "Which boats have masts?"
    assert record.collections == ("Boats",)
    assert record.decisions[0] == DecisionMade(
        node="base", option="query", options=("query", "aggregate"), reasoning="they ask which"
    )
    assert record.tools == ("query", "cited_summarize")
    first = record.steps[0]
    assert (first.inputs, first.result, first.found) == (
        "collection_names=['Boats']",
        "Retrieved 1",
        "Boats · 1 object",
    )
    assert first.requests == (REQUEST,)
    assert record.steps[1].requests == ()
    assert record.answer == "The Merle has one."
    assert [(m.purpose, m.calls, m.input_tokens) for m in record.models] == [
        ("decision", 2, 200),
        ("query", 1, 50),
        ("answer", 1, 70),
    ]
    assert record.tokens == 324
    assert (record.seconds, record.application) == (2.5, "9.9")


def called(call_id, name, arguments="{}", parent=""):
    return sent("tool_called", call_id=call_id, name=name, arguments=arguments, parent_id=parent)


def returned(call_id, content="", outcome="done", seconds=0.5):
    return sent("tool_returned", call_id=call_id, outcome=outcome, content=content, seconds=seconds)


def test_calls_of_functions_are_recorded_in_their_order_with_inputs_and_outcomes():
    run = turn(
        called("1", "search_documents", '{"text": "mast"}'),
        finished("search_documents", "2 passages"),
        returned("1", "<source1> The mast."),
        called("2", "ask_collections", '{"question": "Boats?"}'),
        called("3", "query", parent="2"),
        found(REQUEST),
        returned("3", "Retrieved 1"),
        returned("2", "The Merle.", seconds=2),
        called("4", "read_document", '{"document": "no.pdf"}'),
        returned("4", "There is no such file.", "failed"),
        called("5", "summarize_document"),
        said("12 metres."),
    )
    record = record_of(run, "c")
    assert record.tools == (
        "search_documents", "ask_collections", "query", "read_document", "summarize_document",
    )  # fmt: skip
    search, ask, query, read, cut_off = record.steps
    assert (search.inputs, search.result, search.found) == (
        '{"text": "mast"}', "<source1> The mast.", "2 passages",
    )  # fmt: skip
    assert (query.requests, ask.requests, ask.seconds) == ((REQUEST,), (), 2)
    assert (read.failed, read.result, search.failed) == (True, "There is no such file.", False)
    assert cut_off.result == ""


def test_a_record_is_the_same_after_it_was_written_and_read():
    record = record_of(turn(chose("query"), found(REQUEST), finished("query"), said("é 船")), "c")
    assert RunRecord.model_validate_json(record.model_dump_json()) == record


def test_texts_are_cut_however_long_they_are():
    big = "x" * 1_000_000
    run = turn(
        *(chose("query", big) for _ in range(500)),
        *(finished("query", big) for _ in range(500)),
        *(sent("self_healing_error", feedback=big, error_message=big) for _ in range(500)),
        *(said(big) for _ in range(3)),
        found({"collection": "Boats", "text": big}),
        prompt=big,
    )
    record = record_of(run, "c", [{"task": "query", "inputs": big, "result": big}] * 500)
    assert len(record.model_dump_json()) < 200_000
    assert not any(step.requests for step in record.steps)


def test_no_key_is_in_a_record():
    run = turn(
        used("decision", KEY, model=KEY),
        chose(KEY, f"because {KEY}"),
        found({"collection": KEY, "text": KEY, KEY: [KEY]}),
        finished(KEY, KEY),
        sent("self_healing_error", feedback=KEY, error_message=KEY),
        said(f"It is {KEY}."),
        prompt=f"Is {KEY} mine?",
        collections=(KEY,),
    )
    record = record_of(run, "c", [{"task": KEY, "inputs": KEY, "result": KEY}], [KEY])
    assert KEY not in record.model_dump_json()
    assert "•••" in record.question


def test_every_key_of_the_settings_is_hidden():
    settings = Settings(wcd_api_key=SecretStr("weaviate-key"), api_keys={"OPENAI_API_KEY": SecretStr(KEY)})
    assert set(keys_in(settings)) == {"weaviate-key", KEY}


def test_an_error_that_healed_is_kept():
    record = record_of(turn(sent("self_healing_error", feedback="No such field.", error_message="…")), "c")
    assert record.errors == ("No such field.",)


def test_summaries_of_the_same_objects_are_no_second_request():
    record = record_of(turn(found(REQUEST), found(REQUEST, is_summary=True), finished("query")), "c")
    assert record.steps[0].requests == (REQUEST,)


def test_the_price_of_calls_is_unknown_when_that_of_one_is():
    record = record_of(turn(used(cost=0.5), used(cost=None)), "c")
    assert record.models[0].cost is None


@pytest.mark.parametrize(("query_id", "wanted"), [("first", "one"), ("again", "two"), ("other", "three")])
def test_a_question_that_was_asked_twice_has_its_own_steps(query_id, wanted):
    turns = [turn(query_id="first"), turn(query_id="again"), turn(query_id="other", prompt="Why?")]
    noted = [
        {"prompt": "Which boats have masts?", "task": [{"task": "one"}]},
        {"prompt": "Which boats have masts?", "task": [{"task": "two"}]},
        {"prompt": "Why?", "task": [{"task": "three"}]},
    ]
    mine = next(one for one in turns if one.query_id == query_id)
    assert tasks_of(mine, turns, noted) == [{"task": wanted}]


def test_a_run_that_the_tree_knows_nothing_of_has_no_steps():
    only = turn()
    assert tasks_of(only, [only], []) == []
    assert json.loads(record_of(only, "c").model_dump_json())["steps"] == []


def test_half_a_character_does_not_keep_a_record_from_being_written():
    record = record_of(turn(chose("query", "\ud83d"), found({"text": "\udc00"}), prompt="Which \ud83d?"), "c")
    assert RunRecord.model_validate_json(record.model_dump_json()) == record
