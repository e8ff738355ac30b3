"""Compares what the library finds with what Weaviate finds, on a public test collection with known answers.

    retrieval.py [FOLDER] [--json FILE]        (make retrieval CRANFIELD=FOLDER)

FOLDER, or $CRANFIELD, holds the Cranfield collection as JSON: `cran_docs.json` (id, title, body),
`cran_queries.json` (query number, query) and `cran_qrels.json` (query_num, id, position: 1 the complete answer to
4 of minimum interest). Both stores get the same texts and the same vectors, made by the offline embedder, and are
asked the same questions with the same vectors. The figure is nDCG@10 with a gain of 5 - position.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import os
import statistics
import sys
import tempfile
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT)]  # found, whichever way this is started

from support.weaviate_server import WeaviateServer, weaviate_server  # noqa: E402

from elysia_desktop.core.requests import QueryRequest  # noqa: E402
from elysia_desktop.core.schema import CollectionSchema, Property  # noqa: E402
from elysia_desktop.stores.embedders.offline import OfflineEmbedder  # noqa: E402
from elysia_desktop.stores.library import Library  # noqa: E402

NAME = "Abstracts"
AT = 10
KINDS = ("keyword", "vector", "hybrid")
_PROPERTIES = ("title", "body")
_ALPHA = 0.5


@dataclass(frozen=True)
class Collection:
    """Documents, questions, and the gain of each document for each question by their numbers; vectors of both."""

    documents: list[dict[str, Any]]
    questions: dict[int, str]
    gains: dict[int, dict[int, int]]
    vectors: list[list[float]]
    asked: dict[int, list[float]]


Find = Callable[[str, str, list[float]], Awaitable[list[int]]]
"""The numbers of the documents found by a kind of search, for a text and its vector."""


async def read(folder: Path) -> Collection:
    """The collection, with vectors made on this computer."""
    documents = json.loads((folder / "cran_docs.json").read_text("utf-8"))
    listed = json.loads((folder / "cran_queries.json").read_text("utf-8"))
    questions = {int(one["query number"]): one["query"] for one in listed}
    gains: dict[int, dict[int, int]] = defaultdict(dict)
    for one in json.loads((folder / "cran_qrels.json").read_text("utf-8")):
        gains[int(one["query_num"])][int(one["id"])] = 5 - one["position"]
    embedder = OfflineEmbedder()
    # The body begins with the title already.
    made = await embedder.embed_documents([one["body"] or one["title"] or "empty" for one in documents])
    vectors = [vector for vector in made if isinstance(vector, list)]
    assert len(vectors) == len(documents)
    asked = {number: await embedder.embed_query(text) for number, text in questions.items()}
    await embedder.close()
    return Collection(documents, questions, gains, vectors, asked)


def ndcg(found: list[int], gains: dict[int, int]) -> float:
    """Normalised discounted cumulative gain of the first ten."""
    best = sorted(gains.values(), reverse=True)[:AT]
    ideal = sum(gain / math.log2(place + 2) for place, gain in enumerate(best))
    got = sum(gains.get(number, 0) / math.log2(place + 2) for place, number in enumerate(found[:AT]))
    return got / ideal if ideal else 0.0


def given(collection: Collection) -> list[dict[str, Any]]:
    """The documents as objects of a store; the uuid is their number."""
    return [
        {
            "uuid": str(UUID(int=int(one["id"]))),
            "_vector": vector,
            **{name: one.get(name) or "" for name in _PROPERTIES},
        }
        for one, vector in zip(collection.documents, collection.vectors, strict=True)
    ]


async def in_library(collection: Collection, folder: Path) -> dict[str, list[float]]:
    """The figure of each question by kind of search."""
    library = Library(folder)
    try:
        properties = tuple(Property(name=name, type="text") for name in _PROPERTIES)
        await library.create(CollectionSchema(name=NAME, properties=properties))
        report = await library.insert(NAME, given(collection))
        assert report.inserted == len(collection.documents), report.rejected[:2]

        async def find(kind: str, text: str, vector: list[float]) -> list[int]:
            match kind:
                case "keyword":
                    request = QueryRequest(collection=NAME, search="keyword", text=text, limit=AT)
                    objects = (await library.query(request)).objects
                case "vector":
                    objects = await library.nearest(NAME, vector, AT)
                case _:
                    objects = await library.mixed(NAME, text, vector, AT, alpha=_ALPHA)
            return [UUID(one["uuid"]).int for one in objects]

        return await _judged(collection, find)
    finally:
        await library.close()


async def in_weaviate(collection: Collection, server: WeaviateServer) -> dict[str, list[float]]:
    """The same through Weaviate's own client, with its own defaults but for the weight of the two searches."""
    import weaviate
    from weaviate.classes.config import Configure, DataType
    from weaviate.classes.config import Property as WeaviateProperty
    from weaviate.classes.data import DataObject

    async with weaviate.use_async_with_local(port=server.port, grpc_port=server.grpc_port) as client:
        made = await client.collections.create(
            NAME,
            properties=[WeaviateProperty(name=name, data_type=DataType.TEXT) for name in _PROPERTIES],
            vector_config=Configure.Vectors.self_provided(),
        )
        objects = [
            DataObject({name: one[name] for name in _PROPERTIES}, one["uuid"], one["_vector"])
            for one in given(collection)
        ]
        assert not (await made.data.insert_many(objects)).has_errors

        async def find(kind: str, text: str, vector: list[float]) -> list[int]:
            match kind:
                case "keyword":
                    answer = await made.query.bm25(text, limit=AT)
                case "vector":
                    answer = await made.query.near_vector(vector, limit=AT)
                case _:
                    answer = await made.query.hybrid(text, vector=vector, alpha=_ALPHA, limit=AT)
            return [one.uuid.int for one in answer.objects]

        return await _judged(collection, find)


