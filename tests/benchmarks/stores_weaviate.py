"""Weaviate in the stores' benchmark, asked through its own client."""

from __future__ import annotations

import weaviate
from benchmarks.stores_data import COLLECTION, LIMIT
from weaviate.classes.aggregate import GroupByAggregate
from weaviate.classes.config import Configure, DataType, Property, Tokenization
from weaviate.classes.data import DataObject
from weaviate.classes.init import AdditionalConfig, Timeout
from weaviate.classes.query import Filter, Metrics, Sort


class Contestant:
    """A client of a server that runs already; `folder` is "HTTP-port GRPC-port"."""

    def __init__(self, folder):
        self._port, self._grpc_port = map(int, folder.split())
        self._client = self._collection = None

    def open(self):
        self._client = weaviate.connect_to_local(
            port=self._port,
            grpc_port=self._grpc_port,
            skip_init_checks=True,
            additional_config=AdditionalConfig(timeout=Timeout(query=60, insert=300)),
        )
        self._collection = self._client.collections.use(COLLECTION)

    def close(self):
        self._client.close()

    def ingest(self, objects, vectors):
        kinds = {
            "price": DataType.NUMBER,
            "rating": DataType.NUMBER,
            "stock": DataType.INT,
            "sold_out": DataType.BOOL,
            "added": DataType.DATE,
        }
        texts = {"category": DataType.TEXT, "tags": DataType.TEXT_ARRAY}
        self._client.collections.delete(COLLECTION)
        self._collection = self._client.collections.create(
            COLLECTION,
            properties=[
                Property(name="text", data_type=DataType.TEXT),
                *(
                    Property(
                        name=name, data_type=kind, tokenization=Tokenization.FIELD, index_searchable=False
                    )
                    for name, kind in texts.items()
                ),
                *(Property(name=name, data_type=kind) for name, kind in kinds.items()),
            ],
            vector_config=Configure.Vectors.self_provided(),
        )
        for start in range(0, len(objects), 1000):
            batch = [
                DataObject({k: v for k, v in one.items() if k != "uuid"}, one["uuid"], vector.tolist())
                for one, vector in zip(
                    objects[start : start + 1000], vectors[start : start + 1000], strict=True
                )
            ]
            assert not self._collection.data.insert_many(batch).has_errors

    def keyword(self, text):
        return _ids(self._collection.query.bm25(text, limit=LIMIT))

    def vector(self, vector):
        return _ids(self._collection.query.near_vector(vector.tolist(), limit=LIMIT))

    def hybrid(self, text, vector):
        return _ids(self._collection.query.hybrid(text, vector=vector.tolist(), alpha=0.5, limit=LIMIT))

    def filter_sort(self, least, sold_out, most):
        where = (
            Filter.by_property("price").greater_or_equal(least)
            & Filter.by_property("sold_out").equal(sold_out)
            & Filter.by_property("stock").less_than(most)
        )
        by = Sort.by_property("rating", ascending=False)
        return _ids(self._collection.query.fetch_objects(filters=where, sort=by, limit=LIMIT))

    def group_by(self):
        answer = self._collection.aggregate.over_all(
            group_by=GroupByAggregate(prop="category"),
            return_metrics=[Metrics("price").number(mean=True), Metrics("stock").integer(sum_=True)],
        )
        return {
            group.grouped_by.value: [
                group.total_count,
                group.properties["price"].mean,
                group.properties["stock"].sum_,
            ]
            for group in answer.groups
        }


def _ids(answer):
    return [str(found.uuid) for found in answer.objects]
