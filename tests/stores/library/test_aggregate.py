import pytest
from hypothesis import given
from hypothesis import strategies as st
from stores.library import oracle

from elysia_desktop.core.errors import NotSupported, QueryRejected
from elysia_desktop.core.requests import AggregateRequest, Metric, PropertyFilter
from elysia_desktop.core.schema import metrics_of
from elysia_desktop.stores.base import Group

METRICS = tuple(
    Metric(property=name, function=function)
    for name, data_type in oracle.TYPES.items()
    for function in metrics_of(data_type)
)


def check(measured, stored):
    for one in measured:
        wanted = oracle.metric(one.property, one.function, stored)
        if one.function in {"SUM", "MEAN"} and one.property == "the_float":
            assert one.value == pytest.approx(wanted)
        else:
            assert one.value == wanted, (one.property, one.function)


@oracle.QUICK
@given(oracle.objects, st.none() | oracle.filters)
def test_metrics_over_all_are_those_of_plain_python(answer, stored, tree):
    request = AggregateRequest(collection="Things", metrics=METRICS, filters=tree)
    found = answer(stored, lambda library: library.aggregate(request))
    chosen = [o for o in stored if tree is None or oracle.matches(tree, o)]
    assert (found.count, found.groups) == (len(chosen), None)
    assert len(found.metrics) == len(METRICS)
    check(found.metrics, chosen)


@oracle.QUICK
@given(oracle.objects, st.sampled_from([*oracle.SCALARS, "the_texts"]), st.none() | oracle.filters)
def test_groups_and_their_metrics_are_those_of_plain_python(answer, stored, name, tree):
    request = AggregateRequest(collection="Things", group_by=name, metrics=METRICS, filters=tree)
    found = answer(stored, lambda library: library.aggregate(request))
    chosen = [o for o in stored if tree is None or oracle.matches(tree, o)]
    wanted = oracle.grouped(name, chosen)
    assert found.count == len(chosen)
    assert [(g.value, g.count) for g in found.groups] == [(value, len(of)) for value, of in wanted.items()]
    for group, of in zip(found.groups, wanted.values(), strict=True):
        check(group.metrics, of)


async def test_no_metrics_means_a_count(films):
    found = await films.aggregate(AggregateRequest(collection="Films"))
    assert (found.count, found.metrics, found.groups) == (4, (), None)
    assert found.took_ms > 0


async def test_a_list_of_text_makes_one_group_per_element_and_counts_an_object_once(films):
    await films.update("Films", "00000000-0000-0000-0000-000000000007", {"tags": ["space", "space"]})
    found = await films.aggregate(AggregateRequest(collection="Films", group_by="tags"))
    assert found.groups == (Group("space", 2), Group("horror", 1), Group("romance", 1), Group(None, 1))


async def test_the_limit_limits_groups(films):
    found = await films.aggregate(AggregateRequest(collection="Films", group_by="year", limit=2))
    assert [g.value for g in found.groups] == [1972, 1979]
    assert found.count == 4


async def test_occurrences_below_the_least_are_left_out(films):
    await films.insert("Films", [{"title": "Alien"}])
    metric = Metric(property="title", function="TOP_OCCURRENCES", min_occurrences=2)
    found = await films.aggregate(AggregateRequest(collection="Films", metrics=(metric,)))
    assert found.metrics[0].value == [{"value": "Alien", "count": 2}]
    only = PropertyFilter(property="title", operator="=", value="Solaris")
    found = await films.aggregate(AggregateRequest(collection="Films", metrics=(metric,), filters=only))
    assert found.metrics[0].value == []


@pytest.mark.parametrize(
    ("changed", "message", "hint"),
    [
        ({"collection": "Film"}, "no collection “Film”", "Films"),
        ({"group_by": "jahr"}, "no property “jahr”", "year"),
        ({"group_by": "crew"}, "“crew” is object and cannot be grouped by", "title, plot, year"),
        ({"metrics": (Metric(property="yaer", function="MEAN"),)}, "no property “yaer”", "Use one of: year"),
        (
            {"metrics": (Metric(property="title", function="MEAN"),)},
            "is text and has no MEAN",
            "TOP_OCCURRENCES",
        ),
    ],
)
async def test_a_request_that_cannot_be_answered_says_why(films, changed, message, hint):
    with pytest.raises(QueryRejected) as caught:
        await films.aggregate(AggregateRequest(**{"collection": "Films", **changed}))
    assert message in str(caught.value)
    assert hint in caught.value.hint


async def test_a_search_by_vectors_says_what_is_missing(films):
    with pytest.raises(NotSupported, match="no embedder was chosen"):
        await films.aggregate(AggregateRequest(collection="Films", search="vector", text="space"))
