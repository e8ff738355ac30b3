import asyncio
import threading
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from pydantic import SecretStr
from support.embedding_server import Cut, EmbeddingServer, Fail, Raw, Slow, by_words

from elysia_desktop.core.backoff import Backoff
from elysia_desktop.core.errors import (
    ConfigurationError,
    InvalidAnswer,
    MissingKey,
    ModelError,
    ModelRefused,
    ModelUnreachable,
)
from elysia_desktop.stores.embedders.base import Unembeddable
from elysia_desktop.stores.embedders.choice import EmbedderChoice
from elysia_desktop.stores.embedders.ollama import OllamaEmbedder
from elysia_desktop.stores.embedders.openai import OpenAIEmbedder

KEY = "sk-canary-4711"


@pytest.fixture
def server():
    with EmbeddingServer() as serving:
        yield serving


@pytest.fixture
def waits():
    return []


@pytest.fixture
async def made(server, waits):
    """Makes embedders of the server; `made(OpenAIEmbedder, key=…, model=…)`."""
    opened = []

    async def sleep(seconds):
        waits.append(seconds)

    def make(kind=OpenAIEmbedder, key="", model="scripted-embedding", address=None):
        choice = EmbedderChoice(kind.name, model, address or server.address, SecretStr(key))
        opened.append(kind(choice, Backoff(sleep=sleep, chance=lambda: 0.0)))
        return opened[-1]

    yield make
    for one in opened:
        await one.close()


@pytest.mark.parametrize(
    ("kind", "path"), [(OpenAIEmbedder, "/v1/embeddings"), (OllamaEmbedder, "/api/embed")]
)
async def test_texts_become_vectors_in_their_order(server, made, kind, path):
    texts = ["red shoes", "blue hats", "red hats"]
    vectors = await made(kind).embed_documents(texts)
    assert vectors == [pytest.approx(by_words(text, 32)) for text in texts]
    assert await made(kind).embed_query("red shoes") == pytest.approx(vectors[0])
    assert {asked.path for asked in server.asked} == {path}
    assert server.asked[0].model == "scripted-embedding"


async def test_vectors_are_put_into_order_by_their_index(server, made):
    server.always = Raw('{"data": [{"index": 1, "embedding": [0, 1]}, {"index": 0, "embedding": [1, 0]}]}')
    assert await made().embed_documents(["a", "b"]) == [[1.0, 0.0], [0.0, 1.0]]


async def test_the_key_goes_along_and_is_told_nowhere(server, made):
    server.api_key = KEY
    embedder = made(key=KEY)
    await embedder.embed_query("a")
    assert server.asked[0].headers["authorization"] == f"Bearer {KEY}"
    server.troubles.append(Fail(403, f"The key {KEY} may not embed."))
    with pytest.raises(ModelRefused, match="does not accept the key: The key … may not embed") as caught:
        await embedder.embed_query("a")
    assert KEY not in caught.value.sentence
    assert KEY not in repr(embedder.__dict__)


async def test_a_server_that_wants_a_key_is_told_to_want_one(server, made):
    server.api_key = KEY
    with pytest.raises(MissingKey, match="needs a key") as caught:
        await made().embed_query("a")
    assert "Settings" in caught.value.hint


@pytest.mark.parametrize("trouble", [Fail(429), Fail(503), Fail(500), Cut()])
async def test_what_passes_is_tried_again(server, made, waits, trouble):
    server.troubles.extend([trouble, trouble])
    assert len(await made().embed_documents(["a"])) == 1
    assert waits == [0.5, 1.0]


async def test_a_wait_the_server_asks_for_is_obeyed(server, made, waits):
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=20), usegmt=True)
    server.troubles.extend(
        [Fail(429, headers={"Retry-After": "7"}), Fail(503, headers={"Retry-After": soon})]
    )
    await made().embed_documents(["a"])
    assert waits[0] == 7
    assert 15 < waits[1] <= 20


async def test_a_wait_that_is_too_long_is_told_instead(server, made, waits):
    server.always = Fail(429, "Quota exceeded.", {"Retry-After": "3600"})
    with pytest.raises(ModelRefused, match=r"takes no more texts now: Quota exceeded\.") as caught:
        await made().embed_documents(["a"])
    assert caught.value.hint == "Try again in 60 minutes."
    assert waits == []


async def test_after_four_tries_the_failure_is_told(server, made, waits):
    server.always = Fail(502, "<html>Bad gateway</html>")
    with pytest.raises(ModelError, match=r"failed in 4 tries: <html>Bad gateway</html>"):
        await made().embed_documents(["a"])
    assert len(server.asked) == 4


async def test_an_unknown_model_is_told_with_what_to_do(server, made):
    server.always = Fail(404, 'model "nonsense" not found, try pulling it first')
    with pytest.raises(ModelRefused, match="does not know the embedding model “nonsense”") as caught:
        await made(OllamaEmbedder, model="nonsense").embed_documents(["a"])
    assert "ollama pull nonsense" in caught.value.hint
    assert len(server.asked) == 1


async def test_nothing_at_the_address_is_told_at_once(made, waits):
    with pytest.raises(ModelUnreachable, match=r"Nothing answers at http://127\.0\.0\.1:9/v1\."):
        await made(address="http://127.0.0.1:9").embed_query("a")
    assert waits == []


