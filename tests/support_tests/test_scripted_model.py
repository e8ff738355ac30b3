"""The scripted model answers, fails, stalls and breaks off as a real server does."""

import json
import threading
import time

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.scripted_model import (
    Call,
    Calls,
    Cut,
    Endless,
    Fail,
    Garbage,
    Json,
    Raw,
    Say,
    ScriptedModel,
    Slow,
    Stall,
)

ASK = {"model": "m", "messages": [{"role": "user", "content": "Hello?"}]}
STREAM = {**ASK, "stream": True, "stream_options": {"include_usage": True}}


@pytest.fixture(autouse=True)
def no_thread_is_left():
    before = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) <= before


def post(model, body=ASK, **options):
    return httpx.post(f"{model.address}/chat/completions", json=body, timeout=5, **options)


def events(response):
    lines = [line.removeprefix("data: ") for line in response.text.split("\n") if line]
    assert lines[-1] == "[DONE]"
    return [json.loads(line) for line in lines[:-1]]


def refusal(client, request):
    try:
        client.send(request)
    except httpx.HTTPError as error:
        return error
    return None


def test_an_answer_and_its_tokens_come_back_and_the_request_is_kept():
    with ScriptedModel([Say("Hi there.", input_tokens=7, output_tokens=3)]) as model:
        answer = post(model, headers={"X-Trace": "1"}).json()
    assert answer["choices"][0]["message"] == {"role": "assistant", "content": "Hi there."}
    assert answer["choices"][0]["finish_reason"] == "stop"
    assert answer["usage"] == {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
    (request,) = model.requests
    assert request.body == ASK
    assert request.headers["x-trace"] == "1"


@given(text=st.text(st.characters(exclude_categories=["Cs"])), piece=st.integers(1, 9))
@settings(max_examples=20, deadline=None)
def test_streamed_pieces_make_up_the_answer(text, piece):
    with ScriptedModel([Say(text, piece=piece)]) as model:
        chunks = events(post(model, STREAM))
    deltas = [chunk["choices"][0]["delta"] for chunk in chunks if chunk["choices"]]
    assert "".join(delta.get("content", "") for delta in deltas) == text
    assert all(len(delta.get("content", "")) <= piece for delta in deltas)
    assert chunks[-1]["usage"]["completion_tokens"] == len(text) // 4
    assert chunks[-2]["choices"][0]["finish_reason"] == "stop"


def test_usage_is_streamed_only_when_it_is_asked_for():
    with ScriptedModel([Say("Hi")]) as model:
        chunks = events(post(model, {**ASK, "stream": True}))
    assert all("usage" not in chunk for chunk in chunks)


def test_a_script_may_look_at_the_request():
    with ScriptedModel(lambda body: Json({"asked": body["messages"][0]["content"]})) as model:
        answers = [post(model).json()["choices"][0]["message"]["content"] for _ in range(2)]
    assert [json.loads(answer) for answer in answers] == [{"asked": "Hello?"}] * 2


def test_replies_are_used_in_order_and_one_too_many_is_told():
    with ScriptedModel([Say("one"), Say("two")]) as model:
        said = [post(model).json()["choices"][0]["message"]["content"] for _ in range(2)]
        beyond = post(model)
    assert said == ["one", "two"]
    assert beyond.status_code == 400
    assert "2 replies" in beyond.json()["error"]["message"]


def test_a_failure_has_its_status_headers_and_openais_shape():
    script = [
        Fail(429, headers={"Retry-After": "2"}),
        Fail(500, "broken"),
        Fail(404, {"detail": "own shape"}),
    ]
    with ScriptedModel(script) as model:
        limited, broken, own = post(model), post(model), post(model)
    assert (limited.status_code, limited.headers["retry-after"]) == (429, "2")
    assert broken.json()["error"]["message"] == "broken"
    assert own.json() == {"detail": "own shape"}


def test_a_wrong_key_is_refused_and_the_right_one_let_in():
    with ScriptedModel([Say("in")], api_key="right") as model:
        refused = post(model, headers={"Authorization": "Bearer wrong"})
        models_refused = httpx.get(f"{model.address}/models")
        allowed = post(model, headers={"Authorization": "Bearer right"})
    assert refused.status_code == models_refused.status_code == 401
    assert refused.json()["error"]["code"] == "invalid_api_key"
    assert allowed.status_code == 200


def test_the_models_are_listed_and_other_addresses_are_not_there():
    with ScriptedModel([], models=("small", "large")) as model:
        listed = httpx.get(f"{model.address}/models").json()
        assert httpx.get(f"{model.address}/engines").status_code == 404
        assert httpx.post(f"{model.address}/embeddings", json={}).status_code == 404
        assert httpx.post(f"{model.address}/chat/completions", content=b"{").status_code == 400
    assert [entry["id"] for entry in listed["data"]] == ["small", "large"]
    assert model.requests == []


def test_a_slow_answer_comes_late():
    with ScriptedModel([Slow(0.2, Say("late"))]) as model:
        begun = time.monotonic()
        assert post(model).json()["choices"][0]["message"]["content"] == "late"
    assert time.monotonic() - begun >= 0.2


@pytest.mark.parametrize("body", [ASK, STREAM], ids=["whole", "streamed"])
def test_a_stalled_answer_begins_and_lasts_until_the_client_gives_up(body):
    with ScriptedModel([Stall("Once upon a time")]) as model:
        received = []
        with httpx.stream("POST", f"{model.address}/chat/completions", json=body, timeout=0.3) as response:
            assert response.status_code == 200
            pieces = response.iter_text()
            with pytest.raises(httpx.ReadTimeout):
                received.extend(pieces)
        assert "chatcmpl" in "".join(received)
        deadline = time.monotonic() + 5
        while not model.hung_up and time.monotonic() < deadline:
            time.sleep(0.01)
        assert model.hung_up == 1


def test_a_stalled_answer_does_not_hold_up_the_end_of_the_test():
    client, failures = httpx.Client(), []
    begun = time.monotonic()
    with ScriptedModel([Stall(), Slow(60, Say("never"))]) as model:
        with client.stream("POST", f"{model.address}/chat/completions", json=STREAM) as response:
            next(response.iter_text())
        request = client.build_request("POST", f"{model.address}/chat/completions", json=STREAM)
        thread = threading.Thread(target=lambda: failures.append(refusal(client, request)))
        thread.start()
        while len(model.requests) < 2:
            time.sleep(0.01)
    thread.join()
    client.close()
    assert isinstance(failures[0], httpx.RemoteProtocolError)
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("body", [ASK, STREAM], ids=["whole", "streamed"])
def test_a_cut_connection_is_seen_as_one(body):
    with ScriptedModel([Cut()]) as model, pytest.raises(httpx.RemoteProtocolError):
        post(model, body)


def test_garbage_is_a_success_without_sense():
    with ScriptedModel([Garbage(), Garbage("{broken")]) as model:
        whole, streamed = post(model), post(model, STREAM)
    assert whole.status_code == streamed.status_code == 200
    with pytest.raises(ValueError):
        whole.json()
    assert streamed.text == "data: {broken\n\n"


def test_an_exception_in_the_script_fails_the_test():
    def script(body):
        raise LookupError("no such reply")

    with (
        pytest.raises(LookupError),
        ScriptedModel(script) as model,
        pytest.raises(httpx.RemoteProtocolError),
    ):
        post(model)


def test_many_are_served_at_once():
    answers = []
    with ScriptedModel(lambda body: Slow(0.1, Say(body["messages"][0]["content"]))) as model:
        asking = [
            threading.Thread(
                target=lambda n=n: answers.append(
                    post(model, {**ASK, "messages": [{"role": "user", "content": str(n)}]}).json()
                )
            )
            for n in range(10)
        ]
        begun = time.monotonic()
        for thread in asking:
            thread.start()
        for thread in asking:
            thread.join()
        assert time.monotonic() - begun < 3
    assert sorted(int(a["choices"][0]["message"]["content"]) for a in answers) == list(range(10))


async def test_openais_own_client_understands_it():
    from openai import AsyncOpenAI

    with ScriptedModel([Say("Hello, streamed.")], api_key="k") as model:
        async with AsyncOpenAI(base_url=model.address, api_key="k") as client:
            stream = await client.chat.completions.create(**STREAM)
            chunks = [chunk async for chunk in stream]
    assert "".join(c.choices[0].delta.content or "" for c in chunks if c.choices) == "Hello, streamed."
    assert chunks[-1].usage.total_tokens > 0


def test_usage_can_tell_more_and_nothing_at_all():
    with ScriptedModel(
        [Say("Hi", usage={"cost": 0.5}), Say("Hi", usage=None), Say("Hi", usage=None)]
    ) as model:
        assert post(model).json()["usage"]["cost"] == 0.5
        assert post(model).json()["usage"] is None
        assert all("usage" not in chunk for chunk in events(post(model, STREAM)))


def test_thoughts_come_apart_from_the_answer():
    with ScriptedModel([Say("Yes.", thoughts="Hm."), Say("Yes.", thoughts="Hm.")]) as model:
        message = post(model).json()["choices"][0]["message"]
        chunks = events(post(model, STREAM))
    assert (message["reasoning_content"], message["content"]) == ("Hm.", "Yes.")
    assert chunks[1]["choices"][0]["delta"] == {"reasoning_content": "Hm."}


def test_a_raw_reply_is_sent_byte_for_byte():
    with ScriptedModel([Raw(b"\xff{", 418, "text/odd")]) as model:
        reply = post(model, STREAM)
    assert (reply.status_code, reply.content, reply.headers["content-type"]) == (418, b"\xff{", "text/odd")


@pytest.mark.parametrize("body", [ASK, STREAM], ids=["whole", "streamed"])
def test_an_endless_reply_goes_on_until_the_client_leaves(body):
    with ScriptedModel([Endless("more ")]) as model:
        with httpx.stream("POST", f"{model.address}/chat/completions", json=body, timeout=5) as reply:
            pieces = reply.iter_text()
            got = "".join(next(pieces) for _ in range(5))
        assert got.count("more ") > 1
    assert model.hung_up <= 1


async def test_openais_own_client_understands_calls_whole_and_in_pieces():
    from openai import AsyncOpenAI

    calls = [Call("add", {"x": 1, "y": 2}), Call("broken", '{"x": ', "c9")]
    with ScriptedModel(lambda _: Calls(calls, text="Let me see.")) as model:
        async with AsyncOpenAI(base_url=model.address, api_key="k") as client:
            whole = (await client.chat.completions.create(**ASK)).choices[0]
            chunks = [chunk async for chunk in await client.chat.completions.create(**STREAM)]
    assert (whole.finish_reason, whole.message.content) == ("tool_calls", "Let me see.")
    made = [(call.function.name, call.function.arguments) for call in whole.message.tool_calls]
    assert made == [("add", '{"x": 1, "y": 2}'), ("broken", '{"x": ')]
    deltas = [chunk.choices[0].delta for chunk in chunks if chunk.choices]
    assert "".join(delta.content or "" for delta in deltas) == "Let me see."
    pieces = [piece for delta in deltas for piece in delta.tool_calls or ()]
    for number, (name, arguments) in enumerate(made):
        own = [piece.function for piece in pieces if piece.index == number]
        assert [one.name for one in own] == [name, *[None] * (len(own) - 1)]
        assert "".join(one.arguments for one in own) == arguments
    assert [call.id for call in whole.message.tool_calls][1] == "c9"


def test_a_server_may_refuse_functions_without_using_up_a_reply():
    tools = [{"type": "function", "function": {"name": "add"}}]
    with ScriptedModel([Say("Fine.")], refuses_tools="no tools here") as model:
        refused, said = post(model, {**ASK, "tools": tools}), post(model)
    assert (refused.status_code, refused.json()["error"]["message"]) == (400, "no tools here")
    assert said.json()["choices"][0]["message"]["content"] == "Fine."
    assert len(model.requests) == 2
