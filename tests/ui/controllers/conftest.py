from types import SimpleNamespace

import pytest
from PySide6.QtCore import QSettings
from support.profile_in_memory import Asking, Conversations
from ui.files.files import KeptFiles

from elysia_desktop.ui.main_window import MainWindow
from elysia_desktop.ui.tasks import Tasks


@pytest.fixture
def workspace():
    return SimpleNamespace(conversations=Conversations(), asking=Asking(), files=KeptFiles())


@pytest.fixture
def window(qtbot, tmp_path):
    window = MainWindow(QSettings(str(tmp_path / "layout.ini"), QSettings.Format.IniFormat))
    qtbot.addWidget(window)
    window.show()
    return window


@pytest.fixture
def tasks(window):
    return Tasks(window)
