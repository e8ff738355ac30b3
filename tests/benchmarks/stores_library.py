"""The library in the stores' benchmark, asked through its public interface."""

from __future__ import annotations

import asyncio
from pathlib import Path

from benchmarks.stores_data import COLLECTION, LIMIT

from elysia_desktop.core.requests import AggregateRequest, And, Metric, PropertyFilter, QueryRequest, Sort
from elysia_desktop.core.schema import CollectionSchema, Property
from elysia_desktop.stores.library import Library


class Contestant:
    """One event loop, as in the application."""

    def __init__(self, folder):
        self._folder = Path(folder)
        self._runner = asyncio.Runner()
        self._opened = None

    def open(self):
        self._opened = Library(self._folder)

    def close(self):
        self._runner.run(self._opened.close())

    def ingest(self, objects, vectors):
        kinds = {
            "text": "text",
            "category": "text",
            "price": "float",
            "rating": "float",
            "stock": "int",
            "sold_out": "boolean",
            "added": "date",
            "tags": "text[]",
        }
        schema = CollectionSchema(
            name=COLLECTION,
            properties=tuple(
                Property(name=name, type=kind, searchable=name == "text") for name, kind in kinds.items()
            ),
        )
        self._runner.run(self._opened.create(schema))
        given = ({**one, "_vector": vector} for one, vector in zip(objects, vectors, strict=True))
        report = self._runner.run(self._opened.insert(COLLECTION, given))
        assert report.inserted == len(objects), report.rejected[:1]

    def keyword(self, text):
        return self._ids(search="keyword", text=text)

    def vector(self, vector):
        found = self._runner.run(self._opened.nearest(COLLECTION, vector, LIMIT))
        return [one["uuid"] for one in found]

    def hybrid(self, text, vector):
        found = self._runner.run(self._opened.mixed(COLLECTION, text, vector, LIMIT))
        return [one["uuid"] for one in found]

    def filter_sort(self, least, sold_out, most):
        where = And(
            filters=(
                PropertyFilter(property="price", operator=">=", value=least),
                PropertyFilter(property="sold_out", operator="=", value=sold_out),
                PropertyFilter(property="stock", operator="<", value=most),
            )
        )
        return self._ids(filters=where, sort=(Sort(property="rating", direction="desc"),))

    def group_by(self):
        request = AggregateRequest(
            collection=COLLECTION,
            group_by="category",
            metrics=(Metric(property="price", function="MEAN"), Metric(property="stock", function="SUM")),
        )
        answer = self._runner.run(self._opened.aggregate(request))
        return {g.value: [g.count, *(metric.value for metric in g.metrics)] for g in answer.groups}

    def _ids(self, **details):
        page = self._runner.run(
            self._opened.query(QueryRequest(collection=COLLECTION, limit=LIMIT, **details))
        )
        return [found["uuid"] for found in page.objects]
