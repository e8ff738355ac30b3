import asyncio
import json
import socket
import threading
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from pydantic import SecretStr
from support.local_model import fetch_model
from support.scripted_model import Call, Calls, Json, Say
from support.scripted_model import ScriptedModel as Server

from elysia_desktop.core.chat import RequestedCall
from elysia_desktop.core.errors import InvalidAnswer, ModelError, ModelRefused, ModelUnreachable
from elysia_desktop.core.settings import ModelChoice
from elysia_desktop.engine.lm import LanguageModel
from elysia_desktop.engine.served_model import ServedModel
from elysia_desktop.services.models import Models

UNREACHABLE = ModelUnreachable("Nothing answers.", "Start it.")
PROSE = "Well, I like teal."


ORDERED = RequestedCall("c1", "mix_paint", '{"colour": "ochre"}')


@dataclass(frozen=True)
class Answer:
    text: str
    seconds: float = 0.4
    calls: tuple = ()


class ScriptedModel:
    """Answers freely, then under a schema, then with functions, as it was told to."""

    def __init__(self, choice, free, constrained, log, calls=(ORDERED,)):
        self._choice, self._free, self._constrained, self._log = choice, free, constrained, log
        self._calls = calls
        self.calls_functions = choice.supports_tools

    async def complete(self, system, user, *, schema=None, max_tokens=None):
        self._log.append((self._choice, schema))
        answer = self._constrained if schema else self._free
        if isinstance(answer, Exception):
            raise answer
        return Answer(answer)

    async def converse(self, messages, *, tools=(), max_tokens=None):
        self._log.append((self._choice, [tool.name for tool in tools]))
        if isinstance(self._calls, Exception):
            raise self._calls
        return Answer("", calls=self._calls)

    async def aclose(self):
        self._log.append("closed")


@pytest.fixture
def listing():
    """The address of a server that lists two models and does nothing else."""
    body = json.dumps({"data": [{"id": "a", "max_model_len": 4096}, {"id": "b"}]}).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.path == "/v1/models" else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/v1"
        server.shutdown()
        thread.join()


def models(free="I am ready.", constrained='{"colour": "teal"}', log=None, calls=(ORDERED,), **more):
    log = [] if log is None else log
    return Models(lambda choice: ScriptedModel(choice, free, constrained, log, calls), **more)


def choice(address, model="a", provider="vllm"):
    return ModelChoice(provider, model, address, SecretStr(""), True, None, None)


async def test_a_test_tells_latency_context_and_constrained_output(listing):
    found = await models().test(choice(listing))
    assert found.ok
    assert found.seconds == 0.4
    assert found.context_length == 4096
    assert found.supports_schema is True
    assert found.supports_tools is True
    assert found.models_found == ("a", "b")
    assert found.sentence == "Ready: 2 models found, context 4,096 tokens, answered in 0.4 s."


@pytest.mark.parametrize(
    ("answer", "holds"),
    [
        ('{"colour": "teal"}', True),
        (' {"colour":"ochre"}\n', True),
        (PROSE, False),
        ('{"colour": "red"}', False),
        ('{"colour": "teal", "why": "nice"}', False),
        ('```json\n{"colour": "teal"}\n```', False),
        ("", False),
        (InvalidAnswer("no"), False),
        (ModelError("response_format is not supported"), False),
        (UNREACHABLE, None),
    ],
)
async def test_output_is_constrained_only_when_prose_was_impossible(listing, answer, holds):
    found = await models(constrained=answer).test(choice(listing))
    assert found.ok
    assert found.supports_schema is holds
    assert bool(found.hint) == (holds is False)


@pytest.mark.parametrize(
    ("calls", "supported"),
    [
        ((ORDERED,), True),
        ((RequestedCall("c1", "mix_paint", '{"colour": "teal"}'), ORDERED), True),
        ((), False),
        ((replace(ORDERED, name="mix"),), False),
        ((replace(ORDERED, arguments='{"colour": "teal"}'),), False),
        ((replace(ORDERED, arguments="ochre"),), False),
        (ModelError("It has no template for functions."), False),
        (UNREACHABLE, None),
    ],
    ids=str,
)
async def test_functions_are_supported_when_an_order_is_carried_out_by_one(listing, calls, supported):
    found = await models(calls=calls).test(choice(listing))
    assert found.ok
    assert found.supports_tools is supported


