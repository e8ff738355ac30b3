from ui.inspector.prompts_samples import call, exchange

from elysia_desktop.ui.inspector.prompts_rows import rows_of
from elysia_desktop.ui.inspector.prompts_words import characters_text, facts_of, spoken_text, tokens_text


def test_a_row_is_spoken_whole() -> None:
    failed, answered = rows_of(
        [call("e1", "e2")],
        [exchange(1, error="Busy.", input_tokens=0, output_tokens=0, cost=None), exchange(2)],
    )
    assert spoken_text(failed, 1) == "1 decision, Failed, gpt-oss:20b, try 1 of 2, 0.8 s"
    assert (
        spoken_text(answered, 2)
        == "2 decision, 1,612 tokens in · 58 out, gpt-oss:20b, try 2 of 2, 0.8 s, $0.0004"
    )


def test_what_is_not_known_is_not_said() -> None:
    (row,) = rows_of([call("gone", purpose="", attempts=3)], [])
    assert facts_of(row) == ["gpt-oss:20b", "3 tries", "1.5 s"]
    assert spoken_text(row, 1).startswith("1 model call, ")
    (empty,) = rows_of([call("e1")], [exchange(1, input_tokens=0, output_tokens=0)])
    assert tokens_text(empty) == ""


def test_characters_are_counted() -> None:
    assert [characters_text(1), characters_text(3412)] == ["1 character", "3,412 characters"]
