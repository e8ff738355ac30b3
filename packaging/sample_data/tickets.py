"""Invents the tickets of the support team."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from grammar import Grammar, sentences
from messages import about, story_slots
from objects import LAST_DAY, Ticket, identity, iso
from products import Sold

COUNT = 600
ABOUT_A_PRODUCT = re.compile(r"\{(product|thing|brand|fault|zip)\}")
SHARES = {
    "Delivery": 22,
    "Returns": 16,
    "Warranty": 14,
    "Zip repair": 10,
    "Sizing": 9,
    "Product question": 10,
    "Website": 7,
    "Wholesale": 5,
    "Safety": 4,
    "Gift card": 5,
}
REGIONS = {
    "North": 24,
    "Midlands": 16,
    "South": 22,
    "Wales and West": 14,
    "Islands": 12,
    "Mainland Europe": 12,
}
# The islands wait for ferries: the one region that is slow.
SLOWNESS = {"Islands": 2.6, "Mainland Europe": 1.2}
URGENCY = {"low": 1.6, "normal": 1.0, "high": 0.6, "urgent": 0.25}
YEARS = {2021: 2, 2022: 3, 2023: 4, 2024: 5, 2025: 6}
RECENT = datetime(2025, 12, 4, tzinfo=UTC)


@dataclass(frozen=True)
class Outcome:
    """How far a ticket has come."""

    status: str
    updated: datetime
    hours: float | None
    satisfaction: int | None


def invent_tickets(
    sold: list[Sold], phrases: dict[str, Any], grammar: Grammar, random: Random
) -> list[Ticket]:
    """The tickets in the order in which they came in."""
    categories: dict[str, dict[str, Any]] = {entry["name"]: entry for entry in phrases["category"]}
    names = random.choices(list(SHARES), list(SHARES.values()), k=COUNT)
    dated = sorted((_created(categories[name]["months"], random), name) for name in names)
    return [
        _ticket(f"T-{1001 + number}", created, categories[name], phrases["notes"], sold, grammar, random)
        for number, (created, name) in enumerate(dated)
    ]


def _created(months: list[int], random: Random) -> datetime:
    year = random.choices(list(YEARS), list(YEARS.values()))[0]
    month = random.choices(range(1, 13), months)[0]
    day = random.randint(1, monthrange(year, month)[1])
    return datetime(
        year, month, day, random.randint(7, 21), random.randrange(60), random.randrange(60), tzinfo=UTC
    )


def _ticket(
    key: str,
    created: datetime,
    category: dict[str, Any],
    notes: dict[str, list[str]],
    sold: list[Sold],
    grammar: Grammar,
    random: Random,
) -> Ticket:
    older = [item for item in sold if item.released < created - timedelta(days=14)] or sold[:40]
    item = about(category.get("needs", ""), older, random)
    slots = story_slots(item, grammar, random) | {
        "product": item.product.name,
        "days": random.choice(["five", "six", "seven", "nine", "eleven", "twelve"]),
        "days_late": str(random.randint(62, 95)),
    }
    title, content = random.choice(list(zip(category["titles"], category["contents"], strict=True)))
    region = random.choices(list(REGIONS), list(REGIONS.values()))[0]
    urgent = [1, 2, 4, 5] if category["name"] == "Safety" else [3, 9, 4, 1]
    priority = random.choices(list(URGENCY), urgent)[0]
    outcome = _outcome(created, category["hours"] * SLOWNESS.get(region, 1.0) * URGENCY[priority], random)
    note = random.choice(notes["solved" if outcome.hours is not None else "open"])
    return Ticket(
        uuid=identity("Tickets", key),
        ticket_id=key,
        title=sentences(grammar.expand(title, slots)),
        content=sentences(grammar.expand(content, slots), grammar.expand(note, slots)),
        author=grammar.expand("{first} {last}", {}),
        status=outcome.status,
        priority=priority,
        category=category["name"],
        region=region,
        product_sku=item.product.sku if ABOUT_A_PRODUCT.search(title + content) else None,
        created_at=iso(created),
        updated_at=iso(outcome.updated),
        resolved_hours=outcome.hours,
        satisfaction=outcome.satisfaction,
        tags=sorted(random.sample(category["tags"], k=random.randint(1, 3))),
        comments=random.randint(0, 4) + int(random.expovariate(0.5)),
    )


def _outcome(created: datetime, expected_hours: float, random: Random) -> Outcome:
    """Recent tickets may still be open; slow answers are rated worse."""
    unresolved = 0.75 if created > RECENT else 0.04
    hours = round(expected_hours * random.lognormvariate(0.0, 0.55), 1)
    resolved = created + timedelta(hours=hours)
    if random.random() < unresolved or resolved > LAST_DAY:
        status = random.choice(["open", "pending"])
        waited = min(timedelta(hours=random.uniform(1, 90)), LAST_DAY - created)
        return Outcome(status, created + waited, None, None)
    slow = min(2.0, hours / 120)
    mood = max(1, min(5, round(random.gauss(4.5 - slow, 0.8))))
    satisfaction = mood if random.random() < 0.45 else None
    return Outcome(random.choices(["solved", "closed"], [2, 5])[0], resolved, hours, satisfaction)
