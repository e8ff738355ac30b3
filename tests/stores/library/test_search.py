import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stores.library import asking

from elysia_desktop.core.errors import NotSupported, QueryRejected
from elysia_desktop.core.requests import PropertyFilter, QueryRequest, Sort
from elysia_desktop.core.schema import CollectionSchema, Property


def titles(page):
    return [o["title"] for o in page.objects]


@asking.QUICK
@given(st.text(min_size=1))
def test_no_text_is_ever_a_syntax_error(answer, text):
    async def ask(library):
        try:
            return await library.query(QueryRequest(collection="Things", search="keyword", text=text))
        except QueryRejected:  # there is no word in it
            return None

    page = answer([{"the_text": text.replace("\0", "")}], ask)
    if text.isascii() and re.search(r"[a-zA-Z0-9]", text):
        assert page.total == 1


async def test_keyword_search_ranks_by_nearness_and_counts_all(films):
    page = await films.query(QueryRequest(collection="Films", search="keyword", text="spaces", limit=1))
    assert titles(page) == ["Solaris"]
    assert page.total == 2
    assert page.objects[0]["_score"] > 0


async def test_words_are_joined_by_or_and_folded(films):
    page = await films.query(QueryRequest(collection="Films", search="keyword", text="AMELIE creatures"))
    assert sorted(titles(page)) == ["Alien", "Amélie"]


@pytest.mark.parametrize(
    "text", ['"alien', "alien AND", "NOT alien", "title:alien", "alien*", "(alien", "-alien"]
)
async def test_operators_of_the_full_text_language_are_plain_words(films, text):
    assert "Alien" in titles(await films.query(QueryRequest(collection="Films", search="keyword", text=text)))


async def test_lists_of_text_are_searched_without_their_json(films):
    uuid = "00000000-0000-0000-0000-000000000006"
    await films.update("Films", uuid, {"tags": ['say "hello"\nworld']})
    for text in ("hello", "world"):
        page = await films.query(QueryRequest(collection="Films", search="keyword", text=text))
        assert titles(page) == ["Untitled"]
    assert (await films.query(QueryRequest(collection="Films", search="keyword", text="nworld"))).total == 0


async def test_a_search_can_be_filtered_and_a_sort_wins_over_the_rank(films):
    request = QueryRequest(
        collection="Films", search="keyword", text="space crew", sort=(Sort(property="year"),)
    )
    page = await films.query(request)
    assert titles(page) == ["Solaris", "Alien"]
    assert all(o["_score"] > 0 for o in page.objects)
    only = PropertyFilter(property="year", operator=">", value=1975)
    page = await films.query(request.model_copy(update={"filters": only, "sort": ()}))
    assert (titles(page), page.total) == (["Alien"], 1)


async def test_without_sort_filter_and_search_objects_come_by_uuid(films):
    page = await films.query(QueryRequest(collection="Films", properties=("title",)))
    assert page.objects[0] == {"uuid": "00000000-0000-0000-0000-000000000006", "title": "Untitled"}
    assert titles(page) == ["Untitled", "Solaris", "Amélie", "Alien"]
    assert page.took_ms > 0


async def test_objects_can_be_sorted_by_creation_time_and_uuid(films):
    page = await films.query(
        QueryRequest(collection="Films", sort=(Sort(property="_creation_time"), Sort(property="uuid")))
    )
    assert titles(page) == ["Untitled", "Solaris", "Amélie", "Alien"]


@pytest.mark.parametrize(
    ("changed", "message", "hint"),
    [
        ({"collection": "Film"}, "no collection “Film”", "Use one of: Films."),
        ({"properties": ("titel",)}, "no property “titel”", "title"),
        ({"sort": (Sort(property="titel"),)}, "no property “titel”", "title"),
        ({"sort": (Sort(property="tags"),)}, "“tags” holds lists, which have no order", "title, plot, year"),
        (
            {"sort": (Sort(property="crew"),)},
            "“crew” holds objects, which have no order",
            "title, plot, year",
        ),
        ({"search": "keyword"}, "no words to look for", "Give a text"),
        ({"search": "keyword", "text": "  "}, "no words to look for", "Give a text"),
        ({"search": "keyword", "text": "?!"}, "no words to look for", "Give a text"),
        ({"limit": 10_000, "offset": 1}, "offset + limit is 10001, the most is 10000", "filters"),
    ],
)
async def test_a_request_that_cannot_be_answered_says_why(films, changed, message, hint):
    with pytest.raises(QueryRejected) as caught:
        await films.query(QueryRequest(**{"collection": "Films", **changed}))
    assert message in str(caught.value)
    assert hint in caught.value.hint


@pytest.mark.parametrize("search", ["vector", "hybrid"])
async def test_a_search_by_vectors_says_what_is_missing(films, search):
    request = QueryRequest(collection="Films", search=search, text="space")
    with pytest.raises(NotSupported, match="no embedder was chosen") as caught:
        await films.query(request)
    assert "keyword" in caught.value.hint
    await films.insert("Films", [{"title": "Vectored", "_vector": [1.0, 2.0]}])
    with pytest.raises(NotSupported, match="no embedder that turns the question into one"):
        await films.query(request)


async def test_a_collection_without_text_says_so(library):
    await library.create(CollectionSchema(name="Numbers", properties=(Property(name="n", type="int"),)))
    await library.insert("Numbers", [{"n": 1}])
    with pytest.raises(QueryRejected, match="no text that can be searched"):
        await library.query(QueryRequest(collection="Numbers", search="keyword", text="one"))


async def test_properties_that_are_not_searchable_are_left_out(library):
    properties = (Property(name="a", type="text"), Property(name="b", type="text", searchable=False))
    await library.create(CollectionSchema(name="Pairs", properties=properties))
    await library.insert("Pairs", [{"a": "red", "b": "blue"}])
    for text, total in (("red", 1), ("blue", 0)):
        page = await library.query(QueryRequest(collection="Pairs", search="keyword", text=text))
        assert page.total == total


async def test_a_keyword_search_can_be_filtered_by_a_property_that_is_searched(films):
    alien = PropertyFilter(property="title", operator="=", value="Alien")
    page = await films.query(QueryRequest(collection="Films", search="keyword", text="space", filters=alien))
    assert titles(page) == ["Alien"]
    assert page.total == 1
    assert page.objects[0]["_score"] > 0


async def test_a_keyword_search_can_be_sorted_by_a_property_that_is_searched(films):
    by_title = (Sort(property="title", direction="desc"),)
    page = await films.query(QueryRequest(collection="Films", search="keyword", text="space", sort=by_title))
    assert titles(page) == ["Solaris", "Alien"]
