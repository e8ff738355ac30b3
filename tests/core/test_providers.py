import pytest

from elysia_desktop.core.providers import PROVIDERS, SERVED_HERE, api_address, provider_of


def test_ids_are_unique_and_found():
    assert len({provider.id for provider in PROVIDERS}) == len(PROVIDERS)
    assert all(provider_of(provider.id) is provider for provider in PROVIDERS)
    assert provider_of(SERVED_HERE).on_this_computer


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.id)
def test_a_provider_is_reached_by_an_address_or_known_by_name_with_a_key(provider):
    assert provider.needs_address == (provider.wire == "openai_compatible")
    assert provider.needs_address or provider.key_name.endswith("_API_KEY")
    assert not provider.address or provider.address.startswith("http://localhost:")


def test_an_unknown_provider_is_taken_to_be_known_by_name():
    other = provider_of("mistral")
    assert (other.wire, other.key_name, other.on_this_computer) == ("native", "MISTRAL_API_KEY", False)


@pytest.mark.parametrize(
    ("provider", "key_name"),
    [("fireworks-ai", "FIREWORKS_AI_API_KEY"), ("together_ai", "TOGETHERAI_API_KEY")],
)
def test_the_key_of_an_unknown_provider_is_called_as_its_own_tools_call_it(provider, key_name):
    assert provider_of(provider).key_name == key_name


def test_only_known_services_are_known_to_need_a_key():
    assert provider_of("anthropic").needs_key
    assert not any(provider_of(name).needs_key for name in ("ollama", "openai_compatible", "bedrock"))


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        (" http://localhost:11434/ ", "http://localhost:11434/v1"),
        ("https://x.example/api/v3", "https://x.example/api/v3"),
        ("http://localhost:1/v1/", "http://localhost:1/v1"),
    ],
)
def test_the_address_of_a_host_leads_to_its_first_version(typed, address):
    assert api_address(typed) == address
