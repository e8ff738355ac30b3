"""Files of a conversation, as tests need them."""

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

from elysia_desktop.core.errors import QueryRejected
from elysia_desktop.core.files import PageStart, SourceFile

TEXT = "The bridge was opened in 1954.\n\nIt was closed in 1961."


def a_source(document_id, name="", pages=2, **more):
    at = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    return SourceFile(document_id, name or f"{document_id}.pdf", "pdf", 340_000, 900, at, pages, **more)


class KeptFiles:
    """Files held in memory, as the controllers see them; each has the same text.

    What ends in `.exe` is refused; reading waits for `gate` where there is one.
    """

    def __init__(self):
        self.kept = defaultdict(dict)
        self.gate = None
        self.texts = []
        self.read = 0

    async def add(self, conversation_id, paths, progress=None):
        report = SimpleNamespace(added=[], refused=[])
        for done, path in enumerate(paths):
            progress(done, len(paths), path.name)
            self.read += 1
            if self.gate is not None:
                await self.gate.wait()
            if path.suffix == ".exe":
                report.refused.append(SimpleNamespace(name=path.name, reason="No document.", hint=""))
                continue
            report.added.append(a_source(f"d{len(self.kept[conversation_id]) + 1}", path.name))
            self.kept[conversation_id][report.added[-1].id] = report.added[-1]
        return report

    async def add_text(self, conversation_id, name, text):
        self.texts.append(text)
        file = a_source(f"d{len(self.kept[conversation_id]) + 1}", name, pages=None)
        self.kept[conversation_id][file.id] = file
        return file

    async def listed(self, conversation_id):
        return list(self.kept[conversation_id].values())

    async def use(self, conversation_id, document_id, in_use):
        files = self.kept[conversation_id]
        files[document_id] = replace(files[document_id], in_use=in_use)

    async def remove(self, conversation_id, document_id):
        del self.kept[conversation_id][document_id]

    async def shown(self, conversation_id, document_id):
        if document_id not in self.kept[conversation_id]:
            raise QueryRejected(f"There is no file “{document_id}”.")
        pages = [PageStart(1, 0), PageStart(2, TEXT.index("It"))]
        return SimpleNamespace(
            file=self.kept[conversation_id][document_id],
            text=TEXT,
            pages=pages,
            original=Path("/nowhere/at/all"),
            headings=(),
        )
