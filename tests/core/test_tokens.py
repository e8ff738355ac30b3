"""How many tokens a text takes is estimated without a tokenizer."""

from elysia_desktop.core.tokens import estimate_tokens


def test_an_estimate_grows_with_the_bytes_of_a_text():
    assert estimate_tokens("") == 0
    assert 20 <= estimate_tokens("the pilot boards at the outer buoy " * 3) <= 40
    assert estimate_tokens("東京" * 10) > estimate_tokens("to" * 10)
    assert estimate_tokens("\ud800") >= 0
