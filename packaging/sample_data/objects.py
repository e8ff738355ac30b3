"""The objects of the sample shop, one class per collection."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import NAMESPACE_URL, uuid5

SHOP = "Larkfell Outfitters"
HANDBOOK_URL = "https://handbook.larkfell.example"
FIRST_DAY = datetime(2021, 1, 1, tzinfo=UTC)
LAST_DAY = datetime(2025, 12, 31, 23, 59, tzinfo=UTC)
SPACE = uuid5(NAMESPACE_URL, "https://larkfell.example/")


@dataclass(frozen=True)
class Product:
    """Something the shop sells or has sold."""

    uuid: str
    sku: str
    name: str
    description: str
    price: float
    category: str
    subcategory: str
    brand: str
    rating: float | None
    reviews: int
    stock: int
    weight_g: int | None
    waterproof: bool | None
    tags: list[str]
    colors: list[str] | None
    released: str
    discontinued: bool


@dataclass(frozen=True)
class Review:
    """What a customer wrote about a product."""

    uuid: str
    product_name: str
    sku: str
    author: str
    title: str
    content: str
    rating: int
    created_at: str
    verified: bool
    helpful_votes: int
    country: str


@dataclass(frozen=True)
class Message:
    """One message of a support conversation."""

    uuid: str
    conversation_id: str
    message_id: str
    author: str
    role: str
    content: str
    timestamp: str
    topic: str
    channel: str


@dataclass(frozen=True)
class Ticket:
    """A case of the support team."""

    uuid: str
    ticket_id: str
    title: str
    content: str
    author: str
    status: str
    priority: str
    category: str
    region: str
    product_sku: str | None
    created_at: str
    updated_at: str
    resolved_hours: float | None
    satisfaction: int | None
    tags: list[str]
    comments: int


@dataclass(frozen=True)
class Page:
    """A page of the handbook."""

    uuid: str
    title: str
    author: str
    category: str
    date: str
    content: str
    url: str


Thing = Product | Review | Message | Ticket | Page


@dataclass(frozen=True)
class Shop:
    """All collections together."""

    products: list[Product]
    reviews: list[Review]
    messages: list[Message]
    tickets: list[Ticket]
    pages: list[Page]

    def collections(self) -> dict[str, Sequence[Thing]]:
        """The objects by the name of their collection."""
        return {
            "Products": self.products,
            "Reviews": self.reviews,
            "Messages": self.messages,
            "Tickets": self.tickets,
            "Handbook": self.pages,
        }


def identity(collection: str, key: str) -> str:
    """The uuid of an object: the same for the same key, always."""
    return str(uuid5(SPACE, f"{collection}/{key}"))


def iso(moment: datetime) -> str:
    """ISO 8601 in UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment_between(random: Random, first: datetime, last: datetime) -> datetime:
    """A moment between two others, to the second."""
    return first + timedelta(seconds=random.randrange(max(1, int((last - first).total_seconds()))))


def json_lines(objects: Sequence[Thing]) -> str:
    """One compact JSON object per line."""
    lines = (json.dumps(vars(item), ensure_ascii=False, separators=(",", ":")) for item in objects)
    return "".join(line + "\n" for line in lines)
