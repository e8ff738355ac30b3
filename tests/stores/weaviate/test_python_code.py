import asyncio
import math
import random
import subprocess
import sys
from contextlib import nullcontext
from datetime import UTC, datetime

import pytest
from conformance.generated import Generated

from elysia_desktop.core.requests import AggregateRequest, Metric, PropertyFilter, QueryRequest, Sort
from elysia_desktop.core.schema import CollectionSchema, IndexedProperties, Property
from elysia_desktop.stores.clients import ClientManager

SEEDS = (3, 4, 7)
PER_COLLECTION = 60


class Asked:
    """A Weaviate with collections in it, and programs that are run as they are shown."""

    def __init__(self, server, runner):
        self.manager = ClientManager(
            weaviate_is_local=True, local_weaviate_port=server.port, local_weaviate_grpc_port=server.grpc_port
        )
        self.store = self.manager.store()
        self.run = runner.run
        self.names = []
        self.connect = f"weaviate.connect_to_local(port={server.port}, grpc_port={server.grpc_port})"

    def fill(self, schema, objects):
        """A collection with these objects."""
        self.run(self.store.create(schema))
        self.names.append(schema.name)
        assert self.run(self.store.insert(schema.name, objects)).rejected == []

    def printed(self, request, schema=None, **kwargs):
        """What the request's program prints, line by line, before it is made text."""
        lines = []
        # One connection for all of them; another test opens it as it is shown.
        program = request.to_python("nullcontext(shared)", schema=schema, **kwargs)
        known = {"nullcontext": nullcontext, "shared": self.manager.get_client()}
        exec(compile(program, "shown", "exec"), {"print": lambda *values: lines.append(values), **known})
        return lines


@pytest.fixture(scope="module")
def asked(weaviate_node):
    with asyncio.Runner() as runner:
        asked = Asked(weaviate_node, runner)
        yield asked
        for name in asked.names:
            runner.run(asked.store.drop(name))
        runner.run(asked.manager.close_clients())


@pytest.fixture(scope="module", params=SEEDS)
def things(asked, request):
    given = Generated(random.Random(request.param), f"Programs{request.param}")
    asked.fill(given.schema, given.objects)
    return given


