import asyncio
import json

import pytest
from engine.models import choice_of, model_at
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr
from support.scripted_model import Cut, Fail, Raw, Say, ScriptedModel

from elysia_desktop.core.errors import ModelError
from elysia_desktop.engine import model_wire
from elysia_desktop.engine.lm import LanguageModel
from elysia_desktop.engine.model_wire import in_openais_shape
from elysia_desktop.engine.predict import Prediction, PredictionFailed, predict
from elysia_desktop.engine.recorder import Recorder
from elysia_desktop.engine.signatures import Output, signature

ASKED = signature("Asked", "Fill in.", ["question"], {"word": Output(str, "a word", max_length=9)})


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"detail": "No."}, "No."),
        ({"message": "No.", "code": 400}, "No."),
        ({"object": "error", "msg": "No."}, "No."),
        ({"detail": [{"loc": ["body", "x"]}]}, '[{"loc": ["body", "x"]}]'),
        ({"status": "bad"}, '{"status": "bad"}'),
        ({"detail": [{"loc": ["body", "x"], "msg": "missing"}, {"msg": "No."}]}, "body.x: missing; No."),
        ({"message": {"detail": [{"loc": ["body", "x"], "msg": "extra"}]}}, "body.x: extra"),
        ({"errors": [{"message": "No.", "code": 5}], "success": False}, "No."),
        ([{"error": {"message": "No."}}], "No."),
        ({"error": {"detail": "No."}}, "No."),
        ({"error": {"message": {"text": "No."}}}, '{"text": "No."}'),
        ({"error": {"message": "Failed", "metadata": {"raw": "Upstream: no."}}}, "Failed: Upstream: no."),
        (
            {"error": {"message": "Failed", "metadata": {"raw": '{"error": {"message": "No."}}'}}},
            "Failed: No.",
        ),
        ({"error": {"message": "Failed", "metadata": {"raw": {"message": "No."}}}}, "Failed: No."),
    ],
)
def test_what_a_refusal_says_is_put_where_openai_has_it(body, said):
    assert json.loads(in_openais_shape(json.dumps(body)))["error"]["message"] == said


def test_what_tells_errors_apart_is_kept():
    body = [{"error": {"code": 429, "message": "Too many.", "status": "RESOURCE_EXHAUSTED"}}]
    assert json.loads(in_openais_shape(json.dumps(body))) == body[0]


@pytest.mark.parametrize(
    "body",
    [
        '{"error": {"message": "No.", "metadata": null}, "user_id": 1}',
        '{"error": {"message": "No."}}',
        '{"error": "No."}',
        "<html>",
        "[1]",
        "null",
        "",
        "[" * 5000,
    ],
)
def test_everything_else_is_left_as_it_is(body):
    assert in_openais_shape(body) == body


@pytest.mark.parametrize("on_delta", [None, lambda _: None], ids=["whole", "streamed"])
async def test_a_reply_is_not_read_beyond_all_measure(monkeypatch, on_delta):
    monkeypatch.setattr(model_wire, "_MOST_BYTES", 100_000)
    lines = b"data: {}\n\n" * 20_000
    with ScriptedModel([Raw(lines)]) as server:
        model = model_at(server)
        with pytest.raises(ModelError, match="longer than"):
            await model.complete("s", "u", on_delta=on_delta)
        await model.aclose()


async def test_a_text_that_broke_off_is_begun_anew_once_that_was_said():
    heard, recorder = [], Recorder()
    whole = Say('{"word": "hi"}', piece=99)
    with ScriptedModel([Cut('{"word'), whole]) as server:
        model = model_at(server, recorder=recorder)
        prediction = await predict(
            model,
            ASKED,
            {"question": "Q?"},
            on_delta=heard.append,
            on_retry=lambda: heard.append("anew"),
        )
        await model.aclose()
    assert "".join(heard) == '{"wordanew{"word": "hi"}'
    assert prediction.spent.exchanges == tuple(exchange.id for exchange in recorder)
    assert [exchange.purpose for exchange in recorder] == ["asked", "asked"]


