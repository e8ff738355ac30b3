"""Weaviate is killed while something is asked of it, and comes back, or does not."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from pathlib import Path

from faults.verdicts import Fault
from faults.weaviate_asking import (
    NAME,
    SCHEMA,
    Run,
    filled,
    is_right,
    manager_for,
    object_of,
    objects,
    refused,
    uuids_in,
)
from support.weaviate_server import WeaviateServer, weaviate_server

from elysia_desktop.core.errors import StoreUnreachable

_OBJECTS = 2_000
_INSERTED = 20_000
_KILLS = 3


async def back_again(server: WeaviateServer, seconds: float = 0.5) -> None:
    """Killed, away for so long, and started again with its data."""
    await asyncio.to_thread(server.kill)
    await asyncio.sleep(seconds)
    await asyncio.to_thread(server.start)


async def in_queries(_: Path) -> str:
    with weaviate_server() as server:
        async with manager_for(server) as manager:
            store = manager.store()
            await filled(store, _OBJECTS)
            async with Run(store, _OBJECTS).going_on() as run:
                for _kill in range(_KILLS):
                    await asyncio.sleep(0.5)
                    await back_again(server)
                before = run.answers
                await asyncio.sleep(1)
            assert run.answers > before, "no answer after it was back"
            assert all(isinstance(error, StoreUnreachable) for error in run.refusals), run.refusals
    return (
        f"{_KILLS} times killed and back: {run.answers:,} right answers, {len(run.refusals)} refusals in words, "
        f"the longest wait {run.longest:.1f} s"
    )


async def for_good(_: Path) -> str:
    with weaviate_server() as server:
        async with manager_for(server) as manager:
            store = manager.store()
            await filled(store, _OBJECTS)
            await is_right(store, 1)
            server.kill()
            started = time.monotonic()
            first = await refused(is_right(store, 1))
            took = time.monotonic() - started
            again = await refused(is_right(store, 1))
            assert isinstance(first, StoreUnreachable), first
            assert isinstance(again, StoreUnreachable), again
            await asyncio.to_thread(server.start)
            await is_right(store, 1)
    return f"“{first.sentence}” after {took:.1f} s; once it was back the next question was answered"


async def in_insert(_: Path) -> str:
    """Half of the objects come without a uuid: sent twice, they would be there twice."""
    with weaviate_server() as server:
        async with manager_for(server) as manager:
            store = manager.store()
            await store.create(SCHEMA)
            told: list[int] = []
            given = (object_of(n) if n % 2 else {"n": n, "text": "without a uuid"} for n in range(_INSERTED))
            inserting = asyncio.create_task(store.insert(NAME, given, told.append))
            kills = 0
            while not inserting.done() and kills < _KILLS:
                await asyncio.wait({inserting}, timeout=0.8)
                if not inserting.done():
                    await back_again(server)
                    kills += 1
            report = await asyncio.wait_for(inserting, 120)
            there = {found["n"]: found async for found in store.scan(NAME)}
            count = len(await uuids_in(store))
            assert kills, "the insert was over before anything could happen"
            assert count == len(there), f"{count - len(there)} objects are there twice"
            rejected = Counter(one.index for one in report.rejected)
            assert not [n for n, times in rejected.items() if times > 1]
            missing = set(range(_INSERTED)) - set(there)
            assert missing <= rejected.keys(), f"lost without a word: {sorted(missing - rejected.keys())[:5]}"
            assert report.inserted + len(rejected) == _INSERTED, (report.inserted, len(rejected))
            assert all(one.reason for one in report.rejected)
    return (
        f"killed {kills} times: {report.inserted:,} of {_INSERTED:,} reported as stored, each there once, "
        f"{len(rejected):,} reported as not stored"
    )


async def insert_for_good(_: Path) -> str:
    """Nobody starts it again while the insert goes on."""
    with weaviate_server() as server:
        async with manager_for(server) as manager:
            store = manager.store()
            await store.create(SCHEMA)
            told: list[int] = []
            begun = asyncio.Event()

            def progress(done: int) -> None:
                told.append(done)
                begun.set()

            inserting = asyncio.create_task(store.insert(NAME, objects(_INSERTED), progress))
            await asyncio.wait_for(begun.wait(), 30)
            server.kill()
            started = time.monotonic()
            done, _ = await asyncio.wait({inserting}, timeout=60)
            took = time.monotonic() - started
            assert done, f"the insert was not over {took:.0f} s after the server was gone"
            await asyncio.to_thread(server.start)
            there = set(await uuids_in(store))
            acknowledged = {object_of(n)["uuid"] for n in range(max(told))}
            error = inserting.exception()
            if error is None:
                report = inserting.result()
                lost = {one.uuid for one in report.rejected}
                assert acknowledged - lost <= there
                assert report.inserted == _INSERTED - len(lost)
                said = f"{report.inserted:,} reported as stored, {len(lost):,} as not: “{report.rejected[-1].reason}”"
            else:
                assert isinstance(error, StoreUnreachable), repr(error)
                assert acknowledged <= there
                said = f"“{error.sentence}”, all of the {len(acknowledged):,} told of before are there"
    return f"over after {took:.1f} s; {said}"


FAULTS = (
    Fault(
        "weaviate-killed-in-queries",
        f"Weaviate is killed and started again {_KILLS} times while questions are asked",
        "every answer is right or refused in words, and answers come again by themselves",
        in_queries,
    ),
    Fault(
        "weaviate-gone-in-queries",
        "Weaviate is killed between two questions and stays away",
        "the next question is refused in words in time; when it is back, it answers without a restart of ours",
        for_good,
    ),
    Fault(
        "weaviate-killed-in-insert",
        f"Weaviate is killed and started again up to {_KILLS} times during an insert of {_INSERTED:,} objects",
        "each object is there once, or the report says that it is not; nothing is told twice",
        in_insert,
        seconds=240,
    ),
    Fault(
        "weaviate-gone-in-insert",
        "Weaviate is killed during an insert and stays away",
        "the insert ends in time and in words, what was told of before is there",
        insert_for_good,
        seconds=150,
    ),
)
