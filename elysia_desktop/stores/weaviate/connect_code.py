"""The Python expression that connects to the Weaviate of the settings; keys stay in the environment."""

from __future__ import annotations

from collections.abc import Iterable

from elysia_desktop.core.python_layout import Node, call, expression, literal, mapping
from elysia_desktop.core.python_program import LOCAL
from elysia_desktop.core.settings import Settings
from elysia_desktop.stores.weaviate.endpoint import Endpoint, Timeouts
from elysia_desktop.stores.weaviate.provider_keys import provider_headers

_LOCAL_PORTS = (8080, 50051)
_WITHOUT_KEY = ("none", "ollama", "transformers", "model2vec", "contextionary", "gpt4all", "bigram")


def connect_code(settings: Settings, vectorizers: Iterable[str] = ()) -> str:
    """The expression; for the library, of a Weaviate on this computer.

    With `vectorizers`, which a search asks, their keys are sent as the settings would.
    """
    if settings.data_source == "library":
        return LOCAL
    endpoint = Endpoint.of(settings, Timeouts())
    given: dict[str, Node | None] = {
        "auth_credentials": _from_environment("WCD_API_KEY") if endpoint.key is not None else None,
        "headers": _headers(settings, vectorizers),
    }
    http, grpc = endpoint.http, endpoint.grpc
    match endpoint.source:
        case "cloud":
            given["auth_credentials"] = _from_environment("WCD_API_KEY")
            node = call("weaviate.connect_to_weaviate_cloud", cluster_url=literal(http.host), **given)
        case "local":
            ports = (http.port, grpc.port)
            other = {"port": str(ports[0]), "grpc_port": str(ports[1])} if ports != _LOCAL_PORTS else {}
            node = call("weaviate.connect_to_local", **other, **given)
        case "custom":
            node = call(
                "weaviate.connect_to_custom",
                http_host=literal(http.host),
                http_port=str(http.port),
                http_secure=str(http.secure),
                grpc_host=literal(grpc.host),
                grpc_port=str(grpc.port),
                grpc_secure=str(grpc.secure),
                **given,
            )
    return expression(node, "with ", " as client:")


def _headers(settings: Settings, vectorizers: Iterable[str]) -> Node | None:
    """The headers with the keys of these vectorisers; of all providers where none has the vectoriser's name."""
    asked = [name for name in vectorizers if not name.endswith(_WITHOUT_KEY)]
    if not asked:
        return None
    sent = {
        header: name
        for name in sorted(settings.api_keys)
        for header, _ in provider_headers({name: settings.api_keys[name]})
    }
    fitting = {header: name for header, name in sent.items() if any(_provider(name) in one for one in asked)}
    return (
        mapping({header: _from_environment(name) for header, name in (fitting or sent).items()})
        if sent
        else None
    )


def _provider(key: str) -> str:
    return key.lower().removesuffix("_api_key").removesuffix("_apikey")


def _from_environment(name: str) -> str:
    return f"os.environ[{literal(name)}]"
