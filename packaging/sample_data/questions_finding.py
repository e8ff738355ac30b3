"""Questions whose answer is a list of objects, or nothing."""

from collections.abc import Iterator
from fnmatch import fnmatch

from asking import Question, either, every, fetch, labels, ordered, total, where, without
from objects import Shop

MANY = 50


def ask_filters(shop: Shop) -> Iterator[Question]:
    """All objects that meet conditions, in an order the question names."""
    for subcategory, most in (("Trekking tents", 350), ("Hiking boots", 180)):
        found = ordered(
            (
                item
                for item in shop.products
                if item.subcategory == subcategory and item.waterproof and item.price < most
            ),
            lambda item: item.price,
            MANY,
        )
        conditions = every(
            where("subcategory", "=", subcategory),
            where("waterproof", "=", value=True),
            where("price", "<", most),
        )
        request = fetch("Products", conditions, sort="price", limit=MANY)
        text = f"Which waterproof {subcategory.lower()} cost less than £{most}, cheapest first?"
        yield Question("filter", "waterproof-under-price", text, [request], labels(found), found)
    for tags in (("vegan", "gluten free"), ("merino", "gift")):
        found = ordered(
            (item for item in shop.products if set(tags) <= set(item.tags)), lambda item: item.released, MANY
        )
        request = fetch("Products", where("tags", "CONTAINS_ALL", list(tags)), sort="released", limit=MANY)
        text = f"Show everything that is tagged both {tags[0]} and {tags[1]}, in the order of release"
        yield Question("filter", "two-tags", text, [request], labels(found), found)
    for brand, least in (("Varnskar", 4.6), ("Brackenby", 4.4)):
        found = [
            item
            for item in shop.products
            if item.brand == brand and not item.discontinued and (item.rating or 0) >= least
        ]
        found.sort(key=lambda item: item.released)
        conditions = every(
            where("brand", "=", brand),
            where("discontinued", "=", value=False),
            where("rating", ">=", least),
        )
        request = fetch("Products", conditions, sort="released", limit=MANY)
        text = f"What by {brand} is still made and rated {least} or better? Sort by release date"
        yield Question("filter", "current-well-rated", text, [request], labels(found), found)
    for first, second, category in (("Quillan", "Osterfjell", "Backpacks"), ("Łomna", "Umbrail", "Sleeping")):
        found = ordered(
            (
                item
                for item in shop.products
                if item.brand in (first, second) and item.category == category and item.stock > 0
            ),
            lambda item: item.released,
            MANY,
        )
        conditions = every(
            either(where("brand", "=", first), where("brand", "=", second)),
            where("category", "=", category),
            where("stock", ">", 0),
        )
        request = fetch("Products", conditions, sort="released", limit=MANY)
        text = f"What is in stock from {first} or {second} in {category}? Oldest model first"
        yield Question("filter", "either-brand", text, [request], labels(found), found)
    for priority, status in (("high", "open"), ("normal", "pending")):
        found = ordered(
            (item for item in shop.tickets if item.priority == priority and item.status == status),
            lambda item: item.created_at,
            MANY,
            descending=True,
        )
        conditions = every(where("priority", "=", priority), where("status", "=", status))
        request = fetch("Tickets", conditions, sort="-created_at", limit=MANY)
        text = f"Show me the {status} tickets with {priority} priority, newest on top"
        yield Question("filter", "tickets-to-do", text, [request], labels(found), found)
    for pattern, words in (
        ("*expedition*", "products with Expedition in the name"),
        ("pellworth daypack", "daypacks by Pellworth"),
    ):
        found = ordered(
            (item for item in shop.products if _fits(item.name, pattern)),
            lambda item: item.released,
            MANY,
        )
        request = fetch("Products", where("name", "LIKE", pattern), sort="released", limit=MANY)
        text = f"Find all {words}, by release date"
        yield Question("filter", "name-like", text, [request], labels(found), found)
    for unwanted, subcategory, grams in (
        ("Pellworth", "Trekking tents", 1800),
        ("Varnskar", "Rain jackets", 450),
    ):
        found = ordered(
            (
                item
                for item in shop.products
                if item.brand != unwanted
                and item.subcategory == subcategory
                and item.weight_g is not None
                and item.weight_g <= grams
            ),
            lambda item: item.weight_g or 0,
            MANY,
        )
        conditions = every(
            without(where("brand", "=", unwanted)),
            where("subcategory", "=", subcategory),
            where("weight_g", "<=", grams),
        )
        request = fetch("Products", conditions, sort="weight_g", limit=MANY)
        text = f"{subcategory} of at most {grams} g that are not by {unwanted}, lightest first"
        yield Question("filter", "not-brand-light", text, [request], labels(found), found)
    for number, category in ((4, "Paddling"), (4, "Jackets")):
        found = ordered(
            (
                item
                for item in shop.products
                if item.category == category and len(item.colors or []) >= number
            ),
            lambda item: item.released,
            MANY,
        )
        conditions = every(where("category", "=", category), where("colors", ">=", number, length=True))
        request = fetch("Products", conditions, sort="released", limit=MANY)
        text = f"Which products in {category} come in {number} or more colours? By release date"
        yield Question("filter", "many-colors", text, [request], labels(found), found)
    for key in ("C-0042", "C-0117"):
        talk = ordered(
            (item for item in shop.messages if item.conversation_id == key), lambda item: item.timestamp, MANY
        )
        request = fetch("Messages", where("conversation_id", "=", key), sort="timestamp", limit=MANY)
        text = f"Show me the whole conversation {key}"
        yield Question("filter", "conversation", text, [request], labels(talk), talk)


