"""Questions that need two collections, or words that occur in few objects."""

import re
from collections.abc import Iterator, Sequence
from statistics import fmean

from asking import Question, every, fetch, labels, ordered, tidy, total, where
from objects import Product, Shop, Thing

WORD = re.compile(r"\w+")
# Each line: pattern, collection, the words that only the wanted objects have, the question.
SEARCHES = (
    ("page-about", "Handbook", "Brannock", "How do we measure feet with the Brannock device?"),
    ("page-about", "Handbook", "hydrolysis", "What does the handbook say about hydrolysis of tent floors?"),
    ("page-rule", "Handbook", "bagpipes", "Are bagpipes allowed as music in the shop?"),
    ("page-rule", "Handbook", "permethrin", "What do I have to tell people who buy permethrin?"),
    ("page-figure", "Handbook", "foundry", "After how many cycles do the sliders from the new foundry fail?"),
    ("page-figure", "Handbook", "plotter", "How long does printing a custom map on the plotter take?"),
    ("page-name", "Handbook", "Isobel", "Who was Isobel?"),
    ("page-name", "Handbook", "Suilven", "Which page tells that we paid for a path on Suilven?"),
    ("page-how", "Handbook", "pennywort", "How do I clean gear that may carry floating pennywort?"),
    ("page-how", "Handbook", "camellia", "What do we use camellia oil for?"),
    ("review-says", "Reviews", "toddler", "Which reviews mention a toddler?"),
    ("review-says", "Reviews", "sparrow", "Find the reviews that speak of a portion for a sparrow"),
    (
        "page-both-words",
        "Handbook",
        "amber warning",
        "Where do we explain what an amber warning means for us?",
    ),
    ("page-both-words", "Handbook", "zebra mussels", "What is said about the larvae of zebra mussels?"),
)


