"""What `elysia_desktop.state` offers, and that importing it costs nothing."""

import subprocess
import sys

import pytest

import elysia_desktop.state

NAMED = [
    "Message",
    "MessageList",
    "StateManager",
    "VisibleStateManager",
    "BaseStateManager",
    "ModuleConfig",
    "ExternalModuleChosenEvent",
    "FunctionCall",
    "ToolOutput",
    "MessageManager",
    "FileManager",
    "LanguageModelManager",
    "StorageManager",
    "Q",
]


def loaded(code):
    heavy = "dspy, weaviate, numpy, litellm, pypdf, docx, lxml, selectolax, markdown_it, PySide6, sqlite3"
    code = f"{code}\nimport sys; print([n for n in {heavy.split(', ')!r} if n in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout.strip()


@pytest.mark.parametrize("name", sorted({*NAMED, *elysia_desktop.state.__all__}))
def test_every_public_name_is_there(name):
    assert getattr(elysia_desktop.state, name).__name__ == name
    assert name in dir(elysia_desktop.state)


def test_a_name_that_is_not_there_is_said_as_python_says_it():
    with pytest.raises(AttributeError, match="has no attribute 'Nonsense'"):
        _ = elysia_desktop.state.Nonsense


def test_importing_the_package_imports_nothing_else():
    code = "import sys, elysia_desktop.state; assert 'pydantic' not in sys.modules and 'asyncio' not in sys.modules"
    assert loaded(code) == "[]"


def test_importing_every_name_imports_nothing_heavy():
    assert loaded("from elysia_desktop.state import *") == "[]"


def test_making_a_state_manager_imports_nothing_heavy_and_begins_no_thread():
    code = (
        "import threading\n"
        "from elysia_desktop.state import *\n"
        "state = StateManager(ExternalModuleChosenEvent(), ModuleConfig())\n"
        "assert threading.active_count() == 1\n"
        "state.close()"
    )
    assert loaded(code) == "[]"
