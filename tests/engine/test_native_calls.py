import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from engine.models import Recorded, choice_of

from elysia_desktop.core.chat import FunctionSpec, RequestedCall
from elysia_desktop.engine.conversing import Conversation, Turn
from elysia_desktop.engine.lm import LanguageModel, load_model_library
from elysia_desktop.engine.native_calls import NativeCalls, named_apart

TREE = {
    "type": "object",
    "title": "Tree",
    "properties": {
        "name": {"type": "string", "title": "Name"},
        "kind": {"anyOf": [{"const": "leaf"}, {"type": "null"}], "default": None},
        "inner": {"type": "array", "items": {"$ref": "#/$defs/Tree"}},
    },
    "additionalProperties": False,
    "$defs": {"Tree": {"type": "object", "properties": {"below": {"$ref": "#/$defs/Tree"}}}},
}
TOOL = FunctionSpec("grow", "Grow a tree.", TREE)
CALL = RequestedCall("call_1", "grow", '{"name": "oak"}')
CALLED = Conversation(
    "Be brief.",
    (
        Turn("user", "Grow an oak."),
        Turn("assistant", "Gladly.", (CALL, RequestedCall("call_2", "grow", "{}")), ("Grown.", "")),
        Turn("user", "Thanks."),
    ),
)


@pytest.fixture(autouse=True)
def lm15():
    load_model_library()
    import dspy

    return dspy.lm15


def wire(provider, adapter, conversation=CALLED, tools=(TOOL,), choice="auto"):
    """The body of a request as a provider's own adapter writes it."""
    from dspy import lm15

    native = NativeCalls(provider)
    declared = native.tools(tools, conversation)
    request = lm15.Request(
        model="m",
        system=conversation.system,
        messages=native.messages(conversation),
        tools=declared,
        config=lm15.Config(max_tokens=9, tool_choice=native.choice(tools, declared, choice)),
    )
    built = getattr(lm15, adapter)(api_key="k").build_request(request, stream=False)
    body = built.body
    return json.loads(body.decode() if isinstance(body, bytes) else body)


def test_anthropic_gets_every_result_in_one_message_behind_its_calls():
    body = wire("anthropic", "AnthropicLM", choice="required")
    _, called, results, _ = body["messages"]
    assert [block["type"] for block in called["content"]] == ["text", "tool_use", "tool_use"]
    assert called["content"][1]["input"] == {"name": "oak"}
    assert [block["tool_use_id"] for block in results["content"]] == ["call_1", "call_2"]
    assert all(block["content"] for block in results["content"])
    assert body["tools"][0]["name"] == "grow"
    assert body["tool_choice"]["type"] == "any"
    assert "$ref" not in json.dumps(body)


def test_anthropic_is_told_of_functions_that_were_called_even_when_none_may_be():
    body = wire("anthropic", "AnthropicLM", tools=())
    assert [tool["name"] for tool in body["tools"]] == ["grow"]
    assert body["tool_choice"]["type"] == "none"
    assert "tools" not in wire("openai", "OpenAIChatLM", tools=())


def test_gemini_gets_functions_in_the_part_of_json_schema_that_it_takes():
    body = wire("gemini", "GeminiLM", choice="grow")
    (declared,) = body["tools"][0]["functionDeclarations"]
    said = json.dumps(declared)
    assert not re.search(r"\$ref|\$defs|additionalProperties|const|default|title", said)
    assert declared["parameters"]["properties"]["kind"] == {
        "enum": ["leaf"],
        "nullable": True,
        "type": "string",
    }
    results = [part["functionResponse"] for part in body["contents"][2]["parts"]]
    assert [result["name"] for result in results] == ["grow", "grow"]
    assert body["toolConfig"]["functionCallingConfig"]["allowedFunctionNames"] == ["grow"]


def test_a_provider_that_is_strict_with_ids_gets_ids_that_it_takes():
    body = wire("mistral", "OpenAIChatLM")
    called, first, second = body["messages"][2:5]
    ids = [call["id"] for call in called["tool_calls"]]
    assert all(re.fullmatch(r"[A-Za-z0-9]{9}", call_id) for call_id in ids)
    assert ids == [first["tool_call_id"], second["tool_call_id"]]
    assert len({*ids}) == 2


def test_new_ids_are_taken_by_every_provider():
    made = named_apart([("", "a", "{}"), ("", "a", " \n"), ("x", "", "{")])
    assert all(re.fullmatch(r"[A-Za-z0-9]{9}", call.id) for call in made[:2])
    assert [(call.name, call.arguments) for call in made] == [("a", "{}"), ("a", "{}"), ("unnamed", "{")]


