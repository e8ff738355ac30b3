"""What does not fit in changed settings, in words for a form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pydantic import ValidationError
from PySide6.QtCore import QT_TRANSLATE_NOOP

from elysia_desktop.core.settings import Settings
from elysia_desktop.ui.settings.words import number, translated

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_SENTENCES = {
    "greater_than_equal": ("ge", QT_TRANSLATE_NOOP("Settings", "At least {0}.")),
    "greater_than": ("gt", QT_TRANSLATE_NOOP("Settings", "More than {0}.")),
    "less_than_equal": ("le", QT_TRANSLATE_NOOP("Settings", "At most {0}.")),
    "less_than": ("lt", QT_TRANSLATE_NOOP("Settings", "Less than {0}.")),
    "string_too_long": ("max_length", QT_TRANSLATE_NOOP("Settings", "At most {0} characters.")),
}


def problems_of(values: Mapping[str, object]) -> dict[str, str]:
    """Each setting that does not fit, with a sentence that says what would."""
    try:
        Settings.model_validate(dict(values))
    except ValidationError as error:
        details = error.errors(include_input=False, include_url=False)
        return {str(detail["loc"][0]): _sentence(detail) for detail in reversed(details) if detail["loc"]}
    return {}


def _sentence(detail: ErrorDetails) -> str:
    limit, template = _SENTENCES.get(detail["type"], ("", ""))
    if template:
        return translated(template).format(number(detail.get("ctx", {}).get(limit, 0)))
    said = detail["msg"].removeprefix("Value error, ")
    return translated(said if said.endswith(".") else f"{said}.")
