import asyncio
import email.utils
import json
import time

import pytest
from engine.models import KEY, SCHEMA, Recorded, Waits, choice_of, model_at
from pydantic import SecretStr
from support.scripted_model import Cut, Endless, Fail, Garbage, Raw, Say, ScriptedModel, Slow, Stall

from elysia_desktop.core.errors import (
    ConfigurationError,
    MissingKey,
    ModelError,
    ModelRefused,
    ModelUnreachable,
)
from elysia_desktop.engine.lm import LanguageModel, load_model_library
from elysia_desktop.engine.model_failures import ReplyBrokenOff
from elysia_desktop.engine.recorder import HIDDEN, Recorder

pytestmark = pytest.mark.usefixtures("nothing_left")
NO_TEMPERATURE = "Unsupported value: 'temperature' does not support 0 with this model."
NO_LIMIT = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."


async def asked(model, **more):
    """The completion of one prompt, and the model closed."""
    try:
        return await model.complete("Be brief.", "Hello?", **more)
    finally:
        await model.aclose()


async def refusal(model, kind=ModelError, **more):
    with pytest.raises(kind) as caught:
        await asked(model, **more)
    return caught.value


async def until(happened):
    for _ in range(500):
        if happened():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("It did not happen.")


@pytest.fixture(params=[False, True], ids=["whole", "streamed"])
def streamed(request):
    """What a call is given so that its reply comes whole, or in pieces."""
    return {"on_delta": lambda _: None} if request.param else {}


# What is sent, and what comes back


async def test_a_prompt_is_sent_with_its_key_and_the_reply_comes_back_with_its_tokens(streamed):
    with ScriptedModel([Say("Hi.", input_tokens=12, output_tokens=3)], api_key=KEY) as server:
        reply = await asked(model_at(server), **streamed)
    assert (reply.text, reply.input_tokens, reply.output_tokens) == ("Hi.", 12, 3)
    assert (reply.cut_short, reply.estimated, reply.exchanges) == (False, False, ())
    assert reply.seconds > 0
    (sent,) = server.requests
    assert [message["content"] for message in sent.body["messages"]] == ["Be brief.", "Hello?"]
    assert (sent.body["temperature"], sent.body["max_tokens"]) == (0.0, 1200)


async def test_deltas_are_passed_on_as_they_come():
    pieces = []
    with ScriptedModel([Say("one two three", piece=5)]) as server:
        reply = await asked(model_at(server), on_delta=pieces.append)
    assert pieces == ["one t", "wo th", "ree"]
    assert reply.text == "one two three"


async def test_tokens_that_the_server_does_not_tell_are_estimated(streamed):
    with ScriptedModel([Say("word " * 30, usage=None)]) as server:
        reply = await asked(model_at(server), **streamed)
    assert reply.estimated
    assert 20 < reply.output_tokens < 60
    assert reply.input_tokens > 0


async def test_a_reply_that_met_its_limit_is_known_to_be_cut_short(streamed):
    with ScriptedModel([Say("And so", finish="length")]) as server:
        assert (await asked(model_at(server), **streamed)).cut_short


async def test_a_schema_goes_along_where_the_server_is_known_to_obey_it():
    with ScriptedModel([Say("{}"), Say("{}")]) as server:
        await asked(model_at(server), schema=SCHEMA)
        await asked(model_at(server, changes={"supports_schema": False}), schema=SCHEMA)
    first, second = (received.body.get("response_format") for received in server.requests)
    assert first["json_schema"]["schema"] == SCHEMA
    assert second is None


async def test_half_a_character_in_a_prompt_is_replaced():
    with ScriptedModel([Say("Yes.")]) as server:
        model = model_at(server)
        assert (await model.complete("S \ud800", "U \udc00")).text == "Yes."
        await model.aclose()
    assert [m["content"] for m in server.requests[0].body["messages"]] == ["S ?", "U ?"]


async def test_two_prompts_at_once_each_get_their_reply():
    with ScriptedModel(lambda body: Slow(0.05, Say(body["messages"][-1]["content"]))) as server:
        model = model_at(server)
        replies = await asyncio.gather(*(model.complete("s", f"number {n}") for n in range(6)))
        await model.aclose()
    assert [reply.text for reply in replies] == [f"number {n}" for n in range(6)]


async def test_a_closed_model_can_be_used_again():
    with ScriptedModel([Say("a"), Say("b")]) as server:
        model = model_at(server)
        assert (await asked(model)).text == "a"
        assert (await asked(model)).text == "b"


