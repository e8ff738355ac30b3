"""Invents the products."""

from dataclasses import dataclass
from datetime import datetime
from math import sqrt
from random import Random

from grammar import Grammar, sentences
from kinds import Kind
from objects import FIRST_DAY, LAST_DAY, Product, identity, iso, moment_between

COUNT = 500
# Where a dear product is a good one: the lowest and the highest price there.
WORTH_THE_PRICE = {"Backpacks": (45, 330), "Sleeping": (25, 460)}
YEARS = 5
# From this year on everything costs more: the price rise that the data is asked about.
PRICE_RISE_YEAR = 2023
PRICE_RISE = 1.14
ENDINGS = (0.0, 0.5, 0.95, 0.95, 0.25, 0.75)
CLOSINGS = {
    "Halvmark": ["Halvmark has lasted shoes in Telemark since 1934."],
    "Varnskar": ["Varnskar repairs its own clothing for life."],
    "Brackenby": ["Brackenby knits and sews in Yorkshire."],
    "Pellworth": ["Pellworth keeps it simple and the price low."],
    "Łomna": ["Łomna has been sewing down since 1961."],
    "Quillan": ["Quillan builds packs for porters, guides and the rest of us."],
    "Grisebeck": ["Grisebeck tents can be mended with parts for fifteen years."],
}


@dataclass(frozen=True)
class Sold:
    """A product with its kind and with how good it really is, which no file tells."""

    product: Product
    kind: Kind
    quality: float
    released: datetime


def invent_products(kinds: list[Kind], grammar: Grammar, random: Random) -> list[Sold]:
    """The products, the same number of each kind, give or take one."""
    taken: set[str] = set()
    return [
        _invent(
            number, kinds[number % len(kinds)], _release(number // len(kinds), random), grammar, random, taken
        )
        for number in range(COUNT)
    ]


def _invent(
    number: int, kind: Kind, released: datetime, grammar: Grammar, random: Random, taken: set[str]
) -> Sold:
    brand = random.choice(kind.brands)
    model, name = _name(brand, kind, grammar, random, taken)
    place_in_range = random.betavariate(1.5, 2.4)
    waterproof = {"yes": True, "no": False, "na": None}.get(kind.wet, random.random() < 0.5)
    discontinued = random.random() < (0.3 if released.year < PRICE_RISE_YEAR else 0.05)
    sku = f"{brand[:2].upper().replace('Ł', 'L')}-{kind.name[:3].upper()}-{1001 + number}"
    colors = random.sample(kind.colors, k=min(len(kind.colors), random.randint(1, 4))) or None
    product = Product(
        uuid=identity("Products", sku),
        sku=sku,
        name=name,
        description=_describe(kind, brand, model, waterproof, grammar, random),
        price=_price(kind, place_in_range, released, random),
        category=kind.category,
        subcategory=kind.name,
        brand=brand,
        rating=None,
        reviews=0,
        stock=0 if discontinued or random.random() < 0.08 else int(random.lognormvariate(3.1, 0.9)),
        weight_g=None if random.random() < 0.07 else round(random.uniform(*kind.weight)),
        waterproof=waterproof,
        tags=random.sample(kind.tags, k=random.randint(2, min(4, len(kind.tags)))),
        colors=colors,
        released=iso(released),
        discontinued=discontinued,
    )
    return Sold(product, kind, _quality(kind, brand, product.price, random), released)


def _release(nth_of_kind: int, random: Random) -> datetime:
    """The day of release; every kind has some in every year, so that years can be compared."""
    year = FIRST_DAY.year + nth_of_kind % YEARS
    day = moment_between(random, FIRST_DAY.replace(year=year), LAST_DAY.replace(year=year))
    return day.replace(hour=9)


def _name(brand: str, kind: Kind, grammar: Grammar, random: Random, taken: set[str]) -> tuple[str, str]:
    """A model and the full name, which nothing else has."""
    while True:
        model = grammar.pick("model", {})
        name = f"{brand} {model} {random.choice(kind.forms)}"
        if name not in taken:
            taken.add(name)
            return model, name


def _price(kind: Kind, place_in_range: float, released: datetime, random: Random) -> float:
    low, high = kind.price
    price = low + (high - low) * place_in_range
    if released.year >= PRICE_RISE_YEAR:
        price *= PRICE_RISE
    return round(int(price) + random.choice(ENDINGS), 2)


def _quality(kind: Kind, brand: str, price: float, random: Random) -> float:
    """The mean rating to expect: in some categories a dear product is a good one."""
    quality = random.gauss(4.05, 0.3) + {"Pellworth": -0.55, "Varnskar": 0.15, "Łomna": 0.2}.get(brand, 0.0)
    if kind.category in WORTH_THE_PRICE:
        low, high = WORTH_THE_PRICE[kind.category]
        quality += 3.0 * sqrt(max(0.0, price - low) / (high - low)) - 1.7
    return quality


def _describe(
    kind: Kind, brand: str, model: str, waterproof: bool | None, grammar: Grammar, random: Random
) -> str:
    slots = kind.slots() | {"brand": brand, "model": model}
    features = random.sample(kind.features, k=random.randint(1, min(3, len(kind.features))))
    wet = kind.wet_features if waterproof else kind.dry_features
    if wet:
        features[-1] = random.choice(wet)
    closing = random.choice(CLOSINGS[brand]) if brand in CLOSINGS and random.random() < 0.3 else ""
    return sentences(
        *(grammar.expand(text, slots) for text in (random.choice(kind.open), *features, closing))
    )
