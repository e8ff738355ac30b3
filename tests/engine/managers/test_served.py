"""The managers in a real server: HTTP, a scheduler that checks, streams, and an end that leaves nothing running."""

import asyncio
import json
import socket
import threading
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import count

import httpx
import pytest
import uvicorn
from engine.asking import decision, settings_for, texts
from engine.managers.keeping import TIMED_OUT_TREE, TIMED_OUT_USER
from support.scripted_model import Fail, ScriptedModel, Stall
from support.served_app import create_app

from elysia_desktop.engine.managers import UserManager
from elysia_desktop.stores.clients import ClientManager

pytestmark = pytest.mark.usefixtures("nothing_left")

EVERY = timedelta(seconds=0.05)


@asynccontextmanager
async def serving(app):
    """The app behind a real port; gives a client for it."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="on"))
        task = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            while not server.started:
                assert not task.done()
                await asyncio.sleep(0.01)
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=10) as client:
                yield client
        finally:
            server.should_exit = True
            await task


async def asked(client, prompt, conversation="one"):
    answer = await client.post(f"/users/ada/{conversation}/ask", json={"prompt": prompt, "query_id": "q"})
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


async def until(client, wanted):
    """Look at the user until a check has done its work."""
    async with asyncio.timeout(8):
        while not wanted(answer := await client.get("/users/ada")):  # noqa: ASYNC110 - the server's work is awaited
            await asyncio.sleep(0.02)
    return answer


async def test_users_are_served_and_put_away_over_http(clock, tmp_path):
    may_go_on = threading.Event()
    requests = count()

    def script(body):
        match next(requests):
            case 0:
                return decision("today", say="Let me look.")
            case 1 if not may_go_on.wait(10):
                return Fail(400, "Nobody let it go on.")
            case number:
                return decision("text_response", end=True, text=f"Answer {number}.")

    def open_clients(settings, client_timeout):
        return ClientManager(settings=settings, client_timeout=client_timeout, library_folder=tmp_path)

    def make_manager():
        return UserManager(10, 20, clock=clock, open_clients=open_clients)

    with ScriptedModel(script) as model:
        async with serving(create_app(make_manager, EVERY, settings_for(model))) as client:
            # nobody is there yet
            unknown = await client.post("/users/ada/one/ask", json={"prompt": "Hi", "query_id": "q"})
            assert (unknown.status_code, "add_user_local" in unknown.text) == (404, True)

            await client.put("/users/ada")
            for conversation in ("one", "two"):
                await client.put(f"/users/ada/{conversation}")

            # payloads come as they are made, and a run outlives every time-out
            request = {"prompt": "Slowly", "query_id": "q"}
            payloads = []
            async with client.stream("POST", "/users/ada/one/ask", json=request) as answer:
                async for line in answer.aiter_lines():
                    payloads.append(json.loads(line))
                    if "Let me look." in line:
                        clock.pass_minutes(1_000)
                        await until(client, lambda a: a.json()["conversations"] == ["one"])
                        await asyncio.sleep(3 * EVERY.total_seconds())  # the check of the users, too
                        may_go_on.set()
            assert texts(payloads) == ["Answer 1."]
            assert any(p["type"] == "result" and "date" in p["payload"]["objects"][0] for p in payloads)
            assert [p["type"] for p in payloads].count("completed") == 1
            assert payloads[-1]["type"] == "completed"

            # the other conversation was left alone meanwhile
            assert [(p["type"], p["payload"]) for p in await asked(client, "Hi", "two")] == [
                ("tree_timeout_error", {"text": TIMED_OUT_TREE})
            ]

            # one that is saved comes back
            saved = (await client.post("/users/ada/one/save")).json()
            assert saved["one"]["title"] == "Slowly"
            clock.pass_minutes(11)
            await until(client, lambda a: a.json()["conversations"] == [])
            assert texts(await asked(client, "Hi")) == ["Answer 2."]

            # a user who stays away is put away
            clock.pass_minutes(21)
            gone = await until(client, lambda a: a.status_code == 404)
            assert "timed out" in gone.json()["error"]
            assert [(p["type"], p["payload"]) for p in await asked(client, "Hi")] == [
                ("user_timeout_error", {"text": TIMED_OUT_USER})
            ]


async def test_a_reader_who_goes_away_stops_the_run_over_http(tmp_path):
    requests = count()

    def script(body):
        if "Hello?" in body["messages"][-1]["content"]:
            return decision("text_response", end=True, text="Back.")
        return decision("today", say="Let me look.") if next(requests) == 0 else Stall()

    def open_clients(settings, client_timeout):
        return ClientManager(settings=settings, client_timeout=client_timeout, library_folder=tmp_path)

    with ScriptedModel(script) as model:
        app = create_app(lambda: UserManager(open_clients=open_clients), EVERY, settings_for(model))
        async with serving(app) as client:
            await client.put("/users/ada")
            await client.put("/users/ada/one")
            request = {"prompt": "Hi", "query_id": "q"}
            async with client.stream("POST", "/users/ada/one/ask", json=request) as answer:
                async for line in answer.aiter_lines():
                    if '"result"' in line:
                        break
            assert texts(await asked(client, "Hello?")) == ["Back."]
