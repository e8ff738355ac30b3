"""The sample data is loaded once, whole, whatever interrupts it."""

import asyncio
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from elysia_desktop.core.schema import CollectionSchema
from elysia_desktop.services.sample import load_sample
from elysia_desktop.services.workspace import Workspace
from elysia_desktop.stores.library import Library

SAMPLE = Path(__file__).parents[2] / "resources" / "sample"
NAMES = ["Products", "Reviews", "Messages", "Tickets", "Handbook"]


@pytest.fixture
async def library(tmp_path):
    library = Library(tmp_path / "library")
    yield library
    await library.close()


def sizes():
    return {name: len((SAMPLE / f"{name}.jsonl").read_text("utf-8").splitlines()) for name in NAMES}


async def counts(store):
    return {info.name: info.count for info in await store.collections()}


class Stop(Exception):
    """Cuts a load off."""


async def test_everything_is_loaded_with_what_analysis_knows(library, tmp_path):
    told = []
    names = await load_sample(library, lambda share, name: told.append((share, name)))
    assert names == NAMES
    assert await counts(library) == sizes()
    described = {item["name"]: item for item in json.loads((SAMPLE / "collections.json").read_text("utf-8"))}
    for name in names:
        assert await library.get_metadata(name) == described[name]["metadata"]
        first = json.loads((SAMPLE / f"{name}.jsonl").read_text("utf-8").splitlines()[0])
        (stored,) = await library.get(name, [first["uuid"]])
        assert stored["uuid"] == first["uuid"]
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert 0 < shares[0] < 1
    assert shares[-1] == 1
    assert list(dict.fromkeys(name for _, name in told)) == NAMES

    # A second time nothing is done.
    told.clear()
    with closing(sqlite3.connect(tmp_path / "library" / "library.db")) as watching:
        version = watching.execute("PRAGMA data_version").fetchone()
        assert await load_sample(library, lambda share, name: told.append((share, name))) == names
        assert watching.execute("PRAGMA data_version").fetchone() == version
    assert [share for share, _ in told] == [1]


@pytest.mark.parametrize("at", [0.05, 0.2, 0.5, 0.95])
async def test_a_load_that_is_cut_off_is_finished_by_the_next(library, at):
    def cut(share, _name):
        if share >= at:
            raise Stop

    with pytest.raises(Stop):
        await load_sample(library, cut)
    assert await counts(library) != sizes() or at > 0.9
    told = []
    await load_sample(library, lambda share, _name: told.append(share))
    assert await counts(library) == sizes()
    assert told == sorted(told)
    assert told[-1] == 1


async def test_a_load_that_is_cancelled_is_finished_by_the_next(library):
    task = asyncio.create_task(load_sample(library))
    await asyncio.sleep(0.15)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await load_sample(library)
    assert await counts(library) == sizes()


async def test_a_collection_of_the_same_name_that_is_the_persons_own_is_left_alone(library):
    own = CollectionSchema.model_validate(
        {"name": "Handbook", "properties": [{"name": "chapter", "type": "text"}]}
    )
    await library.create(own)
    await library.insert("Handbook", [{"chapter": "My own"}])
    await load_sample(library)
    assert (await counts(library))["Handbook"] == 1
    assert await library.get_metadata("Handbook") is None


async def test_two_first_starts_at_once_load_it_once(tmp_path):
    one, two = Workspace(tmp_path / "profile"), Workspace(tmp_path / "profile")
    await asyncio.gather(one.open(), two.open())
    assert await counts(one.clients.store()) == sizes()
    await one.close()
    await two.close()


async def test_a_sample_collection_that_was_deleted_does_not_come_back(tmp_path):
    workspace = Workspace(tmp_path / "profile")
    await workspace.open()
    assert await counts(workspace.clients.store()) == sizes()
    await workspace.clients.store().drop("Reviews")
    await workspace.close()
    again = Workspace(tmp_path / "profile")
    await again.open()
    assert set(await counts(again.clients.store())) == {"Handbook", "Messages", "Products", "Tickets"}
    await again.close()


async def test_a_first_start_that_was_cut_off_is_finished_by_the_second(tmp_path):
    def cut(share, _name):
        if share > 0.3:
            raise Stop

    workspace = Workspace(tmp_path / "profile")
    with pytest.raises(Stop):
        await workspace.open(cut)
    await workspace.close()
    again = Workspace(tmp_path / "profile")
    await again.open()
    assert await counts(again.clients.store()) == sizes()
    await again.close()
