"""DuckDB in the stores' benchmark, for groups only; run where that is installed, see stores_environment.py."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa


class Contestant:
    """One table in a file."""

    def __init__(self, folder):
        self._file = Path(folder) / "duck.db"
        self._connection = None

    def open(self):
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._connection = duckdb.connect(str(self._file))

    def close(self):
        self._connection.close()

    def ingest(self, objects, vectors):
        names = ("uuid", "text", "category", "price", "rating", "stock", "sold_out", "added", "tags")
        given = pa.table({name: [one[name] for one in objects] for name in names})
        self._connection.register("given", given)
        self._connection.execute("CREATE OR REPLACE TABLE articles AS SELECT * FROM given")
        self._connection.unregister("given")

    def group_by(self):
        found = self._connection.execute(
            "SELECT category, count(*), avg(price), sum(stock) FROM articles GROUP BY category"
        ).fetchall()
        return {category: list(numbers) for category, *numbers in found}
