import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elysia_desktop.core.chat import FunctionSpec, RequestedCall
from elysia_desktop.engine.conversing import Turn
from elysia_desktop.engine.function_calls import FunctionsInWords, turns_in_words

TEXT = {"type": "object", "properties": {"text": {"type": "string", "description": "any text"}}}
SAY = FunctionSpec("say", "Say\n  something.", TEXT)
ANSWER = FunctionSpec("answer", "Answer the door.", {})
ANYTHING = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


def picked(words, reply, piece=3):
    """What a reader is shown while a reply is written."""
    shown = []
    feed = words.picker(shown.append)
    for at in range(0, len(reply), piece):
        feed(reply[at : at + piece])
    return "".join(shown)


def told(reading):
    return [(call.name, call.arguments) for call in reading.calls]


def test_a_prompt_tells_functions_with_what_they_take_and_how_to_call_and_answer():
    said = FunctionsInWords([SAY]).instructions
    assert "## say\nSay something.\narguments: {\n  text: text  // any text\n}" in said
    assert '{"function": "<name>", "arguments": {…}}' in said
    assert '{"function": "answer", "text": "<text>"}' in said


def test_who_must_call_is_not_told_how_to_answer():
    said = FunctionsInWords([SAY, ANSWER], "say").instructions
    assert "## answer" not in said
    assert "<text>" not in said


def test_a_function_called_answer_is_told_apart_from_an_answer():
    words = FunctionsInWords([SAY, ANSWER])
    assert '{"function": "final_answer", "text": "<text>"}' in words.instructions
    assert told(words.read('{"function": "answer", "arguments": {}}', False)) == [("answer", "{}")]
    assert words.read('{"function": "final_answer", "text": "Yes."}', False).text == "Yes."
    assert picked(words, '{"function": "answer", "arguments": {"text": "no"}}') == ""


@given(text=ANYTHING, piece=st.integers(1, 9), ascii_only=st.booleans())
def test_the_text_of_an_answer_is_shown_as_it_is_written_and_read_the_same(text, piece, ascii_only):
    words = FunctionsInWords([SAY])
    reply = json.dumps({"function": "answer", "text": text}, ensure_ascii=ascii_only)
    assert picked(words, reply, piece) == words.read(reply, False).text == text


@given(text=ANYTHING, piece=st.integers(1, 9))
def test_no_argument_is_ever_shown(text, piece):
    words = FunctionsInWords([SAY])
    reply = json.dumps({"function": "say", "arguments": {"text": text}})
    assert picked(words, reply, piece) == ""
    ((name, arguments),) = told(words.read(reply, False))
    assert (name, json.loads(arguments)) == ("say", {"text": text})


def test_an_answer_may_be_given_as_if_it_were_a_call():
    words = FunctionsInWords([SAY])
    reply = '{"function": "answer", "arguments": {"text": "Hi."}}'
    assert words.read(reply, False).text == picked(words, reply) == "Hi."


def test_an_answer_that_was_cut_off_is_what_had_come_of_it():
    words = FunctionsInWords([SAY])
    reply = '{"function": "answer", "text": "It is a c'
    assert words.read(reply, True).text == picked(words, reply) == "It is a c"


def test_an_answer_that_is_written_before_its_name_waits_for_it():
    words = FunctionsInWords([SAY])
    assert picked(words, '{"text": "First.", "function": "answer"}') == "First."
    assert picked(words, '{"text": "Not this.", "function": "say"}') == ""


@pytest.mark.parametrize(
    ("reply", "objection"),
    [
        ('{"function": "answer"}', 'no "text"'),
        ('{"arguments": {}}', 'no "function"'),
        ('{"function": 7}', 'no "function"'),
        ("{" * 5000, "not a JSON object"),
        ("{broken", "not a JSON object"),
    ],
)
def test_what_cannot_be_read_is_objected_to(reply, objection):
    reading = FunctionsInWords([SAY]).read(reply, False)
    assert reading.calls == ()
    assert objection in reading.objection


@given(st.text(max_size=60))
def test_no_reply_breaks_the_reading(reply):
    for choice in ("auto", "required"):
        reading = FunctionsInWords([SAY], choice).read(reply, False)
        assert reading.calls or reading.objection or choice == "auto"


def test_a_function_that_is_not_there_is_passed_on():
    assert told(FunctionsInWords([SAY]).read('{"function": "shout", "arguments": {"a": 1}}', False)) == [
        ("shout", '{"a": 1}')
    ]


def test_sides_take_turns_in_words_and_the_user_begins():
    call = RequestedCall("c1", "say", '{"text": "hi"}')
    odd = RequestedCall("c2", "say", "not json")
    turns = turns_in_words(
        [
            Turn("assistant", "Hello."),
            Turn("assistant", "Wait.", (call, odd), ("hi", "It was no JSON.")),
            Turn("user", "And?"),
            Turn("user", "Well?"),
        ]
    )
    assert [turn.role for turn in turns] == ["user", "assistant", "user"]
    assert '{"function": "say", "arguments": {"text": "hi"}}' in turns[1].text
    assert "not json" in turns[1].text
    assert turns[2].text == "Result of say:\nhi\n\nResult of say:\nIt was no JSON.\n\nAnd?\n\nWell?"


def test_who_may_answer_is_reminded_behind_results_and_nowhere_else():
    call = Turn("assistant", "", (RequestedCall("c1", "say", "{}"),), ("hi",))
    reminder = FunctionsInWords([SAY]).reminder
    assert '{"function": "answer", "text": …}' in reminder
    assert turns_in_words([call], reminder)[-1].text == f"Result of say:\nhi\n\n{reminder}"
    assert turns_in_words([call, Turn("user", "Thanks.")], reminder)[-1].text.endswith("Thanks.")
    assert FunctionsInWords([SAY], "required").reminder == ""
