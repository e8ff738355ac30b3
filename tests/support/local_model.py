"""A real language model for tests, small enough for two cores."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

_FETCH = Path(__file__).parents[2] / "packaging" / "tools" / "get_local_llm.py"


def fetch_model(name: str = "135m") -> Path:
    """The file of a model's weights, fetched once and kept outside of the tree; fails the test when it cannot."""
    if importlib.util.find_spec("xllamacpp") is None:
        pytest.fail("xllamacpp, which serves model files, is not installed: make setup")
    ended = subprocess.run([sys.executable, str(_FETCH), name], capture_output=True, text=True, check=False)
    if ended.returncode != 0:
        pytest.fail(f"The model {name} could not be fetched:\n{ended.stderr[-2000:]}")
    return Path(ended.stdout.strip().splitlines()[-1])


@pytest.fixture(scope="session")
def model_file() -> Path:
    """The weights of a model with 135 million parameters; $ELYSIA_TEST_MODEL_FILE names other ones."""
    named = os.environ.get("ELYSIA_TEST_MODEL_FILE")
    return Path(named) if named else fetch_model()
