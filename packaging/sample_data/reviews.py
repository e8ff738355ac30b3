"""Invents the reviews and counts them into the products."""

from dataclasses import replace
from datetime import timedelta
from random import Random
from statistics import fmean

from grammar import Grammar, continued, sentences, titled
from objects import LAST_DAY, Product, Review, identity, iso, moment_between
from products import Sold

COUNT = 3000
BAD_ZIPS = "Pellworth"
COUNTRIES = {
    "United Kingdom": 58,
    "Ireland": 11,
    "Germany": 9,
    "Poland": 6,
    "France": 5,
    "Norway": 4,
    "Netherlands": 3,
    "Sweden": 2,
    "Spain": 1,
    "Italy": 1,
}
QUIET_DAYS = timedelta(days=30)


def invent_reviews(sold: list[Sold], grammar: Grammar, random: Random) -> list[Review]:
    """The reviews, many of a few products and none of some."""
    reviewed = [item for item in sold if item.released < LAST_DAY - QUIET_DAYS and random.random() < 0.96]
    weights = [min(random.paretovariate(1.6), 12.0) for _ in reviewed]
    chosen = random.choices(reviewed, weights, k=COUNT)
    return [_review(number, item, grammar, random) for number, item in enumerate(chosen)]


def with_ratings(sold: list[Sold], reviews: list[Review]) -> list[Product]:
    """The products with the number and the mean of their ratings."""
    ratings: dict[str, list[int]] = {}
    for review in reviews:
        ratings.setdefault(review.sku, []).append(review.rating)
    products: list[Product] = []
    for item in sold:
        own = ratings.get(item.product.sku, [])
        rating = round(fmean(own), 2) if own else None
        products.append(replace(item.product, rating=rating, reviews=len(own)))
    return products


def _review(number: int, item: Sold, grammar: Grammar, random: Random) -> Review:
    product = item.product
    spread = random.choices([0.8, 2.0], [2, 1])[0]
    rating = max(1, min(5, round(random.gauss(item.quality + 0.25, spread))))
    title, content = _words(rating, item, grammar, random)
    created = moment_between(random, item.released + timedelta(days=7), LAST_DAY)
    return Review(
        uuid=identity("Reviews", str(number)),
        product_name=product.name,
        sku=product.sku,
        author=grammar.expand("{first} {last}", {}),
        title=title,
        content=content,
        rating=rating,
        created_at=iso(created),
        verified=random.random() < 0.82,
        helpful_votes=int(random.expovariate(1 / (2 + 1.5 * abs(rating - 4)))),
        country=random.choices(list(COUNTRIES), list(COUNTRIES.values()))[0],
    )


def fault_of(item: Sold, grammar: Grammar, random: Random) -> tuple[str, str]:
    """A fault of this product as title and sentence; one brand has bad zips."""
    zips = 0.75 if item.product.brand == BAD_ZIPS else 0.06
    slots = slots_of(item)
    if item.kind.zip and random.random() < zips:
        return titled(grammar.pick("zip_fault", slots))
    return titled(grammar.expand(random.choice(item.kind.faults), slots))


def slots_of(item: Sold) -> dict[str, str]:
    """The words that a text about this product may use."""
    return item.kind.slots() | {"brand": item.product.brand, "price": f"{item.product.price:.2f}"}


def _words(rating: int, item: Sold, grammar: Grammar, random: Random) -> tuple[str, str]:
    """The title and the text that go with a rating."""
    slots = slots_of(item)
    praises = [titled(grammar.expand(text, slots)) for text in random.sample(item.kind.praise, k=2)]
    fault = fault_of(item, grammar, random)

    def maybe(rule: str, chance: float) -> str:
        return grammar.pick(rule, slots) if random.random() < chance else ""

    context = maybe(f"context_{item.kind.trip}", 0.4)
    (praise_title, praise), (_, more) = praises
    match rating:
        case 5:
            extra = more if random.random() < 0.25 else ""
            text = maybe("short_5", 0.07) or sentences(context, praise, extra, maybe("delight", 0.6))
            return praise_title, text
        case 4:
            return praise_title, sentences(context, praise, maybe("niggle", 0.75))
        case 3:
            opening = grammar.pick("balance", slots)
            return fault[0], sentences(praise, continued(opening, fault[1]), maybe("consolation", 0.15))
        case 2:
            return fault[0], sentences(context, fault[1], maybe("consolation", 0.65))
        case _:
            return fault[0], sentences(fault[1], maybe("anger", 0.85))
