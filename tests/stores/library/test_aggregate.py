import pytest

from elysia_desktop.core.errors import NotSupported, QueryRejected
from elysia_desktop.core.requests import AggregateRequest, Metric, PropertyFilter
from elysia_desktop.stores.base import Group


async def test_no_metrics_means_a_count(films):
    found = await films.aggregate(AggregateRequest(collection="Films"))
    assert (found.count, found.metrics, found.groups) == (4, (), None)
    assert found.took_ms > 0


async def test_a_list_of_text_makes_one_group_per_element_and_counts_an_object_once(films):
    await films.update("Films", "00000000-0000-0000-0000-000000000007", {"tags": ["space", "space"]})
    found = await films.aggregate(AggregateRequest(collection="Films", group_by="tags"))
    assert found.groups == (Group("space", 2), Group("horror", 1), Group("romance", 1))


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
        await films.aggregate(AggregateRequest(collection="Films", search="vector", text="space", limit=9))
