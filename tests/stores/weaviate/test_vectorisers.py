import asyncio
import json
import operator
from contextlib import nullcontext

import httpx
import pytest
from support.embedding_server import DIMENSIONS, EmbeddingServer, Fail, by_words

from elysia_desktop.core.errors import ElysiaError, NotSupported, QueryRejected
from elysia_desktop.core.requests import AggregateRequest, Metric, PropertyFilter, QueryRequest, Sort
from elysia_desktop.core.schema import CollectionSchema, Property, VectorConfig
from elysia_desktop.stores.clients import ClientManager

KEY = "sk-only-for-the-provider"
FILMS = [
    {"title": "Alien", "plot": "a crew meets a creature in space", "year": 1979},
    {"title": "Solaris", "plot": "a psychologist in space meets his dead wife", "year": 1972},
    {"title": "Amelie", "plot": "a shy waitress mends the lives of others", "year": 2001},
    {"title": "Heat", "plot": "a crew of robbers meets a detective", "year": 1995},
    {"title": "Big Night", "plot": "two brothers cook in their restaurant", "year": None},
]
PROPERTIES = (
    Property(name="title", type="text"),
    Property(name="plot", type="text"),
    Property(name="year", type="int"),
)


@pytest.fixture(scope="module")
def server(weaviate_node):
    return weaviate_node


class Films:
    """A Weaviate, the server its vectoriser asks, and a collection that the store made in it."""

    def __init__(self, server, embeddings, module, runner, vectors=None):
        self.embeddings = embeddings
        self.run = runner.run
        provider = module.removeprefix("text2vec-")
        self.manager = ClientManager(
            weaviate_is_local=True,
            local_weaviate_port=server.port,
            local_weaviate_grpc_port=server.grpc_port,
            embedder=provider,
            embedder_model="scripted-embedding" if provider == "ollama" else "text-embedding-3-small",
            embedder_api_base=embeddings.openai_address if provider == "openai" else embeddings.address,
            openai_api_key=KEY,
        )
        self.store = self.manager.store()
        self.schema = CollectionSchema(
            name="Films", properties=PROPERTIES, vectors=vectors or (VectorConfig(vectorizer=module),)
        )
        self.run(self.store.create(self.schema))
        assert self.run(self.store.insert("Films", FILMS)).rejected == []

    def close(self):
        self.run(self.store.drop("Films"))
        self.run(self.manager.close_clients())

    def nearest(self, text, *, among=FILMS, part=None):
        """The titles by how near their texts, or one part of them, are to this one."""
        size = self.embeddings.asked[-1].body.get("dimensions", DIMENSIONS)
        wanted = by_words(text, size)

        def distance(film):
            own = by_words(film[part] if part else f"{film['plot']} {film['title']}", size)
            return -sum(map(operator.mul, own, wanted))

        return [film["title"] for film in sorted(among, key=distance)]

    def titles(self, **asked):
        page = self.run(self.store.query(QueryRequest(collection="Films", **asked)))
        return [item["title"] for item in page.objects]

    def programmed(self, request):
        """What the request's program prints, line by line, before it is made text."""
        lines = []
        schema = self.run(self.store.schema("Films"))
        program = request.to_python("nullcontext(shared)", schema=schema)
        known = {"nullcontext": nullcontext, "shared": self.manager.get_client()}
        exec(compile(program, "shown", "exec"), {"print": lambda *values: lines.append(values), **known})
        return lines


@pytest.fixture(scope="class")
def embeddings():
    with EmbeddingServer() as served:
        yield served


@pytest.fixture(scope="module")
def runner():
    with asyncio.Runner() as running:
        yield running


NAMED = (
    VectorConfig(name="by_title", vectorizer="text2vec-openai", source_properties=("title",)),
    VectorConfig(name="by_plot", vectorizer="text2vec-openai", source_properties=("plot",)),
)