async def test_another_engine_of_the_library_can_stand_in_for_a_server():
    load_model_library()
    import dspy

    lm15 = dspy.lm15
    response = lm15.Response(
        id=None,
        model="recorded",
        message=lm15.Message.assistant("Recorded."),
        finish_reason="stop",
        usage=lm15.Usage(input_tokens=1_000_000, output_tokens=1_000_000, total_tokens=2_000_000),
    )
    engine = Recorded(response, response)
    assert (await asked(LanguageModel(choice_of(), engine=engine))).text == "Recorded."
    listed = choice_of("", provider="openai", model="gpt-4o-mini")
    assert (await asked(LanguageModel(listed, engine=engine))).cost == pytest.approx(0.75)
    assert [request.system for request in engine.requests] == ["Be brief."] * 2


# What a model is asked with


async def test_a_thinking_model_gets_room_and_no_temperature():
    with ScriptedModel(lambda _: Say("x")) as server:
        for name in ("o3-mini", "openai/gpt-5-nano", "deepseek-reasoner", "gpt-4o"):
            await asked(model_at(server, changes={"model": name}))
    bodies = [received.body for received in server.requests]
    limits = [body.get("max_completion_tokens") or body.get("max_tokens") for body in bodies]
    assert limits == [16_000, 16_000, 16_000, 1200]
    assert ["temperature" in body for body in bodies] == [False, False, False, True]


@pytest.mark.parametrize(
    ("said", "dropped", "added"),
    [
        (NO_TEMPERATURE, "temperature", set()),
        (NO_LIMIT, "max_tokens", {"max_completion_tokens"}),
        ("max_tokens is too large: 1200.", "max_tokens", set()),
        ("response_format is not available for this model", "response_format", set()),
        ("Unknown field: stream_options", "stream_options", set()),
    ],
)
async def test_a_parameter_that_the_server_refuses_is_left_out_from_then_on(said, dropped, added):
    with ScriptedModel([Fail(400, said), Say("a"), Say("b")]) as server:
        model = model_at(server)
        for text in ("a", "b"):
            reply = await model.complete("s", "u", schema=SCHEMA, on_delta=lambda _: None)
            assert reply.text == text
        await model.aclose()
    first, second, third = (set(received.body) for received in server.requests)
    assert first - second == {dropped}
    assert second - first == added
    assert third == second


async def test_a_refusal_whose_words_stand_elsewhere_is_understood_too():
    detail = [{"loc": ["body", "response_format"], "msg": "Extra inputs are not permitted"}]
    with ScriptedModel([Fail(422, {"detail": detail}), Say("a")]) as server:
        assert (await asked(model_at(server), schema=SCHEMA)).text == "a"
    assert "response_format" not in server.requests[1].body


async def test_a_refusal_that_goes_on_is_told_and_not_repeated_for_ever():
    said = f"{NO_TEMPERATURE} {NO_LIMIT} response_format stream_options"
    with ScriptedModel(lambda _: Fail(400, said)) as server:
        error = await refusal(model_at(server), schema=SCHEMA, on_delta=lambda _: None)
        assert len(server.requests) <= 6
    assert "temperature" in str(error)


async def test_a_model_that_only_thought_is_given_more_room(streamed):
    thought = Say("", thoughts="Let me see…", finish="length")
    with ScriptedModel([thought, Say("Yes."), Say("No.")]) as server:
        model = model_at(server)
        assert (await model.complete("s", "u", **streamed)).text == "Yes."
        assert (await model.complete("s", "u", **streamed)).text == "No."
        await model.aclose()
    assert [received.body["max_tokens"] for received in server.requests] == [1200, 16_000, 16_000]


# What it costs


async def test_the_price_the_server_tells_is_taken(streamed):
    with ScriptedModel([Say("x", usage={"cost": 0.0125})]) as server:
        assert (await asked(model_at(server), **streamed)).cost == 0.0125


async def test_the_persons_own_price_goes_before_that():
    prices = {"input_price": 2.0, "output_price": 10.0}
    with ScriptedModel([Say("x", input_tokens=1000, output_tokens=100, usage={"cost": 9})]) as server:
        reply = await asked(model_at(server, changes=prices))
    assert reply.cost == pytest.approx(0.003)


@pytest.mark.parametrize(("provider", "cost"), [("llama_cpp", 0.0), ("openai_compatible", None)])
async def test_only_a_model_on_this_computer_is_free_of_charge(provider, cost):
    with ScriptedModel([Say("x")]) as server:
        assert (await asked(model_at(server, changes={"provider": provider}))).cost == cost


# Servers in trouble


@pytest.mark.parametrize("trouble", [Fail(429), Fail(500), Fail(503), Fail(504), Fail(408), Cut("")], ids=str)
async def test_a_server_in_trouble_is_asked_again_after_growing_waits(trouble, streamed):
    waits = Waits()
    with ScriptedModel([trouble, trouble, trouble, Say("At last.")]) as server:
        assert (await asked(model_at(server, waits=waits), **streamed)).text == "At last."
    assert waits == [0.5, 1.0, 2.0]


