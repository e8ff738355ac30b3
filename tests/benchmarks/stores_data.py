"""The objects, vectors and requests that every store in the benchmark gets: the same numbers for the same seed."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

DIMENSIONS = 384
WORDS = 50
LIMIT = 10
COLLECTION = "Articles"
_VOCABULARY = 20_000
_TOPICS = 300
_CATEGORIES = [f"category{i:02}" for i in range(25)]
_TAGS = [f"tag{i:02}" for i in range(60)]
_FIRST_DAY = datetime(2020, 1, 1, tzinfo=UTC)


def write(folder, number, seed=7):
    """Put `objects.jsonl`, `vectors.npy` and `requests.json`, `asked.npy` into the folder."""
    folder = Path(folder)
    drawn = np.random.default_rng(seed)
    words = _vocabulary(drawn)
    with (folder / "objects.jsonl").open("w", encoding="utf-8") as file:
        for one in _objects(drawn, words, number):
            file.write(json.dumps(one) + "\n")
    topics = _topics(drawn)
    np.save(folder / "vectors.npy", _vectors(drawn, topics, number))
    requests, asked = _requests(drawn, words, topics)
    (folder / "requests.json").write_text(json.dumps(requests), "utf-8")
    np.save(folder / "asked.npy", asked)


def read(folder):
    """The objects as dictionaries with their `uuid`, and their vectors."""
    folder = Path(folder)
    with (folder / "objects.jsonl").open(encoding="utf-8") as file:
        return [json.loads(line) for line in file], np.load(folder / "vectors.npy")


def read_requests(folder):
    """What is asked, by kind, and the vectors of those requests that need one."""
    folder = Path(folder)
    return json.loads((folder / "requests.json").read_text("utf-8")), np.load(folder / "asked.npy")


def _vocabulary(drawn):
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    made = {"".join(drawn.choice(letters, drawn.integers(4, 10))) for _ in range(_VOCABULARY + 500)}
    return np.array(sorted(made))[drawn.permutation(len(made))[:_VOCABULARY]]


def _objects(drawn, words, number):
    # As often as words are in a language: the second half as often as the first, the third a third.
    odds = 1 / np.arange(1, _VOCABULARY + 1)
    odds /= odds.sum()
    texts = drawn.choice(words, (number, WORDS), p=odds)
    category = drawn.integers(0, len(_CATEGORIES), number)
    price, rating = drawn.gamma(2, 40, number), drawn.uniform(1, 5, number)
    stock, days = drawn.integers(0, 1000, number), drawn.integers(0, 2000, number)
    sold_out, tags = drawn.random(number) < 0.3, drawn.integers(0, len(_TAGS), (number, 3))
    for i in range(number):
        yield {
            "uuid": str(uuid.UUID(int=i + 1)),
            "text": " ".join(texts[i]),
            "category": _CATEGORIES[category[i]],
            "price": round(float(price[i]), 2),
            "rating": round(float(rating[i]), 9),
            "stock": int(stock[i]),
            "sold_out": bool(sold_out[i]),
            "added": (_FIRST_DAY + timedelta(days=int(days[i]))).isoformat(),
            "tags": sorted({_TAGS[tag] for tag in tags[i]}),
        }


def _topics(drawn):
    return drawn.normal(size=(_TOPICS, DIMENSIONS)) * _spread()


def _spread():
    """As in vectors of real texts, some directions tell much more than others."""
    return 1 / np.sqrt(1 + np.arange(DIMENSIONS) / 24)


def _vectors(drawn, topics, number):
    made = topics[drawn.integers(0, _TOPICS, number)] + drawn.normal(size=(number, DIMENSIONS)) * _spread()
    return (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)


def _requests(drawn, words, topics, number=40):
    texts = [" ".join(words[drawn.integers(20, 3000, 2)]) for _ in range(number)]
    asked = _vectors(drawn, topics, number)
    return {
        "keyword": [{"text": text} for text in texts],
        "vector": [{"vector": i} for i in range(number)],
        "hybrid": [{"text": text, "vector": i} for i, text in enumerate(texts)],
        "filter_sort": [
            {
                "least": round(float(drawn.uniform(20, 120)), 2),
                "sold_out": bool(i % 2),
                "most": int(drawn.integers(200, 900)),
            }
            for i in range(number)
        ],
        "group_by": [{}] * 10,
    }, asked
