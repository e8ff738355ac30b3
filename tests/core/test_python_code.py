import ast
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elysia_desktop.core.requests import (
    AggregateRequest,
    And,
    Metric,
    Not,
    Or,
    PropertyFilter,
    QueryRequest,
    Sort,
)
from elysia_desktop.core.schema import (
    CollectionSchema,
    DataType,
    IndexedProperties,
    Property,
    metrics_of,
    operators_of,
)

SCHEMA = CollectionSchema(
    name="Films",
    properties=tuple(Property(name=f"the_{t.value.replace('[]', 's')}", type=t) for t in DataType),
)
TYPES = {p.name: p.type for p in SCHEMA.properties}
PLAIN = {
    DataType.TEXT: "alien",
    DataType.INT: 3,
    DataType.FLOAT: 1.5,
    DataType.BOOLEAN: True,
    DataType.DATE: "2024-05-31",
}


def condition(name, operator, value, length=False):
    return PropertyFilter(property=name, operator=operator, value=value, length=length)


def every_condition():
    for name, data_type in TYPES.items():
        for operator in operators_of(data_type):
            value = PLAIN[data_type.element]
            if operator.startswith("CONTAINS"):
                value = (value, value)
            yield condition(name, operator, True if operator == "IS_NULL" else value)
            if data_type.is_list and operator in {"=", "!="}:
                yield condition(name, operator, (value,))
                yield condition(name, operator, ())
        for operator in operators_of(data_type, length=True):
            yield condition(name, operator, 2, length=True)
    for operator in ("=", "<", ">", "<=", ">="):
        yield condition("_creation_time", operator, "2024-05-31T12:00:00+02:00")


def every_request():
    """Requests of every operator, function, search and order."""
    conditions = list(every_condition())
    yield from (QueryRequest(collection="Films", filters=one) for one in conditions)
    some = And(filters=(conditions[0], Or(filters=(conditions[7], Not(filter=conditions[9])))))
    sorts = [
        (),
        (Sort(property="the_int"),),
        (Sort(property="the_text", direction="desc"), Sort(property="uuid")),
    ]
    sorts.append((Sort(property="_creation_time"), Sort(property="the_date", direction="desc")))
    for search in ("none", "keyword", "vector", "hybrid"):
        for sort in sorts:
            yield QueryRequest(
                collection="Films",
                search=search,
                text=None if search == "none" else "a crew in space",
                filters=some,
                sort=sort,
                offset=3,
                properties=("the_text", "uuid"),
                target_vectors=("plot", "title") if search == "hybrid" else None,
            )
    metrics = tuple(
        Metric(property=name, function=function, min_occurrences=2 if function == "TOP_OCCURRENCES" else None)
        for name, data_type in TYPES.items()
        for function in metrics_of(data_type)
    )
    groups = [None, "the_text", "the_int", "the_date", "the_texts"]
    for group in groups:
        yield AggregateRequest(collection="Films", group_by=group, metrics=metrics, filters=some)
        yield AggregateRequest(collection="Films", group_by=group, limit=7)


REQUESTS = list(every_request())
NOT_INDEXED = SCHEMA.model_copy(update={"indexed": IndexedProperties(is_null=False)})


