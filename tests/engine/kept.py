"""Libraries with collections that tests ask of."""

from uuid import NAMESPACE_OID, uuid5

from elysia_desktop.core.schema import CollectionSchema, Property
from elysia_desktop.stores.library import Library

MESSAGES = {"content": "text", "author": "text", "sent": "date", "room": "text", "number": "int"}
GUIDES = {"title": "text", "content": "text", "category": "text"}


def schema_of(name, properties, **more):
    made = tuple(Property(name=each, type=kind) for each, kind in properties.items())
    return CollectionSchema(name=name, properties=made, **more)


async def kept_in(store, **collections):
    """Make collections by name, each of its properties' types and its objects."""
    for name, (properties, objects) in collections.items():
        await store.create(schema_of(name, properties))
        assert (await store.insert(name, objects)).rejected == []


async def library_with(folder, **collections):
    """A library with these collections."""
    library = Library(folder)
    await kept_in(library, **collections)
    return library


def guide(number, about="tents", at=40, sentences=100, **more):
    """A long text, one sentence of which is about something."""
    text = " ".join(
        f"Sentence {n} of guide {number} speaks of {about if n == at else 'nothing'}."
        for n in range(sentences)
    )
    uuid = f"00000000-0000-4000-8000-{number:012}"
    return {"uuid": uuid, "title": f"Guide {number}", "content": text, "category": "Camping", **more}


def message(room, number, content, sent=None):
    sent = sent or f"2024-01-01T10:{number:02}:00Z"
    return {
        "uuid": str(uuid5(NAMESPACE_OID, f"{room} {number}")),
        "content": content,
        "author": "Ann" if number % 2 else "Bo",
        "sent": sent,
        "room": room,
        "number": number,
    }
