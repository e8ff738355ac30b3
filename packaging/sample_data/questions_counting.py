"""Questions whose answer is a number, a date, or a number per group."""

from collections.abc import Iterator
from statistics import fmean, median

from asking import Question, counted, every, fetch, grouped, labels, ordered, tidy, total, where
from objects import Shop


def ask_counts(shop: Shop) -> Iterator[Question]:
    """How many, how much, which share."""
    for category in ("Tents", "Footwear"):
        answer = sum(item.category == category for item in shop.products)
        request = total("Products", where("category", "=", category))
        text = f"How many products do we have in {category}?"
        yield Question("count", "count-category", text, [request], answer)
    for status, region in (("open", "North"), ("solved", "Islands")):
        answer = sum(item.status == status and item.region == region for item in shop.tickets)
        request = total("Tickets", every(where("status", "=", status), where("region", "=", region)))
        text = f"How many {status} tickets are there from the {region} region?"
        yield Question("count", "count-status-region", text, [request], answer)
    for stars, country in ((5, "Norway"), (1, "United Kingdom")):
        answer = sum(item.rating == stars and item.country == country for item in shop.reviews)
        request = total("Reviews", every(where("rating", "=", stars), where("country", "=", country)))
        text = f"Number of {stars} star reviews from {country}?"
        yield Question("count", "count-stars-country", text, [request], answer)
    for role, channel in (("customer", "email"), ("agent", "chat")):
        answer = sum(item.role == role and item.channel == channel for item in shop.messages)
        request = total("Messages", every(where("role", "=", role), where("channel", "=", channel)))
        text = f"How many messages did {role}s send by {channel}?"
        yield Question("count", "count-role-channel", text, [request], answer)
    for name, words in (("rating", "have not been reviewed yet"), ("weight_g", "has nobody weighed so far")):
        answer = sum(getattr(item, name) is None for item in shop.products)
        request = total("Products", where(name, "IS_NULL", value=True))
        text = f"How many products {words}?"
        yield Question("count", "count-missing", text, [request], answer)
    for tag in ("vegan", "recycled"):
        answer = sum(tag in item.tags for item in shop.products)
        request = total("Products", where("tags", "CONTAINS_ANY", [tag]))
        yield Question("count", "count-tag", f"How many things are tagged {tag}?", [request], answer)
    for brand in ("Pellworth", "Łomna"):
        mean = fmean(item.price for item in shop.products if item.brand == brand)
        request = total("Products", where("brand", "=", brand), metric="price MEAN")
        text = f"What does a {brand} product cost on average?"
        yield Question("count", "mean-price-brand", text, [request], tidy(mean))
    for category in ("Climbing", "Backpacks"):
        pieces = sum(item.stock for item in shop.products if item.category == category)
        request = total("Products", where("category", "=", category), metric="stock SUM")
        text = f"How many pieces do we have in the warehouse altogether in {category}?"
        yield Question("count", "sum-stock", text, [request], pieces)
    for country in ("Germany", "Poland"):
        verified = [item.verified for item in shop.reviews if item.country == country]
        request = total("Reviews", where("country", "=", country), metric="verified PERCENTAGE_TRUE")
        text = f"What share of the reviews from {country} is verified?"
        yield Question("count", "share-verified", text, [request], tidy(sum(verified) / len(verified)))


def ask_dates(shop: Shop) -> Iterator[Question]:
    """When, since when, between when and when."""
    for month, first, last in (
        ("December", "2024-12-01", "2025-01-01"),
        ("June", "2023-06-01", "2023-07-01"),
    ):
        found = [item for item in shop.tickets if first <= item.created_at < last]
        span = every(_since("created_at", first), _before("created_at", last))
        text = f"How many tickets came in in {month} {first[:4]}?"
        yield Question("date", "tickets-in-month", text, [total("Tickets", span)], len(found))
    for category in ("Tents", "Winter Safety"):
        newest = max(item.released for item in shop.products if item.category == category)
        request = total("Products", where("category", "=", category), metric="released MAX")
        text = f"When was our latest product in {category} released?"
        yield Question("date", "latest-release", text, [request], newest)
    for country in ("Italy", "Sweden"):
        first = min(item.created_at for item in shop.reviews if item.country == country)
        request = total("Reviews", where("country", "=", country), metric="created_at MIN")
        text = f"When did we get our first review from {country}?"
        yield Question("date", "first-review", text, [request], first)
    for name, first, last in (
        ("March 2025", "2025-03-01", "2025-04-01"),
        ("May 2022", "2022-05-01", "2022-06-01"),
    ):
        found = [item for item in shop.products if first <= item.released < last]
        found.sort(key=lambda item: item.released)
        span = every(_since("released", first), _before("released", last))
        request = fetch("Products", span, sort="released", limit=len(found))
        text = f"Which products came out in {name}? Earliest first please"
        yield Question("date", "released-in-month", text, [request], labels(found), found)
    for number, brand in ((3, "Grisebeck"), (4, "Quillan")):
        found = ordered(
            (item for item in shop.products if item.brand == brand),
            lambda item: item.released,
            number,
            descending=True,
        )
        request = fetch("Products", where("brand", "=", brand), sort="-released", limit=number)
        text = f"What are the {number} newest things by {brand}?"
        yield Question("date", "newest-of-brand", text, [request], labels(found), found)
    for day, name in (("2025-06-01", "June 2025"), ("2025-01-01", "the start of 2025")):
        found = ordered((item for item in shop.pages if item.date >= day), lambda item: item.date, 40)
        request = fetch("Handbook", _since("date", day), sort="date", limit=40)
        text = f"Which handbook pages have changed since {name}, oldest change first?"
        yield Question("date", "pages-since", text, [request], labels(found), found)
    for day, name in (("2025-12-01", "December 2025"), ("2024-01-01", "2024")):
        found = [item for item in shop.tickets if item.status == "pending" and item.created_at < day]
        found.sort(key=lambda item: item.created_at)
        late = every(where("status", "=", "pending"), _before("created_at", day))
        request = fetch("Tickets", late, sort="created_at", limit=len(found))
        text = f"List tickets from before {name} that are still pending, the oldest at the top"
        yield Question("date", "pending-since-before", text, [request], labels(found), found)


