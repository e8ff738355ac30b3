"""Adoption: whose a collection's vectors are, and when they are made anew."""

from __future__ import annotations

import math
from array import array
from operator import mul
from typing import TYPE_CHECKING

from elysia_desktop.core.errors import InvalidAnswer
from elysia_desktop.core.schema import VectorConfig
from elysia_desktop.stores.base import is_internal
from elysia_desktop.stores.fitting import Unfit
from elysia_desktop.stores.library import catalog, vectors

if TYPE_CHECKING:
    from collections.abc import Collection

    from elysia_desktop.core.schema import CollectionSchema
    from elysia_desktop.stores.embedders.base import Embedder
    from elysia_desktop.stores.library.database import Database
    from elysia_desktop.stores.library.session import Session
    from elysia_desktop.stores.library.tables import Table
    from elysia_desktop.stores.library.vectors import Vector

    Identity = tuple[str, str]
    """The name of an embedder and of its model."""

_KNOWN_TEXT = "The quick brown fox jumps over the lazy dog."
_ALIKE = 0.95
"""Cosine: the same model quantised in another way, or run by another processor, stays above; another is near 0."""


class Recognition:
    """Tells whether an embedder is the one that it was: a server may have another model by the same name.

    The vector of one text is kept for it, so that a server that moved is recognised, and nothing is made anew.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: Embedder | None = None

    def doubt(self) -> None:
        """Look again at the next occasion: what answers may be another by then."""
        self._known = None

    async def has_changed(self, embedder: Embedder) -> bool:
        """Whether it makes other vectors than before; all that it has made wait to be made anew then.

        Asks the embedder once; raises what it raises, and `InvalidAnswer`.
        """
        if embedder is self._known:
            return False
        identity = embedder.name, embedder.model
        vector = _direction(await embedder.embed_query(_KNOWN_TEXT), embedder)
        changed = False
        if not await self._database.read(lambda session: _is_known(session, identity, vector)):
            changed = await self._database.write(lambda session: _recognised(session, identity, vector))
        self._known = embedder
        return changed


def adopt(session: Session, name: str, embedder: Identity) -> bool:
    """Have a collection's vectors made by this embedder; whether that changed anything.

    Vectors of another embedder are forgotten; those that objects brought along are kept as they are.
    """
    table = catalog.find(session, name)
    if not is_to_adopt(table.schema, embedder):
        return False
    configs = table.schema.vectors or (VectorConfig(),)
    others = {c.name for c in configs if not table.schema.vectors or _is_others(c, embedder)}
    _make_anew(session, table, configs, others, embedder)
    return True


def _make_anew(
    session: Session,
    table: Table,
    configs: tuple[VectorConfig, ...],
    names: Collection[str],
    embedder: Identity,
) -> None:
    """Forget the vectors of these names, and have the embedder make them of all objects."""
    new = {"vectorizer": embedder[0], "model": embedder[1], "dimensions": None}
    for name in names:
        session.run(f"DELETE FROM {table.vectors} WHERE name = ?", (name,))
        session.run("DELETE FROM vector_files WHERE collection = ? AND name = ?", (table.id, name))
        session.run(
            f"INSERT OR REPLACE INTO {table.pending} (object, name) SELECT row, ? FROM {table.objects}",
            (name,),
        )
    changed = tuple(c.model_copy(update=new) if c.name in names else c for c in configs)
    catalog.keep_vectors(session, table, changed)


def is_to_adopt(schema: CollectionSchema, embedder: Identity) -> bool:
    """Whether a collection's vectors are to be made by this embedder and are not."""
    if is_internal(schema.name) and not schema.vectors:
        return False
    return not schema.vectors or any(_is_others(config, embedder) for config in schema.vectors)


def _is_others(config: VectorConfig, embedder: Identity) -> bool:
    return config.vectorizer != "none" and (config.vectorizer, config.model) != embedder


def _direction(numbers: list[float], embedder: Embedder) -> Vector:
    """A vector that can be compared; nothing is made anew because a server answered nonsense."""
    try:
        vector = vectors.vector_of("", numbers)
    except Unfit:
        vector = None
    if vector is None or not math.hypot(*vector):
        raise InvalidAnswer(
            f"The embedder “{embedder.model}” does not answer with vectors of finite numbers.",
            "Check the embedder in Settings → Data connection.",
        )
    return vector


def _is_known(session: Session, embedder: Identity, vector: Vector) -> bool:
    kept = _kept(session, embedder)
    if kept is None or len(kept) != len(vector):
        return False
    return sum(map(mul, kept, vector)) >= _ALIKE * math.hypot(*kept) * math.hypot(*vector)


def _recognised(session: Session, embedder: Identity, vector: Vector) -> bool:
    """Keep the known text's vector; whether it was another, and those of the objects wait to be made anew."""
    if _is_known(session, embedder, vector):
        return False
    is_new = _kept(session, embedder) is None
    session.run(
        "INSERT OR REPLACE INTO embedders (name, model, vector) VALUES (?, ?, ?)",
        (*embedder, vector.tobytes()),
    )
    for table in () if is_new else [catalog.find(session, name) for name in catalog.names(session)]:
        configs = table.schema.vectors
        made = {c.name for c in configs if (c.vectorizer, c.model) == embedder}
        _make_anew(session, table, configs, made, embedder)
    return not is_new


def _kept(session: Session, embedder: Identity) -> Vector | None:
    found = session.value("SELECT vector FROM embedders WHERE name = ? AND model = ?", embedder)
    if found is None:
        return None
    vector = array("f")
    vector.frombytes(found)
    return vector