def ask_two_collections(shop: Shop) -> Iterator[Question]:
    """What only two collections together can tell."""
    for subcategory in ("Family tents", "Ropes"):
        product = _dearest(shop, subcategory)
        stars = [item.rating for item in shop.reviews if item.sku == product.sku]
        requests = [
            fetch("Products", where("subcategory", "=", subcategory), sort="-price", limit=1),
            total("Reviews", where("sku", "=", product.sku), metric="rating MEAN"),
        ]
        text = f"What is the average rating in the reviews of our most expensive product in {subcategory}?"
        yield Question("two_collections", "dearest-then-stars", text, requests, tidy(fmean(stars)))
    for product in _most_ticketed(shop):
        requests = [
            fetch("Products", where("name", "=", product.name), limit=1),
            total("Tickets", where("product_sku", "=", product.sku)),
        ]
        text = f"How many tickets do we have about the {product.name}?"
        answer = sum(item.product_sku == product.sku for item in shop.tickets)
        yield Question("two_collections", "tickets-about", text, requests, answer)
    for brand in ("Pellworth", "Halvmark"):
        product = ordered(
            (item for item in shop.products if item.brand == brand),
            lambda item: item.reviews,
            1,
            descending=True,
        )[0]
        found = [item for item in shop.reviews if item.sku == product.sku and item.rating <= 3]
        found.sort(key=lambda item: item.created_at)
        requests = [
            fetch("Products", where("brand", "=", brand), sort="-reviews", limit=1),
            fetch(
                "Reviews",
                every(where("sku", "=", product.sku), where("rating", "<=", 3)),
                sort="created_at",
                limit=50,
            ),
        ]
        text = f"Show reviews of up to 3 stars for the {brand} product with the most reviews, by date"
        yield Question("two_collections", "critics", text, requests, labels(found), found)
    for name, first, last in (
        ("November 2024", "2024-11-01", "2024-12-01"),
        ("the summer of 2025 (June to August)", "2025-06-01", "2025-09-01"),
    ):
        span = every(
            where("created_at", ">=", f"{first}T00:00:00Z"), where("created_at", "<", f"{last}T00:00:00Z")
        )
        both: dict[str, float | list[str]] = {
            "Reviews": sum(first <= item.created_at < last for item in shop.reviews),
            "Tickets": sum(first <= item.created_at < last for item in shop.tickets),
        }
        text = f"How many reviews and how many tickets came in in {name}?"
        requests = [total("Reviews", span), total("Tickets", span)]
        yield Question("two_collections", "both-counts", text, requests, both)
    for category in ("Zip repair", "Safety"):
        ticket = ordered(
            (item for item in shop.tickets if item.category == category and item.product_sku is not None),
            lambda item: item.created_at,
            1,
            descending=True,
        )[0]
        products = [item for item in shop.products if item.sku == ticket.product_sku]
        mine = every(where("category", "=", category), where("product_sku", "IS_NULL", value=False))
        requests = [
            fetch("Tickets", mine, sort="-created_at", limit=1),
            fetch("Products", where("sku", "=", ticket.product_sku), limit=1),
        ]
        text = f"What product is the newest {category} ticket about, not counting those without a product?"
        yield Question("two_collections", "product-of-ticket", text, requests, labels(products), products)
    for category in ("Zip repair", "Gift card"):
        word = {"Zip repair": "foundry", "Gift card": "veneer"}[category]
        page = _with_words(shop.pages, word)
        both = {
            "Handbook": labels(page),
            "Tickets": sum(item.category == category for item in shop.tickets),
        }
        text = f"Which handbook page has the word {word}, and how many {category} tickets are there?"
        requests = [fetch("Handbook", text=word), total("Tickets", where("category", "=", category))]
        yield Question("two_collections", "page-and-count", text, requests, both)
    for product in _most_ticketed(shop):
        both = {
            "Products": [product.name],
            "Reviews": sum(item.sku == product.sku and item.rating == 5 for item in shop.reviews),
            "Tickets": sum(item.product_sku == product.sku for item in shop.tickets),
        }
        requests = [
            fetch("Products", where("sku", "=", product.sku), limit=1),
            total("Reviews", every(where("sku", "=", product.sku), where("rating", "=", 5))),
            total("Tickets", where("product_sku", "=", product.sku)),
        ]
        text = f"Name the product {product.sku}, its number of 5 star reviews and of tickets"
        yield Question("two_collections", "dossier", text, requests, both)


def ask_text(shop: Shop) -> Iterator[Question]:
    """What a search for rare words has to find; the order is the store's."""
    collections = shop.collections()
    for pattern, collection, words, text in SEARCHES:
        found = _with_words(collections[collection], words)
        request = fetch(collection, text=words, limit=10)
        yield Question("text_search", pattern, text, [request], labels(found), found)


def _with_words(items: Sequence[Thing], words: str) -> list[Thing]:
    """The objects in whose texts all words occur, at most ten or the question is a bad one."""
    wanted = set(WORD.findall(words.lower()))
    found = [item for item in items if wanted <= _words(item)]
    if not 0 < len(found) <= 10:
        raise ValueError(f"{words} occurs in {len(found)} objects")
    return found


def _words(item: Thing) -> set[str]:
    texts = (value for value in vars(item).values() if isinstance(value, str))
    return set(WORD.findall(" ".join(texts).lower()))


def _dearest(shop: Shop, subcategory: str) -> Product:
    fitting = (item for item in shop.products if item.subcategory == subcategory)
    return ordered(fitting, lambda item: item.price, 1, descending=True)[0]


def _most_ticketed(shop: Shop) -> list[Product]:
    """The two products with the most tickets; among equals the first in the catalogue."""
    numbers = {item.sku: 0 for item in shop.products}
    for ticket in shop.tickets:
        if ticket.product_sku is not None:
            numbers[ticket.product_sku] += 1
    return sorted(shop.products, key=lambda item: -numbers[item.sku])[:2]