def response(lm15, *parts):
    return lm15.Response(
        id=None,
        model="m",
        message=lm15.Message.assistant(list(parts)),
        finish_reason="tool_call",
        usage=lm15.Usage(input_tokens=1, output_tokens=1, total_tokens=2),
    )


async def conversed(model, messages):
    return await model.converse(messages, tools=[TOOL])


async def test_what_a_provider_wants_back_with_a_reply_goes_back_with_its_calls(lm15):
    signed = lm15.ContinuationState("gemini", "thought_signature", {"value": "sig"})
    thought = lm15.ThinkingPart("Hm.", (signed,))
    replies = [
        response(lm15, thought, lm15.ToolCallPart("tool_call_0", "grow", {"name": "oak"}, (signed,))),
        response(lm15, lm15.ThinkingPart("Not signed."), lm15.ToolCallPart("tool_call_0", "grow", {})),
        response(lm15, lm15.TextPart("Done.")),
    ]
    engine = Recorded(*replies)
    model = LanguageModel(choice_of("", provider="gemini", model="gemini-3"), engine=engine)
    messages = [{"role": "user", "content": "Grow."}]
    ids = []
    for _ in range(2):
        (call,) = (await conversed(model, messages)).calls
        ids.append(call.id)
        function = {"name": call.name, "arguments": call.arguments}
        messages += [
            {
                "role": "assistant",
                "content": "",
                "tool_calls": [{"id": call.id, "type": "function", "function": function}],
            },
            {"role": "tool", "tool_call_id": call.id, "content": "Grown."},
        ]
    assert (await conversed(model, messages)).text == "Done."
    await model.aclose()
    assert len({*ids}) == 2
    _, first, _, second, _ = engine.requests[-1].messages
    assert [part.type for part in first.parts] == ["thinking", "tool_call"]
    assert first.parts[1].continuation == (signed,)
    assert [part.type for part in second.parts] == ["tool_call"]


def test_arguments_that_the_library_could_not_read_come_as_they_were(lm15):
    parts = [
        lm15.ToolCallPart("a", "grow", {"partial_json": '{"x":'}),
        lm15.ToolCallPart("b", "grow", {"ä": [1]}),
    ]
    calls = NativeCalls("anthropic").calls(response(lm15, *parts))
    assert [call.arguments for call in calls] == ['{"x":', '{"ä": [1]}']


_OVER_LITELLM = """
import asyncio
from engine.models import choice_of
from support.scripted_model import Call, Calls, Say, ScriptedModel
from elysia_desktop.core.chat import FunctionSpec
from elysia_desktop.engine.lm import LanguageModel

async def main():
    script = [Calls([Call("add", '{"x":', "c1")], text="Hm."), Calls([Call("add", '{"x": 1}', "c1")]), Say("Done.")]
    asked = [{"role": "user", "content": "What?"}]
    with ScriptedModel(script) as server:
        model = LanguageModel(choice_of(server.address, provider="together_ai"), timeout=20)
        for more in ({}, {"on_delta": lambda _: None}):
            reply = await model.converse(asked, tools=[FunctionSpec("add", "Add.")], **more)
            print(reply.text, *[(call.id, call.name, call.arguments) for call in reply.calls])
        call = {"id": "c1", "type": "function", "function": {"name": "add", "arguments": '{"x": 1}'}}
        messages = [
            *asked,
            {"role": "assistant", "content": "", "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "c1", "content": "3"},
        ]
        print((await model.converse(messages, tools=[FunctionSpec("add", "Add.")])).text)
        await model.aclose()
    print([message["role"] for message in server.requests[-1].body["messages"]])
    print([len(received.body["tools"]) for received in server.requests])

asyncio.run(main())
"""


def test_functions_are_called_over_the_librarys_own_fallback_too():
    tests = Path(__file__).parents[1]
    # A process of its own: that library leaves sessions open.
    ended = subprocess.run(
        [sys.executable, "-c", _OVER_LITELLM],
        env={"PYTHONPATH": f"{tests}:{tests.parent}", "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.stdout.splitlines() == [
        "Hm. ('c1', 'add', '{\"x\":')",
        " ('c1', 'add', '{\"x\": 1}')",
        "Done.",
        "['user', 'assistant', 'tool']",
        "[1, 1, 1]",
    ], ended.stderr[-2000:]
