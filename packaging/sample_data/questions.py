"""The question table."""

from collections.abc import Iterator

from asking import Json, Question
from objects import Shop
from questions_counting import ask_counts, ask_dates, ask_groups
from questions_finding import ask_filters, ask_nothing, ask_ranks
from questions_joining import ask_text, ask_two_collections


def ask_all(shop: Shop) -> list[Json]:
    """Every question with an id that tells its kind."""
    numbers: dict[str, int] = {}
    table: list[Json] = []
    for question in _questions(shop):
        numbers[question.kind] = numbers.get(question.kind, 0) + 1
        table.append(question.as_json(numbers[question.kind]))
    return table


def _questions(shop: Shop) -> Iterator[Question]:
    for ask in (
        ask_counts,
        ask_filters,
        ask_dates,
        ask_ranks,
        ask_groups,
        ask_two_collections,
        ask_text,
        ask_nothing,
    ):
        yield from ask(shop)
