import asyncio
import importlib.util
import os
import shutil
import subprocess
import sys
import threading

import numpy as np
import pytest

from elysia_desktop.core.requests import QueryRequest
from elysia_desktop.core.schema import CollectionSchema, Property
from elysia_desktop.stores.library import Library
from elysia_desktop.stores.library.scale import Scale
from elysia_desktop.stores.library.vector_files import VectorFiles

POINTS = CollectionSchema(name="Points", properties=(Property(name="n", type="int"),))
OTHERS = CollectionSchema(name="Others", properties=(Property(name="word", type="text"),))
SMALL = Scale(file=50, file_share=0.2, index=10_000, index_behind=100)
INDEXED = Scale(file=50, file_share=0.2, index=400, index_behind=100)
DIMENSIONS = 8

with_usearch = pytest.mark.skipif(
    importlib.util.find_spec("usearch") is None, reason="the extra “vector-index” is not installed"
)


def points(matrix, start=0):
    return ({"n": start + n, "_vector": row.tolist()} for n, row in enumerate(matrix))


def random_points(count, seed=1):
    return np.random.default_rng(seed).normal(size=(count, DIMENSIONS)).astype(np.float32)


def nearest_of(matrix, query, limit):
    scores = matrix @ query / np.linalg.norm(matrix, axis=1) / np.linalg.norm(query)
    return np.argsort(-scores, kind="stable")[:limit].tolist()


@pytest.fixture
async def opened(tmp_path):
    """Opens the library with its own idea of what is many; `opened(scale)`."""
    open_ones = []

    def open_it(scale=SMALL):
        open_ones.append(Library(tmp_path / "library", scale=scale))
        return open_ones[-1]

    yield open_it
    for one in open_ones:
        await one.close()


async def settled(library):
    """Wait for what goes on in the background."""
    await library.embed_pending()


async def numbers(library, query, limit=10):
    return [o["n"] for o in await library.nearest("Points", query.tolist(), limit)]


def files(tmp_path):
    folder = tmp_path / "library" / "vectors"
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


QUERY = np.arange(1, DIMENSIONS + 1, dtype=np.float32)


class HeldFiles(VectorFiles):
    """Files that are not made before they are let go."""

    def __init__(self, folder):
        super().__init__(folder)
        self.begun, self.go = threading.Event(), threading.Event()

    def make_matrix(self, session, table, config):
        self.begun.set()
        self.go.wait(30)
        return super().make_matrix(session, table, config)


@pytest.fixture
def held(tmp_path):
    """Has a library's files held; `held(library)`."""
    files = HeldFiles(tmp_path / "library" / "vectors")

    def hold(library):
        nearest = library._vectors._upkeep.loaded()
        nearest._files = nearest._states._files = files
        return files

    yield hold
    files.go.set()


async def test_many_vectors_are_searched_in_a_file_beside_the_database(opened, tmp_path):
    library = opened()
    await library.create(POINTS)
    matrix = random_points(300)
    await library.insert("Points", points(matrix))
    await settled(library)
    assert len(files(tmp_path)) == 1
    assert await numbers(library, QUERY) == nearest_of(matrix, QUERY, 10)
    await library.close()
    assert await numbers(opened(), QUERY) == nearest_of(matrix, QUERY, 10)
    assert len(files(tmp_path)) == 1


async def test_few_vectors_need_no_file(opened, tmp_path):
    library = opened()
    await library.create(POINTS)
    await library.insert("Points", points(random_points(50)))
    await settled(library)
    assert len(await numbers(library, QUERY, 100)) == 50
    assert files(tmp_path) == []


async def test_changes_after_the_file_was_made_are_seen(opened, tmp_path):
    library = opened()
    await library.create(POINTS)
    matrix = random_points(300)
    await library.insert("Points", points(matrix))
    await settled(library)
    best = await library.nearest("Points", QUERY.tolist(), 3)
    other = opened()
    assert await numbers(other, QUERY, 3) == [o["n"] for o in best]
    await library.delete("Points", [best[0]["uuid"]])
    await library.update("Points", best[1]["uuid"], {"_vector": (-QUERY).tolist()})
    await library.insert("Points", [{"n": 1000, "_vector": QUERY.tolist()}])
    for one in (library, other):
        assert (await numbers(one, QUERY, 2)) == [1000, best[2]["n"]]
        assert (await numbers(one, -QUERY, 1)) == [best[1]["n"]]
        assert len(await numbers(one, QUERY, 1000)) == 300
    assert len(files(tmp_path)) == 1