def ask_groups(shop: Shop) -> Iterator[Question]:
    """A number for each group."""
    for name in ("region", "priority"):
        answer = counted(getattr(item, name) for item in shop.tickets)
        text = f"How many tickets are there per {name}?"
        yield Question("group", "tickets-per", text, [total("Tickets", by=name)], answer)
    for category in ("Warranty", "Delivery"):
        resolved = [
            item for item in shop.tickets if item.category == category and item.resolved_hours is not None
        ]
        answer = grouped(
            resolved,
            lambda item: item.region,
            lambda items: fmean(item.resolved_hours or 0 for item in items),
        )
        mine = every(where("category", "=", category), where("resolved_hours", "IS_NULL", value=False))
        request = total("Tickets", mine, by="region", metric="resolved_hours MEAN")
        text = f"How long do {category} tickets take on average in each region, leaving out unresolved ones?"
        yield Question("group", "hours-per-region", text, [request], answer)
    for category in ("Backpacks", "Jackets"):
        rated = [item for item in shop.products if item.category == category and item.rating is not None]
        answer = grouped(
            rated, lambda item: item.brand, lambda items: fmean(item.rating or 0 for item in items)
        )
        mine = every(where("category", "=", category), where("rating", "IS_NULL", value=False))
        request = total("Products", mine, by="brand", metric="rating MEAN")
        text = f"Compare the average rating of the brands for {category}"
        yield Question("group", "rating-per-brand", text, [request], answer)
    for channel in ("chat", "email"):
        answer = counted(item.topic for item in shop.messages if item.channel == channel)
        request = total("Messages", where("channel", "=", channel), by="topic")
        text = f"Break the {channel} messages down by topic"
        yield Question("group", "messages-per-topic", text, [request], answer)
    for only, words in ((False, "still made"), (True, "discontinued")):
        chosen = [item for item in shop.products if item.discontinued is only]
        answer = grouped(chosen, lambda item: item.category, lambda items: max(item.price for item in items))
        request = total("Products", where("discontinued", "=", only), by="category", metric="price MAX")
        text = f"What is the highest price in each category among products that are {words}?"
        yield Question("group", "dearest-per-category", text, [request], answer)
    for category in ("Footwear", "Clothing"):
        chosen = [item for item in shop.products if item.category == category]
        answer = grouped(
            chosen, lambda item: item.subcategory, lambda items: median(item.price for item in items)
        )
        request = total("Products", where("category", "=", category), by="subcategory", metric="price MEDIAN")
        text = f"Median price per subcategory in {category}?"
        yield Question("group", "median-price", text, [request], answer)
    for year in ("2022", "2023"):
        chosen = [item for item in shop.products if item.released.startswith(year)]
        answer = grouped(
            chosen, lambda item: item.category, lambda items: fmean(item.price for item in items)
        )
        span = every(_since("released", f"{year}-01-01"), _before("released", f"{int(year) + 1}-01-01"))
        request = total("Products", span, by="category", metric="price MEAN")
        text = f"What did products released in {year} cost on average, per category?"
        yield Question("group", "year-price", text, [request], answer)


def _since(name: str, day: str) -> dict[str, object]:
    return where(name, ">=", f"{day}T00:00:00Z")


def _before(name: str, day: str) -> dict[str, object]:
    return where(name, "<", f"{day}T00:00:00Z")
