import json
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elysia_desktop.core.chat import FunctionSpec, RequestedCall
from elysia_desktop.engine.conversing import Turn, arranged, functions_in_words, transcript
from elysia_desktop.engine.function_calls import turns_in_words
from elysia_desktop.engine.lm import load_model_library
from elysia_desktop.engine.native_calls import NativeCalls

IDS = st.sampled_from(["c1", "c2", "call_0", "", "ä" * 50])
TEXTS = st.sampled_from(["", "Hello.", "half \ud800", "{"]) | st.text(max_size=8)
ARGUMENTS = st.sampled_from(["{}", '{"x": 1}', "", "[1]", "{broken", '{"x": NaN}', '{"x": "\\ud800"}'])
FUNCTIONS = st.fixed_dictionaries({"name": st.sampled_from(["add", "", "größe"]), "arguments": ARGUMENTS})
CALLS = st.lists(
    st.fixed_dictionaries({"id": IDS, "type": st.just("function"), "function": FUNCTIONS}), max_size=3
)
MESSAGES = st.lists(
    st.one_of(
        st.fixed_dictionaries({"role": st.sampled_from(["system", "user"]), "content": TEXTS}),
        st.fixed_dictionaries({"role": st.just("assistant"), "content": TEXTS, "tool_calls": CALLS}),
        st.fixed_dictionaries({"role": st.just("tool"), "content": TEXTS, "tool_call_id": IDS}),
    ),
    max_size=8,
)


def called(*ids, text=""):
    function = {"name": "grow", "arguments": "{}"}
    calls = [{"id": call_id, "type": "function", "function": function} for call_id in ids]
    return {"role": "assistant", "content": text, "tool_calls": calls}


def result(call_id, content):
    return {"role": "tool", "tool_call_id": call_id, "content": content}


@given(MESSAGES)
def test_whatever_the_order_every_call_has_one_result_and_no_word_is_lost(messages):
    made = arranged(messages)
    assert made.turns
    assert all(len(turn.calls) == len(turn.results) for turn in made.turns)
    calls = [call["id"] for message in messages for call in message.get("tool_calls", ())]
    assert [call.id for turn in made.turns for call in turn.calls] == calls
    told = "\n".join([made.system, transcript(made.turns)])
    for message in messages:
        assert message["content"].encode("utf-8", "replace").decode() in told
    spoken = [turn.role for turn in turns_in_words(made.turns)]
    assert spoken[0] == "user"
    assert all(one != other for one, other in pairwise(spoken))


@pytest.mark.parametrize(
    ("provider", "adapter"),
    [
        ("openai", "OpenAIChatLM"),
        ("mistral", "OpenAIChatLM"),
        ("anthropic", "AnthropicLM"),
        ("gemini", "GeminiLM"),
    ],
)
@settings(max_examples=60, deadline=None)
@given(MESSAGES)
def test_whatever_the_order_every_provider_can_be_sent_it(provider, adapter, messages):
    load_model_library()
    from dspy import lm15

    conversation, native = arranged(messages), NativeCalls(provider)
    tools = native.tools((), conversation)
    request = lm15.Request(
        model="m",
        system=conversation.system or None,
        messages=native.messages(conversation),
        tools=tools,
        config=lm15.Config(max_tokens=9, tool_choice=native.choice((), tools, "auto")),
    )
    body = getattr(lm15, adapter)(api_key="k").build_request(request, stream=False).body
    assert json.loads(body)
    sent = [part.id for message in request.messages for part in message.parts if part.type == "tool_call"]
    answered = [
        part.id for message in request.messages for part in message.parts if part.type == "tool_result"
    ]
    assert sent == answered
    assert len({*sent}) == len(sent)


def test_a_result_is_never_taken_by_an_earlier_call_of_the_same_id():
    made = arranged([called("c"), called("c"), result("c", "for the second")])
    assert [turn.results for turn in made.turns] == [("There is no result.",), ("for the second",)]


def test_a_result_before_its_call_is_told_by_the_user():
    made = arranged([result("c", "early"), called("c"), result("c", "late")])
    assert made.turns[0] == Turn("user", "early")
    assert made.turns[1].results == ("late",)


def test_a_transcript_reads_like_the_conversation():
    call = RequestedCall("c", "add", '{"x": 1}')
    turns = [Turn("user", "Add."), Turn("assistant", "", (call,), ("1",)), Turn("assistant", "One.")]
    assert transcript(turns) == (
        '# User\nAdd.\n\n# Call\nadd({"x": 1})\n\n# Result of add\n1\n\n# Assistant\nOne.'
    )
    assert transcript([Turn("user", "Alone.")]) == "Alone."
    add = FunctionSpec("add", "Add numbers.", {"properties": {"x": {}, "y": {}}})
    assert functions_in_words([add, FunctionSpec("end", "End.")]) == (
        "add(x, y)  // Add numbers.\nend()  // End."
    )
