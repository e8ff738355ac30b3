"""A server for many users on the package's managers: begin conversations, ask, stream, put away who is idle.

Run it with `uvicorn --factory support.served_app:create_app`; settings come from the environment.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from fastapi import Body, FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse, StreamingResponse

from elysia_desktop.core.settings import Settings
from elysia_desktop.engine.managers import UserManager
from elysia_desktop.engine.tool import tool

CHECKS = {"check_all_trees_timeout": 23.0, "check_all_users_timeout": 29.0, "check_restart_clients": 31.0}
"""The checks and how many seconds lie between two of each."""

Payload = dict[str, Any]


@tool(status="Looking at the calendar…")
async def today() -> dict[str, str]:
    """Tell which day it is."""
    return {"date": datetime.now(UTC).date().isoformat()}


def create_app(
    make_manager: Callable[[], UserManager] = UserManager,
    every: timedelta | None = None,
    settings: Settings | None = None,
) -> FastAPI:
    """The app; `every` replaces the time between checks, `settings` are those of every user."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        app.state.users = users = make_manager()
        scheduler = AsyncIOScheduler()
        for check, usual in CHECKS.items():
            seconds = every.total_seconds() if every else usual
            scheduler.add_job(getattr(users, check), "interval", seconds=seconds, id=check)
        scheduler.start()
        try:
            yield
        finally:
            scheduler.shutdown(wait=False)
            await users.close_all_clients()

    app = FastAPI(lifespan=lifespan)

    @app.exception_handler(ValueError)
    async def not_there(request: Request, error: ValueError) -> JSONResponse:
        return JSONResponse({"error": str(error)}, status_code=404)

    @app.put("/users/{user_id}")
    async def let_in(user_id: str) -> Payload:
        await app.state.users.add_user_local(user_id, settings=settings)
        return {"user_id": user_id}

    @app.get("/users/{user_id}")
    async def look(user_id: str) -> Payload:
        user = await app.state.users.get_user_local(user_id)
        return {"conversations": sorted(user["tree_manager"].trees)}

    @app.put("/users/{user_id}/{conversation_id}")
    async def begin(user_id: str, conversation_id: str) -> Payload:
        tree = await app.state.users.initialise_tree(user_id, conversation_id)
        if today.name not in tree.tools:
            tree.add_tool(today)
        return {"tools": sorted(tree.tools)}

    @app.post("/users/{user_id}/{conversation_id}/save")
    async def save(user_id: str, conversation_id: str) -> Payload:
        await app.state.users.save_tree(user_id, conversation_id)
        return await app.state.users.get_saved_trees(user_id)

    @app.post("/users/{user_id}/{conversation_id}/ask")
    async def ask(
        user_id: str,
        conversation_id: str,
        prompt: str = Body(embed=True),
        query_id: str = Body(embed=True),
    ) -> StreamingResponse:
        if not prompt.strip():
            raise HTTPException(422, "There is no question.")
        run = app.state.users.process_tree(prompt, user_id, conversation_id, query_id)
        first = await anext(run)  # what cannot be answered at all is an error, not the beginning of a stream
        return StreamingResponse(lines(first, run), media_type="application/x-ndjson")

    return app


async def lines(first: Payload, run: AsyncGenerator[Payload, None]) -> AsyncIterator[str]:
    """One payload a line; a client that goes away stops the run."""
    async with aclosing(run):
        yield json.dumps(first) + "\n"
        async for payload in run:
            yield json.dumps(payload) + "\n"