@pytest.fixture(scope="class")
def named(server, runner):
    with EmbeddingServer() as embeddings:
        films = Films(server, embeddings, "text2vec-openai", runner, NAMED)
        yield films
        films.close()


@pytest.fixture(scope="class", params=["text2vec-openai", "text2vec-ollama"])
def films(server, embeddings, runner, request):
    films = Films(server, embeddings, request.param, runner)
    yield films
    films.close()


class TestOneVector:
    def test_a_question_finds_what_is_near_it(self, films):
        text = "a crew in space"
        assert films.titles(search="vector", text=text, limit=3) == films.nearest(text)[:3]

    def test_pages_follow_each_other(self, films):
        text = "a crew in space"
        assert films.titles(search="vector", text=text, limit=2, offset=2) == films.nearest(text)[2:4]

    def test_a_filter_leaves_out_what_is_near(self, films):
        late = PropertyFilter(property="year", operator=">", value=1975)
        found = films.titles(search="vector", text="a crew in space", filters=late, limit=10)
        assert found == films.nearest("a crew in space", among=[f for f in FILMS if (f["year"] or 0) > 1975])

    def test_scores_fall(self, films):
        page = films.run(films.store.query(QueryRequest(collection="Films", search="vector", text="robbers")))
        scores = [item["_score"] for item in page.objects]
        assert scores == sorted(scores, reverse=True)
        assert scores[0] > scores[-1]

    def test_words_and_meaning_go_together(self, films):
        assert films.titles(search="hybrid", text="waitress", limit=1) == ["Amelie"]
        assert films.titles(search="hybrid", text="robbers", alpha=0, limit=5) == ["Heat"]
        meant = films.titles(search="hybrid", text="a crew in space", alpha=1, limit=3)
        assert meant == films.nearest("a crew in space")[:3]

    def test_the_nearest_can_be_sorted(self, films):
        text = "a crew in space"
        years = {film["title"]: film["year"] or 9999 for film in FILMS}
        found = films.titles(search="vector", text=text, sort=(Sort(property="year"),), limit=4)
        assert found == sorted(films.nearest(text)[:4], key=years.__getitem__)

    def test_the_nearest_can_be_aggregated(self, films):
        metric = Metric(property="year", function="MAX")
        request = AggregateRequest(
            collection="Films", search="vector", text="a crew in space", limit=2, metrics=(metric,)
        )
        found = films.run(films.store.aggregate(request))
        years = [film["year"] for film in FILMS if film["title"] in films.nearest("a crew in space")[:2]]
        assert (found.count, found.metrics[0].value) == (2, max(years))
        assert films.programmed(request) == [("objects:", 2), ("year MAX:", max(years))]

    @pytest.mark.parametrize("search", ["vector", "hybrid", "keyword"])
    @pytest.mark.parametrize(
        "sort", [(), (Sort(property="year"),), (Sort(property="title", direction="desc"),)]
    )
    @pytest.mark.parametrize("text", ["a crew in space", "xyzzy"])
    def test_programs_find_the_same(self, films, search, sort, text):
        request = QueryRequest(collection="Films", search=search, text=text, sort=sort, limit=3, offset=1)
        expected = [item["uuid"] for item in films.run(films.store.query(request)).objects]
        assert [str(uuid) for uuid, _ in films.programmed(request)] == expected

    @pytest.mark.parametrize("search", ["vector", "hybrid"])
    def test_programs_compute_the_same_of_groups(self, films, search):
        metric = Metric(property="year", function="SUM")
        request = AggregateRequest(
            collection="Films", search=search, text="space", limit=3, group_by="title", metrics=(metric,)
        )
        found = films.run(films.store.aggregate(request))
        expected = [
            line
            for group in found.groups
            for line in [(group.value, group.count), ("year SUM:", group.metrics[0].value)]
        ]
        assert films.programmed(request) == expected

    def test_the_schema_names_the_vectoriser(self, films):
        (vector,) = films.run(films.store.schema("Films")).vectors
        assert vector.vectorizer == films.schema.vectors[0].vectorizer
        assert vector.model == films.manager.settings.embedder_model


