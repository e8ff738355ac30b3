import pytest

from elysia_desktop.core.providers import PROVIDERS, SERVED_HERE, provider_of


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