async def test_after_many_changes_the_file_is_made_anew_and_the_old_one_removed(opened, tmp_path):
    library = opened()
    await library.create(POINTS)
    matrix = random_points(600)
    await library.insert("Points", points(matrix[:300]))
    await settled(library)
    before = files(tmp_path)
    await library.insert("Points", points(matrix[300:], 300))
    await settled(library)
    after = files(tmp_path)
    assert len(after) == 1
    assert after != before
    assert await numbers(library, QUERY) == nearest_of(matrix, QUERY, 10)


async def test_without_its_file_everything_is_found_in_the_database(opened, tmp_path):
    library = opened()
    await library.create(POINTS)
    matrix = random_points(300)
    await library.insert("Points", points(matrix))
    await settled(library)
    await library.close()
    folder = tmp_path / "library" / "vectors" / files(tmp_path)[0]
    (folder / "rows.npy").write_bytes(b"damaged")
    assert await numbers(opened(), QUERY) == nearest_of(matrix, QUERY, 10)


@pytest.mark.parametrize("lost", ["the folder", "a part"])
async def test_a_file_that_was_lost_is_made_again_once(opened, tmp_path, lost):
    library = opened()
    await library.create(POINTS)
    matrix = random_points(300)
    await library.insert("Points", points(matrix))
    await settled(library)
    await library.close()
    folder = tmp_path / "library" / "vectors"
    first = files(tmp_path)
    shutil.rmtree(folder) if lost == "the folder" else (folder / first[0] / "rows.npy").write_bytes(b"x")
    after = []
    for _ in range(3):
        again = opened()
        assert await numbers(again, QUERY) == nearest_of(matrix, QUERY, 10)
        await settled(again)
        await again.close()
        after.append(files(tmp_path))
    assert after[0] == after[1] == after[2] != first
    assert len(after[0]) == 1


async def test_what_an_ended_process_left_behind_is_removed_by_the_next(opened, tmp_path):
    library = opened()
    await library.create(POINTS)
    await library.insert("Points", points(random_points(300)))
    await settled(library)
    await library.close()
    kept = files(tmp_path)
    for name, age in (("old", 7200), ("new", 0)):
        folder = tmp_path / "library" / "vectors" / name
        folder.mkdir()
        (folder / "matrix.npy").write_bytes(b"begun")
        time = folder.stat().st_mtime - age
        os.utime(folder, (time, time))
    again = opened()
    await numbers(again, QUERY)
    await settled(again)
    assert files(tmp_path) == sorted([*kept, "new"])


async def test_while_a_file_is_made_everything_else_is_answered(opened, held):
    library = opened()
    making = held(library)
    matrix = random_points(300)
    await library.create(POINTS)
    await library.create(OTHERS)
    await library.insert("Others", [{"word": "red", "_vector": [1.0, 0.0]}])
    await library.insert("Points", points(matrix))
    assert await asyncio.to_thread(making.begun.wait, 30)
    waiting = [asyncio.create_task(numbers(library, QUERY)) for _ in range(3)]
    async with asyncio.timeout(10):
        near = [library.nearest("Others", [1.0, 0.0], 3) for _ in range(5)]
        assert [len(found) for found in await asyncio.gather(*near)] == [1] * 5
        assert (await library.schema("Others")).name == "Others"
        by_word = QueryRequest(collection="Others", search="keyword", text="red")
        assert (await library.query(by_word)).total == 1
    assert not any(task.done() for task in waiting)
    making.go.set()
    assert await asyncio.gather(*waiting) == [nearest_of(matrix, QUERY, 10)] * 3


async def test_a_file_of_a_collection_that_was_made_anew_meanwhile_is_not_used(opened, held, tmp_path):
    library = opened()
    making = held(library)
    await library.create(POINTS)
    await library.insert("Points", points(random_points(300)))
    assert await asyncio.to_thread(making.begun.wait, 30)
    await library.drop("Points")
    await library.create(POINTS)
    matrix = random_points(40, seed=2)
    await library.insert("Points", points(matrix))
    making.go.set()
    await settled(library)
    assert files(tmp_path) == []
    assert await numbers(library, QUERY, 300) == nearest_of(matrix, QUERY, 40)