async def test_a_whole_reply_that_is_cut_is_asked_for_again():
    with ScriptedModel([Cut("Half a"), Say("All of it.")]) as server:
        assert (await asked(model_at(server))).text == "All of it."


@pytest.mark.parametrize(
    ("trouble", "kind", "said"),
    [
        (Fail(429, "Slow down."), ModelRefused, "Slow down."),
        (Fail(500, "Out of coffee."), ModelError, "in 4 tries: Out of coffee."),
        (Cut(""), ModelUnreachable, "broke off"),
    ],
    ids=str,
)
async def test_it_gives_up_in_words_after_four_tries(trouble, kind, said, streamed):
    with ScriptedModel(lambda _: trouble) as server:
        error = await refusal(model_at(server), kind, **streamed)
        assert len(server.requests) == 4
    assert said in str(error)
    assert error.hint


@pytest.mark.parametrize("status", [400, 401, 403, 404])
async def test_a_refusal_is_not_repeated_and_told_in_the_servers_words(status, streamed):
    with ScriptedModel(lambda _: Fail(status, f"Not with {KEY}, not today.")) as server:
        error = await refusal(model_at(server), **streamed)
        assert len(server.requests) == 1
    assert f"Not with {HIDDEN}, not today." in str(error)
    assert KEY not in repr(error.__cause__)


@pytest.mark.parametrize("body", [{"detail": "Not here."}, {"message": "Not here."}, {"error": "Not here."}])
async def test_a_servers_words_are_found_wherever_it_puts_them(body):
    with ScriptedModel([Fail(400, body)]) as server:
        assert "Not here." in str(await refusal(model_at(server)))


async def test_a_provider_whose_words_are_no_text_is_told_in_words():
    body = json.dumps({"error": {"message": {"reason": "Not here."}}}).encode()
    with ScriptedModel([Raw(body, 400)]) as server:
        model = LanguageModel(choice_of(server.address, provider="mistral"))
        assert "Not here." in str(await refusal(model))


async def test_a_failure_told_at_the_beginning_of_a_stream_is_tried_again():
    event = b'data: {"error": {"message": "Overloaded.", "code": 503}}\n\n'
    with ScriptedModel([Raw(event, content_type="text/event-stream"), Say("At last.")]) as server:
        assert (await asked(model_at(server), on_delta=lambda _: None)).text == "At last."


async def test_the_wait_that_the_server_asks_for_is_kept():
    waits = Waits()
    later = email.utils.formatdate(time.time() + 20, usegmt=True)
    replies = [Fail(429, headers={"Retry-After": "7"}), Fail(503, headers={"Retry-After": later}), Say("x")]
    with ScriptedModel(replies) as server:
        await asked(model_at(server, waits=waits))
    assert waits[0] == 7
    assert 10 < waits[1] <= 20


async def test_a_long_wait_is_not_made_but_told():
    waits = Waits()
    with ScriptedModel([Fail(429, "Enough.", {"Retry-After": "600"})]) as server:
        error = await refusal(model_at(server, waits=waits), ModelRefused)
    assert waits == []
    assert "in 10 minutes" in error.hint


async def test_a_wait_ends_at_once_when_the_run_is_stopped():
    recorder = Recorder()
    with ScriptedModel(lambda _: Fail(429, headers={"Retry-After": "25"})) as server:
        model = LanguageModel(choice_of(server.address), recorder=recorder)
        task = asyncio.ensure_future(model.complete("s", "u"))
        await until(lambda: len(recorder))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(task, 1)
        await model.aclose()
    assert len(server.requests) == 1


async def test_a_stopped_request_hangs_up():
    recorder = Recorder()
    with ScriptedModel(lambda _: Slow(30, Say("x"))) as server:
        model = model_at(server, timeout=30, recorder=recorder)
        task = asyncio.ensure_future(model.complete("s", "u"))
        await until(lambda: server.requests)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await model.aclose()
        await until(lambda: server.hung_up == 1)
    assert [exchange.error for exchange in recorder] == ["Stopped."]


async def test_nothing_is_begun_anew_once_text_was_passed_on():
    pieces, waits = [], Waits()
    with ScriptedModel(lambda _: Cut("I was about")) as server:
        await refusal(model_at(server, waits=waits), ReplyBrokenOff, on_delta=pieces.append)
        assert len(server.requests) == 1
    assert "".join(pieces) == "I was about"
    assert waits == []


async def test_where_nothing_answers_it_says_so_at_once():
    waits = Waits()
    model = LanguageModel(choice_of("http://127.0.0.1:1/v1"), backoff=waits.backoff())
    assert "Nothing answers at http://127.0.0.1:1/v1" in str(await refusal(model, ModelUnreachable))
    assert waits == []


