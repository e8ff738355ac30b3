import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from elysia_desktop.core.errors import InvalidAnswer, ModelRefused
from elysia_desktop.core.settings import ModelChoice
from elysia_desktop.engine.lm import Completion
from elysia_desktop.engine.model_failures import ReplyBrokenOff
from elysia_desktop.engine.predict import PredictionFailed, predict, system_message
from elysia_desktop.engine.signatures import Output, signature

ASKED = signature(
    "Asked", "Fill in.", ["question"], {"word": Output(str, "a word", max_length=5), "n": Output(int, "")}
)


class Scripted:
    """A model of our own protocol that replies from a list."""

    choice = ModelChoice("openai", "m", "", SecretStr(""), True, None, None)

    def __init__(self, *replies):
        self.replies = list(replies)
        self.users, self.systems, self.purposes = [], [], []

    async def complete(self, system, user, *, schema=None, on_delta=None, max_tokens=None, purpose=""):
        self.users.append(user)
        self.systems.append(system)
        self.purposes.append(purpose)
        reply = self.replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        text = reply if isinstance(reply, str) else json.dumps(reply)
        if on_delta:
            on_delta(text)
        return Completion(text, 10, 5, 0.5, 0.0 if self.replies else None, cut_short=text.endswith("…"))

    async def converse(
        self,
        messages,
        *,
        tools=(),
        tool_choice="auto",
        schema=None,
        on_delta=None,
        max_tokens=None,
        purpose="",
    ):
        raise AssertionError("A prediction has no functions.")

    async def aclose(self):
        pass


async def test_a_fitting_reply_is_typed_and_what_it_took_is_told():
    model = Scripted({"word": "hi", "n": 3, "more": 1})
    prediction = await predict(model, ASKED, {"question": "Q?"})
    assert (prediction.reply.word, prediction.reply.n) == ("hi", 3)
    assert (prediction.spent.attempts, prediction.spent.input_tokens, prediction.spent.cost) == (1, 10, None)
    assert model.users == ["# Question\nQ?"]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ({"word": "hi"}, "n: Field required"),
        ({"word": "far too long", "n": 1}, "word: String should have at most 5"),
        ({"word": "hi", "n": "x" * 3000}, "n: Input should be a valid integer"),
        ("no json", "not a JSON object"),
        ("[1]", "not a JSON object"),
        ("", "not a JSON object"),
        ("cut off…", "write less"),
        ("[" * 100_000, "not a JSON object"),
    ],
    ids=lambda value: str(value)[:20],
)
async def test_a_reply_that_does_not_fit_is_sent_back_with_the_reason(bad, reason):
    model = Scripted(bad, {"word": "hi", "n": 3})
    retried = []
    prediction = await predict(model, ASKED, {"question": "Q?"}, on_retry=lambda: retried.append(1))
    assert prediction.spent.attempts == 2
    assert prediction.spent.input_tokens == 20
    assert reason in model.users[1]
    assert len(model.users[1]) < 1000
    assert retried == [1]


async def test_a_check_may_object():
    model = Scripted({"word": "a", "n": 1}, {"word": "b", "n": 2})
    prediction = await predict(
        model, ASKED, {"question": "Q?"}, check=lambda reply: None if reply.n == 2 else "n must be two"
    )
    assert prediction.reply.word == "b"
    assert "n must be two" in model.users[1]


async def test_after_three_attempts_it_fails_and_says_what_was_spent():
    model = Scripted(*["no"] * 9)
    with pytest.raises(PredictionFailed, match="3 tries") as caught:
        await predict(model, ASKED, {"question": "Q?"})
    assert isinstance(caught.value, InvalidAnswer)
    assert caught.value.hint
    assert (caught.value.spent.attempts, caught.value.spent.output_tokens) == (3, 15)
    assert len(model.users) == 3


async def test_a_server_that_refuses_is_not_asked_again():
    model = Scripted(ModelRefused("no"), {"word": "b", "n": 2})
    with pytest.raises(ModelRefused):
        await predict(model, ASKED, {"question": "Q?"})
    assert len(model.users) == 1


@pytest.mark.parametrize(
    "text",
    [
        'Sure! {"word": "hi", "n": 3}',
        '```json\n{"word": "hi", "n": 3}\n```',
        '{"word": "hi", "n": 3,}',
        "{'word': 'hi', 'n': 3}",
        '<think>perhaps {"word": "no"}?</think>{"word": "hi", "n": 3}',
    ],
)
async def test_json_wrapped_in_words_is_understood(text):
    prediction = await predict(Scripted(text), ASKED, {"question": "Q?"})
    assert (prediction.reply.word, prediction.reply.n, prediction.spent.attempts) == ("hi", 3, 1)


