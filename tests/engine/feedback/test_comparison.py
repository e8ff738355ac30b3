import pytest
from engine.feedback.runs import REQUEST, record

from elysia_desktop.core.run_record import ModelCalls, StepTaken
from elysia_desktop.engine.feedback.comparison import compare


def rows(before, after):
    return {row.name: row for row in compare(before, after).rows}


def test_the_same_run_is_the_same():
    found = compare(record(answer="Two."), record(answer="Two."))
    assert found.is_same
    assert [row.name for row in found.rows] == ["tools", "requests", "answer", "models", "tokens", "time"]


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"tools": ("aggregate", "cited_summarize")}, "tools"),
        ({"request": {**REQUEST, "limit": 3}}, "requests"),
        ({"answer": "Three."}, "answer"),
    ],
)
def test_another_tool_request_or_answer_is_a_change(change, name):
    before, after = record(answer="Two."), record(**{"answer": "Two.", **change})
    assert rows(before, after)[name].is_same is False
    assert not compare(before, after).is_same


@pytest.mark.parametrize("answer", ["there are *2*, of 1,5 m", "There are 2 -- of 1,5 m!"])
def test_marks_and_capitals_make_no_other_answer(answer):
    assert compare(record(answer="There are 2, of 1,5 m."), record(answer=answer)).is_same


def test_another_number_is_another_answer():
    assert not compare(record(answer="It is 1.5 m."), record(answer="It is 15 m.")).is_same


def test_a_number_below_nought_is_another_one():
    assert not compare(record(answer="It is -5 °C."), record(answer="It is 5 °C.")).is_same
    assert compare(
        record(answer="It is -5 °C, in 2020-21."), record(answer="It is −5 °C in 2020–21.")
    ).is_same


def test_the_order_of_a_requests_fields_does_not_count():
    turned = dict(reversed(REQUEST.items()))
    assert compare(record(), record(request=turned)).is_same


def test_models_tokens_and_time_are_told_without_a_verdict():
    calls = ModelCalls(purpose="decision", model="large", calls=1, input_tokens=1000, output_tokens=1)
    found = rows(record(), record(models=(calls,), seconds=2.0))
    assert [(found[name].after, found[name].is_same) for name in ("models", "tokens", "time")] == [
        ("large", None),
        ("1,001", None),
        ("2.0 s", None),
    ]


def test_a_request_that_found_nothing_is_compared_by_what_came_of_it():
    def nothing(request):
        told = f"Retrieved 0 object(s) from “Boats” with the query {request}. Judge this query."
        return record(steps=(StepTaken(tool="query", result=told),))

    assert compare(nothing("a"), nothing("a")).is_same
    assert not compare(nothing("a"), nothing("b")).is_same
