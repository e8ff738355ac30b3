"""What Weaviate says becomes a sentence that says what to do."""

import pytest

from elysia_desktop.core.errors import NotSupported, QueryRejected, StoreError, StoreUnreachable

URL = "http://localhost:8080"


@pytest.fixture(autouse=True)
def loaded(client_library):
    """The library whose errors are told."""


def query_error(message, cause=None):
    from weaviate.exceptions import WeaviateQueryError

    error = WeaviateQueryError(message, "GRPC search")
    error.__cause__ = cause
    return error


def grpc_error(name, details="gone"):
    import grpc
    from grpc.aio import AioRpcError, Metadata

    return AioRpcError(grpc.StatusCode[name], Metadata(), Metadata(), details)


def status_error(status, body=None):
    import httpx
    from weaviate.exceptions import UnexpectedStatusCodeError

    return UnexpectedStatusCodeError("Collection", httpx.Response(status, json=body))


def told(error):
    from elysia_desktop.stores.weaviate import failures

    return failures.told(error, URL)


def passing(error):
    from elysia_desktop.stores.weaviate import failures

    return failures.is_passing(error)


def test_a_server_that_is_away_may_come_back():
    from weaviate.exceptions import WeaviateClosedClientError, WeaviateConnectionError, WeaviateRetryError

    from elysia_desktop.stores.weaviate.failures import Away, Silent

    for error in (
        WeaviateConnectionError("refused"),
        WeaviateRetryError("unavailable", 4),
        WeaviateClosedClientError(),
        Silent(),
        query_error("Socket closed", grpc_error("UNAVAILABLE")),
        status_error(503),
        Away("3 objects were not removed"),
    ):
        assert passing(error), error
        assert isinstance(told(error), StoreUnreachable)
        assert URL in str(told(error))


@pytest.mark.parametrize(
    "message",
    [
        "leader not found",
        'cannot achieve consistency level "QUORUM": read error',
        "replicate: dial tcp 10.0.0.2:7103: connect: connection refused",
    ],
)
def test_nodes_of_a_cluster_that_are_away_may_come_back(message):
    assert passing(query_error(message))
    assert "Nodes of the Weaviate cluster" in str(told(query_error(message)))
    assert "consistency" in told(query_error(message)).hint
    away = f"vectorize params: send POST request: {message}"
    assert not passing(query_error(away))
    assert "make a vector" in str(told(query_error(away)))


def test_a_server_with_too_much_to_do_is_asked_later():
    assert passing(status_error(429))
    assert "too much to do" in str(told(status_error(429)))


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (lambda: query_error("too slow", grpc_error("DEADLINE_EXCEEDED")), StoreUnreachable, "in time"),
        (lambda: query_error("no", grpc_error("PERMISSION_DENIED")), StoreError, "does not allow"),
        (lambda: query_error("who", grpc_error("UNAUTHENTICATED")), StoreError, "API key"),
        (lambda: status_error(401), StoreError, "API key"),
        (lambda: status_error(403, {"error": [{"message": "forbidden"}]}), StoreError, "forbidden"),
        (lambda: query_error("could not find class X in schema"), QueryRejected, "does not have"),
        (lambda: query_error("tried to browse non-existing index for X"), QueryRejected, "does not have"),
        (lambda: query_error('search: tenant not found: "t"'), QueryRejected, "tenant"),
        (lambda: query_error("invalid search term, only stopwords provided"), QueryRejected, "leaves out"),
        (lambda: query_error("VectorFromInput was called without vectorizer"), NotSupported, "no vectoriser"),
        (lambda: status_error(422, {"error": [{"message": 'no module with name "m"'}]}), NotSupported, "module m"),
        (lambda: query_error("store is read-only"), StoreError, "no changes"),
        (lambda: query_error("update vector: OpenAI API failed with status: 401"), StoreError, "make a vector"),
        (lambda: query_error("vector lengths don't match"), QueryRejected, "dimensions"),
        (lambda: query_error("something odd"), StoreError, "something odd"),
    ],
)  # fmt: skip
def test_everything_else_is_told_at_once(error, kind, words):
    assert not passing(error())
    found = told(error())
    assert isinstance(found, kind)
    assert words in str(found)
    assert found.hint


def test_only_what_the_server_said_is_shown_on_one_line():
    details = 'panic\noccurred: "x"'
    head = "<AioRpcError of RPC that terminated with:\n\tstatus = StatusCode.UNKNOWN"
    raw = f'{head}\n\tdetails = "{details}"\n\tdebug_error_string = "secret"\n>'
    assert str(told(query_error(raw))) == 'Weaviate could not do this: panic occurred: "x"'
    assert len(str(told(query_error("x" * 5_000)))) < 400


def test_time_outs_of_http_are_told(client_library):
    import httpx
    from weaviate.exceptions import WeaviateTimeoutError

    for error in (WeaviateTimeoutError("Collection"), httpx.ReadTimeout("")):
        assert not passing(error)
        assert "in time" in str(told(error))
