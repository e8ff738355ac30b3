import asyncio
import json

import pytest
from engine.models import KEY, SCHEMA, Waits, choice_of, model_at
from support.local_model import fetch_model
from support.scripted_model import Call, Calls, Cut, Fail, Garbage, Json, Raw, Say, ScriptedModel, Stall

from elysia_desktop.core.chat import FunctionSpec
from elysia_desktop.core.errors import ModelError, ModelRefused, ModelUnreachable
from elysia_desktop.engine.lm import LanguageModel
from elysia_desktop.engine.model_failures import ReplyBrokenOff
from elysia_desktop.engine.recorder import HIDDEN, Recorder
from elysia_desktop.engine.served_model import ServedModel

pytestmark = pytest.mark.usefixtures("nothing_left")

SEARCH = FunctionSpec(
    "search",
    "Search the documents.",
    {
        "type": "object",
        "properties": {"text": {"type": "string", "description": "what to look for"}},
        "required": ["text"],
    },
)
ADD = FunctionSpec(
    "add",
    "Add numbers.",
    {"type": "object", "properties": {"x": {"type": "number"}, "y": {"type": "number"}}},
)
TOOLS = (SEARCH, ADD)
ASKED = ({"role": "system", "content": "Be brief."}, {"role": "user", "content": "What is in it?"})
IN_WORDS = {"supports_tools": False}


def called(*calls, text=""):
    """The assistant's message with calls of (id, name, arguments)."""
    made = [{"id": i, "type": "function", "function": {"name": n, "arguments": a}} for i, n, a in calls]
    return {"role": "assistant", "content": text, "tool_calls": made}


def result(call_id, content, **more):
    return {"role": "tool", "tool_call_id": call_id, "content": content, **more}


async def conversed(model, messages=ASKED, tools=TOOLS, **more):
    try:
        return await model.converse(messages, tools=tools, **more)
    finally:
        await model.aclose()


def told(reply):
    return [(call.name, call.arguments) for call in reply.calls]


def sent(server):
    """The messages of the last request."""
    return server.requests[-1].body["messages"]


@pytest.fixture(params=[False, True], ids=["whole", "streamed"])
def streamed(request):
    return {"on_delta": lambda _: None} if request.param else {}


# What is sent


async def test_functions_go_along_and_a_call_comes_back_as_it_was_written(streamed):
    arguments = '{ "text":  "cats", "text": "dogs" }'
    with ScriptedModel([Calls([Call("search", arguments, "c1")], output_tokens=7)]) as server:
        reply = await conversed(model_at(server), **streamed)
    (call,) = reply.calls
    assert (call.id, call.name, call.arguments) == ("c1", "search", arguments)
    assert (reply.text, reply.cut_short, reply.output_tokens) == ("", False, 7)
    body = server.requests[0].body
    assert [tool["function"]["name"] for tool in body["tools"]] == ["search", "add"]
    assert body["tools"][0]["function"]["parameters"] == SEARCH.parameters
    assert body["tools"][0]["function"]["description"] == "Search the documents."
    assert "tool_choice" not in body
    assert sent(server) == list(ASKED)


@pytest.mark.parametrize(
    ("choice", "wanted"),
    [
        ("none", "none"),
        ("required", "required"),
        ("add", {"type": "function", "function": {"name": "add"}}),
    ],
)
async def test_a_function_may_be_forced_or_forbidden(choice, wanted):
    with ScriptedModel([Say("x")]) as server:
        await conversed(model_at(server), tool_choice=choice)
    assert server.requests[0].body["tool_choice"] == wanted


async def test_a_choice_that_is_no_function_is_a_mistake_of_the_caller():
    with ScriptedModel([]) as server:
        with pytest.raises(ValueError, match="subtract"):
            await conversed(model_at(server), tool_choice="subtract")
        assert server.requests == []


async def test_without_functions_a_conversation_is_an_ordinary_request():
    with ScriptedModel([Say("Fine.")]) as server:
        reply = await conversed(model_at(server), tools=(), tool_choice="required", schema=SCHEMA)
    assert (reply.text, reply.calls) == ("Fine.", ())
    body = server.requests[0].body
    assert not {"tools", "tool_choice"} & body.keys()
    assert body["response_format"]["json_schema"]["schema"] == SCHEMA