def ask_ranks(shop: Shop) -> Iterator[Question]:
    """The first few by a number."""
    for number, category in ((5, "Tents"), (3, "Winter Safety")):
        found = ordered(
            (item for item in shop.products if item.category == category),
            lambda item: item.price,
            number,
            descending=True,
        )
        request = fetch("Products", where("category", "=", category), sort="-price", limit=number)
        text = f"What are the {number} most expensive products in {category}?"
        yield Question("rank", "dearest", text, [request], labels(found), found)
    for number, subcategory in ((3, "Down jackets"), (4, "Trekking packs")):
        found = ordered(
            (item for item in shop.products if item.subcategory == subcategory and item.stock > 0),
            lambda item: item.price,
            number,
        )
        conditions = every(where("subcategory", "=", subcategory), where("stock", ">", 0))
        request = fetch("Products", conditions, sort="price", limit=number)
        text = f"The {number} cheapest {subcategory.lower()} in stock?"
        yield Question("rank", "cheapest-in-stock", text, [request], labels(found), found)
    for number, subcategory in ((3, "Sleeping bags"), (5, "Headlamps")):
        found = ordered(
            (item for item in shop.products if item.subcategory == subcategory and item.weight_g is not None),
            lambda item: item.weight_g or 0,
            number,
        )
        conditions = every(where("subcategory", "=", subcategory), where("weight_g", "IS_NULL", value=False))
        request = fetch("Products", conditions, sort="weight_g", limit=number)
        text = f"Which {number} {subcategory.lower()} are the lightest?"
        yield Question("rank", "lightest", text, [request], labels(found), found)
    for number, region in ((5, "Islands"), (3, "Midlands")):
        slow = ordered(
            (item for item in shop.tickets if item.region == region and item.resolved_hours is not None),
            lambda item: item.resolved_hours or 0,
            number,
            descending=True,
        )
        conditions = every(where("region", "=", region), where("resolved_hours", "IS_NULL", value=False))
        request = fetch("Tickets", conditions, sort="-resolved_hours", limit=number)
        text = f"Which {number} tickets from {region} took the longest to resolve?"
        yield Question("rank", "slowest", text, [request], labels(slow), slow)
    for number, category in ((5, "Safety"), (4, "Website")):
        talked = sorted(
            (item for item in shop.tickets if item.category == category),
            key=lambda item: (-item.comments, item.created_at),
        )[:number]
        request = fetch(
            "Tickets", where("category", "=", category), sort="-comments created_at", limit=number
        )
        text = f"The {number} {category} tickets with the most comments, the older one first when equal"
        yield Question("rank", "most-discussed", text, [request], labels(talked), talked)
    for first, last, category in ((6, 10, "Jackets"), (4, 6, "Sleeping")):
        dear = ordered(
            (item for item in shop.products if item.category == category),
            lambda item: item.price,
            last,
            descending=True,
        )[first - 1 :]
        request = fetch(
            "Products", where("category", "=", category), sort="-price", limit=len(dear), offset=first - 1
        )
        text = f"Places {first} to {last} of the most expensive products in {category}?"
        yield Question("rank", "places", text, [request], labels(dear), dear)
    for stars, country in ((1, "United Kingdom"), (2, "Ireland")):
        voted = sorted(
            (item for item in shop.reviews if item.rating == stars and item.country == country),
            key=lambda item: (-item.helpful_votes, item.created_at),
        )[:3]
        conditions = every(where("rating", "=", stars), where("country", "=", country))
        request = fetch("Reviews", conditions, sort="-helpful_votes created_at", limit=3)
        text = f"Which 3 of the {stars} star reviews from {country} were most helpful? Older first if equal"
        yield Question("rank", "most-helpful", text, [request], labels(voted), voted)


