"""An environment with the stores that the library is measured beside, made once and kept outside of the tree."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

LANCEDB, DUCKDB = "0.40.0", "2.0.0"
_REQUIREMENTS = (f"lancedb=={LANCEDB}", f"duckdb=={DUCKDB}", "numpy>=2.1")


class NoStores(Exception):
    """The other stores cannot be measured here."""


def folder() -> Path:
    """Where it is kept: $ELYSIA_TEST_STORES, or a folder under ~/.cache."""
    named = os.environ.get("ELYSIA_TEST_STORES")
    kept = f"stores-{LANCEDB}-{DUCKDB}"
    return Path(named) if named else Path.home() / ".cache" / "elysia-desktop-tests" / kept


def interpreter() -> Path:
    """The Python that has them, installed first where it is not there yet; raises `NoStores` with the reason."""
    place = folder()
    python = place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    ready = place / ".ready"
    if ready.exists():
        return python
    print(f"Installing LanceDB and DuckDB to compare with, once (420 MB): {place}", file=sys.stderr)
    for command in (
        (sys.executable, "-m", "venv", place),
        (python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *_REQUIREMENTS),
        (python, "-c", "import lancedb, duckdb"),
    ):
        ended = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
        if ended.returncode:
            told = [line for line in (ended.stderr or ended.stdout).splitlines() if line.strip()]
            raise NoStores(
                f"LanceDB and DuckDB could not be installed: {told[-1] if told else 'no reason given'}"
            )
    ready.touch()
    return python