def test_the_system_message_tells_the_shape():
    assert "word: text  // a word" in system_message(ASKED)
    assert system_message(ASKED).startswith("Fill in.")


def test_instructions_can_be_given_without_a_new_signature():
    told = system_message(ASKED, "Do otherwise.")
    assert told.startswith("Do otherwise.")
    assert told.removeprefix("Do otherwise.") == system_message(ASKED).removeprefix("Fill in.")


async def test_the_model_is_told_the_given_instructions_and_what_for():
    model = Scripted({"word": "hi", "n": 3}, {"word": "hi", "n": 3})
    await predict(model, ASKED, {"question": "Q?"}, instructions="Do otherwise.", purpose="decision")
    await predict(model, ASKED, {"question": "Q?"})
    assert model.systems[0].startswith("Do otherwise.")
    assert model.systems[1].startswith("Fill in.")
    assert model.purposes == ["decision", "asked"]


async def test_a_reply_that_broke_off_is_begun_anew_and_said_to_be():
    model = Scripted(ReplyBrokenOff("Gone."), {"word": "hi", "n": 3})
    heard = []
    prediction = await predict(
        model, ASKED, {"question": "Q?"}, on_delta=heard.append, on_retry=lambda: heard.append("anew")
    )
    assert heard == ["anew", '{"word": "hi", "n": 3}']
    assert prediction.spent.attempts == 2
    assert model.users[0] == model.users[1]


async def test_a_reply_that_breaks_off_every_time_is_a_failure_in_words():
    model = Scripted(*[ReplyBrokenOff("Gone.")] * 9)
    with pytest.raises(ReplyBrokenOff, match="Gone"):
        await predict(model, ASKED, {"question": "Q?"})
    assert len(model.users) == 3


ANYTHING = signature("Any", "Fill in.", ["question"], {"value": Output(Any, "anything")})


@pytest.mark.parametrize("depth", [5000, 100])
@pytest.mark.parametrize(
    "shape", ['{{"value": {0}{1}}}', '{{"value": {0}', '{{"value": "x", "more": {0}{1}}}']
)
@pytest.mark.parametrize("opening", ["[", '{"a":'])
async def test_a_reply_nested_without_end_is_an_unusable_one(shape, opening, depth):
    closing = "]" if opening == "[" else "}"
    text = shape.format(opening * depth, "1" + closing * depth)
    with pytest.raises(PredictionFailed):
        await predict(Scripted(*[text] * 3), ANYTHING, {"question": "Q?"})


async def test_brackets_within_a_text_are_no_nesting():
    text = json.dumps({"value": "[{" * 500 + '\\"' + "[" * 500})
    prediction = await predict(Scripted(text), ANYTHING, {"question": "Q?"})
    assert prediction.reply.value.startswith("[{[{")


async def test_a_long_reply_that_is_no_json_is_given_up_soon():
    text = "{" + "'a': [1, 2, \"x\n" * 200_000
    with pytest.raises(PredictionFailed):
        await predict(Scripted(*[text] * 3), ASKED, {"question": "Q?"})


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["word", "n", "value"]) | st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)
REPLIES = (
    st.text(max_size=200)
    | st.text(alphabet='{}[]":,\\ntrue0word1.e-\n \u200e文字', max_size=200)
    | JSON.map(json.dumps)
    | st.fixed_dictionaries({"word": JSON, "n": JSON}).map(json.dumps)
    | st.builds(lambda value, cut: json.dumps(value)[:cut], JSON, st.integers(0, 60))
    | st.builds(lambda value, before: before + json.dumps(value), JSON, st.text(max_size=20))
)


@settings(max_examples=250, deadline=None)
@given(st.lists(REPLIES, min_size=3, max_size=3), st.sampled_from([ASKED, ANYTHING]))
async def test_whatever_a_model_writes_ends_in_a_prediction_or_its_failure(replies, declared):
    model = Scripted(*replies)
    try:
        ended = await predict(model, declared, {"question": "Q?"})
    except PredictionFailed as failed:
        ended = failed
    tries = 3 if isinstance(ended, PredictionFailed) else len(model.users)
    assert ended.spent.attempts == tries
    assert all(len(user) < 1200 for user in model.users)
