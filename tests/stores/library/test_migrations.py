import sqlite3
from contextlib import closing

from elysia_desktop.core.schema import CollectionSchema, Property
from elysia_desktop.stores.library import Library
from elysia_desktop.stores.library.migrations import migrate


def test_a_new_file_is_made_and_an_existing_one_kept(tmp_path):
    for _ in range(2):
        with closing(sqlite3.connect(tmp_path / "library.db", isolation_level=None)) as connection:
            migrate(connection)
            connection.execute(
                "INSERT INTO collections (name, schema) SELECT count(*), '{}' FROM collections"
            )
    with closing(sqlite3.connect(tmp_path / "library.db")) as connection:
        assert connection.execute("SELECT name FROM collections").fetchall() == [("0",), ("1",)]
        assert connection.execute("PRAGMA user_version").fetchone() == (3,)


def test_an_existing_file_is_opened_while_another_program_writes(tmp_path):
    def connected():
        return closing(sqlite3.connect(tmp_path / "library.db", isolation_level=None, timeout=0))

    with connected() as writing:
        migrate(writing)
        writing.execute("BEGIN IMMEDIATE")
        with connected() as reading:
            migrate(reading, busy_seconds=0)
            assert reading.execute("SELECT count(*) FROM collections").fetchone() == (0,)


async def test_a_library_of_the_first_version_keeps_its_objects_and_vectors(tmp_path):
    points = CollectionSchema(name="Points", properties=(Property(name="text", type="text"),))
    library = Library(tmp_path)
    await library.create(points)
    await library.insert("Points", [{"text": f"point {n}", "_vector": [1, n]} for n in range(3)])
    await library.close()
    with closing(sqlite3.connect(tmp_path / "library.db", isolation_level=None)) as connection:
        for statement in (
            "CREATE TABLE kept AS SELECT object, name, vector FROM vectors_1",
            "DROP TABLE vectors_1",
            "DROP TABLE gone_1",
            "DROP TABLE pending_1",
            "DROP TABLE vector_files",
            "DROP TABLE embedders",
            "CREATE TABLE vectors_1 (object INTEGER NOT NULL REFERENCES objects_1 (row) ON DELETE CASCADE, "
            "name TEXT NOT NULL, vector BLOB NOT NULL, UNIQUE (object, name))",
            "INSERT INTO vectors_1 SELECT * FROM kept",
            "DROP TABLE kept",
            "ALTER TABLE collections RENAME COLUMN revision TO vectors_revision",
            "PRAGMA user_version = 1",
        ):
            connection.execute(statement)
    again = Library(tmp_path)
    assert [o["text"] for o in await again.nearest("Points", [1, 0], 2)] == ["point 0", "point 1"]
    await again.delete("Points", [(await again.nearest("Points", [1, 0], 1))[0]["uuid"]])
    await again.insert("Points", [{"text": "new", "_vector": [3, -1]}])
    assert [o["text"] for o in await again.nearest("Points", [1, 0], 5)] == ["new", "point 1", "point 2"]
    await again.drop("Points")
    await again.close()