@pytest.mark.parametrize("refusal", ["", "scripted does not support tools"])
async def test_a_server_that_refuses_functions_does_not_support_them_however_well_it_does_without(refusal):
    call = Call("mix_paint", {"colour": "ochre"})
    in_words = Json({"function": "mix_paint", "arguments": {"colour": "ochre"}})
    replies = [Say("Ready."), Json({"colour": "teal"}), in_words if refusal else Calls([call])]
    with Server(replies, refuses_tools=refusal or None) as server:
        found = await Models(LanguageModel).test(choice(server.address, "scripted"))
    assert found.ok
    assert found.supports_tools is not bool(refusal)


async def test_schema_and_function_are_really_sent_and_every_model_is_closed(listing):
    log = []
    await models(log=log).test(replace(choice(listing), supports_schema=False, supports_tools=False))
    (first, free), closed, (second, schema), closed_again, (third, functions), closed_at_last = log
    assert (free, closed, closed_again, closed_at_last) == (None, "closed", "closed", "closed")
    assert (first.supports_schema, first.supports_tools) == (False, False)
    assert second.supports_schema is True
    assert third.supports_tools is True
    assert functions == ["mix_paint"]
    assert schema["additionalProperties"] is False


@pytest.mark.parametrize(
    "error", [UNREACHABLE, ModelRefused("No quota.", "Pay."), ModelError("Odd.", "Try again.")]
)
async def test_a_model_that_fails_is_told_and_not_raised(listing, error):
    found = await models(free=error).test(choice(listing))
    assert not found.ok
    assert (found.sentence, found.hint) == (str(error), error.hint)
    assert found.models_found == ("a", "b")


async def test_an_unknown_model_is_answered_with_the_known_ones(listing):
    found = await models(free=ModelRefused("There is no model c.")).test(choice(listing, "c"))
    assert found.hint == "Choose one of: a, b"


async def test_without_a_model_the_known_ones_are_offered(listing):
    found = await models().test(choice(listing, ""))
    assert not found.ok
    assert (found.sentence, found.hint) == ("No model is chosen.", "Choose one of: a, b")


async def test_a_dead_address_is_told_without_asking_the_model():
    log = []
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        found = await models(log=log).test(choice(f"http://127.0.0.1:{unused.getsockname()[1]}/v1"))
    assert not found.ok
    assert "Nothing answers" in found.sentence
    assert log == []


async def test_a_server_that_lists_nothing_can_still_be_used(listing):
    found = await models().test(choice(listing.replace("/v1", "/other")))
    assert found.ok
    assert found.models_found == ()
    assert found.sentence == "Ready: answered in 0.4 s."


async def test_no_provider_and_no_key_are_told():
    assert (await models().test(choice("", "", ""))).sentence == "No provider is chosen."
    assert (await models().test(choice("", "gpt-5", "openai"))).sentence == "OpenAI needs a key."
    assert not (await models().test(choice("", "", "on_this_computer"))).ok


async def test_a_model_served_here_needs_no_name(listing):
    log = []
    assert (await models(log=log).test(choice(listing, "", "on_this_computer"))).ok
    assert log[0][0].model == "local"


async def test_a_model_that_hangs_is_given_up(listing):
    class Hanging(ScriptedModel):
        async def complete(self, *_args, **_kwargs):
            await asyncio.sleep(60)

    log = []
    service = Models(lambda choice: Hanging(choice, "", "", log), test_seconds=0.1)
    found = await service.test(choice(listing))
    assert "did not answer within 0.1 seconds" in found.sentence
    assert log == ["closed"]


async def test_choices_are_those_of_the_server(listing):
    assert await models().choices("vllm", listing, "") == ["a", "b"]
    assert await models().choices("on_this_computer", "", "") == []


async def test_finding_never_raises():
    assert isinstance(await models().find(), list)


@pytest.mark.model
async def test_a_real_model_on_this_computer_is_ready_and_can_be_held_to_a_schema():
    served = ServedModel(fetch_model(), 2048)
    at = await served.start()
    try:
        real = ModelChoice("on_this_computer", at.model, at.address, at.key, False, None, None)
        found = await Models(LanguageModel).test(real)
    finally:
        await served.stop()
    assert found.ok, found
    assert (found.supports_schema, found.context_length) == (True, 2048)
    assert found.models_found == ("local",)
