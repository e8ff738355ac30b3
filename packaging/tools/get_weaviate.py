"""Finds or builds the Weaviate server that the tests run, and prints where it is.

usage: get_weaviate.py [--cached] [--folder FOLDER]

$WEAVIATE_BINARY names one that is there already. Otherwise it is built once from its published source with Go, which
takes some minutes, and kept by version in a folder outside of the tree: the one given, or one under ~/.cache. Where
there is no Go, or no module proxy answers, this says so and exits with 3. With --cached nothing is built.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

VERSION = "1.36.23"
_MODULE = "github.com/weaviate/weaviate"
_NAME = "weaviate-server.exe" if os.name == "nt" else "weaviate-server"
_NOT_TO_BE_HAD = 3
_SECONDS_FOR_AN_ANSWER = 60


class NotToBeHad(Exception):
    """There is no server here and none can be built; says why."""


def default_folder() -> Path:
    """Where built servers are kept, outside of the tree."""
    return Path.home() / ".cache" / "elysia-desktop-tests" / "weaviate"


def find(folder: Path | None = None) -> Path | None:
    """The server that is there already; `NotToBeHad` when $WEAVIATE_BINARY names something that is not."""
    named = os.environ.get("WEAVIATE_BINARY")
    if named:
        if not os.access(named, os.X_OK) or not Path(named).is_file():
            raise NotToBeHad(f"WEAVIATE_BINARY names {named}, which is not a program.")
        return Path(named)
    kept = _place(folder)
    return kept if kept.is_file() else None


def build(folder: Path | None = None) -> Path:
    """Build the server; `NotToBeHad` without Go or source, `CalledProcessError` when Go fails."""
    beside_python = str(Path(sys.executable).parent)  # where the package index's Go is installed
    go = shutil.which("go") or shutil.which("go", path=beside_python)
    if go is None:
        raise NotToBeHad(
            "There is no Go here to build Weaviate with: install it, or name a server with WEAVIATE_BINARY."
        )
    kept = _place(folder)
    kept.parent.mkdir(parents=True, exist_ok=True)
    building = kept.parent / f"building-{os.getpid()}"
    environ = {**os.environ, "CGO_ENABLED": "0", "GOSUMDB": "off", "GOBIN": str(building)}
    _look_for_source(go, environ)
    try:
        command = [go, "install", f"{_MODULE}/cmd/weaviate-server@v{VERSION}"]
        subprocess.run(command, env=environ, check=True, stdout=sys.stderr)
        (building / _NAME).replace(kept)  # whole or not at all: tests may look for it meanwhile
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return kept


def _look_for_source(go: str, environ: dict[str, str]) -> None:
    command = [go, "list", "-m", f"{_MODULE}@v{VERSION}"]
    try:
        asked = subprocess.run(
            command,
            env=environ,
            cwd=Path.home(),
            capture_output=True,
            text=True,
            check=False,
            timeout=_SECONDS_FOR_AN_ANSWER,
        )
        said = asked.stderr.strip().splitlines()[-1:] if asked.returncode else None
    except subprocess.TimeoutExpired:
        said = ["it took too long"]
    if said is not None:
        raise NotToBeHad(
            "No Go module proxy answers with Weaviate's source: name a server with WEAVIATE_BINARY.\n"
            + "\n".join(said)
        )


def _place(folder: Path | None) -> Path:
    return (folder or default_folder()) / f"v{VERSION}" / _NAME


def main() -> int:
    """Print where the server is; build it if need be."""
    parser = argparse.ArgumentParser(description="Find or build the Weaviate server that the tests run.")
    parser.add_argument("--cached", action="store_true", help="do not build it")
    parser.add_argument("--folder", type=Path)
    said = parser.parse_args()
    try:
        found = find(said.folder) or (None if said.cached else build(said.folder))
    except NotToBeHad as error:
        print(error, file=sys.stderr)
        return _NOT_TO_BE_HAD
    if found is None:
        print("Weaviate was not built yet: make weaviate", file=sys.stderr)
        return _NOT_TO_BE_HAD
    print(found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
