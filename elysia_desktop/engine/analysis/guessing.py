"""Mappings guessed from the names and types of properties, without a model."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from elysia_desktop.core.schema import Property
from elysia_desktop.engine.analysis.displays import DISPLAYS, Display, takes
from elysia_desktop.engine.analysis.mapping import THRESHOLD, Mappings, is_kept

_LONG_TEXT = 100
"""Tokens on average from which a text is one to read, not a label."""
_EXACT, _WHOLE, _PART, _TYPE = 4, 3, 2, 1

_NAMED: dict[str, str] = {
    "content": "text body message description comment review post plot abstract summary details note notes",
    "author": "authors writer user username sender creator speaker owner customer reporter",
    "timestamp": "date time datetime created created_at sent sent_at posted_at published published_at",
    "conversation_id": "conversation thread thread_id chat_id dialogue_id session_id channel_id",
    "message_id": "msg_id post_id mail_id email_id",
    "title": "name subject headline heading label",
    "subtitle": "subheading tagline byline product_name",
    "created_at": "created opened opened_at created_on date timestamp submitted_at",
    "updated_at": "updated modified modified_at changed_at closed_at resolved_at last_modified",
    "url": "link href website permalink web_page",
    "status": "state stage",
    "id": "identifier key sku code number",
    "tags": "tag labels keywords topics genres",
    "comments": "comment replies responses answers",
    "name": "title product product_name item item_name",
    "description": "details about text content summary",
    "price": "cost amount fare list_price unit_price",
    "category": "categories type kind department genre section class topic",
    "subcategory": "sub_category subtype sub_type subcategories",
    "collection": "range series product_line",
    "rating": "stars score average_rating",
    "reviews": "review_count reviews_count num_reviews number_of_reviews",
    "image": "image_url picture photo thumbnail img poster",
    "brand": "manufacturer maker vendor",
    "colors": "color colours colour",
    "sizes": "size",
    "date": "published published_at published_on publication_date created created_at timestamp",
}
_NAMES = {field: text.split() for field, text in _NAMED.items()}
_LAST_WORDS: dict[str, frozenset[str]] = {
    "title": frozenset({"title", "name"}),
    "name": frozenset({"title", "name"}),
    "id": frozenset({"id", "sku"}),
    "price": frozenset({"price", "cost"}),
    "rating": frozenset({"rating", "score", "stars"}),
    "image": frozenset({"image", "photo", "picture", "thumbnail"}),
    "url": frozenset({"url", "link"}),
    "tags": frozenset({"tags"}),
    "content": frozenset({"content", "text", "body"}),
    "description": frozenset({"description"}),
}
"""Where the last word of a longer name is enough: “film_title”, “ticketId”."""
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_WORD = re.compile(r"[^\W_]+")


def guessed_mappings(
    properties: Sequence[Property],
    fields: Iterable[Mapping[str, Any]],
    threshold: float = THRESHOLD,
) -> Mappings:
    """The displays that names and types speak for, each with its mapping; `generic` only where no other fits.

    `fields` are the statistics of the properties: a document is one only where its text is long.
    """
    lengths = {str(field["name"]): field.get("mean") or 0 for field in fields}
    found: Mappings = {}
    for name, display in DISPLAYS.items():
        mapping = guessed_mapping(display, properties)
        if not set(display.telling) <= mapping.keys() or not is_kept(display, mapping, threshold):
            continue
        if name == "document" and lengths.get(mapping["content"], 0) < _LONG_TEXT:
            continue
        if name == "generic" and found:
            continue
        found[name] = mapping
    return found


def guessed_mapping(display: Display, properties: Sequence[Property]) -> dict[str, str]:
    """For each field of a display the property that is called most like it, each property once."""
    pairs = [
        (-score, field, prop.name)
        for field in display.fields
        for prop in properties
        if (score := likeness(field, prop))
    ]
    chosen: dict[str, str] = {}
    for _, field, name in sorted(pairs, key=lambda pair: pair[0]):
        if field not in chosen and name not in chosen.values():
            chosen[field] = name
    return {field: chosen[field] for field in display.fields if field in chosen}


def likeness(field: str, prop: Property) -> int:
    """How much a property's name and type speak for a display's field; 0 for not at all."""
    if prop.type not in takes(field):
        return 0
    words = _words(prop.name)
    name = "_".join(words)
    if name == field:
        return _EXACT
    if name in _NAMES[field]:
        return _WHOLE
    if words and words[-1] in _LAST_WORDS.get(field, ()):
        return _PART
    # A date that is called something else still says when.
    return _TYPE if field in {"timestamp", "date"} else 0


def _words(name: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(_HUMP.sub(" ", name))]
