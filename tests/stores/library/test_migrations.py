import sqlite3
from contextlib import closing

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
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
