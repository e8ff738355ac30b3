import pytest

from elysia_desktop.core.addresses import checked_address, without_user
from elysia_desktop.core.errors import ConfigurationError
from elysia_desktop.core.settings import Settings


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("", ""),
        (" http://localhost:11434/v1/ ", "http://localhost:11434/v1"),
        ("https://bücher.example", "https://bücher.example"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("http://my_server:1", "http://my_server:1"),
        ("http://ann:pw@host/v1", "http://ann:pw@host/v1"),
    ],
)
def test_an_address_is_kept_without_blanks_and_slashes_at_its_end(text, address):
    assert checked_address(text) == address


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("localhost:11434", "starts with http"),
        ("http://[::1", "no address"),
        ("http://[bad]/v1", "no address"),
        ("http://:8080", "no address"),
        ("http://exa mple/v1", "no address"),
        ("http://exam\u200bple/v1", "no address"),
        ("http://exam\nple/v1", "no address"),
        (f"http://{'a' * 64}/v1", "no address"),
        ("http://localhost:99999/v1", "from 1 to 65535"),
        ("http://localhost:0", "from 1 to 65535"),
        ("http://localhost:port", "from 1 to 65535"),
        ("http://ann:pw/d@host", "from 1 to 65535"),
    ],
)
def test_what_is_wrong_with_an_address_is_said_without_repeating_it(text, reason):
    with pytest.raises(ValueError, match=reason) as caught:
        checked_address(text)
    assert text not in str(caught.value)


@pytest.mark.parametrize("name", ["base_api_base", "complex_api_base", "embedder_api_base", "wcd_url"])
def test_every_address_in_the_settings_is_checked(name):
    with pytest.raises(ConfigurationError, match=f"{name} does not fit: .*from 1 to 65535"):
        Settings().configure(**{name: "https://localhost:99999"})


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("http://ann:se@cret@host:1/v1", "http://host:1/v1"),
        ("http://host/v1/@team", "http://host/v1/@team"),
        ("http://host", "http://host"),
    ],
)
def test_an_address_is_told_without_who_logs_in_there(address, told):
    assert without_user(address) == told
