"""A statement finds what SQLite finds by it, in the same order, and computes the same numbers."""

import asyncio
import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elysia_desktop.core.schema import CollectionSchema, DataType, Property
from elysia_desktop.engine.sql.statement import request_of
from elysia_desktop.stores.library import Library

SCHEMA = CollectionSchema(
    name="Things",
    properties=(
        Property(name="place", type=DataType.INT),
        Property(name="number", type=DataType.INT),
        Property(name="share", type=DataType.FLOAT),
        Property(name="word", type=DataType.TEXT),
        Property(name="is_new", type=DataType.BOOLEAN),
        Property(name="made_at", type=DataType.DATE),
    ),
)
WORDS = ("ash", "birch", "cedar", "ashen")
DAYS = ("2023-12-31", "2024-02-29", "2024-03-01", "2024-12-31", "2025-01-01")
ROWS = [
    {
        "place": n,
        "number": n * 7 % 11 - 5,
        "share": (n * 13 % 17) / 4,
        "word": WORDS[n % 4],
        "is_new": n % 3 == 0,
        "made_at": f"{DAYS[n % 5]}T{n % 24:02}:30:00Z",
    }
    for n in range(60)
]


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """Answers to a statement: ours, and what SQLite makes of the same with whole days."""
    runner = asyncio.Runner()
    library = Library(tmp_path_factory.mktemp("things"))
    runner.run(library.create(SCHEMA))
    runner.run(library.insert("Things", ROWS))
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE Things (place, number, share, word, is_new, made_at)")
    database.executemany(
        "INSERT INTO Things VALUES (:place, :number, :share, :word, :is_new, substr(:made_at, 1, 10))", ROWS
    )

    def ours(sql):
        request = request_of(sql, {"Things": SCHEMA}, {})
        if request.kind == "query":
            return [row["place"] for row in runner.run(library.query(request)).objects]
        found = runner.run(library.aggregate(request))
        groups = [
            (group.value, group.count, *(m.value for m in group.metrics)) for group in found.groups or ()
        ]
        return groups or [(found.count, *(metric.value for metric in found.metrics))]

    yield ours, lambda sql: database.execute(sql).fetchall()
    runner.run(library.close())
    runner.close()
    database.close()


def quoted(values):
    return values.map(lambda value: f"'{value}'")


NUMBERS = st.integers(-6, 6).map(str)
SHARES = st.sampled_from(["0", "0.25", "1.5", "4.0", "-1"])
PATTERNS = st.sampled_from(["%sh%", "a%", "%h", "_sh"])
COMPARED = st.sampled_from(["=", "!=", "<>", "<", "<=", ">", ">="])
PAIRS = st.one_of(
    st.tuples(st.just("number"), COMPARED, NUMBERS),
    st.tuples(st.just("number"), st.sampled_from(["<", "<=", ">", ">="]), st.sampled_from(["1.5", "-0.5"])),
    st.tuples(st.just("share"), COMPARED, SHARES),
    st.tuples(st.just("made_at"), COMPARED, quoted(st.sampled_from([*DAYS, "2024-06-15"]))),
    st.tuples(st.just("word"), st.sampled_from(["=", "!="]), quoted(st.sampled_from(WORDS))),
    st.tuples(st.just("word"), st.sampled_from(["LIKE", "NOT LIKE"]), quoted(PATTERNS)),
    st.tuples(st.just("is_new"), st.sampled_from(["=", "!="]), st.sampled_from(["TRUE", "FALSE", "1", "0"])),
).map(" ".join)  # fmt: skip
OTHERS = st.one_of(
    st.tuples(NUMBERS, NUMBERS).map(lambda pair: f"number BETWEEN {pair[0]} AND {pair[1]}"),
    st.tuples(st.sampled_from(DAYS), st.sampled_from(DAYS)).map(
        lambda pair: f"made_at BETWEEN '{pair[0]}' AND '{pair[1]}'"
    ),
    st.tuples(st.sampled_from(["IN", "NOT IN"]), st.lists(NUMBERS, min_size=1, max_size=3)).map(
        lambda said: f"number {said[0]} ({', '.join(said[1])})"
    ),
    st.sampled_from(["is_new", "NOT is_new", "word IS NULL", "share IS NOT NULL", "3 < number", "LOWER(word) = 'ash'"]),
)  # fmt: skip
CONDITIONS = st.recursive(
    PAIRS | OTHERS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["AND", "OR"]), inner).map(lambda said: f"({' '.join(said)})"),
        inner.map(lambda one: f"NOT ({one})"),
    ),
    max_leaves=5,
)


@settings(max_examples=200, deadline=None)
@given(CONDITIONS, st.sampled_from(["ASC", "DESC"]), st.integers(1, 70), st.integers(0, 5))
def test_a_selection_finds_the_same_objects_in_the_same_order(both, condition, order, limit, offset):
    ours, theirs = both
    sql = (
        f"SELECT place FROM things WHERE {condition} ORDER BY number {order}, 1 LIMIT {limit} OFFSET {offset}"
    )
    assert ours(sql) == [row[0] for row in theirs(sql)], sql


@settings(max_examples=100, deadline=None)
@given(
    CONDITIONS, st.sampled_from(["SUM(number)", "MIN(share)", "MAX(number)", "AVG(share)", "COUNT(place)"])
)
def test_an_aggregation_computes_the_same_numbers(both, condition, function):
    ours, theirs = both
    rest = f"COUNT(*), {function} FROM Things WHERE {condition}"
    (count, value), (wanted_count, wanted) = ours(f"SELECT {rest}")[0], theirs(f"SELECT {rest}")[0]
    assert count == wanted_count
    assert value == (pytest.approx(wanted) if wanted is not None else value)
    groups = {row[0]: row[1:] for row in ours(f"SELECT word AS w, {rest} GROUP BY w ORDER BY 2 DESC LIMIT 1")}
    wanted_groups = {row[0]: row[1:] for row in theirs(f"SELECT word, {rest} GROUP BY word")}
    if wanted_count:
        assert groups == {word: pytest.approx(values) for word, values in wanted_groups.items()}
