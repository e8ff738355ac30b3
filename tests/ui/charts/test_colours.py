import pytest
from PySide6.QtGui import QColor

from elysia_desktop.ui.charts.colours import ON_DARK, ON_LIGHT, series_colour
from elysia_desktop.ui.theme import DARK, LIGHT


def luminance(colour):
    parts = (colour.redF(), colour.greenF(), colour.blueF())
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    low, high = sorted((luminance(QColor(one)), luminance(QColor(other))))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("tokens", [LIGHT, DARK])
def test_series_stand_out_from_the_card_also_while_it_is_selected(tokens):
    for place in range(len(ON_LIGHT)):
        colour = series_colour(place, tokens)
        assert contrast(colour, tokens.panel) >= 4.5
        assert contrast(colour, tokens.selection) >= 3
    assert contrast(tokens.mute, tokens.selection) >= 4.5


def test_the_first_series_has_the_accent_and_no_two_of_eight_are_alike():
    assert series_colour(0, LIGHT) == QColor(LIGHT.accent)
    assert len(set(ON_LIGHT)) == len(set(ON_DARK)) == 8
    assert series_colour(8, DARK) == series_colour(0, DARK)
