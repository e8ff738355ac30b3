import pytest

from elysia_desktop.ui.settings.problems import problems_of


def test_what_fits_is_no_problem():
    assert problems_of({"base_model": "m", "prompt_token_budget": 8000}) == {}


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("prompt_token_budget", 5, "At least 600."),
        ("recursion_limit", 51, "At most 50."),
        ("base_model", "x" * 301, "At most 300 characters."),
        ("wcd_url", "ftp://x", "An address starts with http:// or https://."),
        ("appearance", "pink", "Input should be 'system', 'light' or 'dark'."),
    ],
)
def test_a_problem_is_told_in_words(name, value, sentence):
    assert problems_of({name: value}) == {name: sentence}


def test_every_problem_is_found():
    assert set(problems_of({"recursion_limit": 0, "local_weaviate_port": 0})) == {
        "recursion_limit",
        "local_weaviate_port",
    }