def test_every_program_is_formatted_as_formatters_do(tmp_path):
    for number, request in enumerate(REQUESTS):
        for known, schema in enumerate((None, SCHEMA, NOT_INDEXED)):
            text = request.to_python(schema=schema, tenant="north", consistency="quorum")
            (tmp_path / f"program_{number}_{known}.py").write_text(text)
    command = [sys.executable, "-m", "ruff"]
    for check in (["format", "--diff"], ["check", "--select=E,F,I,W,UP", "--output-format=concise"]):
        checked = subprocess.run(
            [*command, *check, "--isolated", "--no-cache", "--line-length=88", "."],
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert checked.returncode == 0, checked.stdout[:5000]


LETTERS = st.text(
    st.sampled_from("\"'\\\n\r\t(){}[]#,=%s.;: \0\x1b\u2028\u202e\ud800é日") | st.characters(), max_size=12
)
names = LETTERS | st.sampled_from(['x")', "x\\", "x'\"", '"""', "x\n    import os", "{client}"])
values = LETTERS | st.integers() | st.floats() | st.booleans()
conditions = st.builds(
    PropertyFilter,
    property=names,
    operator=st.sampled_from(["=", "!=", "<", ">=", "LIKE", "IS_NULL", "CONTAINS_ANY", "CONTAINS_ALL"]),
    value=values | st.lists(values, max_size=3).map(tuple),
    length=st.booleans(),
)
trees = st.recursive(
    conditions,
    lambda inner: (
        st.builds(Not, filter=inner)
        | st.builds(And, filters=st.lists(inner, min_size=1, max_size=3).map(tuple))
    ),
    max_leaves=4,
)
queries = st.builds(
    QueryRequest,
    collection=names,
    search=st.sampled_from(["none", "keyword", "vector", "hybrid"]),
    text=LETTERS,
    alpha=st.floats(0, 1),
    target_vectors=st.none() | st.lists(names, min_size=1, max_size=2).map(tuple),
    filters=st.none() | trees,
    sort=st.lists(
        st.builds(Sort, property=names, direction=st.sampled_from(["asc", "desc"])), max_size=3
    ).map(tuple),
    offset=st.integers(0, 10),
    properties=st.none() | st.lists(names, max_size=2).map(tuple),
)
aggregations = st.builds(
    AggregateRequest,
    collection=names,
    group_by=st.none() | names,
    metrics=st.lists(
        st.builds(
            Metric,
            property=names,
            function=st.sampled_from(["COUNT", "MIN", "SUM", "TOP_OCCURRENCES", "TOTAL_TRUE"]),
            min_occurrences=st.none() | st.integers(),
        ),
        max_size=3,
    ).map(tuple),
    filters=st.none() | trees,
    search=st.sampled_from(["none", "vector", "hybrid"]),
    text=LETTERS,
    limit=st.none() | st.integers(1, 10),
)


def names_used(program):
    """The names and attributes that a program speaks of outside its texts, and the modules it imports."""
    used = set()
    for node in ast.walk(ast.parse(program)):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.ImportFrom(module=name):
                used.add(name)
            case ast.Import(names=aliases):
                used |= {alias.name for alias in aliases}
    return used


KNOWN = set().union(
    *(names_used(r.to_python(schema=s)) for r in REQUESTS for s in (None, SCHEMA, NOT_INDEXED))
)


@settings(deadline=None, max_examples=300)
@given(queries | aggregations, LETTERS)
def test_nothing_in_a_request_becomes_anything_but_a_value(request, tenant):
    program = request.to_python(tenant=tenant)
    compile(program, "shown", "exec", dont_inherit=True)
    assert names_used(program) <= KNOWN | {"with_tenant", "float"}
    texts = {node.value for node in ast.walk(ast.parse(program)) if isinstance(node, ast.Constant)}
    assert request.collection in texts
    if request.search != "none":
        assert request.text in texts


@given(conditions)
def test_values_come_back_from_the_program_as_they_were(one):
    program = QueryRequest(collection="Films", filters=one).to_python()
    written = {repr(node.value) for node in ast.walk(ast.parse(program)) if isinstance(node, ast.Constant)}
    assert repr(one.property) in written
    if isinstance(one.value, str) and one.operator not in {"<", ">="}:
        assert repr(one.value) in written


@pytest.mark.parametrize("text", ["2024-05-31", "2024-05-31T00:00:00Z", " 2024-05-31T00:00:00 "])
def test_a_date_is_a_moment_in_utc_unless_it_says_otherwise(text):
    asked = QueryRequest(collection="Films", filters=condition("the_date", "=", text))
    assert 'datetime.fromisoformat("2024-05-31T00:00:00+00:00")' in asked.to_python(schema=SCHEMA)


@pytest.mark.parametrize(
    ("text", "counted"),
    [("9999-12-31", "2262-04-11T12:00"), ("0001-01-01T00:00:00+12:00", "1677-09-21T12:00")],
)
def test_a_date_that_weaviate_cannot_count_to_becomes_one_beyond_all_that_it_keeps(text, counted):
    asked = QueryRequest(collection="Films", filters=condition("the_date", "<", text))
    assert f'fromisoformat("{counted}:00+00:00")' in asked.to_python(schema=SCHEMA)


def test_without_a_schema_only_comparisons_of_dates_become_moments():
    after = QueryRequest(collection="Films", filters=condition("made", ">", "2024-05-31"))
    titled = QueryRequest(collection="Films", filters=condition("title", "=", "2024-05-31"))
    assert 'fromisoformat("2024-05-31T00:00:00+00:00")' in after.to_python()
    assert '.equal("2024-05-31")' in titled.to_python()


def test_numbers_are_written_as_their_type_has_them():
    whole = QueryRequest(collection="Films", filters=condition("the_int", "=", 3.0))
    number = QueryRequest(collection="Films", filters=condition("the_floats", "CONTAINS_ANY", (1, 2.5)))
    assert ".equal(3)" in whole.to_python(schema=SCHEMA)
    assert ".contains_any([1.0, 2.5])" in number.to_python(schema=SCHEMA)


def test_the_connection_is_the_one_given():
    program = QueryRequest(collection="Films").to_python(
        'weaviate.connect_to_weaviate_cloud("x.weaviate.cloud", os.environ["WCD_API_KEY"])'
    )
    assert program.startswith("import os\n\nimport weaviate\n")
    assert (
        'with weaviate.connect_to_weaviate_cloud("x.weaviate.cloud", os.environ["WCD_API_KEY"]) as' in program
    )