async def test_where_no_file_can_be_made_the_search_goes_on_in_memory(opened, tmp_path):
    library = opened()
    await library.create(POINTS)
    (tmp_path / "library" / "vectors").write_text("in the way")
    matrix = random_points(300)
    await library.insert("Points", points(matrix))
    assert await numbers(library, QUERY) == nearest_of(matrix, QUERY, 10)


async def test_an_older_copy_of_the_database_never_meets_newer_files(opened, tmp_path):
    library = opened()
    await library.create(POINTS)
    matrix = random_points(600)
    await library.insert("Points", points(matrix[:300]))
    await settled(library)
    await library.close()
    copy = (tmp_path / "library" / "library.db").read_bytes()
    again = opened()
    await again.insert("Points", points(matrix[300:], 300))
    await settled(again)
    await again.close()
    (tmp_path / "library" / "library.db").write_bytes(copy)
    old = opened()
    await old.insert("Points", [{"n": 5000, "_vector": (-QUERY).tolist()}])
    assert await numbers(old, QUERY) == nearest_of(matrix[:300], QUERY, 10)
    assert await numbers(old, -QUERY, 1) == [5000]


async def test_dropping_a_collection_removes_its_files(opened, tmp_path):
    library = opened()
    await library.create(POINTS)
    await library.insert("Points", points(random_points(300)))
    await settled(library)
    await library.drop("Points")
    assert files(tmp_path) == []


async def test_readers_go_on_while_vectors_are_written(opened):
    library = opened()
    await library.create(POINTS)
    matrix = random_points(4000)
    await library.insert("Points", points(matrix[:100]))
    readers = [opened() for _ in range(2)]
    writing = asyncio.create_task(library.insert("Points", points(matrix[100:], 100)))
    counts = []
    while not writing.done():
        for reader in readers:
            found = await reader.nearest("Points", QUERY.tolist(), 5000)
            scores = [o["_score"] for o in found]
            assert scores == sorted(scores, reverse=True)
            assert len({o["uuid"] for o in found}) == len(found)
            counts.append(len(found))
    await writing
    assert counts[0] >= 100
    for reader in (library, *readers):
        assert await numbers(reader, QUERY) == nearest_of(matrix, QUERY, 10)


async def test_another_process_reads_the_same_files(opened, tmp_path):
    library = opened()
    await library.create(POINTS)
    matrix = random_points(300)
    await library.insert("Points", points(matrix))
    await settled(library)
    program = (
        "import asyncio, sys\n"
        "from pathlib import Path\n"
        "from elysia_desktop.stores.library import Library\n"
        "async def main():\n"
        "    library = Library(Path(sys.argv[1]))\n"
        "    found = await library.nearest('Points', [1, 2, 3, 4, 5, 6, 7, 8], 10)\n"
        "    print([o['n'] for o in found])\n"
        "    await library.close()\n"
        "asyncio.run(main())\n"
    )
    command = [sys.executable, "-c", program, tmp_path / "library"]
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(nearest_of(matrix, QUERY, 10))


@with_usearch
async def test_very_many_vectors_get_an_index_that_finds_the_same(opened, tmp_path):
    library = opened(INDEXED)
    await library.create(POINTS)
    matrix = random_points(2000)
    await library.insert("Points", points(matrix))
    await settled(library)
    assert len(files(tmp_path)) == 2
    hits = 0
    for seed in range(20):
        query = random_points(1, seed + 100)[0]
        hits += len(set(await numbers(library, query)) & set(nearest_of(matrix, query, 10)))
    assert hits >= 190
    state = next(iter(library._vectors._upkeep.loaded()._states._kept.values()))
    assert state.index is not None


