import json

import pytest
from pydantic import SecretStr

from elysia_desktop.core.errors import InvalidAnswer, ModelRefused
from elysia_desktop.core.settings import ModelChoice
from elysia_desktop.engine.lm import Completion
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
        self.users = []

    async def complete(self, system, user, *, schema=None, on_delta=None, max_tokens=None):
        self.users.append(user)
        reply = self.replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        text = reply if isinstance(reply, str) else json.dumps(reply)
        if on_delta:
            on_delta(text)
        return Completion(text, 10, 5, 0.5, 0.0 if self.replies else None, cut_short=text.endswith("…"))

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