async def test_what_is_no_address_is_told(made):
    with pytest.raises(ModelUnreachable, match="is not an address"):
        await made(address="http://host:port").embed_query("a")


async def test_who_logs_in_at_the_address_is_asked_for_and_told_nowhere(server, made, caplog):
    caplog.set_level("DEBUG")
    embedder = made(address=server.address.replace("//", "//ann:pass%20w0rd@"))
    await embedder.embed_query("a")
    assert server.asked[0].headers["authorization"] == f"Basic {b64encode(b'ann:pass w0rd').decode()}"
    server.always = Fail(404, "No such model.")
    with pytest.raises(ModelRefused, match=server.openai_address) as caught:
        await embedder.embed_query("a")
    told = f"{caught.value.sentence} {caplog.text} {embedder.__dict__!r}"
    assert "w0rd" not in told


@pytest.mark.parametrize("key", ["sk-abc\u200b", "sk-abc\ndef", "schlüssel", "sk abc"])
async def test_a_key_that_cannot_be_sent_is_told(server, made, key):
    with pytest.raises(ConfigurationError, match="key holds characters that no key has") as caught:
        await made(key=key).embed_query("a")
    assert key not in caught.value.sentence
    assert server.asked == []


@pytest.mark.parametrize(
    "body",
    [
        "<html>It works!</html>",
        "[]",
        '{"data": []}',
        '{"data": [{"index": 0, "embedding": "AAAA"}]}',
        '{"data": [{"index": 0, "embedding": []}]}',
    ],
)
async def test_an_answer_without_vectors_is_told(server, made, body):
    server.always = Raw(body)
    with pytest.raises(InvalidAnswer, match="did not answer with the vectors of “scripted-embedding”"):
        await made().embed_documents(["a"])


def too_long_for(letters):
    """An `embed` that refuses long texts, as servers of small models do."""

    def refused(server):
        original = server.take

        def take(asked):
            trouble = original(asked)
            long = any(len(text) > letters for text in asked.texts)
            return Fail(400, "This text is too long.") if long else trouble

        server.take = take

    return refused


async def test_of_a_text_that_is_too_long_the_beginning_is_embedded(server, made):
    too_long_for(1000)(server)
    texts = ["short", "word " * 1000, "also short"]
    vectors = await made().embed_documents(texts)
    assert [vectors[0], vectors[2]] == [pytest.approx(by_words(texts[i], 32)) for i in (0, 2)]
    assert vectors[1] == pytest.approx(by_words("word " * 200, 32))


async def test_a_text_that_is_refused_does_not_hold_up_the_others(server, made):
    too_long_for(5)(server)
    vectors = await made().embed_documents(["red", "a longer text", "blue"])
    assert vectors[1] == Unembeddable(
        f"{server.openai_address} did not embed with “scripted-embedding”: This text is too long."
    )
    assert [len(vectors[0]), len(vectors[2])] == [32, 32]


async def test_a_server_that_refuses_every_text_has_said_no(server, made):
    server.always = Fail(400, "Unknown model.")
    with pytest.raises(ModelRefused, match=r"Unknown model\."):
        await made().embed_documents(["a", "b", "c"])
    assert len(server.asked) == 2


async def test_a_server_that_worked_and_refuses_every_text_by_now_has_said_no(server, made):
    embedder = made()
    await embedder.embed_documents(["a"])
    server.always = Fail(400, "No models loaded.")
    for most in (6, 2):
        del server.asked[:]
        with pytest.raises(ModelRefused, match=r"No models loaded\."):
            await embedder.embed_documents([f"text {number}" for number in range(16)])
        assert len(server.asked) <= most
    server.always = None
    assert len(await embedder.embed_documents(["a", "b"])) == 2


async def test_a_question_that_cannot_be_embedded_is_told(server, made):
    too_long_for(5)(server)
    with pytest.raises(ModelRefused, match="did not embed the question"):
        await made().embed_query("a longer text")


async def test_a_cancelled_request_ends_at_once(server, made):
    server.always = Slow(30)
    embedder = made()
    asking = asyncio.create_task(embedder.embed_documents(["a"]))
    for _ in range(1000):
        if server.asked:
            break
        await asyncio.sleep(0.01)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking


async def test_words_that_a_model_wants_stand_before_the_text(server, made):
    embedder = made(OllamaEmbedder, model="nomic-embed-text:latest")
    await embedder.embed_documents(["a"])
    await embedder.embed_query("a")
    assert server.texts == ["search_document: a", "search_query: a"]


def test_an_embedder_can_be_used_in_one_event_loop_after_another(server):
    embedder = OpenAIEmbedder(EmbedderChoice("openai", "m", server.address))

    async def ask():
        found = await embedder.embed_query("a")
        await embedder.close()
        return found

    assert asyncio.run(ask()) == asyncio.run(ask())


async def test_a_question_survives_that_the_connections_are_closed_under_it(server, made):
    server.troubles.append(Slow(0.3))
    embedder = made()
    taking, arrived = server.take, threading.Event()

    def take(asked):
        arrived.set()
        return taking(asked)

    server.take = take
    asked = asyncio.create_task(embedder.embed_query("red shoes"))
    assert await asyncio.to_thread(arrived.wait, 10)
    await embedder.close()
    assert await asked == pytest.approx(by_words("red shoes", 32))
