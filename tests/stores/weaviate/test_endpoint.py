"""The settings say where a Weaviate is, or what is missing."""

import traceback

import pytest
from pydantic import SecretStr

from elysia_desktop.core.errors import ConfigurationError
from elysia_desktop.core.settings import Settings
from elysia_desktop.stores.weaviate.endpoint import Address, Endpoint, Timeouts
from elysia_desktop.stores.weaviate.provider_keys import provider_headers

CANARY = "k-canary-1234"


def of(**settings):
    made = Settings()
    made.configure(**settings)
    return Endpoint.of(made, Timeouts())


@pytest.mark.parametrize(
    ("url", "http", "grpc"),
    [
        ("https://x.c0.weaviate.cloud", "x.c0.weaviate.cloud", "grpc-x.c0.weaviate.cloud"),
        ("x.c0.weaviate.cloud", "x.c0.weaviate.cloud", "grpc-x.c0.weaviate.cloud"),
        (" https://x.weaviate.cloud:443/ ", "x.weaviate.cloud", "grpc-x.weaviate.cloud"),
        ("https://x.weaviate.network", "x.weaviate.network", "x.grpc.weaviate.network"),
    ],
)
def test_a_cluster_is_reached_over_tls_at_its_two_hosts(url, http, grpc):
    found = of(wcd_url=url)
    assert found.source == "cloud"
    assert (found.http, found.grpc) == (Address(http, 443, secure=True), Address(grpc, 443, secure=True))


def test_a_weaviate_on_this_computer_is_known_by_its_ports():
    found = of(weaviate_is_local=True, local_weaviate_port=81, local_weaviate_grpc_port=82)
    assert (found.http.url, found.grpc.target) == ("http://localhost:81", "localhost:82")


def test_a_custom_weaviate_has_two_addresses_each_with_its_own_encryption():
    found = of(
        weaviate_is_custom=True,
        custom_http_host="https://one.example/",
        custom_http_port=8443,
        custom_http_secure=True,
        custom_grpc_host="two.example",
        custom_grpc_port=50,
    )
    assert found.http.url == "https://one.example:8443"
    assert (found.grpc.target, found.grpc.secure) == ("two.example:50", False)


def test_grpc_is_at_the_host_of_http_unless_it_has_its_own():
    assert of(weaviate_is_custom=True, custom_http_host="one.example").grpc.host == "one.example"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "No Weaviate is set"),
        ({"data_source": "cloud"}, "address is not set"),
        ({"wcd_url": "http://x.weaviate.cloud"}, "not the address of a Weaviate Cloud cluster"),
        ({"wcd_url": "https://x.weaviate.cloud:8080"}, "not the address"),
        ({"wcd_url": "https://x.weaviate.cloud:many"}, "port of an address is a number"),
        ({"wcd_url": "https:///x"}, "no address; one looks like"),
        ({"data_source": "custom"}, "host is not set"),
        ({"data_source": "local", "local_weaviate_port": 9, "local_weaviate_grpc_port": 9}, "both"),
    ],
)
def test_what_is_missing_or_does_not_fit_is_told_with_what_to_do(settings, said):
    with pytest.raises(ConfigurationError, match=said) as raised:
        of(**settings)
    assert raised.value.hint


@pytest.mark.parametrize(
    ("pasted", "host"),
    [
        ("::1", "[::1]"),
        ("[::1]", "[::1]"),
        ("http://[fe80::1]/", "[fe80::1]"),
        (" bücher.example ", "bücher.example"),
    ],
)
def test_a_host_may_be_an_address_in_numbers_or_in_any_script(pasted, host):
    settings = Settings(data_source="custom", custom_http_host=pasted)
    assert Endpoint.of(settings, Timeouts()).http.url == f"http://{host}:8080"


@pytest.mark.parametrize("pasted", ["http://x:9000/", "x/v1", "a b", "me@x", "[x]"])
@pytest.mark.parametrize("name", ["custom_http_host", "custom_grpc_host"])
def test_what_is_no_host_is_told(pasted, name):
    settings = Settings(**{"data_source": "custom", "custom_http_host": "x", name: pasted})
    with pytest.raises(ConfigurationError, match="is not the name of a host"):
        Endpoint.of(settings, Timeouts())


def test_blanks_around_a_key_are_not_sent():
    settings = Settings(data_source="local", wcd_api_key=" k\n", api_keys={"OPENAI_API_KEY": "o "})
    endpoint = Endpoint.of(settings, Timeouts())
    assert endpoint.key == SecretStr("k")
    assert [key for _, key in endpoint.headers] == [SecretStr("o")]


@pytest.mark.parametrize(
    "keys",
    [{"wcd_api_key": f"{CANARY}ü"}, {"api_keys": {"OPENAI_API_KEY": f"{CANARY}\nb"}}],
    ids=["own", "provider's"],
)
def test_a_key_that_cannot_be_sent_is_told_and_not_shown(keys):
    settings = Settings(data_source="local", **keys)
    with pytest.raises(ConfigurationError, match=r"The key (WCD|OPENAI)_API_KEY holds") as caught:
        Endpoint.of(settings, Timeouts())
    told = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    del told.stack[0]  # the test's own
    assert CANARY not in "".join(told.format())


def test_an_empty_key_is_none():
    assert of(data_source="local", wcd_api_key="").key is None
    assert of(data_source="local", wcd_api_key="k").key.get_secret_value() == "k"


def test_no_key_is_in_what_an_endpoint_shows():
    found = of(data_source="local", wcd_api_key=CANARY, openai_api_key=CANARY)
    assert CANARY not in repr(found) + str(found)
    assert found == of(data_source="local", wcd_api_key=CANARY, openai_api_key=CANARY)
    assert found != of(data_source="local", wcd_api_key="other", openai_api_key=CANARY)


def test_keys_go_in_the_headers_that_weaviates_modules_read_and_others_stay_here():
    settings = Settings()
    settings.configure(openai_api_key="o", cohere_apikey="c", gemini_api_key="g", openrouter_api_key="no")
    settings.set_api_key("v", "VOYAGE_API_KEY")
    headers = {name: key.get_secret_value() for name, key in provider_headers(settings.api_keys)}
    assert headers == {
        "X-OpenAI-Api-Key": "o",
        "X-Cohere-Api-Key": "c",
        "X-Goog-Studio-Api-Key": "g",
        "X-Goog-Api-Key": "g",
        "X-VoyageAI-Api-Key": "v",
    }
