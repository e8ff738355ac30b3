import pytest

from elysia_desktop.core.conversation import title_of


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("How many\n  boats?", "How many boats"),
        ("???", "New conversation"),
        ("", "New conversation"),
        ("word " * 40, " ".join(["word"] * 12) + "…"),
        ("x" * 100, "x" * 60 + "…"),
    ],
)
def test_a_title_is_the_start_of_the_question(question, title):
    assert title_of(question) == title
