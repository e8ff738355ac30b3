import asyncio
import sqlite3
import stat
from array import array

import pytest
from engine.feedback.runs import record

from elysia_desktop.core.errors import StoreError
from elysia_desktop.stores.feedback import RatedRuns
from elysia_desktop.stores.feedback_schema import MIGRATIONS


@pytest.fixture
async def runs(tmp_path):
    runs = RatedRuns(tmp_path / "profile" / "feedback.db")
    yield runs
    await runs.close()


def of(question, query_id, **more):
    return record(question, query_id=query_id, **more)


async def test_a_rated_run_is_there_after_the_application_was_closed(runs):
    kept = of("Which boats?", "q1")
    await runs.rate(kept, 2)
    await runs.close()
    again = RatedRuns(runs.path)
    assert await again.ratings("c") == {"q1": 2}
    assert await again.records(["q1"]) == [kept]
    await again.close()


async def test_rating_again_replaces_the_rating_and_the_record(runs):
    await runs.rate(of("Which boats?", "q1"), 1)
    await runs.rate(of("Which boats?", "q1", answer="None."), -1)
    assert await runs.ratings("c") == {"q1": -1}
    assert [one.answer for one in await runs.records(["q1"])] == ["None."]


async def test_taking_a_rating_back_removes_everything_of_the_run(runs):
    secret = "Something that nobody should read"
    await runs.rate(of(secret, "q1"), 2)
    assert await runs.unrate("q1")
    assert not await runs.unrate("q1")
    assert await runs.ratings("c") == {}
    await runs.close()
    files = [path.read_bytes() for path in runs.path.parent.iterdir()]
    assert not any(secret.encode() in content for content in files)


async def test_ratings_are_told_by_conversation(runs):
    await runs.rate(of("Which boats?", "q1"), 1)
    await runs.rate(of("Which cars?", "q2", conversation_id="other"), 2)
    assert await runs.ratings("c") == {"q1": 1}
    assert await runs.ratings("other") == {"q2": 2}


async def test_only_well_rated_runs_serve_as_examples_the_latest_first(runs):
    for query_id, rating in (("bad", -1), ("good", 1), ("best", 2)):
        await runs.rate(of(query_id, query_id), rating)
    assert [(one.query_id, one.rating) for one in await runs.well_rated()] == [("best", 2), ("good", 1)]
    assert (await runs.well_rated())[0].tools == ("query", "cited_summarize")


async def test_records_come_in_the_order_asked_without_those_that_are_not_there(runs):
    for query_id in ("a", "b"):
        await runs.rate(of(query_id, query_id), 1)
    assert [one.query_id for one in await runs.records(["b", "x", "a"])] == ["b", "a"]


async def test_vectors_are_kept_per_embedder_and_go_with_their_run(runs):
    await runs.rate(of("Which boats?", "q1"), 1)
    await runs.keep_vectors("one", {"q1": [0.5, 1.0], "unknown": [1.0]})
    assert await runs.vectors("one") == {"q1": array("f", [0.5, 1.0])}
    assert await runs.vectors("two") == {}
    await runs.unrate("q1")
    assert await runs.vectors("one") == {}


async def test_a_copy_is_stale_until_it_was_made_and_again_when_the_rating_changes(runs):
    await runs.rate(of("Which boats?", "q1"), 1, "there")
    stale = await runs.stale_copies("there")
    assert [(copy.query_id, copy.run.rating) for copy in stale] == [("q1", 1)]
    assert await runs.stale_copies("elsewhere") == []
    await runs.note_copied(stale, "there")
    assert await runs.stale_copies("there") == []
    await runs.rate(of("Which boats?", "q1"), 2)
    assert [copy.run.rating for copy in await runs.stale_copies("there")] == [2]


async def test_a_rating_that_changes_while_it_is_copied_is_copied_again(runs):
    await runs.rate(of("Which boats?", "q1"), 1, "there")
    read = await runs.stale_copies("there")
    await runs.rate(of("Which boats?", "q1"), -1, "there")
    await runs.note_copied(read, "there")
    assert [copy.run.rating for copy in await runs.stale_copies("there")] == [-1]


async def test_the_copy_of_a_run_that_is_rated_no_longer_is_to_be_removed_once(runs):
    await runs.rate(of("Which boats?", "q1"), 1, "there")
    await runs.note_copied(await runs.stale_copies("there"), "there")
    await runs.unrate("q1")
    stale = await runs.stale_copies("there")
    assert [(copy.query_id, copy.run) for copy in stale] == [("q1", None)]
    await runs.note_copied(stale, "there")
    assert await runs.stale_copies("there") == []


async def test_nobody_else_can_read_the_file(runs):
    await runs.rate(of("Which boats?", "q1"), 1)
    assert stat.S_IMODE(runs.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(runs.path.parent.stat().st_mode) == 0o700


async def test_a_damaged_file_is_set_aside_and_a_new_one_begun(runs):
    runs.path.parent.mkdir(parents=True)
    runs.path.write_bytes(b"This is no database." * 100)
    await runs.rate(of("Which boats?", "q1"), 1)
    assert "damaged" in runs.notice
    assert await runs.ratings("c") == {"q1": 1}
    assert list(runs.path.parent.glob("feedback.db.damaged-*"))


async def test_a_file_of_a_newer_version_is_left_alone(runs):
    await runs.ratings("c")
    await runs.close()
    with sqlite3.connect(runs.path) as database:
        database.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    database.close()
    newer = RatedRuns(runs.path)
    with pytest.raises(StoreError, match="newer version"):
        await newer.ratings("c")
    await newer.close()


async def test_a_locked_file_is_told(tmp_path):
    runs = RatedRuns(tmp_path / "feedback.db", busy_timeout=0.05)
    await runs.ratings("c")
    other = sqlite3.connect(runs.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="in use by another program"):
        await runs.rate(of("Which boats?", "q1"), 1)
    other.close()
    await runs.rate(of("Which boats?", "q1"), 1)
    await runs.close()


async def test_a_record_that_cannot_be_read_any_longer_is_left_out(runs):
    await runs.rate(of("Which boats?", "q1"), 1, "there")
    await runs.close()
    with sqlite3.connect(runs.path) as database:
        database.execute("UPDATE runs SET record = '{}'")
    database.close()
    again = RatedRuns(runs.path)
    assert await again.records(["q1"]) == []
    assert await again.stale_copies("there") == []
    await again.close()


async def test_many_ratings_at_once_are_all_kept(runs):
    await asyncio.gather(*(runs.rate(of(f"Which {i}?", f"q{i}"), 1) for i in range(30)))
    assert len(await runs.ratings("c")) == 30


async def test_closed_ratings_say_so(runs):
    await runs.close()
    await runs.close()
    with pytest.raises(StoreError, match="closed"):
        await runs.ratings("c")
