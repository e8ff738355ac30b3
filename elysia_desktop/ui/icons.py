"""The outlined icons, coloured by the theme."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QImage, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QWidget

from elysia_desktop.core.resources import resource
from elysia_desktop.ui.theme import tokens_of


def icon(name: str, widget: QWidget, role: str = "mute", size: int = 16) -> QIcon:
    """The icon in the widget's colour for `role` (a token's name); ask again when the theme changes.

    Raises KeyError naming all icons when there is none of this name.
    """
    drawing = _drawing(name)
    tokens = tokens_of(widget)
    result = QIcon()
    # 1 and 2 as well as the widget's own ratio: its window may move to another screen.
    for ratio in sorted({1.0, 2.0, widget.devicePixelRatioF()}):
        result.addPixmap(QPixmap.fromImage(_image(drawing, getattr(tokens, role), size, ratio)))
        result.addPixmap(
            QPixmap.fromImage(_image(drawing, tokens.mute, size, ratio, 0.5)), QIcon.Mode.Disabled
        )
    return result


def icon_names() -> list[str]:
    """The names of all icons, sorted."""
    return sorted(path.stem for path in resource("icons").glob("*.svg"))


@lru_cache(maxsize=64)
def _drawing(name: str) -> str:
    path = resource("icons", f"{name}.svg")
    if not path.is_file():
        raise KeyError(f"There is no icon “{name}”; there are {', '.join(icon_names())}.")
    return path.read_text(encoding="utf-8")


@lru_cache(maxsize=512)
def _image(drawing: str, colour: str, size: int, ratio: float, opacity: float = 1.0) -> QImage:
    pixels = QSize(round(size * ratio), round(size * ratio))
    image = QImage(pixels, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    # QtSvg paints `currentColor` black, so the colour is written into the drawing.
    renderer = QSvgRenderer(QByteArray(drawing.replace("currentColor", colour).encode()))
    painter = QPainter(image)
    painter.setOpacity(opacity)
    renderer.render(painter, QRectF(0, 0, pixels.width(), pixels.height()))
    painter.end()
    image.setDevicePixelRatio(ratio)
    return image
