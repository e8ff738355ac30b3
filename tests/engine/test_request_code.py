import ast
import json

import pytest
from engine.asking import Clients, decision, prompts, tree_for
from engine.asking import told as told_by
from engine.kept import library_with
from support.scripted_model import Json, ScriptedModel

from elysia_desktop.core.atlas import Atlas
from elysia_desktop.core.collection_data import CollectionData
from elysia_desktop.core.requests import AggregateRequest, QueryRequest
from elysia_desktop.core.schema import CollectionSchema, Property, VectorConfig
from elysia_desktop.core.settings import Settings
from elysia_desktop.core.tree_data import TreeData
from elysia_desktop.engine.request_code import code_of

FILMS = CollectionSchema(
    name="Films",
    properties=(Property(name="title", type="text"),),
    vectors=(VectorConfig(vectorizer="text2vec-openai"),),
    multi_tenant=True,
)
KEYS = {"openai_api_key": "sk-secret-of-openai", "anthropic_api_key": "sk-secret-of-anthropic"}


class Connected(Clients):
    """Clients with settings of their own."""

    def __init__(self, store=None, **settings):
        super().__init__(store)
        self.settings = Settings()
        self.settings.configure(**settings)


def code(request=None, tree_data=None, **settings):
    return code_of(request or QueryRequest(collection="Films"), FILMS, Connected(**settings), tree_data)


def test_for_the_library_the_title_says_that_the_data_would_have_to_be_in_a_weaviate():
    shown = code()
    assert shown["language"] == "python"
    assert "for a Weaviate that holds the same data" in shown["title"]
    assert "with weaviate.connect_to_local() as client:" in shown["text"]


@pytest.mark.parametrize(
    ("settings", "connection"),
    [
        (
            {"data_source": "local", "local_weaviate_port": 8080, "local_weaviate_grpc_port": 50051},
            "weaviate.connect_to_local()",
        ),
        (
            {"data_source": "local", "local_weaviate_port": 18080, "wcd_api_key": "secret-of-weaviate"},
            'weaviate.connect_to_local(port=18080, grpc_port=50051, auth_credentials=os.environ["WCD_API_KEY"])',
        ),
        (
            {"data_source": "cloud", "wcd_url": "https://x.weaviate.cloud", "wcd_api_key": "secret-of-weaviate"},
            'weaviate.connect_to_weaviate_cloud(cluster_url="x.weaviate.cloud", '
            'auth_credentials=os.environ["WCD_API_KEY"])',
        ),
        (
            {"data_source": "custom", "custom_http_host": "db", "custom_grpc_host": "rpc", "custom_http_secure": True},
            'weaviate.connect_to_custom(http_host="db", http_port=8080, http_secure=True, grpc_host="rpc", '
            "grpc_port=50051, grpc_secure=False)",
        ),
    ],
)  # fmt: skip
def test_the_program_connects_as_the_settings_say_and_holds_no_key(settings, connection):
    shown = code(**settings, **KEYS)
    (opened,) = [node for node in ast.walk(ast.parse(shown["text"])) if isinstance(node, ast.With)]
    assert ast.unparse(opened.items[0].context_expr) == ast.unparse(ast.parse(connection, mode="eval"))
    assert "secret" not in json.dumps(shown)
    assert shown["title"] == "The request as a program for Weaviate"


def test_a_search_by_meaning_sends_the_key_of_its_vectoriser_from_the_environment():
    search = QueryRequest(collection="Films", search="vector", text="space")
    text = code(search, data_source="local", **KEYS)["text"]
    assert '"X-OpenAI-Api-Key": os.environ["OPENAI_API_KEY"]' in text
    assert "ANTHROPIC" not in text
    assert "OPENAI" not in code(QueryRequest(collection="Films"), data_source="local", **KEYS)["text"]


def test_tenant_and_consistency_are_those_of_the_settings():
    text = code(AggregateRequest(collection="Films"), data_source="local", weaviate_tenant="no\"rth",
                weaviate_consistency="quorum")["text"]  # fmt: skip
    assert "collection.with_tenant('no\"rth')" in text
    assert "collection.with_consistency_level(ConsistencyLevel.QUORUM)" in text
    in_library = code(weaviate_tenant="north", weaviate_consistency="all")["text"]
    assert "tenant" not in in_library
    assert "Consistency" not in in_library


def test_settings_that_are_being_changed_do_not_cost_the_result():
    assert "connect_to_local()" in code(data_source="cloud", wcd_url="")["text"]


def test_clients_of_ones_own_leave_it_to_the_settings_of_the_tree():
    settings = Settings()
    settings.configure(data_source="local", local_weaviate_port=18080)
    tree_data = TreeData(CollectionData([]), Atlas(), settings=settings)
    shown = code_of(QueryRequest(collection="Films"), FILMS, Clients(None), tree_data)
    assert "port=18080" in shown["text"]


@pytest.fixture
async def films(tmp_path):
    library = await library_with(
        tmp_path,
        Films=({"title": "text", "year": "int"}, [{"title": f"Film {n}", "year": n} for n in range(4)]),
    )
    yield library
    await library.close()


async def asked(store, tool, *requests, **changes):
    script = [
        decision(tool, collection_names=["Films"]),
        Json({"requests": list(requests)}),
        decision("text_response", text="Done."),
    ]
    with ScriptedModel(script) as model:
        tree = tree_for(model, preset="default", **changes)
        payloads = await told_by(tree, "Which?", Clients(store))
        return [p["payload"] for p in payloads if p["type"] == "result"], prompts(model), tree


@pytest.mark.parametrize(
    ("tool", "request_written", "called"),
    [
        (
            "query",
            {"collection": "Films", "search_words": None, "filters": [], "match": "all", "sort_by": "year",
             "order": "highest first", "limit": 2, "display": "table", "summarise_each": False},
            "fetch_objects",
        ),
        (
            "aggregate",
            {"collection": "Films", "group_by": None, "filters": [], "match": "all",
             "metrics": [{"property": "year", "function": "MEAN"}]},
            "over_all",
        ),
    ],
)  # fmt: skip
async def test_results_carry_the_program_of_their_request(films, tool, request_written, called):
    (found,), _, _ = await asked(films, tool, request_written)
    assert found["code"]["language"] == "python"
    assert f".{called}(" in found["code"]["text"]
    assert found["code"] == found["metadata"]["code"]


@pytest.mark.parametrize("tool", ["query", "aggregate"])
async def test_that_no_request_can_answer_is_for_the_model_to_judge(films, tool):
    impossible = {"collection": "Films", "impossible_reason": "Films have no prices."}
    results, sent, tree = await asked(films, tool, impossible, base_provider="openai_compatible")
    assert results == []
    (entry,) = tree.tree_data.environment.find(tool, "Films")
    assert entry["metadata"]["impossible"] is True
    assert entry["metadata"]["impossible_reason"] == "Films have no prices."
    assert "called impossible: Films have no prices." in json.dumps(sent[-1], ensure_ascii=False)
