"""Reads the handbook's pages and adds how such pages end."""

import re
from pathlib import Path
from random import Random

from grammar import Grammar, sentences
from objects import HANDBOOK_URL, Page, identity
from products import Sold

FOLDER = Path(__file__).parent / "handbook"
LINE_BREAK = re.compile(r"(?<!\n)\n(?!\n)")
FEWEST_WORDS = 720
ENDINGS = ("story", "ask", "changes", "remember")


def read_pages(sold: list[Sold], grammar: Grammar, random: Random) -> list[Page]:
    """The pages in the order of their files; a page is a head of "Name: value" lines and a text."""
    return [_page(path, sold, grammar, random) for path in sorted(FOLDER.glob("*.md"))]


def _page(path: Path, sold: list[Sold], grammar: Grammar, random: Random) -> Page:
    head, _, body = path.read_text(encoding="utf-8").partition("\n\n")
    values = dict(line.split(": ", 1) for line in head.splitlines())
    paragraphs = [LINE_BREAK.sub(" ", paragraph) for paragraph in body.strip().split("\n\n")]
    colleague, colleague2 = _colleagues(values["Author"], grammar)
    slots = {
        "author": values["Author"],
        "author_first": values["Author"].split()[0],
        "colleague": colleague,
        "colleague2": colleague2,
        "product": random.choice(sold).product.name,
        "year": str(int(values["Date"][:4]) - 1),
    }
    endings = list(ENDINGS)
    while endings and len(" ".join(paragraphs).split()) < FEWEST_WORDS:
        paragraphs.append(sentences(grammar.pick(endings.pop(0), slots)))
    slug = path.stem.split("-", 1)[1]
    return Page(
        uuid=identity("Handbook", slug),
        title=values["Title"],
        author=values["Author"],
        category=values["Category"],
        date=f"{values['Date']}T09:00:00Z",
        content="\n\n".join(paragraphs),
        url=f"{HANDBOOK_URL}/{slug}",
    )


def _colleagues(author: str, grammar: Grammar) -> tuple[str, str]:
    """Two different people who are not the author."""
    found: list[str] = []
    while not found[1:]:
        name = grammar.pick("colleague", {})
        if name not in (*found, author.split(maxsplit=1)[0]):
            found.append(name)
    return found[0], found[1]
