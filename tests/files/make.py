"""Makes the sample files anew with the programs that are there: python tests/files/make.py [KIND…].

$PYTHON is a Python that has the libraries named below, $NODE_PATH holds the Node packages. A file whose program is
missing stays as it is; README.md says which versions made the ones that are kept.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from files import recipes_data, recipes_docx, recipes_locked, recipes_pdf, recipes_text  # noqa: E402
from files.sources import groff, html, markdown  # noqa: E402

Recipe = Callable[[Path, Path], None]


def main(kinds: list[str]) -> None:
    """Make the files of these kinds, or all."""
    recipes: dict[str, Recipe] = {
        **recipes_pdf.RECIPES,
        **recipes_docx.RECIPES,
        **recipes_text.RECIPES,
        **recipes_data.RECIPES,
        **recipes_locked.RECIPES,
    }
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        (work / "story.html").write_text(html(), encoding="utf-8")
        (work / "story.md").write_text(markdown(), encoding="utf-8")
        (work / "story.ms").write_text(groff(), encoding="utf-8")
        os.chdir(work)
        for path, recipe in recipes.items():
            kind = path.split("/")[0]
            if kinds and kind not in kinds:
                continue
            made = HERE / path
            made.parent.mkdir(exist_ok=True)
            try:
                recipe(work, made)
            except (OSError, subprocess.SubprocessError) as error:
                told = getattr(error, "stderr", b"") or b""
                print(f"not made: {path}: {error} {told.decode(errors='replace')[-300:]}")
            else:
                print(f"{made.stat().st_size:8,} {path}")


if __name__ == "__main__":
    assert shutil.which("pandoc"), "pandoc is needed for nearly all of them"
    main(sys.argv[1:])
