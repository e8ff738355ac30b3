import pytest
from PySide6.QtWidgets import QApplication


@pytest.fixture(autouse=True)
def undressed():
    """Every test finds the application without a style sheet and with Qt's own palette and font."""
    yield
    app = QApplication.instance()
    if app is not None and app.styleSheet():
        app.setStyleSheet("")
        app.setPalette(app.style().standardPalette())