@with_usearch
async def test_with_an_index_changes_are_seen_and_it_is_added_to(opened, tmp_path):
    library = opened(INDEXED)
    await library.create(POINTS)
    matrix = random_points(1000)
    await library.insert("Points", points(matrix[:500]))
    await settled(library)
    first = set(files(tmp_path))
    best = await library.nearest("Points", QUERY.tolist(), 1)
    await library.delete("Points", [best[0]["uuid"]])
    await library.insert("Points", [{"n": 9999, "_vector": QUERY.tolist()}])
    assert await numbers(library, QUERY, 1) == [9999]
    assert best[0]["n"] not in await numbers(library, QUERY, 500)
    await library.insert("Points", points(matrix[500:], 500))
    await settled(library)
    second = set(files(tmp_path))
    assert len(second) == 2
    assert not first & second
    index = next(iter(library._vectors._upkeep.loaded()._states._kept.values())).index
    assert await numbers(library, QUERY, 1) == [9999]
    index = next(iter(library._vectors._upkeep.loaded()._states._kept.values())).index
    assert len(index._graph) >= 1000


@with_usearch
async def test_an_index_that_was_lost_is_made_again(opened, tmp_path):
    library = opened(INDEXED)
    await library.create(POINTS)
    matrix = random_points(500)
    await library.insert("Points", points(matrix))
    await settled(library)
    await library.close()
    folder = tmp_path / "library" / "vectors"
    index = next(path for path in folder.iterdir() if path.is_file())
    index.unlink()
    again = opened(INDEXED)
    assert await numbers(again, QUERY) == nearest_of(matrix, QUERY, 10)
    await settled(again)
    assert [path.is_file() for path in folder.iterdir()].count(True) == 1
    assert await numbers(again, QUERY) == nearest_of(matrix, QUERY, 10)


@with_usearch
async def test_more_than_an_index_can_propose_is_found_by_comparing_all(opened):
    library = opened(INDEXED)
    await library.create(POINTS)
    matrix = random_points(1500)
    await library.insert("Points", points(matrix))
    await settled(library)
    assert await numbers(library, QUERY, 1200) == nearest_of(matrix, QUERY, 1200)


def test_without_the_index_library_all_are_compared(tmp_path):
    program = (
        "import asyncio, sys\n"
        "sys.modules['usearch'] = None\n"
        "from pathlib import Path\n"
        "from elysia_desktop.core.schema import CollectionSchema, Property\n"
        "from elysia_desktop.stores.library import Library\n"
        "from elysia_desktop.stores.library.scale import Scale\n"
        "async def main():\n"
        "    library = Library(Path(sys.argv[1]), scale=Scale(file=50, index=100))\n"
        "    await library.create(CollectionSchema(name='P', properties=(Property(name='n', type='int'),)))\n"
        "    await library.insert('P', [{'n': n, '_vector': [n, 100 - n]} for n in range(200)])\n"
        "    await library.embed_pending()\n"
        "    print([o['n'] for o in await library.nearest('P', [199, -99], 2)])\n"
        "    await library.close()\n"
        "asyncio.run(main())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, tmp_path], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[199, 198]"


def test_the_library_loads_no_numpy_before_vectors_are_used(tmp_path):
    program = (
        "import asyncio, sys\n"
        "from pathlib import Path\n"
        "from elysia_desktop.core.requests import QueryRequest\n"
        "from elysia_desktop.core.schema import CollectionSchema, Property\n"
        "from elysia_desktop.stores.library import Library\n"
        "async def main():\n"
        "    library = Library(Path(sys.argv[1]))\n"
        "    await library.create(CollectionSchema(name='P', properties=(Property(name='t', type='text'),)))\n"
        "    await library.insert('P', [{'t': 'a word'}])\n"
        "    await library.query(QueryRequest(collection='P', search='keyword', text='word'))\n"
        "    await library.close()\n"
        "asyncio.run(main())\n"
        "print('numpy' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, tmp_path], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


@with_usearch
def test_an_index_that_is_stopped_leaves_no_file(tmp_path):
    from elysia_desktop.stores.library.matrices import Block, unit
    from elysia_desktop.stores.library.vector_files import Made, VectorFiles
    from elysia_desktop.stores.library.vector_index import VectorIndex

    numbers = np.arange(500, dtype=np.int64)
    base = Block(numbers, numbers, unit(random_points(500)))
    made = VectorIndex.make(VectorFiles(tmp_path), Made("matrix", 500, 0), base, None, lambda: True)
    assert made is None
    assert list(tmp_path.iterdir()) == []
