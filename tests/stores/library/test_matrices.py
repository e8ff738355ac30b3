import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from elysia_desktop.stores.library.matrices import Block, Passing, Vectors, unit

DIMENSIONS = 4


def block(ids):
    """Vectors with these numbers, each of an object with ten times its number."""
    rng = np.random.default_rng(7)
    matrix = rng.normal(size=(1000, DIMENSIONS)).astype(np.float32)
    numbers = np.array(sorted(ids), dtype=np.int64)
    return Block(numbers, numbers * 10, unit(matrix[numbers]))


QUERY = unit(np.array([[1, 2, 3, 4]], dtype=np.float32))[0]


@settings(deadline=None, max_examples=60)
@given(
    base=st.sets(st.integers(0, 200)),
    fresh=st.sets(st.integers(201, 260)),
    gone=st.sets(st.integers(0, 260)),
    passing=st.none() | st.sets(st.integers(0, 270)),
    limit=st.integers(1, 300),
)
def test_the_nearest_are_those_of_comparing_what_is_there_one_by_one(base, fresh, gone, passing, limit):
    vectors = Vectors(block(base), Block.empty(DIMENSIONS)).with_fresh(block(fresh))
    vectors = vectors.without(np.array(sorted(gone), dtype=np.int64))
    left = (base | fresh) - gone
    assert len(vectors) == len(left)
    wanted = left if passing is None else left & passing
    rows = None if passing is None else Passing.of(np.array(sorted(passing), dtype=np.int64) * 10)
    found = vectors.near(QUERY, rows).best(limit)
    one_by_one = block(wanted)
    scores = dict(zip(one_by_one.rows.tolist(), (one_by_one.matrix @ QUERY).tolist(), strict=True))
    assert len(found.rows) == min(limit, len(wanted))
    assert set(found.rows.tolist()) <= scores.keys()
    best = sorted(scores.values(), reverse=True)[:limit]
    np.testing.assert_allclose(found.scores, best, atol=1e-6)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.sampled_from([0.0, 0.5, 1.0]), min_size=1, max_size=30), st.integers(1, 40))
def test_of_those_as_near_the_ones_stored_first_come_first(scores, limit):
    from elysia_desktop.stores.library.matrices import Ranked

    rows = np.arange(len(scores), dtype=np.int64)
    found = Ranked(rows, np.array(scores, dtype=np.float32)).best(limit)
    wanted = sorted(range(len(scores)), key=lambda row: (-scores[row], row))[:limit]
    assert found.rows.tolist() == wanted


def test_a_vector_of_zeros_is_equally_far_from_everything():
    zeros = unit(np.zeros((1, DIMENSIONS), dtype=np.float32))
    assert (zeros @ QUERY).tolist() == [0.0]


def test_positions_are_found_of_the_numbers_that_are_there():
    there = block({3, 5, 9})
    assert there.positions(np.array([1, 3, 4, 9, 10])).tolist() == [0, 2]
    assert Block.empty(DIMENSIONS).positions(np.array([1])).tolist() == []
