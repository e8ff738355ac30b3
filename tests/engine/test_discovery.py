import contextlib
import json
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from elysia_desktop.core.errors import MissingKey, ModelError, ModelRefused, ModelUnreachable
from elysia_desktop.engine.discovery import (
    FoundServer,
    context_length_of,
    default_candidates,
    find_servers,
    list_models,
)


class Server:
    """A real HTTP server: `answers` maps a path to (status, body) or to a function of the request."""

    def __init__(self, answers, host="127.0.0.1"):
        self.seen = []
        served = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                served.seen.append((self.command, self.path, dict(self.headers), body))
                found = answers.get(self.path.partition("?")[0], (404, {"error": "not found"}))
                if callable(found):
                    found(self)
                    return
                status, content = found
                content = content if isinstance(content, bytes) else json.dumps(content).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = answer  # noqa: N815 - the names that the base class looks for

            def log_message(self, *_args):
                pass

        class Threading(ThreadingHTTPServer):
            address_family = socket.AF_INET6 if ":" in host else socket.AF_INET

            def handle_error(self, *_args):
                pass  # clients of a slow server hang up

        self._server = Threading((host, 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        name = f"[{host}]" if ":" in host else host
        self.root = f"http://{name}:{self._server.server_port}"
        self.address = f"{self.root}/v1"

    def close(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def serve():
    with contextlib.ExitStack() as stack:

        def start(answers, host="127.0.0.1"):
            server = Server(answers, host)
            stack.callback(server.close)
            return server

        yield start


@pytest.fixture
def closed_port() -> Iterator[int]:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        yield unused.getsockname()[1]


def models(*names, **more):
    return (200, {"object": "list", "data": [{"id": name, **more} for name in names]})


def sleep_long(_request):
    time.sleep(1.0)


def drip(request):
    request.send_response(200)
    request.send_header("Content-Length", "100")
    request.end_headers()
    for _ in range(10):
        request.wfile.write(b" ")
        request.wfile.flush()
        time.sleep(0.1)


async def test_servers_that_answer_are_found_with_their_models(serve):
    ollama = serve({"/v1/models": models("qwen3:8b", "gpt-oss:20b")})
    studio = serve({"/v1/models": models("gemma")})
    found = await find_servers(candidates=[("ollama", ollama.address), ("lm_studio", studio.address)])
    assert found == [
        FoundServer("ollama", ollama.address, ("gpt-oss:20b", "qwen3:8b")),
        FoundServer("lm_studio", studio.address, ("gemma",)),
    ]


async def test_what_is_no_model_server_is_left_out_and_never_raises(serve, closed_port):
    wrong = {
        "closed": f"http://127.0.0.1:{closed_port}/v1",
        "closed6": f"http://[::1]:{closed_port}/v1",
        "garbage": serve({"/v1/models": (200, b"<html>\xff")}).address,
        "other_json": serve({"/v1/models": (200, {"hello": "world"})}).address,
        "a_list": serve({"/v1/models": (200, [1, 2])}).address,
        "locked": serve({"/v1/models": (401, {"error": "no"})}).address,
        "nothing": serve({}).address,
        "not_http": "http://127.0.0.1:22/v1",
        "no_address": "http://[nowhere/v1",
    }
    assert await find_servers(candidates=list(wrong.items())) == []


@pytest.mark.parametrize("slowly", [sleep_long, drip])
async def test_a_slow_server_does_not_hold_up_the_search(serve, slowly):
    slow = serve({"/v1/models": slowly})
    quick = serve({"/v1/models": models("m")})
    started = time.monotonic()
    found = await find_servers(0.3, candidates=[("vllm", slow.address), ("ollama", quick.address)])
    assert time.monotonic() - started < 0.8
    assert [server.provider for server in found] == ["ollama"]


async def test_a_server_without_models_is_found_all_the_same(serve):
    empty = serve({"/v1/models": (200, {"object": "list", "data": None})})
    assert await find_servers(candidates=[("ollama", empty.address)]) == [
        FoundServer("ollama", empty.address, ())
    ]


async def test_a_server_on_anothers_port_is_known_by_what_it_says(serve):
    server = serve({"/v1/models": models("local", owned_by="llamacpp")})
    (found,) = await find_servers(candidates=[("vllm", server.address)])
    assert found.provider == "llama_cpp"


async def test_a_server_on_ipv6_is_found(serve):
    server = serve({"/v1/models": models("m")}, "::1")
    assert len(await find_servers(candidates=[("ollama", server.address)])) == 1


async def test_a_proxy_is_never_asked_for_this_computer(serve, closed_port, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{closed_port}")
    server = serve({"/v1/models": models("m")})
    assert await list_models(server.address) == ["m"]


def test_the_usual_addresses_are_those_of_four_servers():
    assert [provider for provider, _ in default_candidates()] == ["ollama", "lm_studio", "llama_cpp", "vllm"]


async def test_an_address_without_a_path_is_taken_for_its_v1(serve):
    server = serve({"/v1/models": models("m")})
    assert await list_models(server.root) == ["m"]


async def test_the_key_is_sent_as_each_provider_wants_it(serve):
    answers = {
        "/models": (200, {"data": [{"id": "b"}, {"id": "a"}]}),
        "/v1/models": (200, {"data": [{"id": "b"}, {"id": "a"}]}),
    }
    server = serve(answers)
    for provider in ("openai", "anthropic", "openrouter"):
        assert await list_models(server.address, " key ", provider=provider) == ["a", "b"]
    sent = [{name.lower(): value for name, value in headers.items()} for _, _, headers, _ in server.seen]
    assert sent[0]["authorization"] == "Bearer key"
    assert (sent[1]["x-api-key"], sent[1]["anthropic-version"]) == ("key", "2023-06-01")
    assert "authorization" not in sent[1]
    assert sent[2]["authorization"] == "Bearer key"


async def test_gemini_is_asked_in_its_own_way(serve):
    listed = [
        {
            "name": "models/gemini-3-pro",
            "supportedGenerationMethods": ["generateContent"],
            "inputTokenLimit": 99,
        },
        {"name": "models/embedding-001", "supportedGenerationMethods": ["embedContent"]},
    ]
    server = serve({"/v1beta/models": (200, {"models": listed})})
    address = f"{server.root}/v1beta"
    assert await list_models(address, "key", provider="gemini") == ["gemini-3-pro"]
    assert await context_length_of(address, "key", "gemini-3-pro", provider="gemini") == 99
    _, path, headers, _ = server.seen[0]
    assert headers["x-goog-api-key"] == "key"
    assert "key" not in path


async def test_what_writes_no_text_is_not_offered(serve):
    server = serve({"/v1/models": models("gpt-5", "whisper-1", "text-embedding-3-small")})
    assert await list_models(server.address, "k", provider="openai") == ["gpt-5"]


async def test_a_provider_known_by_name_needs_a_key(serve):
    with pytest.raises(MissingKey, match="OpenAI needs a key") as raised:
        await list_models("", "", provider="openai")
    assert "OPENAI_API_KEY" in raised.value.hint


async def test_a_provider_without_a_known_listing_says_so():
    with pytest.raises(ModelError, match="not known"):
        await list_models("", "k", provider="bedrock")


async def test_a_refused_key_is_told_in_the_servers_words_without_the_key(serve):
    server = serve({"/v1/models": (401, {"error": {"message": "Incorrect API key: s3cret"}})})
    with pytest.raises(ModelRefused, match="Incorrect API key: •••") as raised:
        await list_models(server.address, "s3cret")
    assert "right key" in raised.value.hint


async def test_a_missing_key_is_told_apart_from_a_wrong_one(serve):
    server = serve({"/v1/models": (401, {"error": "Unauthorized"})})
    with pytest.raises(ModelRefused, match="wants a key: Unauthorized"):
        await list_models(server.address)


@pytest.mark.parametrize("key", ["with space", "line\nbreak", "ключ"])
async def test_a_key_that_cannot_be_one_is_not_sent(serve, key):
    server = serve({"/v1/models": models("m")})
    with pytest.raises(ModelRefused, match="characters that no key has"):
        await list_models(server.address, key)
    assert server.seen == []


async def test_nothing_at_the_address_is_told_with_the_address(closed_port):
    with pytest.raises(
        ModelUnreachable, match=f"Nothing answers at http://localhost:{closed_port}/v1"
    ) as raised:
        await list_models(f"http://localhost:{closed_port}")
    assert raised.value.hint


async def test_a_name_that_does_not_exist_is_unreachable():
    with pytest.raises(ModelUnreachable):
        await list_models("http://nowhere.invalid/v1")


@pytest.mark.parametrize("address", ["localhost:1234", "http://[nowhere", "http://", "ftp://x/v1"])
async def test_what_is_no_address_is_told(address):
    with pytest.raises(ModelUnreachable, match="is not an address"):
        await list_models(address)


async def test_a_server_that_does_not_answer_in_time_is_unreachable(serve):
    server = serve({"/v1/models": sleep_long})
    with pytest.raises(ModelUnreachable, match=r"within 0\.2 seconds"):
        await list_models(server.address, seconds=0.2)


async def test_too_many_requests_and_failures_are_told(serve):
    busy = serve({"/v1/models": (429, {"error": {"message": "slow down"}})})
    with pytest.raises(ModelRefused, match="slow down"):
        await list_models(busy.address)
    broken = serve({"/v1/models": (500, b"")})
    with pytest.raises(ModelError, match="Internal Server Error"):
        await list_models(broken.address)


async def test_a_path_that_lists_nothing_hints_at_v1(serve):
    server = serve({})
    with pytest.raises(ModelError, match="does not list its models") as raised:
        await list_models(f"{server.root}/api")
    assert "/v1" in raised.value.hint


async def test_the_context_length_of_vllm_is_in_its_listing(serve):
    server = serve({"/v1/models": models("m", max_model_len=32768)})
    assert await context_length_of(server.address, "", "m") == 32768


async def test_what_llama_cpp_has_allotted_counts_more_than_the_training(serve):
    new = serve({"/v1/models": models("m", meta={"n_ctx": 4096, "n_ctx_train": 8192})})
    assert await context_length_of(new.address, "", "m") == 4096
    old = serve(
        {
            "/v1/models": models("m", meta={"n_ctx_train": 8192}),
            "/props": (200, {"default_generation_settings": {"n_ctx": 2048}}),
        }
    )
    assert await context_length_of(old.address, "", "m") == 2048
    silent = serve({"/v1/models": models("m", meta={"n_ctx_train": 8192})})
    assert await context_length_of(silent.address, "", "m") == 8192


async def test_what_ollama_has_allotted_counts_more_than_what_the_model_was_made_for(serve):
    shown = (200, {"model_info": {"qwen3.context_length": 40960, "general.architecture": "qwen3"}})
    resting = serve({"/v1/models": models("q"), "/api/ps": (200, {"models": []}), "/api/show": shown})
    assert await context_length_of(resting.address, "", "q") == 40960
    assert json.loads(resting.seen[-1][3]) == {"model": "q"}
    loaded = (200, {"models": [{"name": "q", "model": "q", "context_length": 4096}]})
    running = serve({"/v1/models": models("q"), "/api/ps": loaded, "/api/show": shown})
    assert await context_length_of(running.address, "", "q") == 4096


async def test_the_context_length_of_lm_studio_is_in_its_own_listing(serve):
    listing = {
        "data": [{"id": "m", "max_context_length": 131072, "loaded_context_length": 8192}, {"id": "n"}]
    }
    server = serve({"/v1/models": models("m"), "/api/v0/models": (200, listing)})
    assert await context_length_of(server.address, "", "m") == 8192


async def test_an_untold_context_length_is_none(serve, closed_port):
    server = serve({"/v1/models": models("m", max_model_len=True)})
    assert await context_length_of(server.address, "", "m") is None
    assert await context_length_of(f"http://127.0.0.1:{closed_port}/v1", "", "m") is None
    assert await context_length_of("", "", "m", provider="openai") is None
