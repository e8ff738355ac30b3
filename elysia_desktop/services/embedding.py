"""How far the library's texts are turned into vectors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from elysia_desktop.stores.clients import ClientManager


@dataclass(frozen=True)
class Embedded:
    """From 0 to 1 how much is made, and what keeps the rest from it; empty where it goes on.

    `failed` texts were refused, and `reason` is why one of them was; the others are made when it `is_done`.
    """

    share: float
    problem: str = ""
    failed: int = 0
    reason: str = ""
    is_done: bool = True


class Embedding:
    """Asks the library; asking also begins what waits."""

    def __init__(self, clients: ClientManager) -> None:
        self._clients = clients

    async def state(self) -> Embedded:
        """How far it is now; done where nothing is to be embedded. Raises `StoreError`."""
        from elysia_desktop.stores.library import Library

        library = self._clients.library()
        if self._clients.settings.embedder == "none" or not isinstance(library, Library):
            return Embedded(1)
        infos = await library.collections()
        works = library.is_embedding  # before it is asked how far: what it began meanwhile is seen next time
        found = [await library.embedding_progress(info.name) for info in infos]
        waiting = [each for each in found if each.done + each.failed < each.total]
        total = sum(each.total for each in found)
        return Embedded(
            share=sum(each.done for each in found) / total if total else 1,
            problem=next((each.problem for each in waiting if each.problem), ""),
            failed=sum(each.failed for each in found),
            reason=next((each.problem for each in found if each.failed and each not in waiting), ""),
            is_done=not waiting and not works,
        )