def ask_nothing(shop: Shop) -> Iterator[Question]:
    """Sensible questions to which there is no object."""
    for brand in ("Northbeck", "Salterfell"):
        answer = sum(item.brand == brand for item in shop.products)
        request = total("Products", where("brand", "=", brand))
        yield Question(
            "nothing", "no-such-brand", f"How many {brand} products do we sell?", [request], answer
        )
    for subcategory, least in (("Harnesses", 500), ("Socks", 90)):
        dear = [item for item in shop.products if item.subcategory == subcategory and item.price > least]
        conditions = every(where("subcategory", "=", subcategory), where("price", ">", least))
        request = fetch("Products", conditions, sort="-price", limit=MANY)
        text = f"Do we have {subcategory.lower()} for more than £{least}?"
        yield Question("nothing", "beyond-price", text, [request], labels(dear), dear)
    for region in ("Ireland", "Greenland"):
        answer = sum(item.region == region for item in shop.tickets)
        request = total("Tickets", where("region", "=", region))
        text = f"How many tickets did we get from the {region} region?"
        yield Question("nothing", "no-such-region", text, [request], answer)
    for year in (2019, 2027):
        early = [item for item in shop.products if item.released.startswith(str(year))]
        span = every(
            where("released", ">=", f"{year}-01-01T00:00:00Z"),
            where("released", "<", f"{year + 1}-01-01T00:00:00Z"),
        )
        request = fetch("Products", span, sort="released", limit=MANY)
        text = f"Which products were released in {year}?"
        yield Question("nothing", "no-such-year", text, [request], labels(early), early)
    for word in ("snowboard", "surfing"):
        hits = [item for item in shop.reviews if word in f"{item.title} {item.content}".lower()]
        request = fetch("Reviews", text=word, limit=10)
        text = f"Find reviews in which somebody mentions {word}"
        yield Question("nothing", "word-never-written", text, [request], labels(hits), hits)
    for tag, category in (("merino", "Climbing"), ("kayak", "Tents")):
        odd = [item for item in shop.products if tag in item.tags and item.category == category]
        conditions = every(where("tags", "CONTAINS_ANY", [tag]), where("category", "=", category))
        request = fetch("Products", conditions, sort="price", limit=MANY)
        text = f"Anything in {category} tagged {tag}?"
        yield Question("nothing", "tag-elsewhere", text, [request], labels(odd), odd)
    for status in ("open", "pending"):
        answer = sum(item.status == status and item.satisfaction is not None for item in shop.tickets)
        conditions = every(where("status", "=", status), where("satisfaction", "IS_NULL", value=False))
        request = total("Tickets", conditions)
        text = f"How many {status} tickets already have a satisfaction score?"
        yield Question("nothing", "no-score-yet", text, [request], answer)


def _fits(name: str, pattern: str) -> bool:
    """Whether every word of the pattern fits one of the name's."""
    words = name.lower().split()
    return all(any(fnmatch(word, part) for word in words) for part in pattern.split())
