"""Colours of the series of a chart."""

from __future__ import annotations

from PySide6.QtGui import QColor

from elysia_desktop.ui.theme import DARK, LIGHT, Tokens

# Each has a contrast of at least 4.5:1 to the panel it is drawn on, so that it may also colour text.
ON_LIGHT = (LIGHT.accent, "#3b6fd4", "#b25e09", "#8a4fc7", "#b93a6b", "#4d6b12", "#0b7f94", "#6b6f76")
ON_DARK = (DARK.accent, "#7aa5f5", "#e6a15a", "#b998f0", "#f08bb0", "#a9c65a", "#5cc4d8", "#a9b0b8")


def series_colour(place: int, tokens: Tokens) -> QColor:
    """The colour of the series at this place; the ninth has the first colour again, and another shape."""
    colours = ON_DARK if tokens is DARK else ON_LIGHT
    return QColor(colours[place % len(colours)])
