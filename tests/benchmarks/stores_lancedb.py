"""LanceDB in the stores' benchmark, run where that is installed; see stores_environment.py."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import lancedb
import pyarrow as pa
from benchmarks.stores_data import COLLECTION, LIMIT
from lancedb.index import FTS, BTree, IvfFlat
from lancedb.query import ColumnOrdering


class Contestant:
    """One table with indexes for words, vectors and the properties that are asked for."""

    def __init__(self, folder):
        self._folder = Path(folder)
        self._database = self._table = None

    def open(self):
        self._database = lancedb.connect(self._folder)
        if COLLECTION in self._database.table_names():
            self._table = self._database.open_table(COLLECTION)

    def close(self):
        self._table = self._database = None

    def ingest(self, objects, vectors):
        kinds = {
            "uuid": pa.string(),
            "text": pa.string(),
            "category": pa.string(),
            "price": pa.float64(),
            "rating": pa.float64(),
            "stock": pa.int64(),
            "sold_out": pa.bool_(),
            "added": pa.timestamp("us", "UTC"),
            "tags": pa.list_(pa.string()),
        }
        columns = {name: [one[name] for one in objects] for name in kinds}
        columns["added"] = [datetime.fromisoformat(value) for value in columns["added"]]
        arrays = [pa.array(columns[name], kind) for name, kind in kinds.items()]
        flat = pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), vectors.shape[1])
        table = pa.table([*arrays, flat], names=[*kinds, "vector"])
        self._table = self._database.create_table(COLLECTION, table, mode="overwrite")
        self._table.create_index("text", config=FTS(with_position=False, stem=False, remove_stop_words=False))
        self._table.create_index("vector", config=IvfFlat(distance_type="cosine"))
        for name in ("price", "stock", "rating"):
            self._table.create_index(name, config=BTree())

    def keyword(self, text):
        return _ids(self._table.search(text, query_type="fts"))

    def vector(self, vector):
        return _ids(self._table.search(vector).distance_type("cosine").nprobes(20))

    def hybrid(self, text, vector):
        found = (
            self._table.search(query_type="hybrid")
            .vector(vector)
            .text(text)
            .distance_type("cosine")
            .nprobes(20)
        )
        return _ids(found)

    def filter_sort(self, least, sold_out, most):
        where = f"price >= {least} AND sold_out = {str(sold_out).lower()} AND stock < {most}"
        by = ColumnOrdering(column_name="rating", ascending=False, nulls_first=False)
        return _ids(self._table.search().where(where).order_by([by]))

    def group_by(self):
        # It has no groups of its own: Arrow, which it reads into, has.
        read = (
            self._table.search()
            .select(["category", "price", "stock"])
            .limit(self._table.count_rows())
            .to_arrow()
        )
        found = read.group_by("category").aggregate(
            [("category", "count"), ("price", "mean"), ("stock", "sum")]
        )
        return {
            row["category"]: [row["category_count"], row["price_mean"], row["stock_sum"]]
            for row in found.to_pylist()
        }


def _ids(search):
    # All that an application shows is read, as from the others; the vectors are not.
    names = ["uuid", "text", "category", "price", "rating", "stock", "sold_out", "added", "tags"]
    return [row["uuid"] for row in search.select(names).limit(LIMIT).to_list()]
