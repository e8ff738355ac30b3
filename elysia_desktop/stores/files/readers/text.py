"""Reads plain text as it stands."""

from __future__ import annotations

import re

from elysia_desktop.stores.files.draft import Draft, pieces
from elysia_desktop.stores.files.source import Source

_BROKEN_WORD = re.compile(r"(?<=[^\W\d_])[\u2010\u00ad]\r?\n[ \t]*(?=[^\W\d_])")
"""Broken to fit the line: nobody types these hyphens."""


def read(source: Source, draft: Draft) -> None:
    """The text; a page of it, which a form feed ends in old formats, is a paragraph."""
    text = source.text(draft.limits.characters).replace("\f", "\n\n")
    draft.add("".join(_BROKEN_WORD.sub("", piece) for piece in pieces(text)))