@pytest.mark.parametrize("is_known", [True, False], ids=["with the schema", "without it"])
def test_programs_find_what_requests_find(asked, things, is_known):
    requests = [things.query() for _ in range(PER_COLLECTION)]
    requests += [things.keyword() for _ in range(PER_COLLECTION // 2)]
    for request in requests:
        expected = [item["uuid"] for item in asked.run(asked.store.query(request)).objects]
        lines = asked.printed(request, things.schema if is_known else None)
        found = [str(uuid) for uuid, _ in lines]
        if request.sort or not (request.filters or request.search != "none"):
            assert found == expected, request
        else:
            # Among equals no order is promised.
            assert len(set(found)) == len(found) == len(expected), request
            assert set(found) == set(expected) or len(expected) == request.limit or request.offset, request
        if request.properties is not None:
            names = set(request.properties) - {"uuid"}
            assert all(set(properties) == names for _, properties in lines), request


def test_programs_compute_what_aggregations_compute(asked, things):
    for _ in range(PER_COLLECTION):
        for request in (things.aggregation(), things.grouping()):
            found = asked.run(asked.store.aggregate(request))
            if request.group_by is None:
                expected = [("objects:", found.count), *told(request, found.metrics)]
            else:
                expected = [
                    line
                    for group in found.groups
                    for line in [(group.value, group.count), *told(request, group.metrics)]
                ]
            lines = asked.printed(request, things.schema)
            assert [comparable(line) for line in lines] == [comparable(line) for line in expected], request


def told(request, metrics):
    """The lines that tell of metrics."""
    values = dict(zip(request.metrics, metrics, strict=True))
    for metric, answer in values.items():
        label = f"{metric.property} {metric.function}:"
        if metric.function == "TOP_OCCURRENCES":
            yield (label,)
            yield from (("-", top["value"], top["count"]) for top in answer.value)
        else:
            yield (label, answer.value)


def comparable(line):
    """Numbers to twelve digits, dates as moments, "not a number" as nothing."""
    return tuple(map(_comparable, line))


def _comparable(value):
    if isinstance(value, float):
        return None if math.isnan(value) else float(f"{value:.12g}")
    if isinstance(value, str) and value[:4].isdecimal() and "T" in value:
        return datetime.fromisoformat(value).astimezone(UTC)
    return value


def test_a_program_runs_as_it_stands(asked):
    schema = CollectionSchema(
        name="Shown", properties=(Property(name="title", type="text"), Property(name="year", type="int"))
    )
    rows = [{"title": f'It\'s "{n}"', "year": n if n % 3 else None} for n in range(9)]
    asked.fill(schema, rows)
    request = QueryRequest(
        collection="Shown",
        filters=PropertyFilter(property="title", operator="LIKE", value='it\'s "*"'),
        sort=(Sort(property="year"),),
        limit=3,
        offset=4,
    )
    program = request.to_python(asked.connect)
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    lines = ended.stdout.splitlines()
    assert len(lines) == 3
    assert [f"'year': {n}" in line for n, line in zip([7, 8, None], lines, strict=True)] == [True] * 3


def test_missing_values_come_last_where_they_are_not_indexed_too(asked):
    schema = CollectionSchema(
        name="Unindexed",
        properties=(Property(name="n", type="int"),),
        indexed=IndexedProperties(is_null=False),
    )
    asked.fill(schema, [{"n": n if n % 2 else None} for n in range(12)])
    for limit, offset in ((3, 0), (3, 5), (20, 0), (4, 8), (2, 11), (1, 12)):
        request = QueryRequest(collection="Unindexed", sort=(Sort(property="n"),), limit=limit, offset=offset)
        found = [properties["n"] for _, properties in asked.printed(request, schema)]
        assert found == [1, 3, 5, 7, 9, 11, *[None] * 6][offset : offset + limit]


def test_tenant_and_consistency_are_asked_for(asked):
    schema = CollectionSchema(name="Rented", properties=(Property(name="n", type="int"),), multi_tenant=True)
    asked.manager.settings.configure(weaviate_tenant="north")
    asked.fill(schema, [{"n": 1}])
    asked.manager.settings.configure(weaviate_tenant="")
    lines = asked.printed(QueryRequest(collection="Rented"), schema, tenant="north", consistency="all")
    assert [properties["n"] for _, properties in lines] == [1]


def test_nested_objects_are_counted(asked):
    schema = CollectionSchema(
        name="Nested",
        properties=(
            Property(name="kind", type="text"),
            Property(name="day", type="date"),
            Property(name="crew", type="object"),
        ),
    )
    days = ("2024-01-01T00:00:00Z", "2024-01-01T02:00:00+02:00")
    rows = [{"kind": "ab"[n % 2], "day": days[n % 2], "crew": {"n": n} if n % 3 else None} for n in range(6)]
    asked.fill(schema, rows)
    metrics = (Metric(property="crew", function="COUNT"),)
    for group_by in (None, "kind", "day"):
        request = AggregateRequest(collection="Nested", group_by=group_by, metrics=metrics)
        counts = [line for line in asked.printed(request, schema) if line[0] == "crew COUNT:"]
        expected = {None: [4], "kind": [2, 2], "day": [4]}[group_by]
        assert counts == [("crew COUNT:", count) for count in expected]


def test_the_latest_and_most_frequent_of_early_dates_are_told(asked):
    properties = {"day": "date", "born": "date", "kind": "text", "tags": "text[]"}
    schema = CollectionSchema(
        name="Early", properties=tuple(Property(name=name, type=kind) for name, kind in properties.items())
    )
    days = (
        "1950-01-01T00:00:00Z",
        "1960-01-01T02:00:00+02:00",
        "1960-01-01T00:00:00Z",
        "1969-05-01T00:00:00Z",
    )
    rows = [
        {"born": day, "day": "2001-01-01T00:00:00Z", "kind": kind, "tags": [kind, "all"]}
        for kind in ("a b", "b")
        for day in days
    ]
    asked.fill(schema, [*rows, {"kind": "new", "born": "1980-01-01T00:00:00Z"}, {"kind": "none"}])
    early = PropertyFilter(property="born", operator="<", value="1969-01-01")
    metrics = tuple(Metric(property="born", function=function) for function in ("MODE", "MAX", "COUNT"))
    for group_by in (None, "kind", "tags", "day"):
        for filters in (None, early):
            for chosen in (metrics, metrics[1:]):
                request = AggregateRequest(
                    collection="Early", group_by=group_by, metrics=chosen, filters=filters
                )
                found = asked.run(asked.store.aggregate(request))
                groups = [(None, found.count, found.metrics)] if group_by is None else found.groups
                expected = [
                    line
                    for one in groups
                    for value, count, answers in [
                        one if group_by is None else (one.value, one.count, one.metrics)
                    ]
                    for line in [("objects:" if group_by is None else value, count), *told(request, answers)]
                ]
                lines = asked.printed(request, schema)
                assert [comparable(line) for line in lines] == [comparable(line) for line in expected], (
                    request
                )


def test_a_page_of_texts_is_found_behind_more_that_are_missing_than_weaviate_counts(asked):
    schema = CollectionSchema(
        name="Sparse", properties=(Property(name="text", type="text"), Property(name="n", type="int"))
    )
    asked.fill(
        schema, [{"n": n, "text": "-" if n == 2 else f"t{n}" if n < 5 else None} for n in range(10_003)]
    )
    for offset in (0, 3, 6):
        sort = (Sort(property="text"),)
        request = QueryRequest(collection="Sparse", sort=sort, limit=3, offset=offset)
        expected = [item["uuid"] for item in asked.run(asked.store.query(request)).objects]
        assert [str(uuid) for uuid, _ in asked.printed(request, schema)] == expected
        assert len(expected) == 3


def test_texts_with_signs_that_json_escapes_come_as_they_are(asked):
    schema = CollectionSchema(name="Escaped", properties=(Property(name="text", type="text"),))
    texts = ["<b>&amp;", "a\\b", 'say "hi"', "x\ty"]
    asked.fill(schema, [{"text": text} for text in texts])
    request = AggregateRequest(
        collection="Escaped", metrics=(Metric(property="text", function="TOP_OCCURRENCES"),)
    )
    lines = asked.printed(request, schema)
    assert lines == [("objects:", 4), ("text TOP_OCCURRENCES:",), *(("-", text, 1) for text in texts)]
