"""A display of our own, and the application opened on it."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.local_model import model_file  # noqa: F401 - a fixture
from window.app_driver import ROOT, AppDriver

OpenApp = Callable[..., contextlib.AbstractContextManager[AppDriver]]


@contextlib.contextmanager
def virtual_display() -> Iterator[str]:
    """An X server without a screen; yields its name."""
    program = shutil.which("Xvfb")
    assert program, "There is no Xvfb, on which windows are tested. Install it with: make system-deps"
    reading, writing = os.pipe()
    command = [program, "-displayfd", str(writing), "-screen", "0", "1600x1000x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        with os.fdopen(reading) as answer:
            number = answer.readline().strip()
        assert number, f"Xvfb ended with code {server.wait()}."
        yield f":{number}"
    finally:
        server.terminate()
        server.wait()


@pytest.fixture(scope="session")
def display() -> Iterator[str]:
    with virtual_display() as name:
        yield name


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    return tmp_path / "profile"


@pytest.fixture
def open_app(display: str, profile: Path, request: pytest.FixtureRequest) -> OpenApp:
    """Open the application on the test's profile; a picture of its end is kept in `screenshots`."""

    @contextlib.contextmanager
    def opened(*arguments: str, **environment: str) -> Iterator[AppDriver]:
        with AppDriver(display, profile, arguments, environment) as app:
            try:
                yield app
            finally:
                keep_picture(app, request.node.name)

    return opened


def keep_picture(app: AppDriver, name: str) -> None:
    folder = ROOT / "screenshots"
    folder.mkdir(exist_ok=True)
    with contextlib.suppress(AssertionError, OSError):
        app.grab(str(folder / f"{re.sub(r'[^a-z0-9]+', '_', name.lower()).strip('_')}.png"))


@pytest.fixture
def scripted() -> Callable[[Any], dict[str, str]]:
    """The environment by which the application uses a scripted model."""

    def environment(model: Any, key: str = "") -> dict[str, str]:
        return {
            "BASE_PROVIDER": "openai_compatible",
            "BASE_MODEL": "scripted",
            "BASE_API_BASE": model if isinstance(model, str) else model.address,
            **({"OPENAI_COMPATIBLE_API_KEY": key} if key else {}),
        }

    return environment