@pytest.mark.parametrize(
    ("on_delta", "reply"),
    [
        (None, Raw(b'{"error": "The runner crashed."}')),
        (
            lambda _: None,
            Raw(b'data: {"error": "The runner crashed."}\n\n', content_type="text/event-stream"),
        ),
    ],
    ids=["whole", "streamed"],
)
async def test_a_failure_told_with_the_status_of_success_is_no_empty_reply(on_delta, reply):
    with ScriptedModel(lambda _: reply) as server:
        model = model_at(server)
        with pytest.raises(ModelError, match=r"The runner crashed\."):
            await model.complete("s", "u", on_delta=on_delta)
        await model.aclose()


async def test_a_text_about_an_error_is_a_reply():
    with ScriptedModel([Say('{"error": "It is spelt so."}')] * 2) as server:
        model = model_at(server)
        for on_delta in (None, lambda _: None):
            assert (await model.complete("s", "u", on_delta=on_delta)).text == '{"error": "It is spelt so."}'
        await model.aclose()


async def test_a_parameter_that_openrouters_provider_refuses_is_left_out():
    upstream = json.dumps({"error": {"message": "Unsupported value: 'temperature' does not support 0."}})
    refused = {"error": {"message": "Provider returned error", "code": 400, "metadata": {"raw": upstream}}}
    with ScriptedModel([Fail(400, refused), Say("Then so.")]) as server:
        model = model_at(server)
        assert (await model.complete("s", "u")).text == "Then so."
        await model.aclose()
    assert ["temperature" in one.body for one in server.requests] == [True, False]


BODIES = (
    st.binary(max_size=200)
    | st.sampled_from([b"data: ", b"data: {}\n\n", b"data: [DONE]\n\n", b"\n\n", b"{", b"event: error\n"])
    | st.builds(
        lambda cut: json.dumps({"choices": [{"message": {"content": '{"word": "hi"}'}}]}).encode()[:cut],
        st.integers(0, 70),
    )
    | st.builds(
        lambda content, usage, finish: json.dumps(
            {
                "choices": [{"message": {"content": content}, "finish_reason": finish}],
                "usage": usage,
            }
        ).encode(),
        st.none() | st.text(max_size=20) | st.integers() | st.lists(st.text(max_size=3), max_size=2),
        st.none() | st.dictionaries(st.sampled_from(["prompt_tokens", "cost"]), st.integers() | st.text()),
        st.none() | st.text(max_size=9),
    )
)
REPLIES = st.builds(Raw, BODIES, st.sampled_from([200, 200, 400, 404, 500])) | st.builds(
    Say, st.text(max_size=60), finish=st.sampled_from(["stop", "length", "content_filter", "?"])
)


def test_whatever_a_server_sends_ends_in_a_prediction_or_in_words():
    sent = []

    async def outcome(address, streamed):
        model = model_at(address, timeout=2)
        try:
            on_delta = (lambda _: None) if streamed else None
            return await predict(model, ASKED, {"question": "Q?"}, on_delta=on_delta)
        except (PredictionFailed, ModelError) as error:
            return error
        finally:
            await model.aclose()

    with ScriptedModel(lambda _: sent[-1]) as server:

        @settings(max_examples=150, deadline=None)
        @given(REPLIES, st.booleans())
        def check(reply, streamed):
            sent.append(reply)
            ended = asyncio.run(outcome(server, streamed))
            assert isinstance(ended, Prediction) or str(ended)

        check()
    assert len(sent) >= 100


async def test_an_address_is_reached_with_a_key_that_holds_what_no_header_may():
    model = LanguageModel(choice_of("http://127.0.0.1:1/v1", key=SecretStr("a\nb")))
    with pytest.raises(ModelError) as caught:
        await model.complete("s", "u")
    await model.aclose()
    assert "a\nb" not in str(caught.value)
