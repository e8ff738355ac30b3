"""Small boxes that ask or tell, none of which makes the event loop wait."""

from __future__ import annotations

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMessageBox, QWidget

from elysia_desktop import __version__


def tell_about(parent: QWidget) -> QMessageBox:
    """Say what this application is."""
    box = _box(parent, parent.tr("About Elysia Desktop"))
    box.setText(f"Elysia Desktop {__version__}")
    box.setInformativeText(
        parent.tr("Ask your data anything, see how the answer came about, browse what was found.")
    )
    box.open()
    return box


def offer_link(parent: QWidget, address: str) -> QMessageBox:
    """Open a link in the browser, after the person has seen where it goes."""
    box = _box(parent, parent.tr("Open this link?"))
    box.setText(parent.tr("Open this link in the browser?"))
    box.setInformativeText(address)
    box.setStandardButtons(QMessageBox.StandardButton.Open | QMessageBox.StandardButton.Cancel)
    box.setDefaultButton(QMessageBox.StandardButton.Cancel)
    box.accepted.connect(lambda: QDesktopServices.openUrl(QUrl(address)))
    box.open()
    return box


def _box(parent: QWidget, title: str) -> QMessageBox:
    box = QMessageBox(parent)
    box.setWindowTitle(title)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return box
