"""Batches are bounded in number and size, and take the objects of a stream as they come."""

from elysia_desktop.core.schema import CollectionSchema, Property
from elysia_desktop.stores.weaviate.batches import next_batch
from elysia_desktop.stores.weaviate.vectors import Lengths


def test_a_batch_ends_before_it_is_too_large():
    schema = CollectionSchema(name="Rows", properties=(Property(name="text", type="text"),))
    source = enumerate([{"text": "x" * 200_000} for _ in range(10)])
    sizes = [len(next_batch(schema, source, Lengths(schema)).objects) for _ in range(4)]
    assert sizes == [3, 3, 3, 1]
    many = enumerate([{"text": "x", "_vector": [0.5] * 1_000} for _ in range(1_000)])
    assert len(next_batch(schema, many, Lengths(schema)).objects) < 150
    assert next_batch(schema, iter(()), Lengths(schema)).taken == 0


def test_a_batch_has_a_bounded_number_of_objects():
    schema = CollectionSchema(name="Rows", properties=(Property(name="n", type="int"),))
    source = enumerate([{"n": index} for index in range(450)])
    batches = [next_batch(schema, source, Lengths(schema)) for _ in range(4)]
    assert [batch.taken for batch in batches] == [200, 200, 50, 0]
    assert [one.index for batch in batches for one in batch.objects] == list(range(450))


def test_what_is_no_object_is_told_with_its_place():
    schema = CollectionSchema(name="Rows", properties=(Property(name="n", type="int"),))
    batch = next_batch(schema, enumerate([{"n": 1}, "row", {"uuid": 7, "n": "x"}]), Lengths(schema))
    assert [one.properties for one in batch.objects] == [{"n": 1}]
    assert [(one.index, one.uuid) for one in batch.rejected] == [(1, None), (2, "7")]
    assert "not an object" in batch.rejected[0].reason
