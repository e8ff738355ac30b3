"""Imports go down only; the contracts are in pyproject.toml."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "elysia_desktop"


def imported(path):
    """The modules that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "import_module":
            yield from (
                a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)
            )


def files_with(*roots):
    return {
        path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        if path.parent == PACKAGE
        else path.relative_to(PACKAGE).parts[0]
        for path in PACKAGE.rglob("*.py")
        if any(name.split(".")[0] in roots for name in imported(path))
    }


def test_the_contracts_are_kept():
    lint = Path(sys.executable).with_name("lint-imports")
    assert lint.exists(), "import-linter is not installed: make setup"
    done = subprocess.run(
        [str(lint), "--no-cache"], capture_output=True, text=True, cwd=ROOT, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout


@pytest.mark.parametrize(
    ("library", "layers"),
    [
        (("PySide6", "qasync", "shiboken6"), {"app", "desktop", "ui"}),  # app.py and desktop.py are one layer
        (("dspy", "litellm"), {"engine"}),
        (("weaviate",), {"stores"}),
        (("keyring",), {"stores"}),
        (("sqlite3",), {"stores"}),
        (("xllamacpp",), {"engine"}),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_a_library_is_known_in_its_layer_only(library, layers):
    assert files_with(*library) <= layers


@pytest.mark.parametrize("layer", ["core", "stores", "engine", "state", "services", "ui"])
def test_nothing_below_knows_who_puts_it_together(layer):
    tops = {f"elysia_desktop.{name}" for name in ("app", "desktop", "headless", "replaying", "__main__")}
    for path in (PACKAGE / layer).rglob("*.py"):
        assert not tops & set(imported(path)), path
