import xml.etree.ElementTree as ET

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon
from PySide6.QtWidgets import QWidget

from elysia_desktop.core.resources import resource
from elysia_desktop.ui import theme
from elysia_desktop.ui.icons import icon, icon_names

# fmt: off
EXPECTED = [
    "search", "plus", "send", "stop", "settings", "data", "agent", "copy", "export", "open", "refresh",
    "branch", "thumb-up", "thumb-up-plus", "thumb-down", "chevron-right", "chevron-down", "check", "warning", "error",
    "info", "file", "table", "key", "pin", "trash", "edit", "more", "run", "filter", "close",
]
# fmt: on


@pytest.fixture
def widget(qtbot):
    widget = QWidget()
    qtbot.addWidget(widget)
    return widget


def painted(widget, name, role="mute", mode=QIcon.Mode.Normal):
    """The colours of the opaque pixels of an icon."""
    image = icon(name, widget, role).pixmap(QSize(16, 16), 2.0, mode).toImage()
    pixels = (image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height()))
    return {pixel.name() for pixel in pixels if pixel.alpha() == 255}


@pytest.mark.parametrize("name", EXPECTED)
def test_every_icon_draws_something_in_the_colour_of_its_role(widget, name):
    widget.setPalette(theme.palette(theme.LIGHT))
    assert painted(widget, name, "accent") == {QColor(theme.LIGHT.accent).name()}


def test_an_icon_follows_the_theme_of_its_widget(widget):
    widget.setPalette(theme.palette(theme.DARK))
    assert painted(widget, "search") == {QColor(theme.DARK.mute).name()}


def test_a_disabled_icon_is_fainter(widget):
    assert painted(widget, "stop", "text", QIcon.Mode.Disabled) == set()


def test_an_unknown_name_raises_and_lists_the_names(widget):
    with pytest.raises(KeyError, match=r"no icon “nonsense”.*search.*warning"):
        icon("nonsense", widget)


@pytest.mark.parametrize("name", icon_names())
def test_a_drawing_keeps_to_the_grid_and_takes_its_colour_from_outside(name):
    root = ET.parse(resource("icons", f"{name}.svg")).getroot()
    assert root.get("viewBox") == "0 0 16 16"
    assert root.get("stroke") == "currentColor"
    assert root.get("stroke-width") == "1.5"
    assert root.get("fill") == "none"
