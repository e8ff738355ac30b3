"""What the base install takes, beside the six packages that were given, each in a fresh environment."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from benchmarks.figures import Figure

ROOT = Path(__file__).resolve().parents[2]
_GIVEN = ("pyside6-essentials", "qasync", "dspy", "weaviate-client", "pydantic", "keyring")


def measure() -> list[Figure]:
    """Packages and MB of both; downloads some hundred MB where pip has not kept them."""
    wanted: list[str] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    given = [line for line in wanted if line.lower().startswith(_GIVEN)]
    assert len(given) == len(_GIVEN), given
    with tempfile.TemporaryDirectory() as folder:
        packages, size = _installed(wanted, Path(folder) / "base")
        packages_given, size_given = _installed(given, Path(folder) / "given")
    return [
        Figure("install: packages of the base install", packages, ""),
        Figure("install: more than the six given alone", packages - packages_given, "", at_most=10),
        Figure("install: size of the base install", size, "MB"),
        Figure("install: part of the six given alone", size / size_given, "×", at_most=1.1),
    ]


def _installed(requirements: list[str], folder: Path) -> tuple[int, float]:
    """How many packages, and MB on the disk, bytecode left out."""
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile")
    # the wheels that the lock file names, so that both are of the same versions
    pinned = ROOT / "packaging" / "requirements.lock"
    constraints = folder.with_suffix(".txt")
    lines = [line.split(" \\")[0] for line in pinned.read_text("utf-8").splitlines() if "==" in line[:80]]
    constraints.write_text("\n".join(line for line in lines if not line.startswith((" ", "#"))), "utf-8")
    subprocess.run([*pip, "--target", folder, "--constraint", constraints, *requirements], check=True)
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file() and not file.is_symlink())
    return len(list(folder.glob("*.dist-info"))), size / 1e6
