"""What both sides are in when they are measured: the same question, collections and found objects."""

from __future__ import annotations

import json
from pathlib import Path

SAMPLE = Path(__file__).resolve().parents[2] / "resources" / "sample" / "collections.json"
QUESTION = "Which waterproof jackets cost less than 100?"
ANSWER = "Two of them: the Drizzle and the Cloudburst."
PER_RESULT = 100


def collections():
    """Collection → the metadata that analysis wrote about it."""
    return {item["name"]: item["metadata"] for item in json.loads(SAMPLE.read_text("utf-8"))}


def objects(number, start=0):
    """So many objects of some fifty tokens, no two alike."""
    return [
        {
            "uuid": f"00000000-0000-4000-8000-{n:012d}",
            "name": f"Product {n}",
            "price": 10 + n / 100,
            "rating": None if n % 17 == 0 else 1 + n % 5,
            "stock": n % 60,
            "waterproof": n % 2 == 0,
        }
        for n in range(start, start + number)
    ]


def environment(number):
    """What a conversation has found: so many objects, a hundred to a result, as both sides store them."""
    entries = []
    for result, start in enumerate(range(0, number, PER_RESULT), start=1):
        found = objects(min(PER_RESULT, number - start), start)
        kept = [{"_REF_ID": f"query_Products_{result}_{n}", **item} for n, item in enumerate(found)]
        entries.append(
            {"metadata": {"collection_name": "Products", "query_text": "jackets"}, "objects": kept}
        )
    return {"query": {"Products": entries}} if entries else {}