async def test_calls_and_their_results_are_sent_as_such():
    messages = [
        *ASKED,
        called(("c1", "search", '{"text": "ä"}'), ("c2", "add", '{"x": 1, "y": 2}'), text="Let me look."),
        result("c2", "3"),
        result("c1", "Nothing."),
        {"role": "user", "content": "Go on."},
    ]
    with ScriptedModel([Say("x")]) as server:
        await conversed(model_at(server), messages)
    _, _, assistant, first, second, user = sent(server)
    assert assistant["content"] == "Let me look."
    assert [json.loads(call["function"]["arguments"]) for call in assistant["tool_calls"]] == [
        {"text": "ä"},
        {"x": 1, "y": 2},
    ]
    assert [call["id"] for call in assistant["tool_calls"]] == ["c1", "c2"]
    assert [(m["role"], m["tool_call_id"], m["content"]) for m in (first, second)] == [
        ("tool", "c1", "Nothing."),
        ("tool", "c2", "3"),
    ]
    assert user == {"role": "user", "content": "Go on."}


async def test_odd_orders_do_not_break_a_request():
    messages = [
        result("c0", "Early.", name="search"),
        {"role": "system", "content": "One."},
        called(("c1", "search", "not json"), ("c2", "add", "[1]"), ("c2", "add", '{"x": NaN}')),
        {"role": "user", "content": "Half \ud800."},
        {"role": "system", "content": "Two."},
        result("c2", "late"),
        {"role": "assistant", "content": ""},
        called(("c1", "search", '{"text": "\\ud800"}')),
        result("c1", "found"),
        result("c9", "whose?"),
    ]
    with ScriptedModel([Say("x")]) as server:
        await conversed(model_at(server), messages)
    system, orphan, first, *results, user, second, found, whose = sent(server)
    assert system == {"role": "system", "content": "One.\n\nTwo."}
    assert orphan == {"role": "user", "content": "Result of search: Early."}
    ids = [call["id"] for call in first["tool_calls"]]
    assert len(set(ids)) == 3
    assert [m["tool_call_id"] for m in results] == ids
    assert [m["content"] for m in results] == ["There is no result.", "late", "There is no result."]
    assert all(isinstance(json.loads(c["function"]["arguments"]), dict) for c in first["tool_calls"])
    assert "not json" in first["tool_calls"][0]["function"]["arguments"]
    assert user["content"] == "Half ?."
    assert second["tool_calls"][0]["id"] == found["tool_call_id"]
    assert second["tool_calls"][0]["id"] not in ids
    assert found["content"] == "found"
    assert whose == {"role": "user", "content": "whose?"}


@pytest.mark.parametrize("messages", [[], [{"role": "system", "content": "Be."}], [result("c", "")]])
async def test_a_conversation_without_a_word_is_sent_all_the_same(messages):
    with ScriptedModel([Say("x")]) as server:
        assert (await conversed(model_at(server), messages)).text == "x"
    assert sent(server)[-1]["role"] == "user"


# What comes back


async def test_text_and_calls_may_come_together_and_the_text_is_passed_on_at_once():
    pieces = []
    with ScriptedModel([Calls([Call("add", {"x": 1}), Call("search")], text="Let me see")]) as server:
        reply = await conversed(model_at(server), on_delta=pieces.append)
    assert "".join(pieces) == reply.text == "Let me see"
    assert told(reply) == [("add", '{"x": 1}'), ("search", "{}")]


@pytest.mark.parametrize(
    "arguments",
    [
        '{"x": 1',
        "x=1",
        "[1, 2]",
        "12",
        '"text"',
        '{"x": NaN}',
        "null",
        '{"x": 1}{"x": 2}',
        "{" * 3000,
        "\u2028",
    ],
    ids=lambda value: value[:12],
)
async def test_arguments_that_are_no_object_come_as_they_were_written(arguments, streamed):
    with ScriptedModel([Calls([Call("add", arguments)])]) as server:
        reply = await conversed(model_at(server), **streamed)
    assert told(reply) == [("add", arguments)]


