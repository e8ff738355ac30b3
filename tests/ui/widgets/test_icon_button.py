import pytest
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QWidget

from elysia_desktop.ui import theme
from elysia_desktop.ui.widgets.icon_button import IconButton, IconMark, NavButton


def strongest(pixmap):
    image = pixmap.toImage()
    pixels = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
    return max(pixels, key=lambda colour: colour.alpha()).lightness()


@pytest.mark.parametrize(
    "make",
    [
        lambda parent: IconButton("copy", "Copy", parent),
        lambda parent: NavButton("data", "Data", parent),
    ],
)
def test_the_icon_follows_the_theme(qtbot, make):
    pane = QWidget()
    qtbot.addWidget(pane)
    pane.setPalette(theme.palette(theme.LIGHT))
    button = make(pane)
    before = strongest(button.icon().pixmap(16, 16))
    pane.setPalette(theme.palette(theme.DARK))
    assert button.palette().color(QPalette.ColorRole.Window).name() == theme.DARK.bg
    assert strongest(button.icon().pixmap(16, 16)) > before


def test_a_bare_button_says_its_text_in_tooltip_and_name(qtbot):
    button = IconButton("close", "Close", bare=True)
    qtbot.addWidget(button)
    assert (button.toolTip(), button.accessibleName()) == ("Close", "Close")


def test_a_mark_is_as_large_as_asked(qtbot):
    mark = IconMark("warning", "warn", size=14)
    qtbot.addWidget(mark)
    assert mark.size().width() == 14


def test_there_is_air_between_an_icon_and_its_text(qtbot):
    sizes = []
    for bare in (True, False):
        button = IconButton("copy", "Copy", bare=bare, size=14)
        qtbot.addWidget(button)
        sizes.append(button.iconSize().width())
    assert sizes[0] == 14 < sizes[1]
