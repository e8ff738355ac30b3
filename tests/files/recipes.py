"""How programs are called to make sample files."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

PYTHON = os.environ.get("PYTHON", "python3")


def run(*command: str | Path, given: bytes | None = None) -> bytes:
    """What a program writes."""
    return subprocess.run(
        [str(word) for word in command], input=given, check=True, capture_output=True, timeout=90
    ).stdout


def command(*words: str) -> Callable[[Path, Path], None]:
    """A recipe: one command, in which {out} is the file to be made."""

    def make(work: Path, made: Path) -> None:
        run(*(word.replace("{out}", str(made)) for word in words))

    return make


def printed(*words: str) -> Callable[[Path, Path], None]:
    """A recipe: what a command prints."""

    def make(work: Path, made: Path) -> None:
        made.write_bytes(run(*words))

    return make


def python(code: str) -> Callable[[Path, Path], None]:
    """A recipe: a program for $PYTHON, in which `out` is the file to be made and `html` the story."""

    def make(work: Path, made: Path) -> None:
        begin = (
            f"from pathlib import Path\nout = {str(made)!r}\nhtml = Path('story.html').read_text('utf-8')\n"
        )
        run(PYTHON, "-c", begin + code)

    return make


def node(code: str) -> Callable[[Path, Path], None]:
    """A recipe: a program for Node."""

    def make(work: Path, made: Path) -> None:
        begin = (
            f"const fs = require('fs'), out = {str(made)!r}, html = fs.readFileSync('story.html', 'utf8');\n"
        )
        if code:
            run("node", "-e", begin + code)

    return make


def office(source: str, form: str) -> Callable[[Path, Path], None]:
    """A recipe: LibreOffice converts a file to a form such as `pdf` or `docx:MS Word 2007 XML`."""

    def make(work: Path, made: Path) -> None:
        run("soffice", f"-env:UserInstallation=file://{work}/profile", "--headless", "--convert-to", form, "--outdir",
            work / "office", source)  # fmt: skip
        suffix = form.split(":", maxsplit=1)[0]
        shutil.move(work / "office" / f"{Path(source).stem}.{suffix}", made)

    return make
