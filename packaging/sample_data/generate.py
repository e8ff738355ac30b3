"""Writes the sample collections: `python packaging/sample_data/generate.py [folder]`."""

import json
import sys
from pathlib import Path
from random import Random

from grammar import Grammar
from kinds import load_kinds, load_phrases
from messages import invent_messages
from metadata import describe_collections
from objects import Shop, json_lines
from pages import read_pages
from products import invent_products
from questions import ask_all
from reviews import invent_reviews, with_ratings
from tickets import invent_tickets

SEED = 1934
TARGET = Path(__file__).parents[2] / "resources" / "sample"


def invent_shop(seed: int = SEED) -> Shop:
    """The whole shop; the same seed gives the same shop."""

    def source(name: str) -> tuple[Grammar, Random]:
        # Each collection draws from its own generator, so a change to one leaves the others alone.
        random = Random(f"{seed}/{name}")
        return Grammar(rules, random), random

    rules = load_phrases("rules.toml") | load_phrases("closings.toml")
    sold = invent_products(load_kinds(), *source("products"))
    reviews = invent_reviews(sold, *source("reviews"))
    return Shop(
        products=with_ratings(sold, reviews),
        reviews=reviews,
        messages=invent_messages(sold, load_phrases("dialogues.toml"), *source("messages")),
        tickets=invent_tickets(sold, load_phrases("tickets.toml"), *source("tickets")),
        pages=read_pages(sold, *source("pages")),
    )


def write_shop(shop: Shop, folder: Path) -> None:
    """One file per collection, their description, and the questions; all or none."""
    texts = {f"{name}.jsonl": json_lines(objects) for name, objects in shop.collections().items()}
    texts["collections.json"] = _listed(describe_collections(shop))
    texts["questions.json"] = _listed(ask_all(shop))
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


def _listed(entries: list[dict[str, object]]) -> str:
    """A JSON list with one entry per line."""
    lines = (json.dumps(entry, ensure_ascii=False, separators=(",", ":")) for entry in entries)
    return "[\n" + ",\n".join(lines) + "\n]\n"


if __name__ == "__main__":
    write_shop(invent_shop(), Path(sys.argv[1]) if sys.argv[1:] else TARGET)
