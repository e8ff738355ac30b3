"""An environment with the peer, `elysia-ai`, made once and kept outside of the tree."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

VERSION = "0.2.8"
_REQUIREMENTS = (f"elysia-ai=={VERSION}", "dspy>=3.4.1,<3.5")
"""The model library in the versions that we use too, so that both ask the model the same way."""

# The peer loads this language model when it is imported, and fetches it from elsewhere when it is missing. It only
# cuts documents into sentences with it, which is not measured.
_LANGUAGE_MODEL = """\
import spacy


def load(**_):
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    return nlp
"""
_LANGUAGE_MODEL_METADATA = "Metadata-Version: 2.1\nName: en_core_web_sm\nVersion: 3.8.0\n"


class NoPeer(Exception):
    """The peer cannot be measured here."""


def folder() -> Path:
    """Where it is kept: $ELYSIA_TEST_PEER, or a folder under ~/.cache."""
    named = os.environ.get("ELYSIA_TEST_PEER")
    return Path(named) if named else Path.home() / ".cache" / "elysia-desktop-tests" / f"peer-{VERSION}"


def interpreter() -> Path:
    """The Python that has the peer, installed first where it is not there yet; raises `NoPeer` with the reason."""
    place = folder()
    python = place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    ready = place / ".ready"
    if ready.exists():
        return python
    print(
        f"Installing elysia-ai {VERSION} to compare with, once (some minutes, 700 MB): {place}",
        file=sys.stderr,
    )
    _run(sys.executable, "-m", "venv", place)
    _run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *_REQUIREMENTS)
    said = _run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))")
    _put_language_model(Path(said.strip()))
    _run(python, "-c", "import elysia")
    ready.touch()
    return python


def _put_language_model(packages: Path) -> None:
    """A stand-in for the language model, as an installed package."""
    for name, file, text in (
        ("en_core_web_sm", "__init__.py", _LANGUAGE_MODEL),
        ("en_core_web_sm-3.8.0.dist-info", "METADATA", _LANGUAGE_MODEL_METADATA),
    ):
        (packages / name).mkdir(exist_ok=True)
        (packages / name / file).write_text(text, "utf-8")


def _run(*command: object) -> str:
    ended = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    if ended.returncode:
        told = [line for line in (ended.stderr or ended.stdout).splitlines() if line.strip()]
        raise NoPeer(f"elysia-ai {VERSION} could not be installed: {told[-1] if told else 'no reason given'}")
    return ended.stdout


if __name__ == "__main__":
    print(interpreter())
