import pytest
from engine.feedback.runs import found, said, sent, turn

from elysia_desktop.core.environment import Environment
from elysia_desktop.core.sources import PASSAGES
from elysia_desktop.engine.feedback.cases import case_of, is_from_files
from elysia_desktop.engine.feedback.record import record_of

KEY = "sk-canary-1234567890"
PASSAGE = {"document_id": "d", "content": "A mast.", "page": 1, "heading": "", "start": 0, "end": 7}


def test_a_long_question_is_kept_whole_without_keys():
    mail = "Which boat is meant here? " + "So it says. " * 400
    asked = turn(prompt=f"{mail}{KEY} And which mast?")
    run = record_of(asked, "c", secrets=[KEY])
    assert len(run.question) == 2_000
    case = case_of(run, [asked], [KEY])
    assert case.question.startswith(mail)
    assert case.question.endswith(" And which mast?")
    assert KEY not in case.question
    assert case.run.model_copy(update={"question": run.question}) == run


def test_half_of_a_pair_in_a_question_can_be_written():
    asked = turn(prompt="Which \ud83d boats?")
    assert case_of(record_of(asked, "c"), [asked]).question == "Which ? boats?"


def test_what_was_said_in_the_six_turns_before_is_kept():
    turns = [turn(said(f"Answer {n}."), prompt=f"Question {n}?", query_id=f"q{n}") for n in range(9)]
    case = case_of(record_of(turns[7], "c"), turns)
    assert case.question == "Question 7?"
    assert [message.content for message in case.earlier][:2] == ["Question 1?", "Answer 1."]
    assert [message.content for message in case.earlier][-1] == "Answer 6."


def called(name):
    return [
        sent("tool_called", call_id=name, name=name, arguments="{}", parent_id=""),
        sent("tool_returned", call_id=name, outcome="done", content="", seconds=0.1),
    ]


@pytest.mark.parametrize(
    ("payloads", "expected"),
    [
        (called("search_documents"), True),
        (called("ask_collections") + called("query"), False),
        (called("Fork"), False),
        ([sent("step_finished", node="read_document", seconds=1.0, found="", failed=False)], True),
        ([found(), said("It is 12 metres.")], False),
    ],
    ids=["searched", "asked collections", "another function", "read in the tree", "no function"],
)
def test_a_run_is_from_files_where_a_tool_looked_into_them(payloads, expected):
    asked = turn(*payloads)
    assert is_from_files(record_of(asked, "c"), asked, Environment()) is expected


def test_a_run_is_from_files_where_its_answer_cites_one():
    environment = Environment()
    (passage,) = environment.add_objects(PASSAGES, "boat.md", [PASSAGE])
    (product,) = environment.add_objects("query", "Boats", [{"name": "Merle"}])

    def answer(item):
        segment = {"text": "It says so.", "ref_ids": [item["_REF_ID"], "gone"]}
        return turn(
            sent("text", type="text_with_citations", metadata={}, objects=[{"text": "Well."}, segment])
        )

    for item, expected in ((passage, True), (product, False)):
        asked = answer(item)
        assert is_from_files(record_of(asked, "c"), asked, environment) is expected