def test_the_key_goes_to_the_provider_and_nowhere_else(server, runner):
    with EmbeddingServer(api_key=KEY) as embeddings:
        films = Films(server, embeddings, "text2vec-openai", runner)
        try:
            assert films.titles(search="vector", text="space", limit=1)
            assert all(asked.headers["authorization"] == f"Bearer {KEY}" for asked in embeddings.asked)
            stored = httpx.get(f"http://127.0.0.1:{server.port}/v1/schema", trust_env=False).text
            objects = httpx.get(f"http://127.0.0.1:{server.port}/v1/objects", trust_env=False).text
            schema = runner.run(films.store.schema("Films")).model_dump_json()
            program = QueryRequest(collection="Films", search="vector", text="space").to_python()
            for text in (stored, objects, schema, server.log, repr(films.manager), json.dumps(program)):
                assert KEY not in text
        finally:
            films.close()


@pytest.mark.parametrize(
    "trouble", [Fail(401, f"Incorrect API key provided: {KEY}."), Fail(500), Fail(429, "Too many requests.")]
)
def test_a_provider_that_fails_is_told_of_without_its_key(server, runner, trouble):
    with EmbeddingServer() as embeddings:
        films = Films(server, embeddings, "text2vec-openai", runner)
        try:
            embeddings.always = trouble
            with pytest.raises(ElysiaError) as raised:
                films.titles(search="vector", text="space")
            assert KEY not in raised.value.sentence
            report = films.run(films.store.insert("Films", FILMS))
            assert len(report.rejected) == len(FILMS)
            assert KEY not in repr(report)
            assert films.titles(search="keyword", text="space") != []
        finally:
            films.close()


class TestNamedVectors:
    def test_the_schema_names_them(self, named):
        vectors = named.run(named.store.schema("Films")).vectors
        assert {v.name: (v.vectorizer, v.source_properties) for v in vectors} == {
            "by_title": ("text2vec-openai", ("title",)),
            "by_plot": ("text2vec-openai", ("plot",)),
        }

    @pytest.mark.parametrize(("name", "part"), [("by_title", "title"), ("by_plot", "plot")])
    def test_one_of_them_can_be_searched(self, named, name, part):
        for text in ("big alien heat", "a crew in space"):
            found = named.titles(search="vector", text=text, target_vectors=(name,), limit=3)
            assert found == named.nearest(text, part=part)[:3]

    def test_all_are_searched_where_none_is_named(self, named):
        assert named.titles(search="vector", text="Heat", limit=1) == ["Heat"]
        assert named.titles(search="vector", text="a shy waitress mends the lives of others", limit=1) == [
            "Amelie"
        ]

    @pytest.mark.parametrize("search", ["vector", "hybrid"])
    @pytest.mark.parametrize("names", [None, ("by_plot",), ("by_title", "by_plot")])
    def test_programs_find_the_same(self, named, search, names):
        request = QueryRequest(
            collection="Films", search=search, text="a crew in space", target_vectors=names, limit=4
        )
        expected = [item["uuid"] for item in named.run(named.store.query(request)).objects]
        assert [str(uuid) for uuid, _ in named.programmed(request)] == expected

    def test_one_that_is_not_there_is_refused(self, named):
        with pytest.raises(QueryRejected, match="by_plot"):
            named.titles(search="vector", text="space", target_vectors=("by_plots",))


def test_without_a_vectoriser_a_search_by_meaning_says_why(server, embeddings, runner):
    films = Films(server, embeddings, "text2vec-openai", runner, (VectorConfig(vectorizer="none"),))
    try:
        with pytest.raises(NotSupported, match="vectoriser"):
            films.titles(search="vector", text="space")
        assert "Alien" in films.titles(search="keyword", text="space")
    finally:
        films.close()
