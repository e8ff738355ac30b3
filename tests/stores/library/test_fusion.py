import random
import warnings
from contextlib import contextmanager
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.weaviate_server import weaviate_server

from elysia_desktop.stores.library.fusion import LEAST_CANDIDATES, fused
from elysia_desktop.stores.library.hits import Hit

UUIDS = {row: f"{row:032d}" for row in range(100)}


def scores(hits):
    return {hit.row: pytest.approx(hit.score) for hit in hits}


def test_scores_are_brought_to_one_scale_weighted_and_summed():
    vector = [Hit(1, 0.9), Hit(2, 0.7), Hit(3, 0.4)]
    keyword = [Hit(2, 12.0), Hit(4, 4.0), Hit(3, 2.0)]
    found = fused(vector, keyword, 0.75, UUIDS)
    assert [hit.row for hit in found] == [1, 2, 4, 3]
    assert scores(found) == {1: 0.75, 2: 0.75 * 0.6 + 0.25, 3: 0.0, 4: 0.25 * 0.2}


@pytest.mark.parametrize("hits", [[Hit(7, 0.3)], [Hit(7, 0.3), Hit(8, 0.3)]])
def test_where_all_scores_are_the_same_each_counts_fully(hits):
    assert {hit.score for hit in fused(hits, [], 0.5, UUIDS)} == {0.5}
    assert {hit.score for hit in fused([], hits, 0.25, UUIDS)} == {0.75}


def test_a_search_without_weight_contributes_nothing():
    vector, keyword = [Hit(1, 1.0), Hit(2, 0.5)], [Hit(3, 1.0), Hit(4, 0.5)]
    assert [hit.row for hit in fused(vector, keyword, 1, UUIDS)] == [1, 2]
    assert [hit.row for hit in fused(vector, keyword, 0, UUIDS)] == [3, 4]


def test_what_is_equal_is_ordered_by_the_keyword_score_and_then_by_uuid():
    worst = Hit(9, 0.0)
    assert [h.row for h in fused([Hit(5, 0.9), worst], [Hit(4, 8.0), worst], 0.5, UUIDS)] == [4, 5, 9]
    both = [Hit(6, 1.0), Hit(3, 1.0)]
    assert [h.row for h in fused(both, [], 0.5, UUIDS)] == [3, 6]


found_hits = st.dictionaries(st.integers(0, 30), st.floats(-1, 1), max_size=12).map(
    lambda scored: [Hit(row, score) for row, score in sorted(scored.items(), key=lambda one: -one[1])]
)


@settings(deadline=None, max_examples=60)
@given(found_hits, found_hits, st.floats(0, 1))
def test_fused_scores_lie_between_nothing_and_all(vector, keyword, alpha):
    found = fused(vector, keyword, alpha, UUIDS)
    assert all(-1e-9 <= hit.score <= 1 + 1e-9 for hit in found)
    # What differs less than single precision can tell is equal.
    assert [hit.score for hit in found] == pytest.approx(
        sorted((h.score for h in found), reverse=True), abs=2e-7
    )
    weighted = [hits for hits, weight in ((vector, alpha), (keyword, 1 - alpha)) if weight > 0]
    assert {hit.row for hit in found} == {hit.row for hits in weighted for hit in hits}


def test_weaviates_own_two_searches_are_fused_as_weaviate_fuses_them():
    with warnings.catch_warnings(action="ignore"):  # of a library that it uses
        from weaviate.classes.config import Configure, DataType, Property
        from weaviate.classes.data import DataObject
        from weaviate.classes.query import MetadataQuery

    rng = random.Random(5)
    words = ["red", "blue", "cat", "dog", "sun", "sea", "sky", "fox"]
    with weaviate_server() as server, connected(server) as client:
        things = client.collections.create(
            "Things",
            properties=[Property(name="text", data_type=DataType.TEXT)],
            vector_config=Configure.Vectors.self_provided(),
        )
        things.data.insert_many(
            [
                DataObject(
                    {"text": " ".join(rng.choices(words, k=rng.randint(1, 12)))},
                    uuid=UUID(int=n),
                    vector=[rng.gauss(0, 1) for _ in range(6)],
                )
                for n in range(250)
            ]
        )
        vector = [rng.gauss(0, 1) for _ in range(6)]
        scored = MetadataQuery(score=True, distance=True)
        for alpha, limit in ((0.5, 10), (0.3, 100), (0.75, 150), (1, 10), (0, 10)):
            most = max(LEAST_CANDIDATES, limit)
            near = things.query.near_vector(vector, limit=most, return_metadata=scored).objects
            worded = things.query.bm25("red fox sea", limit=most, return_metadata=scored).objects
            theirs = things.query.hybrid(
                "red fox sea", vector=vector, alpha=alpha, limit=limit, return_metadata=scored
            ).objects
            ours = fused(
                [Hit(o.uuid.int, 1 - o.metadata.distance) for o in near],
                [Hit(o.uuid.int, o.metadata.score) for o in worded],
                alpha,
                {n: str(UUID(int=n)) for n in range(250)},
            )[:limit]
            assert [hit.score for hit in ours] == pytest.approx([o.metadata.score for o in theirs], abs=1e-5)
            # At the very end one of many that are as good stands where the other does.
            clear = [o.metadata.score for o in theirs if o.metadata.score > theirs[-1].metadata.score + 1e-5]
            assert [hit.row for hit in ours][: len(clear)] == [o.uuid.int for o in theirs][: len(clear)]


@contextmanager
def connected(server):
    import weaviate

    client = weaviate.connect_to_local(port=server.port, grpc_port=server.grpc_port)
    try:
        yield client
    finally:
        client.close()
