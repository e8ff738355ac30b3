"""What is said of a request to a model."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLocale

from elysia_desktop.ui.inspector.prompts_rows import PromptRow
from elysia_desktop.ui.inspector.value_text import count_text, seconds_text

translate = QCoreApplication.translate


def purpose_text(row: PromptRow) -> str:
    """What the reply was for, by the name of the decision or tool."""
    return row.purpose or translate("PromptsWords", "model call")


def tokens_text(row: PromptRow) -> str:
    """`1,612 tokens in · 58 out`; nothing for a request that was not answered."""
    if not row.input_tokens and not row.output_tokens:
        return ""
    number = QLocale().toString
    return translate("PromptsWords", "{input} tokens in · {output} out").format(
        input=number(row.input_tokens), output=number(row.output_tokens)
    )


def state_text(row: PromptRow) -> str:
    """What came of it, where it was not simply answered."""
    if row.failed:
        return translate("PromptsWords", "Failed")
    return translate("PromptsWords", "Asked again") if row.was_asked_again else ""


def facts_of(row: PromptRow) -> list[str]:
    """Model, attempt, seconds and price, as far as there is something to say."""
    facts = [row.model, attempt_text(row), seconds_text(row.seconds), cost_text(row.cost)]
    return [fact for fact in facts if fact]


def attempt_text(row: PromptRow) -> str:
    """`try 2 of 3`, or how many tries there were where none of them is kept."""
    if row.attempts <= 1:
        return ""
    number = QLocale().toString
    if row.exchange is None:
        return translate("PromptsWords", "{count} tries").format(count=number(row.attempts))
    return translate("PromptsWords", "try {number} of {count}").format(
        number=number(row.attempt), count=number(row.attempts)
    )


def cost_text(cost: float | None) -> str:
    """A price in US dollars; nothing when it is unknown."""
    return "" if cost is None else f"${QLocale().toString(cost, 'f', 4)}"


def spoken_text(row: PromptRow, number: int) -> str:
    """The whole row in one line."""
    parts = [
        f"{QLocale().toString(number)} {purpose_text(row)}",
        state_text(row),
        tokens_text(row),
        *facts_of(row),
    ]
    return ", ".join(part for part in parts if part)


def characters_text(count: int) -> str:
    """`1 character`, `3,412 characters`."""
    return count_text(
        count, translate("PromptsWords", "1 character"), translate("PromptsWords", "{count} characters")
    )