async def test_arguments_that_are_sent_as_an_object_or_not_at_all_are_a_text(streamed):
    def body(function):
        call = {"id": "c1", "type": "function", "function": function}
        message = {"role": "assistant", "content": None, "tool_calls": [call]}
        if streamed:
            event = {"id": "x", "model": "m", "choices": [{"index": 0, "delta": message}]}
            end = {**event, "choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]}
            text = "".join(f"data: {json.dumps(one)}\n\n" for one in (event, end)) + "data: [DONE]\n\n"
            return Raw(text.encode(), content_type="text/event-stream")
        choice = {"index": 0, "message": message, "finish_reason": "tool_calls"}
        return Raw(json.dumps({"id": "x", "model": "m", "choices": [choice]}).encode())

    functions = [{"name": "add", "arguments": {"x": 1}}, {"name": "add", "arguments": None}, {"name": "add"}]
    with ScriptedModel([body(function) for function in functions]) as server:
        model = model_at(server)
        replies = [told(await model.converse(ASKED, tools=TOOLS, **streamed)) for _ in functions]
        await model.aclose()
    assert replies == [[("add", '{"x": 1}')], [("add", "{}")], [("add", "{}")]]


async def test_every_call_has_an_id_of_its_own(streamed):
    calls = [
        Call("add", id=None),
        Call("add", id="same"),
        Call("search", id="same"),
        Call("add", id="call_0"),
    ]
    with ScriptedModel(lambda _: Calls(calls)) as server:
        model = model_at(server)
        replies = [await model.converse(ASKED, tools=TOOLS, **streamed) for _ in range(2)]
        await model.aclose()
    ids = [[call.id for call in reply.calls] for reply in replies]
    for one in ids:
        assert len({*one}) == 4
        assert all(one)
        assert one[1] == "same"
    assert not {ids[0][0], *ids[0][2:]} & {*ids[1]}


async def test_calls_of_a_stream_that_numbers_none_of_them_are_told_apart():
    calls = [Call("add", '{"x": 1}'), Call("search", '{"text": "a"}'), Call("search", '{"text": "b"}')]
    bare = [Call(call.name, call.arguments, None) for call in calls]
    with ScriptedModel([Calls(calls, numbered=False), Calls(bare, numbered=False)]) as server:
        model = model_at(server)
        for _ in range(2):
            reply = await model.converse(ASKED, tools=TOOLS, on_delta=lambda _: None)
            assert told(reply) == [(call.name, call.arguments) for call in calls]
        await model.aclose()


@pytest.mark.parametrize(
    ("name", "known_as"), [("subtract", "subtract"), ("größe", "größe"), ("", "unnamed")]
)
async def test_a_function_that_is_not_offered_is_passed_on(name, known_as, streamed):
    with ScriptedModel([Calls([Call(name, "{}")], text="Hm.")]) as server:
        reply = await conversed(model_at(server), **streamed)
    assert told(reply) == [(known_as, "{}")]
    assert reply.text == "Hm."


async def test_calls_that_met_the_limit_are_known_to_be_cut_short(streamed):
    with ScriptedModel([Calls([Call("add", '{"x": ')], finish="length")]) as server:
        reply = await conversed(model_at(server), **streamed)
    assert reply.cut_short
    assert told(reply) == [("add", '{"x": ')]
    assert len(server.requests) == 1


async def test_endless_arguments_are_cut_at_the_limit_that_was_asked_for():
    with ScriptedModel([Calls([Call("add", "9" * 5000)], piece=500)]) as server:
        reply = await conversed(model_at(server), on_delta=lambda _: None, max_tokens=64)
    assert reply.cut_short
    assert 500 < len(reply.calls[0].arguments) < 2000


async def test_tokens_of_calls_are_estimated_where_the_server_does_not_tell_them(streamed):
    with ScriptedModel([Calls([Call("add", {"x": "word " * 30})], usage=None)]) as server:
        reply = await conversed(model_at(server), **streamed)
    assert reply.estimated
    assert reply.output_tokens > 20


# Servers in trouble


@pytest.mark.parametrize("trouble", [Fail(503), Fail(500, "The tool shed burns."), Cut("")], ids=str)
async def test_a_server_in_trouble_is_asked_again_with_the_functions(trouble, streamed):
    waits = Waits()
    with ScriptedModel([trouble, Calls([Call("add")])]) as server:
        reply = await conversed(model_at(server, waits=waits), **streamed)
    assert told(reply) == [("add", "{}")]
    assert waits == [0.5]
    assert all(received.body["tools"] for received in server.requests)


async def test_nothing_is_begun_anew_once_text_was_passed_on():
    pieces = []
    with ScriptedModel(lambda _: Cut("I was")) as server:
        with pytest.raises(ReplyBrokenOff):
            await conversed(model_at(server), on_delta=pieces.append)
        assert len(server.requests) == 1
    assert "".join(pieces) == "I was"


@pytest.mark.parametrize(
    ("trouble", "kind"),
    [(Fail(401), ModelRefused), (Stall(""), ModelUnreachable), (Garbage(), ModelError)],
    ids=str,
)
async def test_failures_are_told_in_words(trouble, kind, streamed):
    with ScriptedModel(lambda _: trouble) as server, pytest.raises(kind):
        await conversed(model_at(server, timeout=0.2), **streamed)


async def test_a_stopped_conversation_hangs_up():
    with ScriptedModel(lambda _: Stall("I")) as server:
        model, heard = model_at(server, timeout=30), asyncio.Event()
        task = asyncio.ensure_future(
            model.converse(ASKED, tools=TOOLS, on_delta=lambda _: heard.set(), purpose="turn")
        )
        await asyncio.wait_for(heard.wait(), 5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await model.aclose()


# What is recorded


async def test_the_record_shows_functions_messages_and_calls_without_keys():
    recorder = Recorder()
    messages = [*ASKED, called(("c1", "add", f'{{"x": "{KEY}"}}')), result("c1", f"It is {KEY}.")]
    with ScriptedModel([Calls([Call("search", {"text": KEY})], text="Wait.")]) as server:
        reply = await conversed(model_at(server, recorder=recorder), messages, purpose="turn")
    (exchange,) = recorder
    assert reply.exchanges == (exchange.id,)
    assert exchange.purpose == "turn"
    assert "search(text)  // Search the documents." in exchange.system
    assert exchange.system.startswith("Be brief.")
    assert "# User\nWhat is in it?" in exchange.user
    assert f'add({{"x": "{HIDDEN}"}})' in exchange.user
    assert f"# Result of add\nIt is {HIDDEN}." in exchange.user
    assert exchange.reply == f'Wait.\nsearch({{"text": "{HIDDEN}"}})'
    assert KEY not in repr(exchange)


# Servers that take no functions

REFUSALS = [
    "registry.ollama.ai/library/gemma:2b does not support tools",
    '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set',
    "deepseek-reasoner does not support Function Calling",
    Fail(500, "tools param requires --jinja flag"),
    Fail(404, "No endpoints found that support tool use."),
    Fail(422, {"detail": [{"loc": ["body", "tools"], "msg": "Extra inputs are not permitted"}]}),
]


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
async def test_a_server_that_refuses_functions_is_asked_in_words_from_then_on(refusal, streamed):
    call = {"function": "search", "arguments": {"text": "cats"}}
    answer = {"function": "answer", "text": "Cats."}
    waits = Waits()
    with ScriptedModel([Json(call), Json(answer)], refuses_tools=refusal) as server:
        model = model_at(server, waits=waits)
        first = await model.converse(ASKED, tools=TOOLS, **streamed)
        messages = [*ASKED, called(("c1", "search", '{"text": "cats"}')), result("c1", "Meow.")]
        second = await model.converse(messages, tools=TOOLS, **streamed)
        await model.aclose()
    assert (told(first), first.text) == ([("search", '{"text": "cats"}')], "")
    assert (second.calls, second.text) == ((), "Cats.")
    assert waits == []
    assert [bool(received.body.get("tools")) for received in server.requests] == [True, False, False]
    assert [message["role"] for message in sent(server)] == ["system", "user", "assistant", "user"]
    assert json.loads(sent(server)[2]["content"]) == call
    assert "Meow." in sent(server)[3]["content"]
    assert "text: text  // what to look for" in sent(server)[0]["content"]


async def test_a_server_that_lets_nothing_be_forced_is_asked_in_words_only_then():
    def script(body):
        if body.get("tool_choice"):
            return Fail(400, "deepseek-reasoner does not support this tool_choice")
        if body.get("tools"):
            return Calls([Call("add")])
        return Json({"function": "add", "arguments": {"x": 1}})

    with ScriptedModel(script) as server:
        model = model_at(server)
        forced = await model.converse(ASKED, tools=TOOLS, tool_choice="required")
        free = await model.converse(ASKED, tools=TOOLS)
        await model.aclose()
    assert told(forced) == [("add", '{"x": 1}')]
    assert told(free) == [("add", "{}")]
    assert [bool(received.body.get("tools")) for received in server.requests] == [True, False, True]


async def test_in_words_the_reply_is_held_to_a_choice_of_functions_whose_texts_and_lists_end():
    with ScriptedModel([Json({"function": "answer", "text": "x"})]) as server:
        await conversed(model_at(server, changes=IN_WORDS))
    body = server.requests[0].body
    assert "tools" not in body
    branches = body["response_format"]["json_schema"]["schema"]["anyOf"]
    names = [branch["properties"]["function"]["enum"] for branch in branches]
    assert names == [["search"], ["add"], ["answer"]]
    assert branches[0]["properties"]["arguments"]["properties"]["text"]["maxLength"] > 0
    assert branches[2]["properties"]["text"]["maxLength"] > 0
    assert all(branch["additionalProperties"] is False for branch in branches)


@pytest.mark.parametrize(("choice", "names"), [("required", ["search", "add"]), ("add", ["add"])])
async def test_in_words_a_function_may_be_forced(choice, names):
    with ScriptedModel([Json({"function": "add", "arguments": {}})]) as server:
        reply = await conversed(model_at(server, changes=IN_WORDS), tool_choice=choice)
    schema = server.requests[0].body["response_format"]["json_schema"]["schema"]
    branches = schema.get("anyOf", [schema])
    assert [branch["properties"]["function"]["enum"] for branch in branches] == [[name] for name in names]
    assert told(reply) == [("add", "{}")]


async def test_in_words_a_forbidden_function_is_not_even_told():
    messages = [*ASKED, called(("c1", "add", "{}")), result("c1", "3")]
    with ScriptedModel([Say("It is 3.")]) as server:
        reply = await conversed(model_at(server, changes=IN_WORDS), messages, tool_choice="none")
    assert reply.text == "It is 3."
    assert not {"tools", "response_format"} & server.requests[0].body.keys()
    assert sent(server)[0]["content"] == "Be brief."
    assert {message["role"] for message in sent(server)} == {"system", "user", "assistant"}


async def test_in_words_the_answer_alone_is_passed_on_as_it_comes():
    pieces, others = [], []
    answer = Json({"function": "answer", "text": "One “two” three."})
    call = Json({"function": "search", "arguments": {"text": "not for the reader"}})
    with ScriptedModel([answer, call]) as server:
        model = model_at(server, changes=IN_WORDS)
        reply = await model.converse(ASKED, tools=TOOLS, on_delta=pieces.append)
        await model.converse(ASKED, tools=TOOLS, on_delta=others.append)
        await model.aclose()
    assert "".join(pieces) == reply.text == "One “two” three."
    assert len(pieces) > 2
    assert others == []


NO_SCHEMA = {"supports_tools": False, "supports_schema": False}


@pytest.mark.parametrize(
    "text",
    [
        '{"function": "add", "arguments": {"x": 1}}',
        'Sure!\n```json\n{"function": "add", "arguments": {"x": 1}}\n```',
        '<think>{"function": "search"}?</think>{"name": "add", "parameters": {"x": 1}}',
        '<tool_call>\n{"name": "add", "arguments": {"x": 1}}\n</tool_call>',
        '{"function": {"name": "add", "arguments": "{\\"x\\": 1}"}}',
        "{'function': 'add', 'x': 1}",
    ],
)
async def test_without_a_schema_json_in_any_dress_is_understood(text, streamed):
    with ScriptedModel([Say(text)]) as server:
        reply = await conversed(model_at(server, changes=NO_SCHEMA), **streamed)
    assert told(reply) == [("add", '{"x": 1}')]
    assert "response_format" not in server.requests[0].body


async def test_without_a_schema_prose_is_the_answer():
    pieces = []
    with ScriptedModel([Say("<think>Easy.</think>It is a cat.")]) as server:
        reply = await conversed(model_at(server, changes=NO_SCHEMA), on_delta=pieces.append)
    assert reply.text == "".join(pieces) == "It is a cat."


async def test_a_reply_that_cannot_be_used_is_sent_back_twice_at_most():
    replies = [Say('{"x": 1}', input_tokens=10, output_tokens=1)] * 3
    with ScriptedModel(replies) as server:
        reply = await conversed(model_at(server, changes=NO_SCHEMA))
    assert len(server.requests) == 3
    assert (reply.calls, reply.input_tokens, reply.output_tokens) == ((), 30, 3)
    assert 'It has no "function"' in sent(server)[-1]["content"]
    assert sent(server)[-2] == {"role": "assistant", "content": '{"x": 1}'}


async def test_a_forced_call_that_is_not_made_is_asked_for_again():
    replies = [
        Say("I would rather not."),
        Json({"function": "answer", "text": "No."}),
        Json({"function": "add"}),
    ]
    with ScriptedModel(replies) as server:
        reply = await conversed(model_at(server, changes=NO_SCHEMA), tool_choice="required")
    assert told(reply) == [("add", "{}")]
    assert "Call one of: search, add." in sent(server)[-1]["content"]


async def test_in_words_a_call_that_was_cut_off_does_not_look_complete():
    with ScriptedModel([Say('{"function": "search", "arguments": {"text": "ca', finish="length")]) as server:
        reply = await conversed(model_at(server, changes=IN_WORDS))
    assert reply.cut_short
    assert told(reply) == [("search", '{"text": "ca')]


@pytest.mark.parametrize("changes", [{}, IN_WORDS, NO_SCHEMA], ids=str)
async def test_an_answer_may_have_a_schema_beside_functions(changes):
    value = {"word": "yes"}
    says = {"function": "answer", "text": value} if changes else value
    with ScriptedModel([Json(says)]) as server:
        reply = await conversed(model_at(server, changes=changes), schema=SCHEMA)
    assert json.loads(reply.text) == value
    assert "word" in json.dumps(server.requests[0].body)


async def test_the_record_of_a_call_in_words_shows_what_the_model_wrote():
    recorder = Recorder()
    call = {"function": "add", "arguments": {"x": 1}}
    with ScriptedModel([Json(call)]) as server:
        await conversed(model_at(server, changes=IN_WORDS, recorder=recorder))
    (exchange,) = recorder
    assert json.loads(exchange.reply) == call
    assert exchange.schema is not None
    assert "## search" in exchange.system


@pytest.mark.model
async def test_even_the_smallest_model_calls_a_function_rightly_when_it_must():
    served = ServedModel(fetch_model(), 2048)
    at = await served.start()
    try:
        model = LanguageModel(choice_of(at.address, provider="on_this_computer", model=at.model, key=at.key))
        shown = []
        reply = await model.converse(
            ASKED, tools=TOOLS, tool_choice="search", on_delta=shown.append, max_tokens=300
        )
        await model.aclose()
    finally:
        await served.stop()
    ((name, arguments),) = told(reply)
    assert name == "search"
    assert json.loads(arguments)["text"]
    assert (shown, reply.text) == ([], "")