# Servers that do not come to an end


@pytest.mark.parametrize("silence", [Stall(""), Stall("I was"), Slow(30, Say("x"))], ids=str)
async def test_silence_is_not_waited_for_beyond_the_time_out(silence, streamed):
    with ScriptedModel(lambda _: silence) as server:
        error = await refusal(model_at(server, timeout=0.2), ModelUnreachable, **streamed)
        assert len(server.requests) == 1
    assert "in time" in str(error)


async def test_a_trickle_is_given_up_when_the_whole_takes_too_long(streamed):
    with ScriptedModel(lambda _: Endless("a", pause=0.05)) as server:
        error = await refusal(model_at(server, timeout=0.3, total_timeout=0.4), ModelUnreachable, **streamed)
    assert "in time" in str(error)


async def test_endless_text_is_cut_at_the_limit_that_was_asked_for():
    pieces = []
    with ScriptedModel(lambda _: Endless("and on ")) as server:
        reply = await asked(model_at(server), max_tokens=100, on_delta=pieces.append)
    assert reply.cut_short
    assert reply.estimated
    assert reply.text == "".join(pieces)
    assert 400 < len(reply.text) <= 1600


# Servers that make no sense


@pytest.mark.parametrize(
    "sense",
    [
        Garbage(),
        Raw(b""),
        Raw(b"null"),
        Raw(b'{"choices": 7}'),
        Raw(b'{"choices": [{}, {}]}'),
        Raw(b"\xff\xfe\x00"),
        Raw(b'{"choices": [{"message": {"content": "x"}}], "usage": {"prompt_tokens": "many"}}'),
        Raw(b'{"error": {"message": "Upside down."}}'),
    ],
    ids=lambda reply: str(reply)[:40],
)
async def test_what_is_no_reply_of_a_model_ends_in_words(sense, streamed):
    with ScriptedModel(lambda _: sense) as server:
        error = await refusal(model_at(server), **streamed)
    assert server.address in str(error)
    assert error.hint


@pytest.mark.parametrize(
    "nested", [Say("[" * 20_000, piece=5000), Raw(b'{"choices": ' + b"[" * 20_000)], ids=["text", "body"]
)
async def test_a_reply_nested_without_end_is_no_crash(nested):
    with ScriptedModel([nested]) as server:
        assert (await asked(model_at(server), schema=SCHEMA)).text.strip("[") == ""


# What is missing


@pytest.mark.parametrize(
    ("changes", "kind", "said"),
    [
        ({"provider": ""}, ConfigurationError, "No model is set"),
        ({"model": ""}, ConfigurationError, "No model is set"),
        ({"address": ""}, ConfigurationError, "no address"),
        ({"provider": "openai", "key": SecretStr("")}, MissingKey, "OpenAI needs a key"),
    ],
    ids=lambda value: str(value)[:30],
)
async def test_what_is_missing_is_named_before_anything_is_sent(changes, kind, said):
    error = await refusal(LanguageModel(choice_of(**changes)), kind)
    assert said in str(error)
    assert error.hint


# What is recorded


async def test_every_try_is_recorded_without_the_key():
    recorder = Recorder()
    replies = [Fail(500, f"No {KEY}."), Fail(400, NO_TEMPERATURE), Say(f"Your key is {KEY}.", input_tokens=9)]
    with ScriptedModel(replies) as server:
        model = model_at(server, recorder=recorder)
        reply = await model.complete(f"s {KEY}", f"u {KEY}", schema=SCHEMA, purpose="decision")
        await model.aclose()
    kept = list(recorder)
    assert tuple(exchange.id for exchange in kept) == reply.exchanges
    assert [bool(exchange.error) for exchange in kept] == [True, True, False]
    last = kept[-1]
    assert (last.purpose, last.model, last.schema) == ("decision", "scripted", SCHEMA)
    assert (last.system, last.user, last.reply) == (f"s {HIDDEN}", f"u {HIDDEN}", f"Your key is {HIDDEN}.")
    assert last.input_tokens == 9
    assert last.seconds > 0
    assert KEY not in repr(kept) + repr(model) + repr(recorder)
    assert f"Your key is {KEY}." == reply.text


async def test_what_a_broken_reply_held_is_recorded_too():
    recorder = Recorder()
    with ScriptedModel([Cut("I was about")]) as server:
        error = await refusal(model_at(server, recorder=recorder), ReplyBrokenOff, on_delta=lambda _: None)
    (kept,) = recorder
    assert error.exchanges == (kept.id,)
    assert kept.reply == "I was about"
    assert "broke off" in kept.error