async def _judged(collection: Collection, find: Find) -> dict[str, list[float]]:
    judged: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for kind in KINDS:
        for number, text in collection.questions.items():
            found = await find(kind, text, collection.asked[number])
            judged[kind].append(ndcg(found, collection.gains[number]))
    return judged


def table(judged: dict[str, dict[str, list[float]]]) -> str:
    """A line per kind of search."""
    others = [name for name in judged if name != "library"]
    head = f"{'nDCG@10':<10}{'library':>10}{''.join(f'{name:>10}' for name in others)}"
    lines = [head + (f"{'better in':>12}{'worse in':>10}  verdict" if others else "")]
    for kind in KINDS:
        ours = judged["library"][kind]
        line = f"{kind:<10}{statistics.fmean(ours):>10.4f}"
        for name in others:
            theirs = judged[name][kind]
            better = sum(a > b + 1e-9 for a, b in zip(ours, theirs, strict=True))
            worse = sum(a < b - 1e-9 for a, b in zip(ours, theirs, strict=True))
            verdict = "equal or better" if is_as_good(ours, theirs) else "WORSE"
            line += f"{statistics.fmean(theirs):>10.4f}{better:>12}{worse:>10}  {verdict}"
        lines.append(line)
    return "\n".join(lines)


def is_as_good(ours: list[float], theirs: list[float]) -> bool:
    """Whether the mean is at least theirs."""
    return statistics.fmean(ours) >= statistics.fmean(theirs) - 1e-6


async def evaluate(folder: Path) -> dict[str, dict[str, list[float]]]:
    """What both stores reach; the library alone where there is no Weaviate, with the reason said."""
    collection = await read(folder)
    with tempfile.TemporaryDirectory(prefix="retrieval-") as place:
        judged = {"library": await in_library(collection, Path(place))}
    try:
        with weaviate_server() as server:
            judged["weaviate"] = await in_weaviate(collection, server)
    except pytest.skip.Exception as reason:
        print(f"Without Weaviate: {reason}", file=sys.stderr)
    return judged


def main() -> int:
    """The exit code says whether the library is nowhere worse."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", nargs="?", default=os.environ.get("CRANFIELD"))
    parser.add_argument("--json", type=Path, metavar="FILE")
    said = parser.parse_args()
    if not said.folder:
        parser.error("name the folder of the Cranfield collection, or set CRANFIELD")
    judged = asyncio.run(evaluate(Path(said.folder)))
    print(table(judged))
    if said.json:
        means = {
            name: {kind: statistics.fmean(values) for kind, values in kinds.items()}
            for name, kinds in judged.items()
        }
        said.json.write_text(json.dumps(means, indent=1), "utf-8")
    theirs = judged.get("weaviate")
    return 0 if theirs is None or all(is_as_good(judged["library"][k], theirs[k]) for k in KINDS) else 1


if __name__ == "__main__":
    sys.exit(main())
